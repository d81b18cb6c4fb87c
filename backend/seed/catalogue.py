"""The base catalogue: reads `catalogue.yaml` into checked `CatalogueItem` records.

One file feeds the database seed, the understanding (names and synonyms), the recogniser's
vocabulary and Rasa's lookups, so a mistake in it must be told in plain words, with the item
it is in. Raises `CatalogueError` for anything wrong.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Category = Literal["meal", "nursing", "home", "escort", "errand", "companion", "health"]
Qualification = Literal["nurse", "caregiver", "health_cert"]
Risk = Literal["low", "medium", "high"]
DayPart = Literal["early_morning", "morning", "noon", "afternoon", "evening"]
Words = tuple[Annotated[str, Field(min_length=1)], ...]

DEFAULT_PATH = Path(__file__).with_name("catalogue.yaml")


class CatalogueError(ValueError):
    """The catalogue file is missing, unreadable or contradicts itself."""


class CatalogueItem(BaseModel):
    """One line of the catalogue (服务项目). Money in fen, durations in minutes, local hours.

    `told_by` are things and what is done about them: {"窗 玻璃": "擦 脏"}; a deed with "…" at an
    end stands only on the other side ("煮…" before its thing, "…亮" behind it). `hints` mean this
    item only where its category is known otherwise.

    `generic` words are shared between items ("送饭" names a meal but not which); they mean
    this item when the part of day said is one of `generic_parts`, and, with none said, the
    item whose `generic_default` is true (the one an order of its category means by default).
    `together` words name every item that lists them ("一日三餐").
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$")]
    name: Annotated[str, Field(min_length=1)]
    category: Category
    unit: Annotated[str, Field(min_length=1)]
    duration_min: Annotated[int, Field(gt=0, le=24 * 60)]
    base_price_fen: Annotated[int, Field(ge=0)]
    required_qualification: Qualification | None
    risk: Risk
    subsidised: bool
    needs_assessment: bool
    shared_visit: bool
    offer_minutes: Annotated[int, Field(gt=0, le=24 * 60)]
    hours_from: time
    hours_to: time
    window_min: Annotated[int, Field(gt=0, le=24 * 60)]
    lead_min: Annotated[int, Field(ge=0, le=14 * 24 * 60)]
    synonyms: Words
    told_by: dict[Annotated[str, Field(pattern=r"\S")], Annotated[str, Field(pattern=r"\S")]] = {}
    hints: Words = ()
    generic: Words = ()
    together: Words = ()
    generic_parts: tuple[DayPart, ...] = ()
    generic_default: bool = False

    @field_validator("hours_from", "hours_to", mode="before")
    @classmethod
    def _local_clock(cls, value: object) -> object:
        # YAML 1.1 reads an unquoted 10:30 as the number 630 (base 60).
        if not isinstance(value, str):
            raise ValueError('write hours in quotes, as "HH:MM"')
        return value

    @model_validator(mode="after")
    def _hours_in_order(self) -> CatalogueItem:
        if self.hours_from >= self.hours_to:
            raise ValueError("hours_from must be before hours_to")
        if self.generic and not (self.generic_parts or self.generic_default):
            raise ValueError("generic words need generic_parts or generic_default")
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """The name and every synonym, without repetition."""
        return tuple(dict.fromkeys((self.name, *self.synonyms)))


def load_catalogue(path: Path | str | None = None) -> list[CatalogueItem]:
    """The items of the catalogue file, in its order (the shipped one by default).

    Raises CatalogueError when the file cannot be read, an item is malformed, or two items
    claim the same code, name or synonym.
    """
    source = Path(path) if path is not None else DEFAULT_PATH
    try:
        data = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{source.name}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{source.name}: not YAML: {error}") from error
    rows = data.get("items") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise CatalogueError(f"{source.name}: needs a list under 'items'")
    items = [_read_item(row, number, source.name) for number, row in enumerate(rows, start=1)]
    _refuse_clashes(items, source.name)
    return items


def _read_item(row: object, number: int, file: str) -> CatalogueItem:
    label = row.get("code", f"item {number}") if isinstance(row, dict) else f"item {number}"
    try:
        return CatalogueItem.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "item"
        raise CatalogueError(f"{file}: {label}: {where}: {first['msg']}") from error


def _refuse_clashes(items: list[CatalogueItem], file: str) -> None:
    codes: set[str] = set()
    owners: dict[str, str] = {}
    for item in items:
        if item.code in codes:
            raise CatalogueError(f"{file}: {item.code}: listed twice")
        codes.add(item.code)
        for word in item.words:
            other = owners.setdefault(word, item.code)
            if other != item.code:
                raise CatalogueError(f"{file}: {item.code}: '{word}' already names {other}")
