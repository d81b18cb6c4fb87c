"""李桂兰's lunch costs 14 yuan: who pays which part, never a fen lost, never beyond the month."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.pricing import (
    AllowanceRule,
    Charge,
    SubsidyRule,
    monthly_allowance_fen,
    rule_for,
    split,
)

DAY = date(2026, 3, 5)
BEGINNING = date(2020, 1, 1)
TABLE = [
    AllowanceRule("*", "moderate", 48000, BEGINNING),
    AllowanceRule("*", "severe", 72000, BEGINNING),
    AllowanceRule("hardship", "moderate", 60000, date(2025, 1, 1)),
    AllowanceRule("hardship", "moderate", 65000, date(2026, 4, 1)),
    AllowanceRule("*", "mild", 36000, BEGINNING, date(2025, 12, 31)),
]
HALF = SubsidyRule("*", "meal", 50, max_per_unit_fen=600, max_per_day_fen=1000)
RULES = [HALF, SubsidyRule("*", "*", 30), SubsidyRule("hardship", "meal", 100)]


def lunch(units: int = 1, subsidised: bool = True) -> Charge:
    return Charge("meal.lunch", "meal", units, 1200, subsidised)


def test_the_allowance_table_is_read_by_category_level_and_day() -> None:
    assert monthly_allowance_fen(TABLE, "aged", "moderate", DAY) == 48000
    assert monthly_allowance_fen(TABLE, "hardship", "moderate", DAY) == 60000
    assert monthly_allowance_fen(TABLE, "hardship", "moderate", date(2026, 4, 1)) == 65000
    assert monthly_allowance_fen(TABLE, "aged", "mild", DAY) == 0  # ran out last year
    assert monthly_allowance_fen(TABLE, None, "severe", DAY) == 0


def test_the_most_particular_rule_counts() -> None:
    assert rule_for(RULES, "aged", "meal", DAY) is HALF
    assert rule_for(RULES, "aged", "home", DAY) is RULES[1]
    assert rule_for(RULES, "hardship", "meal", DAY) is RULES[2]
    assert rule_for(RULES, None, "meal", DAY) is None
    assert rule_for([HALF], "aged", "home", DAY) is None


def test_half_of_lunch_up_to_the_ceilings() -> None:
    (one,) = split([lunch()], RULES, "aged", DAY, 48000)
    assert (one.subsidy_fen, one.self_pay_fen) == (600, 600)
    (two,) = split([lunch(2)], RULES, "aged", DAY, 48000)
    assert two.subsidy_fen == 1000  # the day's ceiling
    (later,) = split([lunch()], RULES, "aged", DAY, 48000, {"meal": 700})
    assert later.subsidy_fen == 300
    (none,) = split([lunch()], RULES, "aged", DAY, 48000, {"meal": 1200})
    assert none.subsidy_fen == 0


def test_without_rule_or_allowance_the_elder_pays() -> None:
    assert split([lunch()], RULES, None, DAY, 48000)[0].subsidy_fen == 0
    assert split([lunch(subsidised=False)], RULES, "aged", DAY, 48000)[0].subsidy_fen == 0
    assert split([lunch()], RULES, "aged", DAY, -5)[0].subsidy_fen == 0
    assert split([lunch()], RULES, "aged", DAY, 250)[0].subsidy_fen == 250


charges = st.lists(
    st.builds(
        Charge,
        st.just("x"),
        st.sampled_from(["meal", "home", "nursing"]),
        st.integers(1, 20),
        st.integers(0, 50_000),
        st.booleans(),
    ),
    max_size=6,
)


@given(charges, st.integers(0, 100_000), st.sampled_from(["aged", "hardship", None]))
def test_nothing_is_lost_and_nothing_overspent(
    asked: list[Charge], available: int, category: str | None
) -> None:
    parts = split(asked, RULES, category, DAY, available)
    assert [p.amount_fen for p in parts] == [c.amount_fen for c in asked]
    assert all(p.subsidy_fen + p.self_pay_fen == p.amount_fen for p in parts)
    assert all(p.subsidy_fen >= 0 and p.self_pay_fen >= 0 for p in parts)
    assert sum(p.subsidy_fen for p in parts) <= available
