"""Somebody rings from a number that we do not know: for whom?

Name and town are no proof. Whoever gives them may order meals to the elder's registered door
after hearing the order read back, and hears nothing that only the family should: no allowance, no
orders, no diet, no address. Two elders of one name in a town, or a name that cannot be found, are
a human's matter. A six-digit code binds for good, as everywhere.
"""

from __future__ import annotations

import re
from dataclasses import replace

from backend.db.models import Elder
from backend.services.recognise_name import elders_in, recognise_name, towns_in_care
from nlu.dialogue import binding, humans, listen, naming
from nlu.dialogue.basket import wants_of
from nlu.dialogue.order import ORDER_INTENTS
from nlu.dialogue.people import is_known_by_name
from nlu.dialogue.state import CallBackTask, WhoTask
from nlu.dialogue.talk import SURE, Talk

__all__ = ["answer", "ask", "begin", "expect", "is_known_by_name", "is_needed", "refuses"]

MOST_TRIES = 2
"""Names that nobody has before a human is brought."""
MOST_STRAYED = 2
"""Answers that are none, before that."""
MOST_NAMED = 3
CHANNEL = "voice"
ORDER_ANY = "order"
_FOR_AN_ELDER = frozenset(
    {
        *ORDER_INTENTS, ORDER_ANY, "query_order", "query_balance", "change_order",
        "cancel_order", "rate_service",
    }
)  # fmt: skip
_MAY_NAME = frozenset({"inform", "out_of_scope", "chitchat"})
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
    elif task.asked == "which":
        names = [talk.work.get(Elder, elder_id).name for elder_id in task.options]
        talk.say("line.which_first", names=names, choices=names)
    elif task.asked == "town":
        talk.say("line.which_town")
    elif task.said:
        talk.say("line.which_name")
    else:
        talk.say("line.for_whom")


def answer(talk: Talk, task: WhoTask) -> bool:
    """A name, a town, the yes to both, or a code. Whatever else is said is taken for what it is
    (a wish, a question), and the question comes again."""
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
    if task.asked == "which" and _chosen(talk, task):
        return True
    if wants_of(talk.u) or talk.u.intent in _FOR_AN_ELDER:
        return _wished(talk, task)
    if listen.has("who_are_you", talk.text):
        talk.say("line.who_we_are")
        return _strayed(talk, task)
    if talk.u.intent == "goodbye":
        return False
    town = _names_town(talk, talk.text)
    if talk.u.intent.startswith("query_") and town is None:
        return False
    if _found(talk, task, task.said + talk.text):
        return True
    return _half(talk, task, town)


def _wished(talk: Talk, task: WhoTask) -> bool:
    """What they want, instead of for whom: it is gone on with when we know that."""
    again = task.wanted is not None
    task.words, task.wanted = talk.text, talk.u
    if _found(talk, task, task.said + talk.text):
        return True
    if again:
        return _strayed(talk, task)
    ask(talk, task)
    return True


def _half(talk: Talk, task: WhoTask, town: str | None) -> bool:
    """A name or a town alone, or both and nobody is called so there."""
    is_name = _is_name(talk)
    if town is not None and (task.said or _name_in(talk, town)):
        return _missed(talk, task)
    if town is not None:
        task.said = talk.text
        ask(talk, task)
    elif is_name and task.asked == "elder" and task.said:
        return _missed(talk, task)
    elif is_name and task.asked == "elder":
        task.said, task.asked = talk.text, "town"
        ask(talk, task)
    else:
        task.said += f",{talk.text}" if is_name else ""
        return _strayed(talk, task)
    return True


def _is_name(talk: Talk) -> bool:
    """Neither a yes, nor what is surely another matter, nor a sentence."""
    other = talk.u.intent not in _MAY_NAME and talk.u.confidence >= SURE
    return not other and naming.is_like_a_name(talk.text)


def _name_in(talk: Talk, town: str) -> bool:
    """Whether more than the town was said: "莞城的赵钱孙"."""
    rest = listen.bare(talk.text).replace(naming.short_town(town), "", 1)
    return naming.is_like_a_name(re.sub("^(?:街道|镇|区)", "", rest))


def _strayed(talk: Talk, task: WhoTask) -> bool:
    """It was no answer: the question again, kindly; after the second time a human."""
    task.strayed += 1
    if task.strayed > MOST_STRAYED:
        _to_a_human(talk, task)
    elif task.asked == "town":
        talk.say("line.which_town_again", town=naming.short_town(towns_in_care(talk.work)[0]))
    elif task.asked == "which":
        ask(talk, task)
    else:
        talk.say("line.need_name" if task.strayed == 1 else "line.need_name_again")
    return True


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
    named = naming.named_among(elders_in(talk.work, [town]), said)
    if not named:
        return False
    task.said = said
    if len(named) == 1:
        task.elder_id, task.asked = named[0].id, "confirm"
        ask(talk, task)
    elif len({elder.name for elder in named}) == len(named) and all(
        elder.name in listen.bare(said) for elder in named
    ):
        task.options, task.asked = [elder.id for elder in named[:MOST_NAMED]], "which"
        ask(talk, task)
    else:
        # Nothing is said of there being two.
        _to_a_human(talk, task)
    return True


def _chosen(talk: Talk, task: WhoTask) -> bool:
    """Which of those they named is meant first: by name, number or key."""
    elders = [talk.work.get(Elder, elder_id) for elder_id in task.options]
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(elders))
    if index is None:
        named = naming.named_among(elders, talk.text)
        index = elders.index(named[0]) if len(named) == 1 else None
    if index is None or index >= len(elders):
        return False
    task.elder_id, task.asked = elders[index].id, "confirm"
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
    return naming.town_named(towns_in_care(talk.work), said)
