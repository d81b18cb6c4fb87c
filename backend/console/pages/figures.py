"""The supervisor's figures: charts with a table beside each, the lists behind them, and all of it
as files. What is counted stands in `backend/services/figures`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, request, send_file, stream_with_context, url_for
from sqlalchemy import Select, func, select

from backend.console.cards import Card, card
from backend.console.door import Door, visitor
from backend.console.scope import calls_of, elders_of, incidents_of, orders_of
from backend.console.sheets import csv_file, xlsx_file
from backend.console.showing import page
from backend.console.tables import (
    LISTS,
    ON_PAGE,
    SECTIONS,
    Column,
    Section,
    heading,
    section,
    shown,
)
from backend.console.words import words
from backend.db.models import Elder, Provider, ServiceItem
from backend.services.allowance import month_of
from backend.services.figures import allowance, answers, orders
from backend.services.figures.slice import By, Slice, months_from
from backend.services.work import Work

A_PAGE = 50
SHOWN_MONTHS = 6
AT_ONCE = 1000
"""Rows of a file that are in memory at a time."""
ENDINGS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("figures", __name__)

    @blueprint.get("/figures")
    def show() -> str:
        with door.work() as work:
            of, by = _asked(work), _by()
            # Each reading once: several sections show what the same one counts.
            read = {name: _read(work, name, of, by) for name in {one.behind for one in SECTIONS}}
            names = _provider_names(work)
            cards = [_card(one, of, by, names, *read[one.behind]) for one in SECTIONS]
            return page("figures", cards=cards, by=by, **_sift(work, of))

    @blueprint.get("/figures/<name>.<ending>")
    def table(name: str, ending: str) -> Response:
        asked = section(name)
        if asked is None or ending not in ENDINGS:
            abort(404)
        with door.work() as work:
            of, by = _asked(work), _by()
            names = _provider_names(work)
            made = _card(asked, of, by, names, *_read(work, asked.behind, of, by))
            _note_down(work, name, of, by=by.value)
        columns = (Column("group", "text"), *made.columns)
        headings = [words()["figures"]["by"][made.by.value], *made.headings]
        rows = [(row.label, *row.values) for row in (*made.rows, made.whole)]
        return _sent(_file_name(name, of), ending, headings, columns, rows)

    @blueprint.get("/figures/behind/<what>")
    def behind(what: str) -> str:
        number = max(request.args.get("page", 1, type=int), 1)
        with door.work() as work:
            of, part = _asked(work), request.args.get("part", "all")
            query = _behind(what, part, of)
            counted = select(func.count()).select_from(query.order_by(None).subquery())
            names = ON_PAGE.get(what, tuple(c.name for c in LISTS[what]))
            found = work.session.execute(query.offset((number - 1) * A_PAGE).limit(A_PAGE))
            return page(
                "behind",
                what=what,
                part=part,
                columns=[(heading(what, c.name), c) for c in LISTS[what] if c.name in names],
                rows=found.mappings().all(),
                count=work.session.scalar(counted) or 0,
                number=number,
                a_page=A_PAGE,
                shown=shown,
                **_sift(work, of),
            )

    @blueprint.get("/figures/behind/<what>.<ending>")
    def sheet(what: str, ending: str) -> Response:
        part = request.args.get("part", "all")
        if ending not in ENDINGS:
            abort(404)
        with door.work() as work:
            of = _asked(work)
            query = _behind(what, part, of)
            # Names leave the house: written down, and committed, before the first of them is out.
            _note_down(work, what, of, part=part)

        def rows() -> Iterator[Any]:
            with door.work() as work:
                yield from work.session.execute(query, execution_options={"yield_per": AT_ONCE})

        columns = LISTS[what]
        headings = [heading(what, column.name) for column in columns]
        return _sent(_file_name(what, of), ending, headings, columns, rows())

    return blueprint


def _by() -> By:
    wanted = request.args.get("by", "")
    return By(wanted) if wanted in set(By) else By.MONTH


def _asked(work: Work) -> Slice:
    """What the address asks for; the last months where it says nothing, or nothing possible."""
    possible = _months(work)
    args = request.args
    since = args.get("since") if args.get("since") in possible else possible[-SHOWN_MONTHS]
    until = args.get("until") if args.get("until") in possible else possible[-1]
    first, last = sorted((str(since), str(until)))
    return Slice(
        first,
        last,
        args.get("town") or None,
        args.get("category") or None,
        args.get("provider", type=int),
    )


def _months(work: Work) -> list[str]:
    """Those that can be chosen: the last MOST_MONTHS up to this one."""
    today = work.local_now.date().replace(day=1)
    return months_from(month_of(today.replace(year=today.year - 4)), month_of(today))


def _sift(work: Work, of: Slice) -> dict[str, object]:
    """What can be asked for, what is, and the address of the same with something else."""
    session = work.session
    towns = select(Elder.town).where(elders_of(visitor())).distinct().order_by(Elder.town)
    categories = select(ServiceItem.category).distinct().order_by(ServiceItem.category)
    return {
        "of": of,
        "months": _months(work)[::-1],
        "towns": session.scalars(towns).all(),
        "categories": session.scalars(categories).all(),
        "providers": session.execute(select(Provider.id, Provider.name).order_by(Provider.name)),
        "args": _args(of),
        "bys": list(By),
    }


def _args(of: Slice) -> dict[str, Any]:
    return {
        "since": of.since, "until": of.until, "town": of.town, "category": of.category,
        "provider": of.provider_id,
    }  # fmt: skip


def _read(work: Work, name: str, of: Slice, by: By) -> tuple[Any, Sequence[Any]]:
    """The whole and its groups, for sections with that list behind them."""
    if name == "orders":
        return orders.order_figures(work, of, by, orders_of(visitor()))
    if name == "allowance":
        return allowance.allowance_figures(work, of, by, elders_of(visitor()))
    if name == "alarms":
        return answers.alarm_figures(work, of, by, incidents_of(visitor()))
    return answers.call_figures(work, of, by, calls_of(visitor()))


def _provider_names(work: Work) -> dict[str, str]:
    """By id."""
    found = work.session.execute(select(Provider.id, Provider.name)).tuples()
    return {str(provider_id): name for provider_id, name in found}


def _card(
    asked: Section,
    of: Slice,
    by: By,
    providers: dict[str, str],
    whole: Any,
    groups: Sequence[Any],
) -> Card:
    """A section's figures, each with the address of the list behind it."""

    def behind(part: str, narrowed: Slice) -> str:
        return url_for("console.figures.behind", what=asked.behind, part=part, **_args(narrowed))

    return card(asked, whole, groups, of, by, providers, behind)


def _behind(what: str, part: str, of: Slice) -> Select[*tuple[Any, ...]]:
    """The list that is asked for; there is no other page behind a wrong word."""
    make: dict[str, Callable[[], Select[*tuple[Any, ...]]]] = {
        "orders": lambda: orders.orders_behind(of, part, orders_of(visitor())),
        "allowance": lambda: allowance.entries_behind(of, part, elders_of(visitor())),
        "alarms": lambda: answers.alarms_behind(of, part, incidents_of(visitor())),
        "calls": lambda: answers.calls_behind(of, part, calls_of(visitor())),
    }
    try:
        return make[what]()
    except KeyError:
        abort(404)


def _note_down(work: Work, what: str, of: Slice, **more: str) -> None:
    asked = {name: value for name, value in _args(of).items() if value is not None}
    ending = str((request.view_args or {}).get("ending"))
    work.audit("export_figures", "figures", 0, what=what, file=ending, **asked, **more)


def _file_name(what: str, of: Slice) -> str:
    said = words()["figures"]["files"][what]
    return f"{said}-{of.since}" + (f"-{of.until}" if of.until != of.since else "")


def _sent(
    name: str,
    ending: str,
    headings: list[str],
    columns: tuple[Column, ...],
    rows: Iterable[Any],
) -> Response:
    if ending == "xlsx":
        made = xlsx_file(headings, columns, rows)
        return send_file(made, XLSX, as_attachment=True, download_name=f"{name}.xlsx")
    lines = stream_with_context(csv_file(headings, columns, rows))
    sent = Response(lines, mimetype="text/csv")
    sent.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return sent
