"""Placing an order takes few round trips; what it promises holds all the same when people order
in the same instant."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import make_engine, make_sessions
from backend.db.models import (
    Audit,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Offering,
    Order,
    OrderEvent,
    OrderLine,
)
from backend.domain.errors import DomainError
from backend.domain.ledger import AccountKind
from backend.seed.town import Seeded
from backend.services.ledger import is_balanced
from backend.services.place_order import place_order
from backend.services.quote_order import OrderRequest, quote_order
from backend.services.unit_of_work import unit_of_work
from backend.services.work import SYSTEM, Work
from tests.backend.people import Cast, lunch
from tests.conftest import NOW

AT_ONCE = 6


@dataclass
class Kitchen:
    """A town of its own in which several people order in the same instant."""

    sessions: sessionmaker[Session]

    def order(self, requests: list[tuple[OrderRequest, str]]) -> list[str]:
        """Each by a connection of its own; order numbers, or what they were refused for."""
        start = Barrier(len(requests))

        def place(asked: tuple[OrderRequest, str]) -> str:
            with self.sessions() as session:
                session.execute(select(1))  # connected before the race begins
            start.wait()
            try:
                with unit_of_work(self.sessions, SYSTEM, NOW) as work:
                    return place_order(work, *asked).number
            except DomainError as refusal:
                return refusal.code

        with ThreadPoolExecutor(len(requests)) as people:
            return list(people.map(place, requests))


@pytest.fixture
def kitchen(own_database: Callable[[], str]) -> Iterator[Kitchen]:
    engine = make_engine(own_database())
    yield Kitchen(make_sessions(engine))
    engine.dispose()


@pytest.fixture
def house(kitchen: Kitchen) -> Iterator[Work]:
    """The house itself, looking at that town."""
    with kitchen.sessions() as session:
        yield Work(session, SYSTEM, NOW)


def test_the_same_message_twice_at_once_is_one_order(
    kitchen: Kitchen, house: Work, seeded: Seeded
) -> None:
    told = kitchen.order([(lunch(seeded.li_guilan), "wechat:7:0")] * AT_ONCE)
    assert len(set(told)) == 1 and told[0].isdigit()
    assert house.session.scalar(select(func.count()).select_from(Order)) == 1
    holds = select(func.count()).where(LedgerPosting.kind == "reserve")
    assert house.session.scalar(holds) == 1
    assert is_balanced(house)


def test_a_second_copy_is_answered_when_the_first_took_the_last_lunch(
    kitchen: Kitchen, house: Work, seeded: Seeded
) -> None:
    house.session.execute(
        update(Offering).where(Offering.code == "meal.lunch").values(daily_capacity=1)
    )
    house.session.commit()
    asked = (lunch(seeded.li_guilan), "wechat:7:0")
    told = kitchen.order([asked] * AT_ONCE)
    assert len(set(told)) == 1 and told[0].isdigit()
    assert kitchen.order([asked]) == told[:1]
    assert kitchen.order([(lunch(seeded.li_guilan), "wechat:8:0")]) == ["provider_full"]


def test_the_kitchen_is_never_overfilled(kitchen: Kitchen, house: Work, seeded: Seeded) -> None:
    room = 5
    house.session.execute(
        update(Offering).where(Offering.code == "meal.lunch").values(daily_capacity=room)
    )
    house.session.commit()
    neighbours = seeded.elders_in["莞城"][:AT_ONCE]
    told = kitchen.order(
        [(lunch(elder, quantity=2), f"k{n}") for n, elder in enumerate(neighbours)]
    )
    assert told.count("provider_full") == len(neighbours) - room // 2
    taken = select(Order.provider_id, func.sum(Order.quantity)).group_by(Order.provider_id)
    assert all(count <= room for _, count in house.session.execute(taken))


def test_first_orders_of_a_month_at_once_find_one_allowance(
    kitchen: Kitchen, house: Work, seeded: Seeded
) -> None:
    of_elder = LedgerAccount.owner_id == seeded.li_guilan
    accounts = select(LedgerAccount.id).where(of_elder).scalar_subquery()
    grant = LedgerPosting.idempotency_key.like(f"grant:{seeded.li_guilan}:%")
    postings = select(LedgerPosting.id).where(grant).scalar_subquery()
    given = house.session.scalar(
        select(LedgerAccount.balance_fen).where(of_elder, LedgerAccount.kind == "available")
    )
    fund = update(LedgerAccount).where(LedgerAccount.owner_id == 0)
    house.session.execute(fund.values(balance_fen=LedgerAccount.balance_fen + given))
    house.session.execute(delete(LedgerEntry).where(LedgerEntry.posting_id.in_(postings)))
    house.session.execute(delete(LedgerAccount).where(LedgerAccount.id.in_(accounts)))
    house.session.execute(delete(LedgerPosting).where(grant))
    house.session.commit()

    told = kitchen.order([(lunch(seeded.li_guilan), f"k{n}") for n in range(AT_ONCE)])

    placed = [number for number in told if number.isdigit()]
    assert placed and set(told) - set(placed) <= {"allowance_short"}
    assert house.session.scalar(select(func.count()).where(grant)) == 1
    held = house.session.scalar(select(func.sum(Order.subsidy_fen)))
    kept = dict(
        house.session.execute(
            select(LedgerAccount.kind, LedgerAccount.balance_fen).where(of_elder)
        ).all()
    )
    assert kept == {AccountKind.AVAILABLE: given - held, AccountKind.RESERVED: held}
    assert is_balanced(house)


def test_the_order_in_hand_is_the_order_in_the_database(
    cast: Cast, work: Work, seeded: Seeded
) -> None:
    daughter = cast.family("王芳", seeded.li_guilan)
    wish = lunch(seeded.li_guilan, quantity=2, diet=("soft", "low_salt"), note="少饭")
    order = place_order(cast.as_(daughter), wish, "k1")
    columns = [column.key for column in Order.__table__.columns]
    in_hand = {key: getattr(order, key) for key in columns}
    work.session.expire(order)
    assert {key: getattr(order, key) for key in columns} == in_hand
    assert order.placed_by_account_id == daughter.id
    assert sum(line.amount_fen for line in order.lines) == order.total_fen
    assert [line.quantity for line in order.lines][0] == order.quantity == 2
    assert [(e.move, e.to_state, e.actor) for e in order.events] == [
        ("place", "placed", f"account:{daughter.id}")
    ]
    audits = select(Audit.action).where(Audit.subject == "order", Audit.subject_id == order.id)
    assert work.session.scalars(audits).all() == ["place_order"]
    jobs = work.session.connection().exec_driver_sql(
        "SELECT task_name, args FROM procrastinate_jobs WHERE queue_name = 'default'"
    )
    assert ("dispatch_order", {"order_id": order.id}) in [tuple(job) for job in jobs]


def test_lines_and_order_agree_for_every_quantity(work: Work, seeded: Seeded) -> None:
    for quantity in (1, 3, 20):
        order = place_order(work, lunch(seeded.li_guilan, quantity=quantity), f"k{quantity}")
        lines = work.session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
        assert [line.quantity for line in lines if line.code == order.code] == [quantity]
        assert sum(line.subsidy_fen for line in lines) == order.subsidy_fen


def test_a_refused_order_leaves_nothing(work: Work, seeded: Seeded) -> None:
    before = [work.session.scalar(select(func.count()).select_from(m)) for m in (Order, OrderEvent)]
    with pytest.raises(DomainError, match="unknown_service"):
        place_order(work, lunch(seeded.li_guilan, code="meal.banquet"), "k1")
    after = [work.session.scalar(select(func.count()).select_from(m)) for m in (Order, OrderEvent)]
    assert after == before


def test_a_quote_sees_what_was_just_changed(work: Work, seeded: Seeded) -> None:
    wish = lunch(seeded.li_guilan)
    offering = work.session.get_one(Offering, (quote_order(work, wish).provider_id, "meal.lunch"))
    offering.price_fen += 100
    assert quote_order(work, wish).lines[0].unit_price_fen == offering.price_fen


def test_waiting_too_long_is_told_like_any_database_error(
    kitchen: Kitchen, house: Work, seeded: Seeded
) -> None:
    house.session.execute(select(Offering).with_for_update())
    with kitchen.sessions() as session:
        other = Work(session, SYSTEM, NOW)
        session.connection().exec_driver_sql("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError):
            other.run("SELECT FROM offerings FOR UPDATE", {})
        session.rollback()
        assert other.run("SELECT %(n)s::int", {"n": 2})[0] == (2,)
