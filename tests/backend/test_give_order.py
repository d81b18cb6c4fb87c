"""A dispatcher gives an order to a worker whom she has chosen."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from backend.db.models import Absence, Account, Audit, Offer, Order, Qualification, Skill, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.accept_offer import accept_offer
from backend.services.cancel_order import cancel_order
from backend.services.check_in import check_in
from backend.services.decline_offer import decline_offer
from backend.services.dispatch_order import dispatch_order
from backend.services.expire_offer import expire_offer
from backend.services.fit_workers import fit_workers
from backend.services.give_order import give_order
from backend.services.place_order import place_order
from tests.backend.people import Cast, at, lunch


@pytest.fixture
def riders(cast: Cast, seeded: Seeded) -> list[Account]:
    """梁志强 and the others who could bring her lunch; all can be reached. The best first."""
    session = cast.house.session
    known = select(Worker).join(Skill).where(Skill.code == "meal.lunch").order_by(Worker.id)
    for worker in session.scalars(known).unique():
        cast.account(worker.name, worker.id)
    order = place_order(cast.house, lunch(seeded.li_guilan), "probe")
    fits = fit_workers(cast.house, order)
    scores = {i: fit.scored.score for i, fit in fits.items() if fit.scored is not None}
    best = sorted(scores, key=lambda i: (-scores[i], i))
    cancel_order(cast.house, order.id, "probe")
    assert len(best) >= 2
    return [session.scalars(select(Account).where(Account.worker_id == i)).one() for i in best]


@pytest.fixture
def lunch_of(cast: Cast, seeded: Seeded) -> Callable[[], Order]:
    return lambda: place_order(cast.house, lunch(seeded.li_guilan), "given")


def test_an_order_that_nobody_has_goes_to_the_chosen_one(cast: Cast, riders, lunch_of) -> None:
    order, second = lunch_of(), riders[1]
    give_order(cast.house, order.id, second.worker_id, "")
    assert order.state is OrderState.OFFERED
    card = cast.told(second, "offer")[0]
    accept_offer(cast.as_(second), card.data["offer_id"])
    assert (order.state, order.worker_id) == (OrderState.ACCEPTED, second.worker_id)
    audit = cast.house.session.scalars(select(Audit).where(Audit.action == "give_order")).one()
    assert audit.changes["worker_id"] == second.worker_id


def test_who_had_it_is_told_and_why(cast: Cast, riders, lunch_of) -> None:
    order, (first, second, *_) = lunch_of(), riders
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == first.worker_id
    accept_offer(cast.as_(first), offer.id)
    give_order(cast.house, order.id, second.worker_id, "家属要换人")
    told = cast.told(first, "job_cancelled")
    assert [notice.data["reason"] for notice in told] == ["家属要换人"]
    assert (order.state, order.worker_id) == (OrderState.OFFERED, None)
    assert cast.told(second, "offer")


def test_who_was_being_asked_is_told_only_if_the_card_went_out(
    cast: Cast, riders, lunch_of
) -> None:
    order, (first, second, *_) = lunch_of(), riders
    dispatch_order(cast.house, order.id)
    give_order(cast.house, order.id, second.worker_id, "换")
    assert [notice.state for notice in cast.told(first)] == ["lapsed"]
    cast.told(second, "offer")[0].state = "sent"
    give_order(cast.house, order.id, first.worker_id, "还是他")
    assert len(cast.told(second, "job_cancelled")) == 1


def test_twice_is_once(cast: Cast, riders, lunch_of) -> None:
    order, second = lunch_of(), riders[1]
    for _ in range(2):
        give_order(cast.house, order.id, second.worker_id, "")
    offers = select(func.count()).select_from(Offer).where(Offer.order_id == order.id)
    assert cast.house.session.scalar(offers) == 1
    assert len(cast.told(second, "offer")) == 1


def test_who_said_no_can_be_asked_once_more_and_say_yes(cast: Cast, riders, lunch_of) -> None:
    order, first = lunch_of(), riders[0]
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    decline_offer(cast.as_(first), offer.id, "有事")
    give_order(cast.house, order.id, first.worker_id, "电话里说好了")
    again = cast.told(first, "offer")[-1].data["offer_id"]
    assert again != offer.id
    accept_offer(cast.as_(first), again)
    assert order.worker_id == first.worker_id


def test_without_a_yes_the_house_goes_on_looking(cast: Cast, riders, lunch_of) -> None:
    order, (first, second, *_) = lunch_of(), riders
    give_order(cast.house, order.id, second.worker_id, "")
    offer = cast.house.session.scalars(select(Offer).where(Offer.order_id == order.id)).one()
    late = cast.later(hours=30)
    offer.expires_at = late.now
    order.window_end = at(23)
    expire_offer(late, offer.id)
    next_one = dispatch_order(cast.house, order.id)
    assert next_one is not None and next_one.worker_id == first.worker_id


def test_a_worker_who_does_not_fit_is_refused_by_the_gate(
    cast: Cast, seeded: Seeded, riders, lunch_of
) -> None:
    order, second, session = lunch_of(), riders[1], cast.house.session
    worker = session.get_one(Worker, second.worker_id)

    def gate() -> str:
        with pytest.raises(DomainError) as refused:
            give_order(cast.house, order.id, worker.id, "")
        assert refused.value.code == "does_not_fit"
        assert refused.value.facts["name"] == worker.name
        return str(refused.value.facts["gate"])

    session.add(away := Absence(worker_id=worker.id, day=order.service_day))
    session.flush()
    assert gate() == "shift"
    session.delete(away)
    papers = session.scalars(select(Qualification).where(Qualification.worker_id == worker.id))
    for paper in papers:
        paper.valid_until = order.placed_at.date()
    session.flush()
    assert gate() == "qualification"
    second.unreachable_since = cast.house.now
    session.flush()
    assert gate() == "unreachable"
    worker.is_active = False
    session.flush()
    assert gate() == "inactive"
    assert (order.state, order.offers) == (OrderState.PLACED, [])


def test_a_worker_of_another_trade_cannot_have_it(cast: Cast, riders, lunch_of) -> None:
    order, session = lunch_of(), cast.house.session
    cooks = select(Skill.worker_id).where(Skill.code == "meal.lunch")
    nurse = session.scalars(select(Worker).where(Worker.id.not_in(cooks)).limit(1)).one()
    assert fit_workers(cast.house, order, [nurse.id])[nurse.id].gate == "skill"


def test_a_visit_that_has_begun_stays_where_it_is(cast: Cast, riders, lunch_of) -> None:
    order, (first, second, *_) = lunch_of(), riders
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    accept_offer(cast.as_(first), offer.id)
    check_in(cast.as_(first, order.window_start), order.id, code=order.visit_code)
    with pytest.raises(DomainError, match="already_started"):
        give_order(cast.house, order.id, second.worker_id, "")


def test_only_those_on_duty_may(cast: Cast, riders, lunch_of) -> None:
    with pytest.raises(DomainError, match="not_permitted"):
        give_order(cast.as_(riders[0]), lunch_of().id, riders[1].worker_id, "")
