"""Binding an account to an elder by a code, and ending a binding."""

from __future__ import annotations

from backend.db.models import BindCode, Elder
from backend.domain.errors import DomainError
from backend.services.bind import bind_account, unbind_account
from nlu.dialogue import limits, listen, people
from nlu.dialogue.humans import hand_over
from nlu.dialogue.state import BindTask, UnbindTask
from nlu.dialogue.talk import Talk
from nlu.prompts.wording import words

MOST_TRIES = 3


def begin(talk: Talk) -> None:
    """Use the code if one was said, else ask for it."""
    task = BindTask(asked="code", relation=_relation(talk))
    talk.start(task)
    code = listen.bind_code(talk.text)
    if code is None:
        ask(talk, task)
    else:
        _use(talk, task, code)


def answer(talk: Talk, task: BindTask) -> bool:
    """A code, or as whom; anything else is another matter."""
    if talk.gives_up:
        talk.finish()
        talk.say("bind.dropped")
        return True
    if (code := listen.bind_code(talk.text)) is not None:
        _use(talk, task, code)
        return True
    if task.asked == "relation" and task.code is not None:
        task.relation = _relation(talk) or "other"
        _use(talk, task, task.code)
        return True
    if task.asked == "code" and listen.has("no_code", talk.text):
        talk.say("bind.how")
        return True
    return False


def ask(talk: Talk, task: BindTask) -> None:
    """The question that stands."""
    if task.asked == "relation":
        talk.say("bind.ask_relation")
    else:
        talk.say("bind.ask_code")


def scan(talk: Talk, code: str) -> None:
    """A QR was scanned: its code is used at once."""
    task = BindTask(asked="code")
    talk.start(task)
    _use(talk, task, code)


def _use(talk: Talk, task: BindTask, code: str) -> None:
    row = talk.work.session.get(BindCode, code)
    # A code that is used up or too old is refused before anything is asked.
    if row is not None and (row.used_at is not None or row.expires_at <= talk.work.now):
        row = None
    if row is not None and row.elder_id and not (row.relation or task.relation):
        task.code, task.asked = code, "relation"
        ask(talk, task)
        return
    try:
        with talk.attempt():
            bound = bind_account(talk.work, talk.account.id, code, task.relation)
    except DomainError as refusal:
        task.tries += 1
        task.asked, task.code = "code", None
        limits.explain(talk, refusal)
        if task.tries >= MOST_TRIES:
            hand_over(talk, "misunderstood")
        return
    talk.finish()
    talk.__dict__.pop("links", None)
    if bound.worker is not None:
        talk.did("bind_account", bound.worker.id)
        talk.say("bind.worker_done", worker=bound.worker.name)
        return
    assert bound.elder is not None
    talk.did("bind_account", bound.elder.id)
    talk.say("bind.done", elder=bound.elder.name, is_self=bound.relation == "self")


def _relation(talk: Talk) -> str | None:
    """As whom the person speaks, if said: 女儿, 我是他儿子."""
    plain = listen.bare(talk.text)
    for relation, said in words()["relation_said"].items():
        if any(one in plain for one in said):
            return str(relation)
    return None


def begin_unbinding(talk: Talk) -> None:
    """Which binding; then one yes."""
    if not talk.links:
        talk.say("unbind.none")
        return
    found = people.who(talk.links, talk.u.person) if talk.u.person else talk.links
    task = UnbindTask(asked="confirm")
    talk.start(task)
    if len(found) == 1:
        task.elder_id = found[0].elder_id
    else:
        task.asked, task.options = "which", [link.elder_id for link in (found or talk.links)[:3]]
    ask_unbinding(talk, task)


def answer_unbinding(talk: Talk, task: UnbindTask) -> bool:
    """Which one, or the yes."""
    if talk.gives_up or talk.says_no or (task.asked == "confirm" and talk.picked == 1):
        talk.finish()
        talk.say("unbind.kept")
        return True
    if task.asked == "which":
        links = [link for link in talk.links if link.elder_id in task.options]
        index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(links))
        found = [links[index]] if index is not None and index < len(links) else []
        found = found or people.who(links, talk.u.person or talk.text)
        if len(found) != 1:
            return False
        task.elder_id, task.asked = found[0].elder_id, "confirm"
        ask_unbinding(talk, task)
        return True
    if not (talk.says_yes or talk.picked == 0) or task.elder_id is None:
        return False
    talk.finish()
    with talk.attempt():
        elder = unbind_account(talk.work, talk.account.id, task.elder_id)
    talk.__dict__.pop("links", None)
    talk.did("unbind_account", elder.id)
    talk.say("unbind.done", elder=elder.name)
    return True


def ask_unbinding(talk: Talk, task: UnbindTask) -> None:
    """The question that stands."""
    if task.asked == "which":
        links = [link for link in talk.links if link.elder_id in task.options]
        names = people.labels(links)
        talk.say("people.which", names=names, choices=names)
    else:
        talk.say("unbind.confirm", elder=talk.work.get(Elder, task.elder_id).name)
