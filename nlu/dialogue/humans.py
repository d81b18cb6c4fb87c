"""Bringing a human: by one word, after two misunderstandings, or as an offered call-back."""

from __future__ import annotations

from backend.domain.learning import WhyKept
from backend.services.lookup import transcript
from backend.services.want_human import want_human
from nlu.dialogue.state import CallBackTask, OrderTask
from nlu.dialogue.talk import Talk

MISSES_BEFORE_HUMAN = 2


def hand_over(talk: Talk, why: str) -> None:
    """Open a handover ticket with all that was said. `why`: asked, misunderstood or angry.

    What was begun is kept aside, so that nothing has to be said twice.
    """
    ticket, _ = want_human(
        talk.work,
        "handover",
        talk.text_of("ticket.handover", why=why, said=talk.text[:200]),
        talk.key("handover"),
        elder_id=_elder_id(talk),
        transcript=_with_this(talk),
    )
    talk.did("open_ticket", ticket.id)
    talk.state.misses = 0
    if isinstance(talk.state.task, OrderTask):
        talk.state.paused = talk.state.task
    talk.finish()
    talk.say(f"human.{why}", ticket=ticket.id)


def miss(talk: Talk) -> bool:
    """Count a sentence we made nothing of. True when a human was brought for it."""
    talk.state.misses += 1
    talk.misunderstood = WhyKept.MISSED
    if talk.state.misses >= MISSES_BEFORE_HUMAN:
        talk.misunderstood = WhyKept.HANDED_OVER
        hand_over(talk, "misunderstood")
        return True
    return False


def offer_health_call(talk: Talk) -> None:
    """No medical advice from us: a nurse rings back, or 120 if it is urgent."""
    elder_id = _elder_id(talk)
    task = CallBackTask(
        asked="confirm",
        elder_id=elder_id,
        summary=talk.text_of("ticket.health", said=talk.text[:300]),
    )
    talk.start(task)
    talk.say("health.no_advice")


def answer_call_back(talk: Talk, task: CallBackTask) -> bool:
    """Yes opens the ticket, no drops the offer."""
    if talk.says_yes or talk.picked == 0:
        talk.finish()
        ticket, joined = want_human(
            talk.work,
            task.ticket_kind,
            task.summary,
            talk.key("call_back"),
            elder_id=task.elder_id,
            transcript=_with_this(talk),
        )
        talk.did("open_ticket", ticket.id)
        talk.say("call_back.joined" if joined else "call_back.opened", ticket=ticket.id)
        return True
    if talk.says_no or talk.picked == 1 or talk.gives_up:
        talk.finish()
        talk.say("call_back.declined")
        return True
    return False


def ask_call_back(talk: Talk, task: CallBackTask) -> None:
    """The offer once more."""
    talk.say("call_back.ask")


def _elder_id(talk: Talk) -> int | None:
    task = talk.state.task
    elder_id = getattr(task, "elder_id", None)
    return elder_id or (talk.links[0].elder_id if len(talk.links) == 1 else None)


def _with_this(talk: Talk) -> dict[str, list[dict[str, str]]]:
    """The transcript, ending with the sentence just said (its row may not be written yet)."""
    kept = transcript(talk.work, talk.account.id)
    turns = list(kept.get("turns", []))
    if not any(turn["who"] == "person" and turn["text"] == talk.text for turn in turns[-2:]):
        turns.append({"at": talk.work.now.isoformat(), "who": "person", "text": talk.text})
    return {"turns": turns}
