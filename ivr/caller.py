"""Who rings, as far as a number can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers
from sqlalchemy import select

from backend.db.models import Account, Contact, Elder, Link
from backend.services.lookup import account_for
from backend.services.work import Work

_USER = re.compile(r"(?:sips?|tel):([^@;>]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[\d\-.() ]{3,20}")
CHINA = 86
SHORTEST = 9
"""Figures of a Chinese number with its area code; fewer is an extension, kept as it is."""


def number_of(address: str) -> str | None:
    """The number in a SIP address as China writes it: 13800138000, 076922112345, +85221234567.

    None when there is none to ring back (`anonymous`, a name).
    """
    found = _USER.search(address)
    user = unquote(found[1] if found is not None else address)
    if _NUMBER.fullmatch(user) is None:
        return None
    figures = re.sub(r"[^\d+]", "", user)
    try:
        number = phonenumbers.parse(figures, "CN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != CHINA:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = str(number.national_number)
    if len(national) < SHORTEST:
        return figures
    return national if len(national) == 11 and national[0] == "1" else f"0{national}"


def dialled(address: str) -> str | None:
    """What was dialled, as a SIP address tells: a number, or behind a PBX the name we are
    registered by."""
    found = _USER.search(address)
    return number_of(address) or (unquote(found[1]) if found is not None else None)


@dataclass(frozen=True)
class Caller:
    """What is known of a number. `elders` are those it is a contact of, or is bound to."""

    number: str
    account: Account | None = None
    bell_of: Elder | None = None
    elders: tuple[Elder, ...] = ()


def who_rings(work: Work, number: str) -> Caller:
    """Look a number (as `number_of` writes it) up: bells first, then people."""
    session = work.session
    account = account_for(work, "phone", number)
    bell_of = session.scalar(select(Elder).where(Elder.bell_number == number))
    if bell_of is not None:
        return Caller(number, account, bell_of, (bell_of,))
    theirs = select(Contact.elder_id).where(Contact.phone == number)
    bound = (
        select(Link.elder_id)
        .join(Account)
        .where(Account.channel == "phone", Account.identifier == number, Link.ended_at.is_(None))
    )
    elders = session.scalars(
        select(Elder)
        .where(Elder.id.in_(theirs.union(bound)), Elder.ended_on.is_(None))
        .order_by(Elder.id)
    )
    return Caller(number, account, None, tuple(elders))
