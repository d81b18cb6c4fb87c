"""Write down that somebody is to be rung; the phone line rings (ivr/calling.py)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.db.models import Account, Call, Callout, Greeting, Incident, Offer, Order
from backend.domain.callouts import RULES, UNDER_WAY, CalloutState, Reason, not_before
from backend.domain.incidents import IncidentState
from backend.domain.orders import OPEN_STATES, OrderState
from backend.services.quiet_hours import quiet_hours
from backend.services.work import Work
from backend.settings import TIMEZONE

PHONE = "phone"
"""The channel of accounts that are a telephone number."""


def phone_account(
    work: Work, number: str, name: str | None = None, worker_id: int | None = None
) -> Account:
    """The account of a telephone number; opened if there is none yet. `worker_id`: whose it is
    by the provider's books."""
    given = insert(Account).values(
        channel=PHONE, identifier=number, name=name, worker_id=worker_id, created_at=work.now
    )
    account_id = work.session.scalar(
        given.on_conflict_do_update(
            index_elements=[Account.channel, Account.identifier],
            set_={
                "worker_id": func.coalesce(Account.worker_id, given.excluded.worker_id),
                "name": func.coalesce(Account.name, given.excluded.name),
            },
        ).returning(Account.id)
    )
    account = work.get(Account, account_id)
    work.session.refresh(account)
    return account


def call_out(
    work: Work,
    account_id: int,
    why: Reason,
    dedupe: str,
    *,
    due_at: datetime | None = None,
    lapses_at: datetime | None = None,
    **about: Any,
) -> Callout | None:
    """Have an account rung; None if it was or will be for the same `dedupe`.

    `due_at`: not before (default now and the reason's delay); quiet hours put it off further.
    `about`: elder_id, order_id, incident_id, greeting_id, notice_kind, data.
    """
    rule = RULES[why]
    due_at = due_at or work.now + rule.delay
    if lapses_at is None and rule.stands is not None:
        lapses_at = due_at + rule.stands
    callout_id = work.session.scalar(
        insert(Callout)
        .values(
            dedupe_key=f"{dedupe}:{account_id}",
            why=why,
            state=CalloutState.PENDING,
            account_id=account_id,
            created_at=work.now,
            due_at=due_at,
            next_at=not_before(why, due_at.astimezone(TIMEZONE), quiet_hours(work)),
            lapses_at=lapses_at,
            **about,
        )
        .on_conflict_do_nothing()
        .returning(Callout.id)
    )
    return work.get(Callout, callout_id) if callout_id is not None else None


def settle_callout(work: Work, callout_id: int) -> None:
    """What the call was for is done: it is not rung again, whatever becomes of the line."""
    work.session.execute(
        update(Callout)
        .where(Callout.id == callout_id, Callout.settled_at.is_(None))
        .values(settled_at=work.now)
    )


def is_still_true(work: Work, callout: Callout) -> bool:
    """Whether there is still something to ring for."""
    standing = _STILL.get(callout.notice_kind or "")
    if standing is not None and not _order_is(work, callout, standing):
        return False
    match callout.why:
        case Reason.JOB_OFFER:
            offer = work.session.get(Offer, callout.data["offer_id"])
            return offer is not None and offer.state == "standing" and offer.expires_at > work.now
        case Reason.ON_THE_WAY | Reason.CONFIRM_CHANGE:
            return not _is_outdated(work, callout)
        case Reason.DAILY_GREETING:
            greeting = work.session.get(Greeting, callout.greeting_id)
            return greeting is not None and greeting.ended_at is None
        case Reason.ALARM:
            incident = work.session.get(Incident, callout.incident_id)
            unanswered = incident is not None and incident.state is IncidentState.RAISED
            return unanswered and not _is_outdated(work, callout)
    return True


_ON_THE_WAY = frozenset({OrderState.ACCEPTED, OrderState.ON_THE_WAY})
_STILL = {
    "order_accepted": _ON_THE_WAY,
    "worker_departed": _ON_THE_WAY,
    "worker_late": _ON_THE_WAY,
    "order_finished": frozenset({OrderState.FINISHED}),
    "order_changed": OPEN_STATES,
    "no_worker": frozenset({OrderState.UNASSIGNED}),
}
"""The states of an order in which such news are still news."""


def _order_is(work: Work, callout: Callout, states: frozenset[OrderState]) -> bool:
    order = work.session.get(Order, callout.order_id) if callout.order_id is not None else None
    return order is not None and order.state in states


def _is_outdated(work: Work, callout: Callout) -> bool:
    """Whether a later callout brings newer news of the same thing to the same person."""
    newer = exists().where(
        Callout.id > callout.id,
        Callout.account_id == callout.account_id,
        Callout.why == callout.why,
        Callout.order_id.is_not_distinct_from(callout.order_id),
        Callout.incident_id.is_not_distinct_from(callout.incident_id),
    )
    return bool(work.session.scalar(select(newer)))


def is_on_the_line(work: Work, account_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL: whether we ring the account or talk with it right now; nobody is rung twice at once."""
    other = aliased(Callout)
    rung = exists().where(other.account_id == account_id, other.state.in_(UNDER_WAY))
    talks = exists().where(
        Call.account_id == account_id, Call.ended_at.is_(None), Call.alive_until > work.now
    )
    return or_(rung, talks)
