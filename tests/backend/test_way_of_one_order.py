"""王芳 orders lunch for her mother 李桂兰: from the placing to the ledger."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.db.models import Offer, Order, Ticket, Visit, WorkerRefusal
from backend.domain.errors import DomainError, IllegalMove, NotFound
from backend.domain.matching import Place
from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.accept_offer import accept_offer
from backend.services.cancel_order import cancel_order
from backend.services.change_order import OrderChange, change_order, quote_change
from backend.services.check_in import check_in, count_wrong_code
from backend.services.check_out import check_out
from backend.services.decline_offer import decline_offer
from backend.services.depart import depart
from backend.services.dispatch_order import dispatch_order
from backend.services.expire_offer import expire_offer
from backend.services.ledger import is_balanced
from backend.services.lookup import balance, jobs_of, open_review, standing_offers
from backend.services.miss_order import miss_order
from backend.services.place_order import place_order
from backend.services.quote_order import quote_order, quote_orders
from backend.services.reassign_order import reassign_order
from backend.services.report_delay import report_delay
from backend.services.review_order import review_order
from backend.services.withdraw_job import withdraw_job
from backend.services.work import Work
from tests.backend.people import Cast, at, dressing, lunch


@pytest.fixture
def wang_fang(cast: Cast, seeded: Seeded):
    return cast.family("王芳", seeded.li_guilan)


@pytest.fixture
def liang(cast: Cast, seeded: Seeded):
    return cast.account("梁志强", seeded.liang_zhiqiang)


@pytest.fixture
def he(cast: Cast, seeded: Seeded):
    return cast.account("何秀英", seeded.he_xiuying)


def accepted_lunch(cast: Cast, seeded: Seeded, wang_fang, liang) -> Order:
    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "k1")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    return accept_offer(cast.as_(liang), offer.id)


def test_the_whole_way(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    before = balance(cast.house, seeded.li_guilan)
    quote = quote_order(cast.as_(wang_fang), lunch(seeded.li_guilan))
    assert quote.subsidy_fen + quote.self_pay_fen == quote.total_fen > 0
    assert quote.available_fen == before.available_fen

    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan, diet=("soft",)), "k1")
    assert (order.state, order.subsidy_fen) == (OrderState.PLACED, quote.subsidy_fen)
    held = balance(cast.house, seeded.li_guilan)
    assert held.reserved_fen == before.reserved_fen + quote.subsidy_fen
    assert held.available_fen == before.available_fen - quote.subsidy_fen

    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == seeded.liang_zhiqiang
    assert offer.score == pytest.approx(sum(offer.score_parts.values()), abs=0.05)
    card = cast.told(liang, "offer")[0].data
    assert "elder" not in card and "street" not in str(card)  # no address before acceptance

    accept_offer(cast.as_(liang), offer.id)
    news = cast.told(wang_fang, "order_accepted")[0].data
    assert (news["worker"], news["visit_code"]) == ("梁志强", order.visit_code)

    there = cast.as_(liang, at(11, 5))
    depart(there, order.id)
    check_in(there, order.id, code=order.visit_code)
    assert check_out(cast.as_(liang, at(11, 20)), order.id, "放门口").state is OrderState.FINISHED
    after = balance(cast.house, seeded.li_guilan)
    assert after.reserved_fen == before.reserved_fen
    assert after.spent_fen == before.spent_fen + quote.subsidy_fen

    asked = open_review(cast.as_(wang_fang), wang_fang.id)
    assert asked is not None and asked.id == order.id
    review_order(cast.as_(wang_fang), order.id, 5, "很好")
    assert order.state is OrderState.REVIEWED
    assert cast.events(order) == [
        "place", "offer", "accept", "depart", "check_in", "check_out", "review",
    ]  # fmt: skip
    assert is_balanced(cast.house)


def test_the_same_key_places_one_order(cast: Cast, seeded: Seeded, wang_fang) -> None:
    first = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "wechat:1:0")
    again = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "wechat:1:0")
    assert again.id == first.id
    assert balance(cast.house, seeded.li_guilan).reserved_fen == first.subsidy_fen


def test_a_basket_does_not_spend_the_same_yuan_twice(cast: Cast, seeded: Seeded, wang_fang) -> None:
    wish = lunch(seeded.li_guilan)
    first, second = quote_orders(cast.as_(wang_fang), [wish, wish])
    assert second.available_fen == first.available_fen - first.subsidy_fen


def test_one_declines_and_the_next_is_asked(
    cast: Cast, seeded: Seeded, wang_fang, liang, he
) -> None:
    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "k1")
    first = dispatch_order(cast.house, order.id)
    assert first is not None
    decline_offer(cast.as_(liang), first.id, "家里有事")
    second = dispatch_order(cast.house, order.id)
    assert second is not None and second.worker_id == seeded.he_xiuying
    assert [o.state for o in order.offers] == ["declined", "standing"]


def test_an_unanswered_offer_runs_out(cast: Cast, seeded: Seeded, wang_fang, liang, he) -> None:
    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "k1")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    assert expire_offer(cast.house, offer.id) is None  # still standing
    late = cast.later(minutes=30)
    assert expire_offer(late, offer.id) is not None
    assert standing_offers(late, seeded.liang_zhiqiang) == []
    assert cast.told(liang, "offer_lapsed")
    with pytest.raises(DomainError, match="offer_gone"):
        accept_offer(cast.as_(liang), offer.id)


def test_nobody_left_is_never_silence(cast: Cast, seeded: Seeded, wang_fang) -> None:
    dispatcher = cast.duty("调度员", "dispatcher")
    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "k1")
    assert dispatch_order(cast.house, order.id) is None  # no worker can be reached
    assert order.state is OrderState.UNASSIGNED
    assert cast.told(wang_fang, "no_worker")
    assert cast.told(dispatcher, "dispatch_needed") and cast.told(dispatcher, "ticket_opened")
    dispatch_order(cast.house, order.id)
    assert len(cast.told(wang_fang, "no_worker")) == 1  # tried again, said once
    cast.account("梁志强", seeded.liang_zhiqiang)
    assert dispatch_order(cast.later(minutes=10), order.id) is not None
    assert order.state is OrderState.OFFERED


def test_a_nurse_without_valid_papers_is_never_asked(cast: Cast, seeded: Seeded, wang_fang) -> None:
    cast.account("周燕", seeded.zhou_yan)
    order = place_order(cast.as_(wang_fang), dressing(seeded.li_guilan), "k1")
    assert dispatch_order(cast.house, order.id) is None
    assert cast.told(wang_fang, "no_worker")[0].data["why"] == "qualification"


def test_the_nurse_whom_she_refused_does_not_come(cast: Cast, seeded: Seeded, wang_fang) -> None:
    cast.account("陈敏", seeded.chen_min)
    cast.account("黄丽", seeded.huang_li)
    cast.house.session.add(WorkerRefusal(elder_id=seeded.li_guilan, worker_id=seeded.chen_min))
    order = place_order(cast.as_(wang_fang), dressing(seeded.li_guilan), "k1")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == seeded.huang_li


def test_two_offers_at_one_time_do_not_book_a_nurse_twice(
    cast: Cast, seeded: Seeded, wang_fang
) -> None:
    chen = cast.account("陈敏", seeded.chen_min)
    first = place_order(cast.as_(wang_fang), dressing(seeded.li_guilan), "k1")
    second = place_order(cast.as_(wang_fang), dressing(seeded.li_guilan), "k2")
    offers = [dispatch_order(cast.house, order.id) for order in (first, second)]
    assert offers[0] is not None and offers[1] is not None
    accept_offer(cast.as_(chen), offers[0].id)
    with pytest.raises(DomainError, match="no_longer_fits"):
        accept_offer(cast.as_(chen), offers[1].id)


def test_a_stranger_can_neither_order_nor_cancel(cast: Cast, seeded: Seeded, wang_fang) -> None:
    stranger = cast.account("陌生人")
    with pytest.raises(DomainError, match="not_permitted"):
        place_order(cast.as_(stranger), lunch(seeded.li_guilan), "k1")
    order = place_order(cast.as_(wang_fang), lunch(seeded.li_guilan), "k2")
    with pytest.raises(NotFound):
        cancel_order(cast.as_(stranger), order.id)
    only_looks = cast.family("表弟", seeded.li_guilan, "other", may_order=False)
    with pytest.raises(DomainError, match="not_permitted"):
        place_order(cast.as_(only_looks), lunch(seeded.li_guilan), "k3")


def test_cancelling_frees_the_money_and_tells_the_worker(
    cast: Cast, seeded: Seeded, wang_fang, liang
) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    cancel_order(cast.as_(wang_fang), order.id, "妈妈回老家了")
    cancel_order(cast.as_(wang_fang), order.id)
    assert balance(cast.house, seeded.li_guilan).reserved_fen == 0
    assert len(cast.told(liang, "job_cancelled")) == 1
    assert is_balanced(cast.house)


def test_what_has_begun_cannot_be_cancelled(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    check_in(cast.as_(liang, at(11)), order.id, code=order.visit_code)
    with pytest.raises(DomainError, match="already_started"):
        cancel_order(cast.as_(wang_fang), order.id)
    with pytest.raises(DomainError, match="already_started"):
        change_order(cast.as_(wang_fang), order.id, OrderChange(quantity=2))


def test_another_day_asks_the_same_worker_first(
    cast: Cast, seeded: Seeded, wang_fang, liang, he
) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    day_after = OrderChange(
        window_start=at(11) + timedelta(days=1), window_end=at(13) + timedelta(days=1)
    )
    assert quote_change(cast.as_(wang_fang), order.id, day_after).total_fen == order.total_fen
    change_order(cast.as_(wang_fang), order.id, day_after)
    assert (order.state, order.worker_id) == (OrderState.PLACED, None)
    assert cast.told(liang, "job_changed")[0].data["needs_answer"] is True
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == seeded.liang_zhiqiang
    assert is_balanced(cast.house)


def test_two_portions_instead_of_one_keep_the_worker(
    cast: Cast, seeded: Seeded, wang_fang, liang
) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    one = order.total_fen
    change_order(cast.as_(wang_fang), order.id, OrderChange(quantity=2))
    assert order.state is OrderState.ACCEPTED and order.total_fen > one
    assert cast.told(liang, "job_changed")[0].data["needs_answer"] is False
    assert balance(cast.house, seeded.li_guilan).reserved_fen == order.subsidy_fen
    assert is_balanced(cast.house)


def test_the_worker_cannot_come_after_all(cast: Cast, seeded: Seeded, wang_fang, liang, he) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    withdraw_job(cast.as_(liang), order.id, "车坏了")
    assert cast.told(wang_fang, "looking_again")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == seeded.he_xiuying
    assert jobs_of(cast.house, seeded.liang_zhiqiang) == []


def test_a_dispatcher_gives_it_to_someone_else(
    cast: Cast, seeded: Seeded, wang_fang, liang, he
) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    dispatcher = cast.duty("调度员", "dispatcher")
    with pytest.raises(DomainError, match="not_permitted"):
        reassign_order(cast.as_(wang_fang), order.id, "换人")
    reassign_order(cast.as_(dispatcher), order.id, "换人")
    assert cast.told(liang, "job_cancelled")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None and offer.worker_id == seeded.he_xiuying
    reassign_order(cast.as_(dispatcher), order.id, "又换")
    assert offer.state == "withdrawn" and order.state is OrderState.PLACED


def test_arriving_needs_proof(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    wrong = "0000" if order.visit_code != "0000" else "1111"
    with pytest.raises(DomainError, match="too_early"):
        check_in(cast.as_(liang), order.id, code=order.visit_code)
    there = cast.as_(liang, at(11))
    with pytest.raises(DomainError, match="proof_needed"):
        check_in(there, order.id)
    with pytest.raises(DomainError, match="wrong_code"):
        check_in(there, order.id, code=wrong)
    assert count_wrong_code(there, order.id) == 4
    for _ in range(4):
        count_wrong_code(there, order.id)
    with pytest.raises(DomainError, match="too_many_codes"):
        check_in(there, order.id, code=order.visit_code)
    far = Place(order.address.lat + 0.05, order.address.lon)
    with pytest.raises(DomainError, match="too_far_away"):
        check_in(there, order.id, place=far)
    near = Place(order.address.lat + 0.001, order.address.lon)
    check_in(there, order.id, place=near)
    visit = cast.house.session.get_one(Visit, order.id)
    assert visit.check_in_proof == "place" and visit.check_in_distance_m < 300


def test_only_the_worker_who_has_the_job_moves_it(
    cast: Cast, seeded: Seeded, wang_fang, liang, he
) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    for step in (depart, check_out):
        with pytest.raises(DomainError, match="not_yours"):
            step(cast.as_(he), order.id)
    with pytest.raises(IllegalMove):
        check_out(cast.as_(liang), order.id)


def test_being_late_is_told_beforehand(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    with pytest.raises(DomainError, match="bad_minutes"):
        report_delay(cast.as_(liang), order.id, 0)
    report_delay(cast.as_(liang), order.id, 20)
    assert cast.told(wang_fang, "worker_late")[0].data["minutes"] == 20


def test_nobody_came(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    assert miss_order(cast.house, order.id).state is OrderState.ACCEPTED
    after = Work(cast.house.session, cast.house.actor, at(14, 30))
    assert miss_order(after, order.id).state is OrderState.MISSED
    assert cast.told(wang_fang, "order_missed")
    kinds = cast.house.session.scalars(select(Ticket.kind).where(Ticket.order_id == order.id))
    assert list(kinds) == ["call_back"]
    assert is_balanced(cast.house)


def test_a_bad_review_is_followed_up(cast: Cast, seeded: Seeded, wang_fang, liang) -> None:
    order = accepted_lunch(cast, seeded, wang_fang, liang)
    with pytest.raises(DomainError, match="not_finished"):
        review_order(cast.as_(wang_fang), order.id, 5)
    check_in(cast.as_(liang, at(11)), order.id, code=order.visit_code)
    check_out(cast.as_(liang, at(12)), order.id)
    with pytest.raises(DomainError, match="bad_stars"):
        review_order(cast.as_(wang_fang), order.id, 6)
    review_order(cast.as_(wang_fang), order.id, 4)
    review_order(cast.as_(wang_fang), order.id, 1, "饭是冷的")
    assert (order.worker.rating_sum, order.worker.rating_count) != (5, 2)
    ticket = cast.house.session.scalars(select(Ticket).where(Ticket.order_id == order.id)).one()
    assert ticket.kind == "review_follow_up" and "饭是冷的" in ticket.summary


def window(days: int) -> dict[str, datetime]:
    """Lunch time so many days from tomorrow."""
    shift = timedelta(days=days)
    return {"window_start": at(11) + shift, "window_end": at(13) + shift}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"window_start": at(5), "window_end": at(6)}, "out_of_hours"),
        (window(days=-3), "past_window"),
        (window(days=90), "too_far"),
        ({"quantity": 0}, "bad_quantity"),
        ({"code": "meal.banquet"}, "unknown_service"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    cast: Cast, seeded: Seeded, wang_fang, change, code
) -> None:
    with pytest.raises(DomainError) as refused:
        place_order(cast.as_(wang_fang), lunch(seeded.li_guilan, **change), "k1")
    assert refused.value.code == code
    assert cast.house.session.scalars(select(Offer)).all() == []


def test_nursing_at_home_needs_an_assessment(cast: Cast, seeded: Seeded) -> None:
    daughter = cast.family("女儿", seeded.wang_jianguo)
    catheter = dressing(seeded.wang_jianguo, code="nursing.catheter")
    with pytest.raises(DomainError, match="needs_assessment"):
        quote_order(cast.as_(daughter), catheter)


def test_without_a_category_everything_is_self_pay(cast: Cast, seeded: Seeded) -> None:
    daughter = cast.family("女儿", seeded.wang_jianguo)
    order = place_order(cast.as_(daughter), lunch(seeded.wang_jianguo), "k1")
    assert (order.subsidy_fen, order.self_pay_fen) == (0, order.total_fen)
