"""Somebody rings from a number that we do not know: for whom?

Name and town are no proof. Whoever gives them may order meals to the elder's registered door
after hearing the order read back, and hears nothing that only the family should: no allowance, no
orders, no diet, no address. Two elders of one name in a town, or a name that cannot be found, are
a human's matter. A six-digit code binds for good, as everywhere.
"""

from __future__ import annotations

from dataclasses import replace

from backend.db.models import Elder
from backend.services.recognise_name import elders_in, recognise_name, towns_in_care
from nlu.dialogue import binding, humans, listen
from nlu.dialogue.basket import wants_of
from nlu.dialogue.order import ORDER_INTENTS
from nlu.dialogue.people import is_known_by_name
from nlu.dialogue.state import CallBackTask, WhoTask
from nlu.dialogue.talk import Talk
from nlu.values.sounds import HAN, sounds_of

__all__ = ["answer", "ask", "begin", "expect", "is_known_by_name", "is_needed", "refuses"]

MOST_TRIES = 2
CHANNEL = "voice"
ORDER_ANY = "order"
_FOR_AN_ELDER = frozenset(
    {
        *ORDER_INTENTS, ORDER_ANY, "query_order", "query_balance", "change_order",
        "cancel_order", "rate_service",
    }
)  # fmt: skip
_PRIVATE = frozenset(
    {"repeat_order", "query_order", "query_balance", "rate_service", "unbind_elder"}
)
_ABOUT_ORDERS = frozenset({"change_order", "cancel_order"})


def is_needed(talk: Talk, intent: str) -> bool:
    """Whether a stranger on the telephone wants what needs an elder."""
    return talk.utterance.channel == CHANNEL and not talk.links and intent in _FOR_AN_ELDER


def begin(talk: Talk) -> None:
    """Ask for whom; what was wanted is gone on with afterwards."""
    task = WhoTask(asked="elder", words=talk.text, wanted=talk.u)
    talk.start(task)
    if not _found(talk, task, talk.text):
        ask(talk, task)


def expect(talk: Talk) -> None:
    """The greeting asks for whom it is."""
    talk.start(WhoTask(asked="elder"))


def ask(talk: Talk, task: WhoTask) -> None:
    """The question that stands."""
    if task.asked == "confirm" and task.elder_id is not None:
        elder = talk.work.get(Elder, task.elder_id)
        talk.say("line.is_it", elder=elder.name, town=elder.town)
    elif task.asked == "town":
        talk.say("line.which_town")
    else:
        talk.say("line.for_whom")


def answer(talk: Talk, task: WhoTask) -> bool:
    """A name, a town, the yes to both, or a code; anything else is another matter."""
    if talk.gives_up:
        talk.finish()
        talk.say("line.never_mind")
        return True
    if listen.bind_code(talk.text) is not None:
        talk.finish()
        binding.begin(talk)
        return True
    if task.asked == "confirm":
        return _confirmed(talk, task)
    if task.wanted is None and (wants_of(talk.u) or talk.u.intent in _FOR_AN_ELDER):
        task.words, task.wanted = talk.text, talk.u
        if not _found(talk, task, talk.text):
            ask(talk, task)
        return True
    if talk.u.intent.startswith("query_") and not _names_town(talk, talk.text):
        return False
    if _found(talk, task, task.said + talk.text):
        return True
    if task.asked == "town" and _names_town(talk, task.said + talk.text) is None:
        return _missed(talk, task)
    if task.asked == "elder" and not task.said and _names_town(talk, talk.text) is None:
        task.said, task.asked = talk.text, "town"
        ask(talk, task)
        return True
    return _missed(talk, task)


def refuses(talk: Talk) -> bool:
    """Whether a caller known by name alone asked for what is private; then it is explained."""
    if not is_known_by_name(talk) or talk.u.intent not in _PRIVATE:
        return False
    _explain(talk)
    return True


def refuses_to_begin(talk: Talk, intent: str) -> bool:
    """Whether a caller known by name alone wants another thing than a meal."""
    if not is_known_by_name(talk):
        return False
    codes = [want.service.code for want in wants_of(talk.u)]
    is_order = intent in ORDER_INTENTS or intent == ORDER_ANY
    meal = all(code.startswith("meal.") for code in codes) and intent in ("order_meal", ORDER_ANY)
    if intent in _ABOUT_ORDERS or (is_order and not meal):
        _explain(talk)
        return True
    return False


def _explain(talk: Talk) -> None:
    talk.start(
        CallBackTask(
            asked="confirm",
            elder_id=talk.links[0].elder_id,
            summary=talk.text_of("ticket.known_by_name", said=talk.text[:100]),
        )
    )
    talk.say("line.only_meals")


def _found(talk: Talk, task: WhoTask, said: str) -> bool:
    """Look for the elder in what was said; True if that settled the next step."""
    town = _names_town(talk, said)
    if town is None:
        return False
    named = _named(elders_in(talk.work, [town]), said)
    if not named:
        return False
    if len(named) > 1:
        # Nothing is said of there being two.
        _to_a_human(talk, task)
        return True
    task.said, task.elder_id, task.asked = said, named[0].id, "confirm"
    ask(talk, task)
    return True


def _confirmed(talk: Talk, task: WhoTask) -> bool:
    if talk.says_no or talk.picked == 1:
        task.asked, task.elder_id, task.said = "elder", None, ""
        return _missed(talk, task)
    if not (talk.says_yes or talk.picked == 0) or task.elder_id is None:
        return False
    recognise_name(talk.work, talk.account.id, task.elder_id)
    talk.did("recognise_name", task.elder_id)
    for kept in ("links", "tapped", "picked"):
        talk.__dict__.pop(kept, None)
    talk.finish()
    if task.wanted is None:
        talk.say("line.what_for")
        return True
    # Now for what was wanted at first: the same turn goes on with those words.
    talk.utterance = replace(talk.utterance, text=task.words, understanding=task.wanted)
    return False


def _missed(talk: Talk, task: WhoTask) -> bool:
    task.tries += 1
    if task.tries >= MOST_TRIES:
        _to_a_human(talk, task)
        return True
    task.asked, task.said = "elder", ""
    talk.say("line.not_found")
    return True


def _to_a_human(talk: Talk, task: WhoTask) -> None:
    talk.finish()
    humans.hand_over(talk, "unknown")


def _names_town(talk: Talk, said: str) -> str | None:
    """The town named, by its word or by its sound."""
    plain = listen.bare(said)
    towns = {short_town(town): town for town in towns_in_care(talk.work)}
    exact = [town for short, town in towns.items() if short in plain]
    if exact:
        return exact[0]
    heard = [town for short, town in towns.items() if _sounds_in(short, plain)]
    return heard[0] if len(heard) == 1 else None


def short_town(town: str) -> str:
    """As people say it: 厚街 for 厚街镇."""
    short = town.removesuffix("镇").removesuffix("街道")
    return short if len(short) > 1 else town


def _named(elders: list[Elder], said: str) -> list[Elder]:
    plain = listen.bare(said)
    exact = [elder for elder in elders if elder.name in plain]
    return exact or [elder for elder in elders if _sounds_in(elder.name, plain)]


def _sounds_in(name: str, said: str) -> bool:
    """Whether some part of what was said sounds like the name (李桂兰, 黎贵兰)."""
    wanted = [sound.folded for sound in sounds_of(name)]
    for run in HAN.findall(said):
        heard = [sound.folded for sound in sounds_of(run)]
        size = len(wanted)
        if any(heard[at : at + size] == wanted for at in range(len(heard) - size + 1)):
            return True
    return False
