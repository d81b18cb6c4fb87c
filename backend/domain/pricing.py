"""What an order costs, and who pays which part: the city's subsidy or the elder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

ANY = "*"
"""In a rule table: fits every category."""


@dataclass(frozen=True)
class AllowanceRule:
    """One line of the city's allowance table: fen a month for a subsidy category and ability.

    Seeded with Dongguan's published figures of 2020; the city edits the table.
    """

    category: str
    ability_level: str
    monthly_fen: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class SubsidyRule:
    """How much of a service category the subsidy covers for a subsidy category of people."""

    category: str
    service_category: str
    cover_percent: int
    max_per_unit_fen: int | None = None
    max_per_day_fen: int | None = None
    valid_from: date = date.min
    valid_to: date | None = None


@dataclass(frozen=True)
class Charge:
    """A line to be priced. `units` portions or visits at `unit_price_fen`."""

    code: str
    service_category: str
    units: int
    unit_price_fen: int
    subsidised: bool

    @property
    def amount_fen(self) -> int:
        """What the line costs altogether, in fen."""
        return self.units * self.unit_price_fen


@dataclass(frozen=True)
class Split:
    """Who pays a line: always `subsidy_fen + self_pay_fen == amount_fen`, both ≥ 0."""

    amount_fen: int
    subsidy_fen: int
    self_pay_fen: int


def _in_force(valid_from: date, valid_to: date | None, day: date) -> bool:
    return valid_from <= day and (valid_to is None or day <= valid_to)


def monthly_allowance_fen(
    rules: Sequence[AllowanceRule], category: str | None, ability_level: str, day: date
) -> int:
    """The month's allowance in fen; 0 for people without a subsidy category.

    A rule that names the category goes before one for every category; among equals the
    youngest wins.
    """
    if not category:
        return 0
    fitting = [
        rule
        for rule in rules
        if rule.ability_level == ability_level
        and rule.category in (category, ANY)
        and _in_force(rule.valid_from, rule.valid_to, day)
    ]
    if not fitting:
        return 0
    return max(fitting, key=lambda rule: (rule.category == category, rule.valid_from)).monthly_fen


def rule_for(
    rules: Sequence[SubsidyRule], category: str | None, service_category: str, day: date
) -> SubsidyRule | None:
    """The subsidy rule in force on `day`, the most particular first; None when there is none."""
    if not category:
        return None
    fitting = [
        rule
        for rule in rules
        if rule.category in (category, ANY)
        and rule.service_category in (service_category, ANY)
        and _in_force(rule.valid_from, rule.valid_to, day)
    ]
    if not fitting:
        return None
    return max(
        fitting,
        key=lambda rule: (
            rule.category == category,
            rule.service_category == service_category,
            rule.valid_from,
        ),
    )


def split(
    charges: Sequence[Charge],
    rules: Sequence[SubsidyRule],
    category: str | None,
    day: date,
    available_fen: int,
    used_that_day_fen: dict[str, int] | None = None,
) -> list[Split]:
    """Divide each charge between subsidy and elder, in order, never beyond the allowance.

    `available_fen` is what is left of the month's allowance; `used_that_day_fen` what the
    subsidy already pays for that day, by service category (for daily ceilings).
    """
    left = max(0, available_fen)
    used = dict(used_that_day_fen or {})
    splits = []
    for charge in charges:
        rule = rule_for(rules, category, charge.service_category, day)
        subsidy = 0
        if rule is not None and charge.subsidised:
            subsidy = charge.amount_fen * rule.cover_percent // 100
            if rule.max_per_unit_fen is not None:
                subsidy = min(subsidy, rule.max_per_unit_fen * charge.units)
            if rule.max_per_day_fen is not None:
                spent = used.get(charge.service_category, 0)
                subsidy = min(subsidy, max(0, rule.max_per_day_fen - spent))
            subsidy = min(subsidy, left)
        left -= subsidy
        used[charge.service_category] = used.get(charge.service_category, 0) + subsidy
        splits.append(Split(charge.amount_fen, subsidy, charge.amount_fen - subsidy))
    return splits
