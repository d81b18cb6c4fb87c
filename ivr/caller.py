"""The numbers in SIP addresses, as China writes them."""

from __future__ import annotations

import re
from urllib.parse import unquote

import phonenumbers

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
