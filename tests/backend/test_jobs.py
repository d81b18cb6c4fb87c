"""What happens later: put off in the same transaction, found again when lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from backend import clock
from backend.db.models import Account, Notice, Order
from backend.domain.orders import OrderState
from backend.jobs import sweeps
from backend.jobs.delivery import Delivered, Letter, Undeliverable, deliver_notice
from backend.seed.town import Seeded
from backend.services.notices import notify
from backend.services.place_order import place_order
from backend.services.unit_of_work import unit_of_work
from backend.settings import get_settings
from tests.backend.people import Cast, at, lunch


def jobs(cast: Cast, task: str) -> list[dict]:
    rows = cast.house.session.execute(
        text("SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = :task"),
        {"task": task},
    )
    return [dict(row._mapping) for row in rows]


def test_placing_enqueues_the_search_in_the_same_transaction(cast: Cast, seeded: Seeded) -> None:
    order = place_order(cast.house, lunch(seeded.li_guilan), "k1")
    assert jobs(cast, "dispatch_order") == [{"args": {"order_id": order.id}, "scheduled_at": None}]


def test_a_demonstration_clock_moves_jobs_too(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_file = tmp_path / "clock"
    clock.set_ahead(clock_file, timedelta(days=-30))
    monkeypatch.setattr(get_settings(), "clock_file", clock_file)
    moment = clock.now() + timedelta(minutes=5)
    cast.house.later("dispatch_order", at=moment, order_id=1)
    (job,) = jobs(cast, "dispatch_order")
    assert abs(job["scheduled_at"] - (moment + timedelta(days=30))) < timedelta(seconds=5)


def test_a_sweep_finds_what_lost_jobs_would_have_done(cast: Cast, seeded: Seeded) -> None:
    daughter = cast.family("王芳", seeded.li_guilan)
    order = place_order(cast.as_(daughter), lunch(seeded.li_guilan), "k1")
    notify(cast.house, [daughter.id], "order_changed", "x", {})
    cast.house.session.execute(text("DELETE FROM procrastinate_jobs"))
    counts = sweeps.sweep(cast.later(seconds=60))
    assert (counts["dispatch_order"], counts["deliver_notice"]) == (1, 1)
    assert jobs(cast, "dispatch_order")[0]["args"] == {"order_id": order.id}


def test_the_sweep_ends_what_nobody_came_for(cast: Cast, seeded: Seeded) -> None:
    order = place_order(cast.house, lunch(seeded.li_guilan), "k1")
    cast.house.now = at(15)
    assert sweeps.sweep(cast.house)["missed"] == 1
    assert order.state is OrderState.MISSED


def test_a_month_is_granted_once_and_what_is_left_returns(cast: Cast, seeded: Seeded) -> None:
    granted = sweeps.grant_month(cast.house, "2026-04")
    assert granted > 0
    assert sweeps.grant_month(cast.house, "2026-04") == 0
    cast.house.now = cast.house.now.replace(month=5, day=6)
    sweeps.turn_of_month(cast.house)
    left = cast.house.session.scalar(
        text(
            "SELECT sum(balance_fen) FROM ledger_accounts "
            "WHERE kind = 'available' AND month = '2026-04'"
        )
    )
    assert left == 0


class Post:
    """A channel that does as it is told and remembers what it carried."""

    def __init__(self, *troubles: Undeliverable) -> None:
        self.troubles, self.carried = list(troubles), []

    def deliver(self, letter: Letter) -> Delivered:
        if self.troubles:
            raise self.troubles.pop(0)
        self.carried.append(letter.message_id)
        return Delivered("customer_service", "r1")


@pytest.fixture
def sessions(engine):
    """Real transactions; what they leave is taken away afterwards."""
    from backend.db.databases import make_sessions

    yield make_sessions(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM notices"))
        connection.execute(text("DELETE FROM accounts WHERE identifier = 'openid-post'"))
        connection.execute(text("DELETE FROM procrastinate_jobs"))


def a_notice(sessions) -> int:
    with unit_of_work(sessions) as work:
        account = Account(channel="wechat", identifier="openid-post")
        work.session.add(account)
        work.session.flush()
        (notice_id,) = notify(work, [account.id], "order_changed", "post", {})
    return notice_id


def state_of(sessions, notice_id: int) -> Notice:
    with sessions() as session:
        return session.scalars(select(Notice).where(Notice.id == notice_id)).one()


def test_a_notice_is_sent_once(sessions) -> None:
    notice_id, post = a_notice(sessions), Post()
    assert deliver_notice(sessions, {"wechat": post}, notice_id)
    assert not deliver_notice(sessions, {"wechat": post}, notice_id)
    (carried,) = post.carried
    assert carried.startswith(f"n{notice_id}-")
    sent = state_of(sessions, notice_id)
    assert (sent.state, sent.sent_by, sent.receipt) == ("sent", "customer_service", "r1")


def test_passing_trouble_is_tried_again_and_lasting_trouble_is_not(sessions) -> None:
    notice_id = a_notice(sessions)
    post = Post(
        Undeliverable("busy", permanent=False), Undeliverable("blocked", permanent=True, gone=True)
    )
    assert not deliver_notice(sessions, {"wechat": post}, notice_id)
    waiting = state_of(sessions, notice_id)
    assert (waiting.state, waiting.attempts, waiting.error) == ("pending", 1, "busy")
    assert not deliver_notice(sessions, {"wechat": post}, notice_id)
    assert state_of(sessions, notice_id).state == "failed"
    with sessions() as session:
        account = session.scalars(select(Account).where(Account.identifier == "openid-post")).one()
        assert account.unreachable_since is not None


def test_a_lease_keeps_a_second_worker_away(sessions) -> None:
    notice_id = a_notice(sessions)
    with sessions() as session, session.begin():
        session.get_one(Notice, notice_id).lease_until = clock.now() + timedelta(seconds=20)
    assert not deliver_notice(sessions, {"wechat": Post()}, notice_id)


def test_stale_news_lapses(sessions) -> None:
    notice_id = a_notice(sessions)
    with sessions() as session, session.begin():
        session.get_one(Notice, notice_id).lapses_at = clock.now() - timedelta(seconds=1)
    post = Post()
    assert not deliver_notice(sessions, {"wechat": post}, notice_id)
    assert post.carried == [] and state_of(sessions, notice_id).state == "lapsed"


def test_no_channel_is_a_lasting_trouble(sessions) -> None:
    notice_id = a_notice(sessions)
    assert not deliver_notice(sessions, {}, notice_id)
    assert state_of(sessions, notice_id).state == "failed"


def test_orders_of_nobody_are_left_alone(cast: Cast) -> None:
    assert cast.house.session.scalars(select(Order)).all() == []
    assert set(sweeps.sweep(cast.house).values()) == {0}
