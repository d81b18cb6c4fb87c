"""What is counted, at its edges; and the made-up past that figures are shown on."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, true, update

from backend.db.models import Call, Incident, LedgerAccount, LedgerEntry, Order, Visit
from backend.domain.ledger import AccountKind
from backend.seed.past import MONTHS, seed_past
from backend.seed.town import Seeded
from backend.services.figures.allowance import allowance_figures
from backend.services.figures.answers import (
    FIRST_S,
    SECOND_S,
    alarm_figures,
    call_figures,
    calls_behind,
)
from backend.services.figures.orders import OrderFigures, order_figures
from backend.services.figures.slice import UNKNOWN, By, Slice, months_from
from backend.services.ledger import is_balanced
from backend.services.place_order import place_order
from backend.services.raise_incident import raise_incident
from backend.services.work import Work
from tests.backend.people import Cast, lunch

PAST = Slice("2025-10", "2026-03")


@pytest.fixture
def lived(cast: Cast) -> Work:
    """The house of a town that has lived for some months."""
    assert seed_past(cast.house.session, cast.house.now) > 0
    cast.house.session.flush()
    return cast.house


def whole(work: Work, of: Slice = PAST, by: By = By.MONTH) -> OrderFigures:
    return order_figures(work, of, by, true())[0]


def test_the_made_up_past_balances_and_comes_once(lived: Work) -> None:
    assert is_balanced(lived)
    assert seed_past(lived.session, lived.now) == 0
    assert len(months_from(PAST.since, PAST.until)) == MONTHS + 1


@pytest.mark.parametrize("by", list(By))
def test_groups_add_up_to_the_whole_but_for_people(lived: Work, by: By) -> None:
    total, groups = order_figures(lived, PAST, by, true())
    for name in ("orders", "done", "missed", "subsidy_fen", "self_pay_fen", "late", "silent"):
        assert sum(getattr(group, name) for group in groups) == getattr(total, name)
    assert max(group.people for group in groups) <= total.people <= total.done
    assert total.orders == total.done + total.open + total.cancelled + total.missed
    assert total.done == total.said + total.silent == total.on_time + total.late


def test_money_of_orders_is_money_of_the_ledger(lived: Work) -> None:
    total = whole(lived)
    captured = allowance_figures(lived, PAST, By.MONTH, true())[0].captured_fen
    assert total.subsidy_fen == captured > 0
    owed = select(func.sum(LedgerEntry.amount_fen)).join(
        LedgerAccount, LedgerAccount.id == LedgerEntry.account_id
    )
    of_providers = owed.where(LedgerAccount.kind == AccountKind.PROVIDER_SELF_PAY)
    assert total.self_pay_fen == lived.session.scalar(of_providers)


@pytest.mark.parametrize("by", [By.MONTH, By.TOWN])
def test_each_fen_granted_is_on_one_side(lived: Work, seeded: Seeded, by: By) -> None:
    place_order(lived, lunch(seeded.li_guilan), "held")
    total, groups = allowance_figures(lived, PAST, by, true())
    for one in (total, *groups):
        sides = one.captured_fen + one.held_fen + one.returned_fen + one.available_fen
        assert one.granted_fen == sides
        assert min(one.held_fen, one.available_fen) >= 0
    held = select(func.sum(LedgerAccount.balance_fen)).where(
        LedgerAccount.kind == AccountKind.RESERVED
    )
    assert total.held_fen == lived.session.scalar(held) > 0


def test_the_last_moment_of_the_window_is_on_time(lived: Work) -> None:
    session = lived.session
    ends = select(Order.window_end).where(Order.id == Visit.order_id).scalar_subquery()
    session.execute(update(Visit).values(checked_in_at=ends))
    assert whole(lived).late == 0
    session.execute(update(Visit).values(checked_in_at=ends + timedelta(seconds=1)))
    assert whole(lived).on_time == 0


def test_alarms_are_counted_at_60_and_180_seconds(cast: Cast, seeded: Seeded) -> None:
    work = cast.house
    who = (None, *(elder_id for ids in seeded.elders.values() for elder_id in ids))
    after = (FIRST_S, FIRST_S + 1, SECOND_S, SECOND_S + 1, None)
    for elder_id, seconds in zip(who, after, strict=False):
        incident = raise_incident(work, "救命", f"figures-{elder_id}", elder_id)
        if seconds is not None:
            incident.acknowledged_at = incident.raised_at + timedelta(seconds=seconds)
    work.session.flush()
    total, groups = alarm_figures(work, PAST, By.TOWN, true())
    assert (total.first, total.second, total.later, total.unanswered) == (1, 2, 1, 1)
    unknown = next(group for group in groups if group.key == UNKNOWN)
    assert unknown.alarms == unknown.first == 1, "who is not known is not left out"
    assert work.session.scalar(select(func.count()).select_from(Incident)) == total.alarms


def test_waiting_for_a_human_is_counted_of_those_who_wanted_one(lived: Work) -> None:
    session = lived.session
    session.execute(update(Call).values(human_wanted_at=None, human_at=None))
    none = call_figures(lived, PAST, By.MONTH, true())[0]
    assert (none.human, none.joined, none.joined_share, none.human_median_s) == (0, 0, None, None)
    ids = session.scalars(select(Call.id).where(Call.answered_at.is_not(None)).limit(5)).all()
    for call_id, seconds in zip(ids, (5, 10, 60, None), strict=False):
        call = session.get_one(Call, call_id)
        call.human_wanted_at = call.answered_at
        if seconds is not None and call.answered_at is not None:
            call.human_at = call.answered_at + timedelta(seconds=seconds)
    # Rung for an alarm: somebody came whom nobody had asked for.
    session.get_one(Call, ids[4]).human_at = session.get_one(Call, ids[4]).answered_at
    session.flush()
    total = call_figures(lived, PAST, By.MONTH, true())[0]
    assert (total.human, total.joined, total.rung_back) == (4, 3, 1)
    assert total.joined_share == 0.75
    assert (total.human_median_s, total.human_p95_s) == (10, pytest.approx(55))
    rows = session.execute(calls_behind(PAST, "joined", true())).all()
    assert {row.human_s for row in rows} == {5, 10, 60}


def test_calls_that_we_made_are_none_of_those_answered(lived: Work) -> None:
    before = call_figures(lived, PAST, By.MONTH, true())[0]
    assert before.calls == before.soon + before.slow + before.unanswered > 0
    lived.session.execute(update(Call).values(direction="out"))
    assert call_figures(lived, PAST, By.MONTH, true())[0].calls == 0
