"""A call for help that is doubtful: we ask, and take silence for a yes.

A miss may cost a life, a needless question costs a word. So only a plain no, or another matter
clearly said, takes the doubt away; everything else raises the incident with the words first said.
"""

from __future__ import annotations

from datetime import timedelta

from backend.db.models import Elder
from backend.domain.learning import WhyKept
from backend.jobs.queue import URGENT
from backend.services.notices import notify
from nlu.dialogue import emergency, listen
from nlu.dialogue.state import DialogueState, DoubtTask
from nlu.dialogue.talk import SURE, Talk
from nlu.dialogue.turns import Utterance
from nlu.rules import emergency as sure_cry
from nlu.rules import maybe_emergency

ANSWER_WITHIN = timedelta(seconds=60)
"""So long may nobody answer before silence counts as yes."""

_GOES_ON = ("order_", "query_", "bind_", "unbind_")
_GOES_ON_TOO = frozenset(
    {"cancel_order", "change_order", "repeat_order", "rate_service", "complain", "transfer_agent"}
)


def ask_whether(talk: Talk) -> None:
    """Ask whether somebody should come; the task under way waits, the clock of silence runs."""
    if emergency.running(talk) is not None:
        emergency.call(talk)  # more words about the call that runs
        return
    _begin(talk, talk.text)
    talk.say("help.whether")


def ask_bell(talk: Talk) -> None:
    """An elder's bell rings: the same question, and silence or noise is a yes here too."""
    _begin(talk, talk.text_of("line.bell_rang"))
    talk.say("line.bell")


def _begin(talk: Talk, words: str) -> None:
    before = talk.state.task
    if isinstance(before, DoubtTask):
        before = before.before
    talk.state.task = DoubtTask(
        asked="confirm",
        words=words,
        source_id=talk.utterance.source_id,
        elder_id=emergency.elder_meant(talk),
        before=before,
        instead=talk.u.instead,
    )
    talk.work.later(
        "raise_unanswered",
        at=talk.work.now + ANSWER_WITHIN,
        priority=URGENT,
        account_id=talk.account.id,
        source_id=talk.utterance.source_id,
    )


def settle(talk: Talk, task: DoubtTask) -> Utterance | None:
    """Take what is said after the question.

    Yes and whatever sounds like it raise the incident; unclear words are asked again. Returns
    what is to be answered in place of it: the words first said, as they were meant, after a no;
    the words now said when they plainly are about something else. None when all is answered.
    """
    if _says_yes(talk):
        _raise(talk, task)
        return None
    if _says_no(talk):
        talk.misunderstood_before = WhyKept.FALSE_ALARM
        talk.state.task = task.before
        talk.say("help.glad")
        if task.instead is None:
            return None
        return Utterance(talk.utterance.source_id, talk.utterance.channel, task.words, task.instead)
    if _goes_on(talk):
        talk.state.task = task.before
        return talk.utterance
    ask(talk, task)
    return None


def is_answered(talk: Talk) -> bool:
    """Whether the words are a yes or a no, which need no classifier."""
    return _says_yes(talk) or _says_no(talk)


def raise_unanswered(talk: Talk, task: DoubtTask) -> None:
    """Nobody has answered: the words first said are a call for help. They are told so."""
    _raise(talk, task)
    talk.replies.clear()
    elder = talk.work.get(Elder, task.elder_id) if task.elder_id is not None else None
    notify(
        talk.work,
        [talk.account.id],
        "help_unanswered",
        f"help_unanswered:{task.source_id}",
        {"elder": elder.name if elder is not None else None},
        urgent=True,
    )


def words_of(state: DialogueState, text: str) -> str:
    """What is to be told of a cry: with the words first said, if it answers our question."""
    task = state.task
    return f"{task.words}。{text}" if isinstance(task, DoubtTask) else text


def answer(talk: Talk, task: DoubtTask) -> bool:
    """Whatever reaches the family part is not about the question (a menu key)."""
    talk.state.task = task.before
    return False


def ask(talk: Talk, task: DoubtTask) -> None:
    """The question once more."""
    talk.say("help.whether")


def _raise(talk: Talk, task: DoubtTask) -> None:
    words = words_of(talk.state, talk.text) if _tells_more(talk) else task.words
    talk.state.task = task.before
    emergency.call(talk, words, elder_id=task.elder_id)


def _tells_more(talk: Talk) -> bool:
    return bool(talk.text) and talk.picked is None and not talk.says_yes


def _says_yes(talk: Talk) -> bool:
    if talk.utterance.place is not None or talk.u.intent == "emergency":
        return True
    if sure_cry(talk.text) or maybe_emergency(talk.text):
        return True
    if talk.picked is not None:
        return talk.picked == 0
    if talk.u.intent == "affirm":
        return True
    return not _says_no(talk) and listen.has("come", talk.text)


def _says_no(talk: Talk) -> bool:
    if talk.picked is not None:
        return talk.picked == 1
    return talk.says_no or listen.has("no_help", talk.text) or listen.has("not_alarm", talk.text)


def _goes_on(talk: Talk) -> bool:
    own = talk.u.intent.startswith(_GOES_ON) or talk.u.intent in _GOES_ON_TOO
    return own and talk.u.confidence >= SURE
