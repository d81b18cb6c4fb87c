"""Greeting calls: asked for, ended, and made each morning."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Account, Elder, Greeting, Link
from backend.domain.callouts import Reason, may_greet_at
from backend.domain.errors import DomainError
from backend.services.callouts import PHONE, call_out
from backend.services.permissions import require_link
from backend.services.quiet_hours import quiet_hours
from backend.services.work import Work
from backend.settings import TIMEZONE

AHEAD = timedelta(hours=1)
"""Written down so long before it is due; the job that does it comes more often."""


def ask_for_greetings(work: Work, elder_id: int, account_id: int, at: time) -> Greeting:
    """From now on this telephone is rung each day at `at` (local); asked again, the hour or the
    telephone changes. Raises `bad_hour` for quiet hours, `no_phone` when the account is none,
    `not_permitted`, NotFound.
    """
    require_link(work, elder_id)
    elder = work.get(Elder, elder_id, lock=True)
    account = work.get(Account, account_id)
    if account.channel != PHONE:
        raise DomainError("no_phone")
    if not may_greet_at(at, quiet_hours(work)):
        raise DomainError("bad_hour", at=at.isoformat())
    standing = _standing(work, elder.id)
    if standing is not None and (standing.at, standing.account_id) == (at, account.id):
        return standing
    if standing is not None:
        _end(work, standing)
    greeting_id = work.session.scalar(
        insert(Greeting)
        .values(
            elder_id=elder.id,
            account_id=account.id,
            at=at,
            asked_at=work.now,
            asked_by=work.actor.name,
            asked_through=work.actor.channel,
        )
        .returning(Greeting.id)
    )
    greeting = work.get(Greeting, greeting_id)
    work.audit("ask_for_greetings", "greeting", greeting.id, at=at.isoformat())
    return greeting


def end_greetings(work: Work, elder_id: int) -> bool:
    """No more greetings; False if there were none. Raises `not_permitted`."""
    require_link(work, elder_id)
    standing = _standing(work, elder_id)
    if standing is not None:
        _end(work, standing)
    return standing is not None


def standing_greeting(work: Work, elder_id: int) -> Greeting | None:
    """The greeting that an elder gets each day, if any."""
    return work.session.scalar(
        select(Greeting).where(Greeting.elder_id == elder_id, Greeting.ended_at.is_(None))
    )


def telephone_of(work: Work, elder_id: int) -> Account | None:
    """The telephone on which an elder is greeted: their own, the one they last spoke on first.

    A bell is there to ring us, and is not rung. None when we know of no telephone of theirs.
    """
    return work.session.scalar(
        select(Account)
        .join(Link)
        .join(Elder, Elder.id == Link.elder_id)
        .where(
            Link.elder_id == elder_id,
            Link.relation == "self",
            Link.ended_at.is_(None),
            Account.channel == PHONE,
            Account.unreachable_since.is_(None),
            Elder.bell_number.is_distinct_from(Account.identifier),
        )
        .order_by(Account.last_spoke_at.desc().nulls_last(), Account.id.desc())
        .limit(1)
    )


def make_greetings(work: Work) -> int:
    """Write down today's greetings that are due soon; how many. Safe to repeat, and a morning
    on which nothing ran is made up for while a greeting is still worth a call."""
    made = 0
    for greeting in work.session.scalars(
        select(Greeting)
        .join(Elder)
        .where(Greeting.ended_at.is_(None), Elder.ended_on.is_(None))
        .order_by(Greeting.id)
    ):
        today = work.local_now.date()
        due_at = datetime.combine(today, greeting.at, TIMEZONE)
        if not greeting.asked_at < due_at <= work.now + AHEAD:
            continue
        callout = call_out(
            work,
            greeting.account_id,
            Reason.DAILY_GREETING,
            f"greeting:{greeting.elder_id}:{today}",
            due_at=due_at,
            elder_id=greeting.elder_id,
            greeting_id=greeting.id,
        )
        made += callout is not None
    return made


def _standing(work: Work, elder_id: int) -> Greeting | None:
    return work.session.scalar(
        select(Greeting)
        .where(Greeting.elder_id == elder_id, Greeting.ended_at.is_(None))
        .with_for_update(key_share=True)
    )


def _end(work: Work, greeting: Greeting) -> None:
    greeting.ended_at, greeting.ended_by = work.now, work.actor.name
    work.session.flush()
    work.audit("end_greetings", "greeting", greeting.id)
