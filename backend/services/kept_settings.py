"""Where each kind of setting is kept, how it is read from there, checked, and put there.

Services and the tables of money stay in tables of their own, which queries join: a change is good
for the next order. Everything else is what its last version says.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import delete, select

from backend.db.models import AllowanceTable, ServiceItem, SubsidyTable
from backend.domain.errors import NotFound
from backend.domain.settings import (
    LAYERED,
    QUIET_WITHIN,
    TABLE,
    Kind,
    Value,
    checked_allowance,
    checked_cover,
    checked_quiet,
    checked_service,
)
from backend.domain.wording import Wording
from backend.services.quiet_hours import shipped_quiet
from backend.services.setting_versions import last_version
from backend.services.work import Work

SERVICE_FIELDS = (
    "category", "base_price_fen", "least_price_fen", "most_price_fen", "subsidised",
    "hours_from", "hours_to", "lead_min", "window_min", "duration_min", "offer_minutes",
    "needs_assessment", "required_qualification",
)  # fmt: skip
_MONEY: dict[Kind, tuple[type[AllowanceTable] | type[SubsidyTable], tuple[str, ...]]] = {
    Kind.ALLOWANCE: (AllowanceTable, ("category", "ability_level", "monthly_fen")),
    Kind.COVER: (
        SubsidyTable,
        ("category", "service_category", "cover_percent", "max_per_unit_fen", "max_per_day_fen"),
    ),
}


def read(work: Work, kind: Kind, key: str) -> Value | None:
    """What stands there; None: what is shipped. Raises NotFound."""
    if kind is Kind.SERVICE:
        item = work.get(ServiceItem, key)
        return {name: _plain(getattr(item, name)) for name in SERVICE_FIELDS}
    if kind in _MONEY:
        if key != TABLE:
            raise NotFound("not_found", what=kind.value, key=key)
        return _table(work, kind)
    if kind is Kind.QUIET and key not in QUIET_WITHIN:
        raise NotFound("not_found", what=kind.value, key=key)
    last = last_version(work, kind, key)
    if kind is Kind.QUIET and (last is None or last.value is None):
        return shipped_quiet(key)
    return last.value if last is not None else None


def checked(
    work: Work, wording: Wording, kind: Kind, key: str, value: Value | None
) -> Value | None:
    """The value as it is kept. Raises NotFound, DomainError."""
    if kind not in LAYERED:
        if value is None:
            raise NotFound("not_found", what=kind.value, key=key)
        return _checked_rules(kind, key, value)
    if kind is Kind.HELP:
        if value is not None and read(work, kind, key) != value:
            wording.require_phrase(key, str(value["level"]))
        return value
    shipped = wording.prompts().get(key)
    if shipped is None or shipped.is_consent != (kind is Kind.CONSENT):
        raise NotFound("not_found", what=kind.value, key=key)
    if value is None:
        return None
    said, aloud = str(value["text"]), value["speech"] or None
    if (said, aloud or "") == (shipped.text.strip(), (shipped.speech or "").strip()):
        return None
    wording.require_prompt(key, said, aloud)
    return {"text": said, "speech": aloud}


def _checked_rules(kind: Kind, key: str, value: Value) -> Value:
    match kind:
        case Kind.SERVICE:
            return checked_service(value)
        case Kind.ALLOWANCE:
            return _as_kept(checked_allowance(value))
        case Kind.COVER:
            return _as_kept(checked_cover(value))
    return checked_quiet(key, value)


def put(work: Work, kind: Kind, key: str, value: Value | None) -> None:
    """Let it stand; for most kinds the version alone does."""
    if kind is Kind.SERVICE and value is not None:
        item = work.get(ServiceItem, key, lock=True)
        for name in SERVICE_FIELDS:
            is_hour = name in ("hours_from", "hours_to")
            setattr(item, name, time.fromisoformat(value[name]) if is_hour else value[name])
    elif kind in _MONEY and value is not None:
        table, _ = _MONEY[kind]
        work.session.execute(delete(table))
        for row in value["rows"]:
            dates = {
                "valid_from": date.fromisoformat(row["valid_from"]),
                "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            }
            work.session.add(table(**{**row, **dates}))
    work.session.flush()


def _table(work: Work, kind: Kind) -> Value:
    table, fields = _MONEY[kind]
    rows = [
        {name: _plain(getattr(row, name)) for name in (*fields, "valid_from", "valid_to")}
        for row in work.session.scalars(select(table))
    ]
    return _as_kept({"rows": rows})


def _as_kept(value: Value) -> Value:
    """The rows in one order, so that two tables can be compared."""
    return {"rows": sorted(value["rows"], key=_place)}


def _place(row: dict[str, Any]) -> tuple[bool, str, str, str]:
    what = row.get("service_category") or row.get("ability_level") or ""
    return row["category"] != "*", row["category"], what, row["valid_from"]


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value
