"""Keeps a turn of a call in its own transaction: the answer, the record, what it came to."""

from __future__ import annotations

from sqlalchemy import select

from backend.db.models import Account, Call, Conversation, Incident, Message, Ticket
from backend.domain.calls import ALIVE_FOR
from backend.domain.incidents import IncidentState
from backend.services.raise_incident import SAME_CALL, raise_incident
from backend.services.record_call import TurnRecord, record_turn
from backend.services.work import Work
from ivr.facts import Answered
from nlu.dialogue.exchange import elder_cried_for
from nlu.dialogue.expects import expectation
from nlu.dialogue.messages import keep_answer
from nlu.dialogue.state import DialogueState, DoubtTask, load_state
from nlu.dialogue.turns import Turn, Utterance

CHANNEL = "voice"


def keep_turn(
    call_id: int, no: int, work: Work, message: Message, utterance: Utterance, turn: Turn
) -> Answered:
    """The turn as the answer of its message, on the call's row and in its record."""
    account = work.get(Account, message.account_id)
    call = work.get(Call, call_id, lock=True)
    state = _state(work, account.id)
    done = {command.name: command.subject_id for command in turn.commands}
    if "raise_incident" in done:
        call.incident_id = done["raise_incident"]
        _tell_whole(work, account, utterance)
    ticket = work.session.get(Ticket, done["open_ticket"]) if "open_ticket" in done else None
    if ticket is not None:
        call.ticket_id = ticket.id
    if "place_order" in done:
        call.outcome = "order"
    task = state.task
    call.doing = f"{task.kind}:{task.asked or ''}".rstrip(":") if task is not None else None
    if call.ended_at is None:
        call.alive_until = work.now + ALIVE_FOR
    u = utterance.understanding
    answered = Answered(
        no=no,
        text=utterance.text,
        replies=turn.replies,
        expected=expectation(work, account),
        intent=u.intent,
        confidence=u.confidence,
        alarm="raise_incident" in done,
        doubt=isinstance(task, DoubtTask),
        human=ticket is not None and ticket.kind == "handover",
        placed="place_order" in done,
        farewell=(u.intent == "goodbye" or turn.leaves) and not isinstance(task, DoubtTask),
        doing=call.doing,
    )
    if message.said["kind"] == "voice":
        message.said = {**message.said, "text": utterance.text}
    keep_answer(message, turn.replies, work.now, turn=answered.kept())
    # Whoever spoke is on the line and hears it now; nothing is sent after a call.
    message.sent_at, message.sent_by = work.now, CHANNEL
    record_turn(work, call_id, _record(message, answered, u.source))
    return answered


def running_incident(work: Work, account_id: int) -> int | None:
    """The account's alarm that still runs."""
    return work.session.scalar(
        select(Incident.id)
        .where(
            Incident.account_id == account_id,
            Incident.state != IncidentState.RESOLVED,
            Incident.raised_at > work.now - SAME_CALL,
        )
        .order_by(Incident.id.desc())
        .limit(1)
    )


def _tell_whole(work: Work, account: Account, utterance: Utterance) -> None:
    """An alarm raised in the middle of a sentence: its helpers are told the rest, and whom it is
    about if only the rest named them."""
    raised = work.session.scalar(
        select(Incident).where(Incident.idempotency_key == utterance.source_id)
    )
    if raised is None or utterance.text in raised.words:
        return
    if raised.elder_id is None:
        raised.elder_id = elder_cried_for(work, account, utterance.text)
        work.session.flush()
    raise_incident(work, utterance.text, f"{utterance.source_id}:whole", raised.elder_id)


def _state(work: Work, account_id: int) -> DialogueState:
    kept = work.session.get(Conversation, account_id)
    return load_state(kept.state if kept is not None else None)


def _record(message: Message, answered: Answered, source: str) -> TurnRecord:
    if message.said["kind"] == "event":
        return TurnRecord(answered.no, said=answered.speech)
    return TurnRecord(
        answered.no,
        heard=tuple(message.said.get("heard", ())),
        keys=message.said.get("keys", ""),
        text=answered.text,
        understood={
            "intent": answered.intent,
            "confidence": round(answered.confidence, 4),
            "source": source,
        },
        said=answered.speech,
    )
