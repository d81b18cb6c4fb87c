"""An elder did not answer the greeting: somebody is to look."""

from datetime import timedelta

from sqlalchemy import select

from backend.db.models import Callout, Elder, Greeting
from backend.domain.callouts import CalloutState, Check, Reason, check_for
from backend.services.callouts import call_out, phone_account
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.work import Work

WHY = "greeting_unanswered"
"""In an incident's place: what it is about, where no words were said."""


def raise_check(work: Work, callout: Callout) -> Check | None:
    """After a greeting that reached nobody. None: they spoke to us since, so all is well.

    By rule a ticket for those on duty, and a call to somebody close; or an incident
    (`backend.domain.callouts.check_for`). Once for a greeting, however often it is asked for.
    """
    greeting = work.session.get(Greeting, callout.greeting_id)
    elder = work.session.get(Elder, callout.elder_id)
    if greeting is None or elder is None or _spoke_since(callout):
        return None
    check = check_for(elder.ability_level, _mornings(work, callout), callout.misses)
    work.audit("raise_check", "callout", callout.id, check=check.value)
    number = callout.account.identifier
    if check is Check.INCIDENT:
        place = {"call_back": number, "why": WHY}
        raise_incident(work, "", f"check:{callout.id}", elder.id, place)
        return check
    open_ticket(
        work,
        WHY,
        f"{elder.name} {number}",
        f"check:{callout.id}",
        elder_id=elder.id,
        transcript={"phone": number, "misses": callout.misses},
    )
    _ask_somebody_close(work, elder, number, callout)
    return check


def _spoke_since(callout: Callout) -> bool:
    spoke = callout.account.last_spoke_at
    return spoke is not None and spoke > (callout.rung_at or callout.due_at)


def _mornings(work: Work, callout: Callout) -> int:
    """How many greetings in a row nobody answered, this one included; two are as good as more."""
    before = work.session.scalar(
        select(Callout.state)
        .where(
            Callout.greeting_id == callout.greeting_id,
            Callout.why == Reason.DAILY_GREETING,
            Callout.due_at < callout.due_at,
            Callout.due_at > callout.due_at - timedelta(days=2),
        )
        .order_by(Callout.due_at.desc())
        .limit(1)
    )
    return 2 if before is CalloutState.GIVEN_UP else 1


def _ask_somebody_close(work: Work, elder: Elder, number: str, callout: Callout) -> None:
    close = next((one for one in elder.contacts if one.phone != number), None)
    if close is None:
        return
    account = phone_account(work, close.phone, close.name)
    call_out(
        work,
        account.id,
        Reason.CHECK,
        f"check:{callout.id}",
        elder_id=elder.id,
        data={"elder": elder.name, "relation": close.relation, "phone": number},
    )
