"""Greetings, thanks, chat: warm, short, and with a way on."""

from __future__ import annotations

from backend.services.lookup import is_on_duty
from nlu.dialogue.state import OrderTask
from nlu.dialogue.talk import Talk

CHANNEL = "voice"
SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "chitchat", "out_of_scope"})


def answer(talk: Talk) -> None:
    """One kind sentence; the pending question follows by itself."""
    busy = talk.state.task is not None
    if talk.u.intent == "greet":
        welcome(talk, greeting=True)
        return
    kept = talk.u.intent == "goodbye" and isinstance(talk.state.task, OrderTask)
    talk.say(f"small.{talk.u.intent}", busy=busy, kept=kept)


def nothing_more(talk: Talk) -> None:
    """不用了, 没有了 with no question open: whoever has rung is let go."""
    talk.leaves = talk.utterance.channel == CHANNEL
    talk.say("small.nothing_more", rings=talk.leaves)


def welcome(talk: Talk, *, greeting: bool = False) -> None:
    """Hello, and what can be done here: differently for those we know."""
    busy = talk.state.task is not None
    part = part_of_day(talk.work.local_now.hour)
    if talk.links:
        # Two of one name are one word in a greeting.
        names = list(dict.fromkeys(talk.called(link.elder) for link in talk.links))
        others = [name for name in names if name != "您"]
        talk.say("welcome.bound", elders=others, greeting=greeting, busy=busy, part=part)
    elif talk.account.worker_id is not None:
        talk.say("welcome.worker", name=talk.account.name or "", part=part)
    elif is_on_duty(talk.work, talk.account.id):
        talk.say("welcome.duty", name=talk.account.name or "")
    else:
        talk.say("welcome.unbound", greeting=greeting, part=part)


def part_of_day(hour: int) -> str:
    """morning, noon, afternoon or evening, as one greets at a local hour."""
    return "morning" if 5 <= hour < 11 else "noon" if hour < 13 else (
        "afternoon" if hour < 18 else "evening"
    )  # fmt: skip
