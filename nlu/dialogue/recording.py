"""Keeping the sound of calls: asked for once, at the end of a first order by telephone; taken back
by a word at any time, in any channel."""

from __future__ import annotations

from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.consents import asked_before, standing_consent
from backend.services.keep_call_sound import RECORDING
from backend.services.withdraw_consent import withdraw_consent
from backend.settings import get_settings
from nlu.dialogue import emergency, listen
from nlu.dialogue.people import is_known_by_name
from nlu.dialogue.state import ConsentTask
from nlu.dialogue.talk import Talk
from nlu.own_words import consent_version

TEXT_VERSION = "1"
"""Of the prompt `recording.ask` as shipped: which words a consent was given to."""
CHANNEL = "voice"


def hears(talk: Talk) -> bool:
    """Answer what is said about being recorded, at any time; False for everything else."""
    if talk.utterance.event is not None:
        return False
    if listen.has("record_stop", talk.text):
        _stop(talk)
    elif listen.has("record_what", talk.text):
        kept = standing_consent(talk.work, talk.account.id, RECORDING) is not None
        talk.say("recording.kept" if kept else "recording.not_kept", days=_days())
    elif _may_ask(talk) and listen.has("record_offer", talk.text):
        _ask(talk)
    else:
        return False
    talk.state.misses = 0
    return True


def after(talk: Talk) -> None:
    """The turn is over: a first order by telephone is the moment to ask, once and never again."""
    placed = any(command.name == "place_order" for command in talk.commands)
    settled = talk.state.task is None and talk.state.paused is None
    if not (placed and settled and _may_ask(talk)) or emergency.running(talk) is not None:
        return
    if not asked_before(talk.work, talk.account.id, RECORDING):
        _ask(talk)


def answer(talk: Talk, task: ConsentTask) -> bool:
    """A plain yes or no. Whatever else is said is another matter, and leaves nothing kept."""
    talk.finish()
    if talk.says_yes or talk.picked == 0:
        consent = answer_consent(talk.work, talk.account.id, RECORDING, agrees=True)
        talk.did("give_consent", consent.id)
        talk.say("recording.given", days=_days())
        return True
    if talk.says_no or talk.picked == 1 or talk.gives_up:
        _refuse(talk)
        talk.say("recording.refused")
        return True
    return False


def ask(talk: Talk, task: ConsentTask) -> None:
    """The question once more."""
    talk.say("recording.ask", days=_days())


def _may_ask(talk: Talk) -> bool:
    """On the telephone, where sound is kept at all, of people whom we know for certain."""
    return (
        talk.utterance.channel == CHANNEL
        and bool(get_settings().ivr_sound_key)
        and bool(talk.links)
        and talk.account.worker_id is None
        and not is_known_by_name(talk)
        and standing_consent(talk.work, talk.account.id, RECORDING) is None
    )


def _ask(talk: Talk) -> None:
    words = consent_version("recording.ask", TEXT_VERSION)
    ask_consent(talk.work, talk.account.id, RECORDING, words)
    task = ConsentTask(asked=RECORDING)
    talk.start(task)
    ask(talk, task)


def _stop(talk: Talk) -> None:
    deleted = withdraw_consent(talk.work, talk.account.id, RECORDING)
    if isinstance(talk.state.task, ConsentTask):
        talk.finish()
        _refuse(talk)
    if deleted is None:
        talk.say("recording.not_kept", days=_days())
    else:
        talk.did("withdraw_consent", None)
        talk.say("recording.withdrawn")


def _refuse(talk: Talk) -> None:
    answer_consent(talk.work, talk.account.id, RECORDING, agrees=False)
    talk.did("refuse_consent", None)


def _days() -> int:
    return get_settings().ivr_sound_days
