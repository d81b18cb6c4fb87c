"""Find an elder by what a caller says or an agent types: name, pinyin, a number or its end."""

from sqlalchemy import ColumnElement, String, cast, or_, select

from backend.db.models import Account, Contact, Elder, Link
from backend.services.work import Work

LEAST_DIGITS = 4
AT_MOST = 20


def find_elders(work: Work, typed: str, among: ColumnElement[bool]) -> list[Elder]:
    """Those in care who fit, at most AT_MOST; none for what is too short to mean anybody.

    Four digits or more: the end of a telephone number of theirs, of a contact or of their bell.
    Latin letters: the beginning of the name in pinyin or of its first letters. Else: in the name.
    """
    fits = _fits("".join(typed.split()))
    if fits is None:
        return []
    found = select(Elder).where(Elder.ended_on.is_(None), among, fits)
    return list(work.session.scalars(found.order_by(Elder.name, Elder.id).limit(AT_MOST)))


def _fits(typed: str) -> ColumnElement[bool] | None:
    if typed.isascii() and typed.lstrip("+").isdigit():
        return _by_number(typed.lstrip("+"))
    if typed.isascii() and typed.replace("'", "").isalpha():
        return Elder.pinyin.contains(f" {typed.replace(chr(39), '').lower()}", autoescape=True)
    return Elder.name.contains(typed, autoescape=True) if typed else None


def _by_number(digits: str) -> ColumnElement[bool] | None:
    if len(digits) < LEAST_DIGITS:
        return None
    contacts = select(Contact.elder_id).where(Contact.phone.endswith(digits))
    bound = (
        select(Link.elder_id)
        .join(Account)
        .where(
            Account.channel == "phone",
            Account.identifier.endswith(digits),
            Link.ended_at.is_(None),
            Link.known_by != "name",
        )
    )
    return or_(
        Elder.id.in_(contacts),
        Elder.id.in_(bound),
        cast(Elder.bell_number, String).endswith(digits),
    )
