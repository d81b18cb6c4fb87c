"""What a form says, as values; and a change that may be refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal, InvalidOperation

from flask import request

from backend.console.door import Door
from backend.console.words import refusal
from backend.domain.errors import DomainError, NotFound
from backend.services.work import Work

MOST_YUAN = 1_000_000


def tried(door: Door, change: Callable[[Work], object]) -> str | None:
    """Carry out a change in a transaction of its own; the sentence why not, where a rule forbids
    it. Raises NotFound."""
    try:
        with door.work() as work:
            change(work)
    except NotFound:
        raise
    except DomainError as refused:
        return refusal(refused)
    return None


def text(name: str, most: int = 200) -> str:
    """A field's words without what hangs over; empty if it is not there."""
    return request.form.get(name, "").strip()[:most]


def fen(name: str) -> int:
    """An amount written in yuan. Raises DomainError `bad_money`."""
    try:
        yuan = Decimal(text(name) or "0")
    except InvalidOperation:
        raise DomainError("bad_money") from None
    if not yuan.is_finite() or not 0 <= yuan <= MOST_YUAN or yuan * 100 != int(yuan * 100):
        raise DomainError("bad_money")
    return int(yuan * 100)


def number(name: str) -> int | None:
    """A whole number; None for an empty field. Raises DomainError `bad_number`."""
    if not (said := text(name)):
        return None
    if not said.isdecimal() or len(said) > 6:
        raise DomainError("bad_number")
    return int(said)


def day(name: str) -> date:
    """A date. Raises DomainError `bad_date`."""
    try:
        return date.fromisoformat(text(name))
    except ValueError:
        raise DomainError("bad_date") from None


def hour(said: str) -> time:
    """A clock time, HH:MM. Raises DomainError `bad_span`."""
    try:
        return time.fromisoformat(said)
    except ValueError:
        raise DomainError("bad_span") from None
