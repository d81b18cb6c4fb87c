"""The record of a call while it goes on, and its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Call, CallTurn
from backend.domain.calls import ALIVE_FOR
from backend.services.recognise_name import forget_name
from backend.services.work import Work


@dataclass(frozen=True)
class TurnRecord:
    """One exchange of words. What is empty leaves what was written before as it is; `times` are
    added to those written before, in seconds since the call began."""

    no: int
    heard: tuple[Mapping[str, Any], ...] = ()
    keys: str = ""
    text: str = ""
    understood: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    times: Mapping[str, float] = field(default_factory=dict)


def record_turn(work: Work, call_id: int, turn: TurnRecord) -> None:
    """Write a turn down, or add to it."""
    row = {
        "heard": [dict(one) for one in turn.heard],
        "keys": turn.keys,
        "text": turn.text,
        "understood": dict(turn.understood),
        "said": list(turn.said),
        "times": dict(turn.times),
    }
    given = {name: value for name, value in row.items() if value}
    writing = insert(CallTurn).values(call_id=call_id, no=turn.no, at=work.now, **row)
    changes: dict[str, Any] = dict(given)
    if turn.times:
        changes["times"] = func.jsonb_concat(CallTurn.times, writing.excluded.times)
    kept = writing.on_conflict_do_nothing()
    if changes:
        kept = writing.on_conflict_do_update(index_elements=["call_id", "no"], set_=changes)
    work.session.execute(kept)


def still_on(work: Work, call_ids: Iterable[int]) -> None:
    """Their process lives: nobody else need look after these calls."""
    work.session.execute(
        update(Call)
        .where(Call.id.in_(list(call_ids)), Call.ended_at.is_(None))
        .values(alive_until=work.now + ALIVE_FOR)
    )


def end_call(work: Work, call_id: int, how: str, answered_at: datetime | None = None) -> Call:
    """The call is over; ending it twice keeps the first end, but for one that was only thought
    to be lost. Whoever was known by name alone is a stranger again."""
    call = work.get(Call, call_id, lock=True)
    if call.ended_at is None or call.how_ended == "lost":
        call.ended_at, call.how_ended = work.now, how
        call.answered_at = answered_at or call.answered_at
        call.outcome = outcome_of(work, call)
    forget_name(work, call.account_id)
    work.session.flush()
    return call


def outcome_of(work: Work, call: Call) -> str:
    """What came of a call, the gravest first."""
    if call.incident_id is not None:
        return "alarm"
    if call.outcome == "order":
        return "order"
    if call.ticket_id is not None:
        return "human"
    return "talked" if spoke(work, call.id) else "nothing"


def spoke(work: Work, call_id: int) -> bool:
    """Whether the caller said or pressed anything that was taken up."""
    words = select(CallTurn.no).where(
        CallTurn.call_id == call_id, CallTurn.no > 0, (CallTurn.text != "") | (CallTurn.keys != "")
    )
    return work.session.scalar(words.limit(1)) is not None
