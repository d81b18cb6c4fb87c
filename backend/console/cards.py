"""A chart with its table: rows with what they say, what they count, and the list behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.console.tables import OF_SERVICES, Column, Section, group, heading, number, shown
from backend.services.figures.slice import By, Slice

ABSENT = {"count": 0, "fen": 0, "hours": 0}
"""A month in which nothing was: none of these, and no value of the others."""


@dataclass(frozen=True)
class Cell:
    """`value` as a chart counts it; `href` leads to the list behind."""

    shown: str
    value: float | int | None
    href: str | None


@dataclass(frozen=True)
class Row:
    """`values` are the figures as they are, in fen and seconds."""

    label: str
    values: tuple[Any, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Card:
    """`by` is what the rows are, which for alarms and calls may be another than was asked for."""

    name: str
    by: By
    asked_by: By
    columns: tuple[Column, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: Row

    @property
    def is_empty(self) -> bool:
        """Nothing to draw."""
        return not any(cell.value for cell in self.whole.cells)


def card(
    section: Section, whole: Any, groups: Sequence[Any], of: Slice, by: By,
    providers: Mapping[str, str], behind: Callable[[str, Slice], str],
) -> Card:  # fmt: skip
    """`behind` gives the address of a list: of a part, of a slice."""
    columns, rows_by = section.columns, by
    if section.behind == "allowance" and _of_services(of, by):
        columns = OF_SERVICES
    if section.behind in ("alarms", "calls") and by in (By.CATEGORY, By.PROVIDER):
        rows_by = By.MONTH

    def row(key: str | None, figures: Any) -> Row:
        narrowed = of if key is None else of.narrowed(rows_by, key)
        values = tuple(_value(figures, column) for column in columns)
        cells = tuple(
            Cell(
                shown(column.kind, value),
                number(column.kind, value),
                behind(column.part, narrowed) if column.part and value else None,
            )
            for column, value in zip(columns, values, strict=True)
        )
        return Row(group(rows_by, key, providers), values, cells)

    found = {figures.key: figures for figures in groups}
    if rows_by is By.MONTH:
        keys = of.months
    else:
        first = next(column for column in columns if column.chart)
        keys = sorted(found, key=lambda key: (-(_value(found[key], first) or 0), key))
    return Card(
        section.name,
        rows_by,
        by,
        columns,
        tuple(heading(section.name, column.name) for column in columns),
        tuple(row(key, found.get(key)) for key in keys),
        row(None, whole),
    )


def _value(figures: Any, column: Column) -> Any:
    return ABSENT.get(column.kind) if figures is None else getattr(figures, column.name)


def _of_services(of: Slice, by: By) -> bool:
    return by in (By.CATEGORY, By.PROVIDER) or bool(of.category or of.provider_id)
