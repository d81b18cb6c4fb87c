"""Deliver a notice: lease it, send it, then mark it. At least once, hardly ever twice.

The lease keeps two workers from sending the same notice. A worker that dies between sending
and marking leaves the lease to run out; the channel's own message id (the notice's) keeps the
second sending from being shown twice where the channel can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Account, Incident, IncidentEvent, Notice
from backend.jobs.queue import URGENT, enqueue
from backend.services.callout_of_notice import call_about, why_no_call
from backend.services.callouts import PHONE
from backend.services.work import LOCK, SYSTEM, Work

log = structlog.get_logger()

LEASE = timedelta(seconds=20)
"""Longer than any one sending takes."""
MAX_ATTEMPTS = 12
RETRY_S = (2, 5, 10, 30, 60, 120, 300, 600)


@dataclass(frozen=True)
class Letter:
    """A notice as a channel gets it. `message_id` is stable over attempts."""

    message_id: str
    channel: str
    identifier: str
    kind: str
    data: dict[str, Any]
    last_spoke_at: datetime | None
    urgent: bool


@dataclass(frozen=True)
class Delivered:
    """Sent: by which way (`customer_service`, `template`, …), and the channel's id of it."""

    way: str
    receipt: str | None = None


class Undeliverable(Exception):
    """The channel could not deliver. `permanent`: trying again is of no use; `gone`: this
    account can be reached no more at all."""

    def __init__(self, reason: str, *, permanent: bool, gone: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.gone = gone


class Channel(Protocol):
    """What a channel must be able to do."""

    def deliver(self, letter: Letter) -> Delivered:
        """Send. Raises Undeliverable."""
        ...


def deliver_notice(
    sessions: sessionmaker[Session], channels: Mapping[str, Channel], notice_id: int
) -> bool:
    """Deliver one notice if it is still due and nobody else is at it; whether it was sent."""
    letter = _lease(sessions, notice_id)
    if letter is None:
        return False
    if letter.channel == PHONE:
        return _hand_to_line(sessions, notice_id)
    channel = channels.get(letter.channel)
    try:
        if channel is None:
            raise Undeliverable(f"no channel {letter.channel}", permanent=True)
        delivered = channel.deliver(letter)
    except Undeliverable as refused:
        _mark_failed(sessions, notice_id, refused)
        return False
    _mark_sent(sessions, notice_id, delivered)
    return True


def _hand_to_line(sessions: sessionmaker[Session], notice_id: int) -> bool:
    """Who has only a telephone is rung: the callout and the notice's mark are one transaction."""
    now = clock.now()
    with sessions() as session, session.begin():
        notice = session.get_one(Notice, notice_id, with_for_update=LOCK)
        notice.lease_until = None
        work = Work(session, SYSTEM, now)
        notice.error = why_no_call(work, notice)
        if notice.error is not None:
            notice.state = "failed"
            return False
        call_about(work, notice)
        notice.state, notice.sent_at, notice.sent_by = "sent", now, "call"
        return True


def _lease(sessions: sessionmaker[Session], notice_id: int) -> Letter | None:
    now = clock.now()
    with sessions() as session, session.begin():
        notice = session.scalar(
            select(Notice)
            .where(
                Notice.id == notice_id,
                Notice.state == "pending",
                or_(Notice.lease_until.is_(None), Notice.lease_until < now),
            )
            .with_for_update(skip_locked=True, key_share=True)
        )
        if notice is None:
            return None
        if notice.lapses_at is not None and notice.lapses_at <= now:
            notice.state = "lapsed"
            return None
        notice.lease_until = now + LEASE
        notice.attempts += 1
        account = session.get_one(Account, notice.account_id)
        return Letter(
            # With its birth, so that a database set up anew does not repeat an old one's ids.
            message_id=f"n{notice.id}-{round(notice.created_at.timestamp() * 1000):x}",
            channel=account.channel,
            identifier=account.identifier,
            kind=notice.kind,
            data=notice.data,
            last_spoke_at=account.last_spoke_at,
            urgent=notice.urgent,
        )


def _mark_sent(sessions: sessionmaker[Session], notice_id: int, delivered: Delivered) -> None:
    now = clock.now()
    with sessions() as session, session.begin():
        notice = session.get_one(Notice, notice_id, with_for_update=LOCK)
        notice.state, notice.sent_at, notice.sent_by = "sent", now, delivered.way
        notice.receipt = delivered.receipt
        notice.lease_until = None
        _note_on_incident(session, notice, "delivered", now, {"way": delivered.way})


def _mark_failed(sessions: sessionmaker[Session], notice_id: int, refused: Undeliverable) -> None:
    now = clock.now()
    with sessions() as session, session.begin():
        notice = session.get_one(Notice, notice_id, with_for_update=LOCK)
        notice.error, notice.lease_until = str(refused), None
        if refused.gone:
            session.get_one(Account, notice.account_id).unreachable_since = now
        if refused.permanent or (notice.attempts >= MAX_ATTEMPTS and not notice.urgent):
            notice.state = "failed"
            _note_on_incident(session, notice, "failed", now, {"error": str(refused)})
            log.warning("notice_failed", notice_id=notice.id, kind=notice.kind, error=str(refused))
            return
        wait = RETRY_S[min(notice.attempts, len(RETRY_S)) - 1]
        notice.due_at = now + timedelta(seconds=2 if notice.urgent else wait)
        enqueue(
            session,
            "deliver_notice",
            at=notice.due_at,
            priority=URGENT if notice.urgent else 0,
            notice_id=notice.id,
        )


def _note_on_incident(
    session: Session, notice: Notice, step: str, now: datetime, detail: dict[str, Any]
) -> None:
    if notice.incident_id is None:
        return
    session.get_one(Incident, notice.incident_id)
    session.add(
        IncidentEvent(
            incident_id=notice.incident_id,
            at=now,
            step=step,
            actor="system",
            detail={"account_id": notice.account_id, "notice_id": notice.id, **detail},
        )
    )
