"""What the pages of settings show: the list of a kind, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import request
from sqlalchemy import select

from backend.console.setting_forms import setting_of
from backend.console.setting_told import row_called, row_says
from backend.db.models import Elder, ServiceItem
from backend.domain.offerings import price_bounds
from backend.domain.qualification import PAPERS
from backend.domain.settings import CATEGORIES, LEVELS, QUIET_WITHIN, TABLE, Kind, row_key
from backend.domain.wording import Wording
from backend.services.change_setting import Setting, stands
from backend.services.setting_versions import standing, versions
from backend.services.work import Work

A_PAGE = 40
LAST = 5
Facts = dict[str, Any]


def list_of(work: Work, kind: Kind, wording: Wording) -> Facts:
    """Facts for the list of a kind."""
    match kind:
        case Kind.SERVICE:
            items = list(
                work.session.scalars(
                    select(ServiceItem).order_by(
                        ServiceItem.category, ServiceItem.hours_from, ServiceItem.code
                    )
                )
            )
            return {
                "categories": [(n, list(of)) for n, of in groupby(items, lambda one: one.category)],
                "bounds": {one.code: _bounds(one) for one in items},
            }
        case Kind.ALLOWANCE | Kind.COVER:
            return {"rows": _rows(work, kind), "today": work.local_now.date().isoformat()}
        case Kind.QUIET:
            return {"hours": {k: stands(work, Setting(kind, k)).value for k in QUIET_WITHIN}}
        case Kind.HELP:
            kept = [one for one in standing(work.session, kind) if one.value is not None]
            return {"phrases": kept, "shipped": wording.shipped_phrases()}
        case Kind.CONSENT:
            ours = {name: one for name, one in wording.prompts().items() if one.is_consent}
            own = {one.key: one for one in standing(work.session, kind) if one.value is not None}
            return {"prompts": ours, "own": own}
    return _prompts(work, wording)


def form_of(
    work: Work, kind: Kind, key: str, wording: Wording, typed: Mapping[str, str] | None
) -> Facts | None:
    """Facts for the form of one; None when it is there no more. `typed`: what was written and
    refused. Raises NotFound."""
    setting = setting_of(kind, key)
    if kind in (Kind.PROMPT, Kind.CONSENT) and key not in wording.prompts():
        return None
    now = stands(work, setting)
    facts: Facts = {
        "key": key,
        "seen": now.seen,
        "value": now.value,
        "typed": typed,
        "history": versions(work, kind, setting.key, most=LAST),
    }
    match kind:
        case Kind.SERVICE:
            item = work.get(ServiceItem, key)
            facts |= {
                "item": item, "bounds": price_bounds(item.base_price_fen),
                "categories": CATEGORIES, "papers": PAPERS,
            }  # fmt: skip
        case Kind.ALLOWANCE | Kind.COVER:
            found = [row for row in _rows(work, kind) if row["key"] == key]
            if key and not found:
                return None
            facts |= {
                "row": found[0] if found else None,
                "levels": LEVELS,
                "services": CATEGORIES,
                "known": _people(work, kind),
                "first": _next_month(work),
            }
        case Kind.QUIET:
            facts["within"] = QUIET_WITHIN[key]
        case Kind.PROMPT | Kind.CONSENT:
            facts["prompt"] = wording.prompts()[key]
    return facts


def _bounds(item: ServiceItem) -> tuple[int, int]:
    found = price_bounds(item.base_price_fen, item.least_price_fen, item.most_price_fen)
    return found.least_fen, found.most_fen


def _rows(work: Work, kind: Kind) -> list[Facts]:
    table = stands(work, Setting(kind, TABLE)).value
    assert table is not None
    return [
        {**row, "key": row_key(row), "called": row_called(row), "says": row_says(row)}
        for row in table["rows"]
    ]


def _people(work: Work, kind: Kind) -> list[str]:
    """Categories of people that there are."""
    named = {row["category"] for row in _rows(work, kind)} - {"*"}
    return sorted(
        named | set(filter(None, work.session.scalars(select(Elder.category).distinct())))
    )


def _next_month(work: Work) -> str:
    today = work.local_now.date()
    year, month = divmod(today.year * 12 + today.month, 12)
    return f"{year:04d}-{month + 1:02d}-01"


def _prompts(work: Work, wording: Wording) -> Facts:
    """A page of prompts: of a file, with words that are looked for, only those with own words."""
    own = {one.key: one for one in standing(work.session, Kind.PROMPT) if one.value is not None}
    group, looked_for = request.args.get("group", ""), request.args.get("q", "").strip()[:40]
    only_own, start = "own" in request.args, max(0, request.args.get("from", 0, type=int))

    def said(name: str, text: str) -> str:
        kept = own.get(name)
        return str(kept.value["text"]) if kept is not None and kept.value else text

    ours = [one for one in wording.prompts().values() if not one.is_consent]
    found = [
        (one, said(one.name, one.text))
        for one in ours
        if (not group or one.group == group)
        and (not only_own or one.name in own)
        and (not looked_for or looked_for in one.name or looked_for in said(one.name, one.text))
    ]
    return {
        "prompts": found[start : start + A_PAGE],
        "count": len(found),
        "start": start,
        "a_page": A_PAGE,
        "own": own,
        "groups": sorted({one.group for one in ours}),
        "group": group,
        "q": looked_for,
        "only_own": only_own,
    }
