"""A telephone rings: its call is written down, and we know who it may be."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Account, Call, Elder
from backend.domain.calls import ALIVE_FOR
from backend.services.lookup import elders_of
from backend.services.recognise_number import recognise_number
from backend.services.work import Work, actor_of


@dataclass(frozen=True)
class Ring:
    """The first ring of a call. `number` None: withheld. `alarm`: the header by which an alarm
    device says what it is; any value makes the call a bell's."""

    sip_id: str
    at: datetime
    number: str | None = None
    called: str | None = None
    alarm: str | None = None
    incoming: bool = True

    @property
    def key(self) -> str:
        """Cheap devices count their Call-IDs from the start after each power cut: without the
        number and the hour, one could have its next alarm taken for an old one."""
        way = "in" if self.incoming else "out"
        return f"{way}:{self.number or 'withheld'}:{self.sip_id}:{self.at:%Y%m%d%H}"


def open_call(work: Work, ring: Ring) -> Call:
    """Write a call down, with the account behind it; the same ring twice finds the first row.

    A number that is a bell's, or kept as a contact's, is bound to its elders here. From then on
    the account is the one who acts.
    """
    known = work.session.scalar(select(Call).where(Call.ring_key == ring.key))
    if known is not None:
        work.actor = actor_of(known.account)
        return known
    account = _account(work, ring)
    bell_of = _bell_of(work, ring)
    work.actor = actor_of(account)
    if ring.number is not None:
        recognise_number(work, account, ring.number, bell_of)
    links = elders_of(work, account.id)
    call_id = work.session.scalar(
        insert(Call)
        .values(
            ring_key=ring.key,
            sip_id=ring.sip_id,
            direction="in" if ring.incoming else "out",
            number=ring.number,
            called=ring.called,
            account_id=account.id,
            elder_id=bell_of.id if bell_of else links[0].elder_id if len(links) == 1 else None,
            is_bell=bell_of is not None or (ring.alarm is not None and ring.incoming),
            rang_at=ring.at,
            alive_until=work.now + ALIVE_FOR,
        )
        .on_conflict_do_nothing()
        .returning(Call.id)
    )
    if call_id is None:  # the same ring, written by another thread meanwhile
        return work.session.scalars(select(Call).where(Call.ring_key == ring.key)).one()
    return work.get(Call, call_id)


def _account(work: Work, ring: Ring) -> Account:
    """The number's account; who withholds it gets one for this call."""
    identifier = ring.number or f"withheld:{ring.key}"
    work.session.execute(
        insert(Account).values(channel="phone", identifier=identifier).on_conflict_do_nothing()
    )
    return work.session.scalars(
        select(Account).where(Account.channel == "phone", Account.identifier == identifier)
    ).one()


def _bell_of(work: Work, ring: Ring) -> Elder | None:
    """Whose bell it is: by the number it rings from, or the one its header names."""
    if not ring.incoming:
        return None
    named = [number for number in (ring.number, ring.alarm) if number]
    return work.session.scalar(
        select(Elder)
        .where(Elder.bell_number.in_(named), Elder.ended_on.is_(None))
        .order_by(Elder.id)
        .limit(1)
    )
