"""Who at the console answers callers that want a human, just now."""

from __future__ import annotations

from sqlalchemy import select, update

from backend.db.models import Call, ConsoleUser, Elder
from backend.domain.console import SEEN_FOR, Telephone, rung_in_turn
from backend.services.work import Work


def seen_at_console(work: Work, user_id: int) -> None:
    """A live page of theirs is open. Kept of those with a telephone alone."""
    work.session.execute(
        update(ConsoleUser)
        .where(ConsoleUser.id == user_id, ConsoleUser.telephone.is_not(None))
        .values(seen_at=work.now)
    )


def is_theirs(work: Work, call: Call, user_id: int) -> bool:
    """They picked up for the caller, at the telephone of theirs."""
    telephone = work.get(ConsoleUser, user_id).telephone
    return telephone is not None and telephone == call.human_telephone


def telephones_for(work: Work, sip_id: str) -> list[str]:
    """Numbers to ring for a caller of ours, by SIP's Call-ID, in this order; none while nobody
    sits there."""
    latest = select(Call).where(Call.sip_id == sip_id).order_by(Call.id.desc()).limit(1)
    call = work.session.scalar(latest)
    elder = work.get(Elder, call.elder_id) if call is not None and call.elder_id else None
    sitting = work.session.execute(
        select(ConsoleUser.telephone, ConsoleUser.towns)
        .where(
            ConsoleUser.is_active,
            ConsoleUser.telephone.is_not(None),
            ConsoleUser.seen_at > work.now - SEEN_FOR,
        )
        .order_by(ConsoleUser.id)
    )
    telephones = [Telephone(number, tuple(towns)) for number, towns in sitting if number]
    return rung_in_turn(telephones, elder.town if elder else None, call.id if call else 0)
