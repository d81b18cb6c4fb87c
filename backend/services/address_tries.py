"""Wrong passwords by the network address that they come from.

Counted beside those of each name: whoever tries one password on many names shuts out none of them.
A right password takes nothing off the count, or somebody with an account could go on for ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import AddressTries
from backend.domain.console import COUNTED_FOR, MOST_TRIES_OF_ADDRESS, SHUT_FOR
from backend.services.work import Work

KEPT_FOR = timedelta(days=1)
"""An address is told nobody any longer than it is needed."""


def counted_as(address: str) -> str:
    """What an address is counted as, with or without its port: of IPv6 the network of a house,
    which has many addresses; empty for what is none."""
    if with_port := re.fullmatch(r"\[(.+)\]:\d+|([\d.]+):\d+", address):
        address = with_port[1] or with_port[2]
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, IPv6Address):
        plain = known.ipv4_mapped
        return str(plain) if plain else str(ip_network(f"{known}/64", strict=False))
    return str(known)


def shut_until(work: Work, address: str) -> datetime | None:
    """Until when the address is shut out, if it is."""
    return work.session.scalar(
        select(AddressTries.shut_until).where(
            AddressTries.address == address, AddressTries.shut_until > work.now
        )
    )


def count_wrong(work: Work, address: str) -> datetime | None:
    """One more wrong password; until when the address is shut out by it, if it is."""
    if not address:
        return None
    work.session.execute(
        delete(AddressTries).where(
            AddressTries.since < work.now - KEPT_FOR, AddressTries.address != address
        )
    )
    is_old = AddressTries.since < work.now - COUNTED_FOR
    failed = work.session.scalar(
        insert(AddressTries)
        .values(address=address, failed=1, since=work.now)
        .on_conflict_do_update(
            index_elements=[AddressTries.address],
            set_={
                "failed": case((is_old, 1), else_=AddressTries.failed + 1),
                "since": case((is_old, work.now), else_=AddressTries.since),
            },
        )
        .returning(AddressTries.failed)
    )
    if failed is None or failed < MOST_TRIES_OF_ADDRESS:
        return None
    until = work.now + SHUT_FOR
    work.session.execute(
        update(AddressTries)
        .where(AddressTries.address == address)
        .values(failed=0, since=work.now, shut_until=until)
    )
    work.audit("shut_out_address", "console_user", 0, address=address)
    return until


def shut_addresses(work: Work) -> Sequence[AddressTries]:
    """Those that are shut out now."""
    return work.session.scalars(
        select(AddressTries)
        .where(AddressTries.shut_until > work.now)
        .order_by(AddressTries.shut_until.desc())
    ).all()


def open_address(work: Work, address: str) -> None:
    """Let an address try again at once."""
    done = work.session.scalar(
        update(AddressTries)
        .where(AddressTries.address == address, AddressTries.shut_until.is_not(None))
        .values(failed=0, shut_until=None)
        .returning(AddressTries.address)
    )
    if done is not None:
        work.audit("open_address", "console_user", 0, address=address)
