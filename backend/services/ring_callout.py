"""The steps of ringing somebody: leased and counted, answered, over or missed.

Each step is a transaction of its own. A line that dies between any two leaves a lease that
runs out; `settle_overdue` then treats the try as cut. Nothing is lost: it is tried again. Nothing
is doubled: what was settled in the call is marked by the turn that settled it.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from backend.db.models import Account, Callout, IncidentEvent
from backend.domain.callouts import (
    NO_PROOF,
    RULES,
    TO_A_HUMAN,
    UNDER_WAY,
    WAITING,
    CalloutState,
    Missed,
    Reason,
    next_try,
    not_before,
)
from backend.services.callouts import is_on_the_line, is_still_true
from backend.services.open_ticket import open_ticket
from backend.services.quiet_hours import quiet_hours
from backend.services.raise_check import raise_check
from backend.services.work import LOCK, Work
from backend.settings import TIMEZONE

LEASE = timedelta(seconds=60)
"""Renewed while the line lives (`keep_lease`); so long after its death a call is taken for cut."""
NO_ROOM = timedelta(seconds=15)
AT_ONCE = 100

log = structlog.get_logger()


@dataclass(frozen=True)
class Leased:
    """Somebody to ring now. `attempt` counts from 1 and goes with every later step: a try that
    was taken for cut can no longer mark anything."""

    id: int
    number: str
    why: Reason
    attempt: int


def lease_callouts(work: Work, most: int) -> list[Leased]:
    """Take up to `most` callouts that are due, alarms first; what is too late or no longer true
    lapses. The try is counted here, before anybody dials."""
    due = work.session.scalars(
        select(Callout)
        .where(
            Callout.state.in_(WAITING),
            Callout.next_at <= work.now,
            ~is_on_the_line(work, Callout.account_id),
        )
        .order_by((Callout.why == Reason.ALARM).desc(), Callout.next_at, Callout.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    leased: list[Leased] = []
    called: set[int] = set()
    for callout in due:
        if _is_too_late(work, callout) or not is_still_true(work, callout):
            _end(work, callout, CalloutState.LAPSED)
        elif (
            not _put_off(work, callout)
            and len(leased) < most
            and callout.account_id not in called
            and _claim(work, callout.account_id)
        ):
            called.add(callout.account_id)
            leased.append(_lease(work, callout))
    return leased


def pick_up(work: Work, leased: Leased) -> Callout | None:
    """They have answered; None if this try was taken for cut meanwhile, or there is nothing to
    tell any more."""
    callout = _mine(work, leased)
    if callout is None:
        return None
    if not is_still_true(work, callout):
        _end(work, callout, CalloutState.LAPSED)
        return None
    callout.state = CalloutState.ANSWERED
    callout.answered_at = work.now
    callout.lease_until = work.now + LEASE
    return callout


def keep_lease(work: Work, leased: Leased) -> bool:
    """The line still rings or talks; False when the try was taken for cut."""
    callout = _mine(work, leased)
    if callout is not None:
        callout.lease_until = work.now + LEASE
    return callout is not None


def was_told(work: Work, leased: Leased, *, spoke: bool) -> None:
    """The call is over and our first words were heard. `spoke`: and they said something; whoever
    picks up a greeting and says nothing has not answered it."""
    callout = _mine(work, leased)
    if callout is None:
        return
    if RULES[callout.why].is_question and not spoke and callout.settled_at is None:
        _miss(work, callout, Missed.SILENT)
    else:
        _end(work, callout, CalloutState.DONE)


def was_missed(work: Work, leased: Leased, missed: Missed) -> None:
    """Nobody was reached; tried again by the reason's rule, or given up."""
    callout = _mine(work, leased)
    if callout is not None:
        _miss(work, callout, missed)


def give_back(work: Work, leased: Leased) -> None:
    """Our line had no room or was about to close: nobody was dialled, and the try does not
    count."""
    callout = _mine(work, leased)
    if callout is None:
        return
    callout.attempts -= 1
    callout.state = CalloutState.NO_ANSWER if callout.misses else CalloutState.PENDING
    callout.lease_until = None
    callout.next_at = work.now + NO_ROOM


def settle_overdue(work: Work) -> int:
    """Tries whose line died are cut, and what is too late lapses, also while no line runs at
    all; how many."""
    overdue = work.session.scalars(
        select(Callout)
        .where(
            (Callout.state.in_(UNDER_WAY) & (Callout.lease_until < work.now))
            | (Callout.state.in_(WAITING) & (Callout.lapses_at <= work.now))
        )
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    for callout in overdue:
        if callout.state in UNDER_WAY:
            log.warning("callout_cut", callout_id=callout.id, why=callout.why.value)
            _miss(work, callout, Missed.CUT)
        else:
            _end(work, callout, CalloutState.LAPSED)
    return len(overdue)


def _mine(work: Work, leased: Leased) -> Callout | None:
    callout = work.session.get(Callout, leased.id, with_for_update=LOCK, populate_existing=True)
    if callout is None or callout.state not in UNDER_WAY or callout.attempts != leased.attempt:
        return None
    return callout


def _claim(work: Work, account_id: int) -> bool:
    """Hold the account until the transaction ends, so that two lines do not take two callouts of
    one person at once; False when another line does."""
    held = select(Account.id).where(Account.id == account_id)
    held = held.with_for_update(skip_locked=True, key_share=True)
    if work.session.scalar(held) is None:
        return False
    # Whoever held it a moment ago may have taken one of theirs since we looked.
    return not work.session.scalar(select(is_on_the_line(work, account_id)))


def _is_too_late(work: Work, callout: Callout) -> bool:
    return callout.lapses_at is not None and callout.lapses_at <= work.now


def _put_off(work: Work, callout: Callout) -> bool:
    allowed = not_before(callout.why, work.now.astimezone(TIMEZONE), quiet_hours(work))
    if allowed <= work.now:
        return False
    callout.next_at = allowed
    return True


def _lease(work: Work, callout: Callout) -> Leased:
    callout.state = CalloutState.RINGING
    callout.attempts += 1
    callout.rung_at = work.now
    callout.lease_until = work.now + LEASE
    work.session.flush()
    return Leased(callout.id, callout.account.identifier, callout.why, callout.attempts)


def _miss(work: Work, callout: Callout, missed: Missed) -> None:
    if callout.settled_at is not None:
        _end(work, callout, CalloutState.DONE)
        return
    callout.last_missed = missed
    callout.misses += missed not in NO_PROOF
    again = next_try(
        callout.why, missed, callout.attempts, callout.misses, work.now.astimezone(TIMEZONE),
        quiet_hours(work),
    )  # fmt: skip
    if again is None:
        _end(work, callout, CalloutState.GIVEN_UP)
        return
    callout.state, callout.next_at, callout.lease_until = CalloutState.NO_ANSWER, again, None


def _end(work: Work, callout: Callout, state: CalloutState) -> None:
    """It is over; whatever a human must know follows in the same transaction."""
    true = is_still_true(work, callout)
    callout.state, callout.ended_at, callout.lease_until = state, work.now, None
    work.session.flush()
    if callout.why is Reason.ALARM and callout.incident_id is not None:
        _note_on_incident(work, callout)
    if state is CalloutState.DONE or not true:
        return
    if callout.why is Reason.DAILY_GREETING:
        raise_check(work, callout)
    elif callout.why in TO_A_HUMAN:
        open_ticket(
            work,
            "not_reached",
            f"{callout.account.name or ''} {callout.account.identifier}".strip(),
            f"callout:{callout.id}",
            elder_id=callout.elder_id,
            order_id=callout.order_id,
            transcript={"phone": callout.account.identifier, "why": callout.why.value},
        )


def _note_on_incident(work: Work, callout: Callout) -> None:
    step = {CalloutState.DONE: "delivered", CalloutState.GIVEN_UP: "failed"}.get(callout.state)
    if step is None:
        return
    detail = {"account_id": callout.account_id, "callout_id": callout.id, "way": "call"}
    work.session.add(
        IncidentEvent(
            incident_id=callout.incident_id,
            at=work.now,
            step=step,
            actor=work.actor.name,
            detail=detail,
        )
    )
