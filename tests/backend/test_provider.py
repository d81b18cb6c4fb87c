"""What a provider does for itself: its prices, its people, their papers and hours, its month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import Account, Notice, Offer, Offering, Qualification, Shift, Worker
from backend.domain.errors import DomainError, NotFound
from backend.domain.offerings import Terms, price_bounds
from backend.domain.orders import OrderState
from backend.domain.qualification import PaperState, paper_state
from backend.domain.shifts import Span, require_spans
from backend.seed.town import Seeded
from backend.services.accept_offer import accept_offer
from backend.services.check_in import check_in
from backend.services.check_out import check_out
from backend.services.dispatch_order import dispatch_order
from backend.services.hire_worker import Person, change_worker, hire_worker, let_worker_go
from backend.services.keep_hours import come_back, keep_hours, take_days_off
from backend.services.keep_paper import end_paper, keep_paper
from backend.services.offer_service import close_service, offer_service
from backend.services.place_order import place_order
from backend.services.provider_catalogue import provider_catalogue
from backend.services.provider_month import SettlementState, provider_month
from backend.services.quote_order import OrderRequest, quote_order
from backend.services.staff import absences_of, staff, week_of
from backend.services.work import Work

LUNCH = "meal.lunch"
TODAY = date(2026, 3, 4)
NEW = Person("温阿姨", "f", "13800138000", ("粤语",), 8, frozenset({LUNCH}))


def lunch(work: Work, seeded: Seeded, days_ahead: int = 1) -> OrderRequest:
    start = work.local_now.replace(hour=11, minute=30) + timedelta(days=days_ahead)
    return OrderRequest(seeded.li_guilan, LUNCH, start, start + timedelta(hours=1))


def everybody_is_reachable(work: Work) -> None:
    for worker in work.session.scalars(select(Worker)):
        work.session.add(
            Account(channel="wechat", identifier=f"w-{worker.id}", worker_id=worker.id)
        )
    work.session.flush()


def standing(work: Work, order_id: int) -> Offer:
    query = select(Offer).where(Offer.order_id == order_id, Offer.state == "standing")
    return work.session.scalars(query).one()


# -- the catalogue -----------------------------------------------------------------------------


def test_a_new_price_is_for_new_orders(work: Work, seeded: Seeded) -> None:
    stands = place_order(work, lunch(work, seeded), "before")
    offer_service(work, seeded.canteen, LUNCH, Terms(1350, 300, 80))
    quote = quote_order(work, lunch(work, seeded))
    assert [line.unit_price_fen for line in quote.lines] == [1350, 300]
    assert stands.total_fen == 1400


def test_who_needs_more_notice_is_not_asked_too_late(work: Work, seeded: Seeded) -> None:
    at_noon = lunch(work, seeded, 0)  # it is 9:20: there are 190 minutes until the end of lunch
    quote_order(work, at_noon)
    offer_service(work, seeded.canteen, LUNCH, Terms(1200, 200, None, 24 * 60))
    with pytest.raises(DomainError, match="too_late") as refused:
        quote_order(work, at_noon)
    assert refused.value.facts["lead_min"] == 24 * 60
    assert quote_order(work, lunch(work, seeded, 2)).provider_id == seeded.canteen


def test_a_closed_service_takes_no_orders(work: Work, seeded: Seeded) -> None:
    close_service(work, seeded.canteen, LUNCH)
    close_service(work, seeded.canteen, LUNCH)
    with pytest.raises(DomainError, match="no_provider"):
        quote_order(work, lunch(work, seeded))
    offer_service(work, seeded.canteen, LUNCH, Terms(1200, 200))
    assert quote_order(work, lunch(work, seeded)).total_fen == 1400


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms(599), "price_out_of_bounds"),
        (Terms(1801), "price_out_of_bounds"),
        (Terms(1200, 1001), "bad_delivery"),
        (Terms(1200, 0, 0), "bad_capacity"),
        (Terms(1200, 0, None, 30), "bad_lead"),
    ],
)
def test_terms_are_kept_within_the_citys_bounds(
    work: Work, seeded: Seeded, terms: Terms, code: str
) -> None:
    with pytest.raises(DomainError, match=code):
        offer_service(work, seeded.canteen, LUNCH, terms)


def test_bounds_are_round(work: Work) -> None:
    assert (price_bounds(1200).least_fen, price_bounds(1200).most_fen) == (600, 1800)
    assert (price_bounds(1250).least_fen, price_bounds(1250).most_fen) == (630, 1870)


def test_nobody_offers_what_none_of_its_people_does(work: Work, seeded: Seeded) -> None:
    with pytest.raises(DomainError, match="nobody_can"):
        offer_service(work, seeded.canteen, "home.clean", Terms(4000))
    hire_worker(
        work, seeded.canteen,
        Person("温阿姨", "f", "13800138000", (), 8, frozenset({"home.clean", "no.such"})),
    )  # fmt: skip
    line = next(
        one for one in provider_catalogue(work, seeded.canteen) if one.item.code == "home.clean"
    )
    assert (line.workers, line.is_open, line.offering) == (1, False, None)
    price = line.item.base_price_fen
    offer_service(work, seeded.canteen, "home.clean", Terms(price))
    kept = work.session.get(Offering, (seeded.canteen, "home.clean"))
    assert kept is not None and kept.is_open


# -- people and papers -------------------------------------------------------------------------


def member(work: Work, worker_id: int) -> Any:
    return staff(work, Worker.id == worker_id, worker_id=worker_id)[0]


def test_somebody_is_hired_once_and_may_work_with_a_paper(work: Work, seeded: Seeded) -> None:
    hired = hire_worker(work, seeded.canteen, NEW)
    assert hire_worker(work, seeded.canteen, NEW).id == hired.id
    found = member(work, hired.id)
    assert (found.missing, found.idle_codes) == (("health_cert",), (LUNCH,))
    assert found.worst is PaperState.EXPIRED and not found.is_bound
    issued, until = TODAY - timedelta(345), TODAY + timedelta(20)
    keep_paper(work, hired.id, "health_cert", "粤莞健 0001", issued, until)
    work.session.expire_all()
    found = member(work, hired.id)
    assert (found.missing, found.idle_codes, found.worst) == ((), (), PaperState.EXPIRING)
    renewed = keep_paper(
        work, hired.id, "health_cert", "粤莞健0001", issued, TODAY + timedelta(385)
    )
    work.session.expire_all()
    assert [p.paper.id for p in member(work, hired.id).papers] == [renewed.id], "the same paper"
    assert member(work, hired.id).worst is PaperState.VALID
    end_paper(work, hired.id, renewed.id)
    work.session.expire_all()
    assert member(work, hired.id).idle_codes == (LUNCH,)


def test_papers_of_others_are_not_touched(work: Work, seeded: Seeded) -> None:
    paper = work.session.scalars(
        select(Qualification).where(Qualification.worker_id == seeded.chen_min)
    ).first()
    assert paper is not None
    with pytest.raises(NotFound):
        end_paper(work, seeded.huang_li, paper.id)


@pytest.mark.parametrize(
    ("kind", "number", "issued", "until", "code"),
    [
        ("driver", "12345", -1, 100, "unknown_paper"),
        ("nurse", "1", -1, 100, "bad_paper_number"),
        ("nurse", "12345", 1, 100, "bad_paper_days"),
        ("nurse", "12345", -10, -1, "bad_paper_days"),
        ("nurse", "12345", -1, 5000, "bad_paper_days"),
    ],
)
def test_papers_that_cannot_be(
    work: Work, seeded: Seeded, kind: str, number: str, issued: int, until: int, code: str
) -> None:
    days = (TODAY + timedelta(issued), TODAY + timedelta(until))
    with pytest.raises(DomainError, match=code):
        keep_paper(work, seeded.chen_min, kind, number, *days)


@pytest.mark.parametrize(
    ("left", "state"),
    [(-1, PaperState.EXPIRED), (0, PaperState.EXPIRING), (30, PaperState.EXPIRING),
     (31, PaperState.VALID)],
)  # fmt: skip
def test_a_paper_warns_a_month_before(left: int, state: PaperState) -> None:
    assert paper_state(TODAY + timedelta(left), TODAY) is state


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "温"}, "bad_name"),
        ({"phone": "1380013800"}, "bad_phone"),
        ({"phone": "1380013800a"}, "bad_phone"),
        ({"max_visits_a_day": 0}, "bad_visits"),
    ],
)
def test_people_that_cannot_be(
    work: Work, seeded: Seeded, wrong: dict[str, Any], code: str
) -> None:

    with pytest.raises(DomainError, match=code):
        change_worker(work, seeded.liang_zhiqiang, replace(NEW, **wrong))


# -- hours and days off ------------------------------------------------------------------------


def test_who_takes_a_day_off_is_not_sent_and_their_jobs_go_to_others(
    work: Work, seeded: Seeded
) -> None:
    everybody_is_reachable(work)
    order = place_order(work, lunch(work, seeded), "lunch")
    dispatch_order(work, order.id)
    first = standing(work, order.id)
    accept_offer(work, first.id)
    tomorrow = TODAY + timedelta(1)
    assert take_days_off(work, first.worker_id, tomorrow, tomorrow, "发烧") == 1
    assert take_days_off(work, first.worker_id, tomorrow, tomorrow, "发烧") == 0
    assert (order.state, order.worker_id) == (OrderState.PLACED, None)
    told = work.session.scalars(select(Notice).where(Notice.kind == "job_cancelled")).one()
    assert told.account.worker_id == first.worker_id
    work.session.expire_all()
    dispatch_order(work, order.id)
    assert standing(work, order.id).worker_id != first.worker_id
    assert absences_of(work, first.worker_id) == [tomorrow]
    come_back(work, first.worker_id, tomorrow)
    assert absences_of(work, first.worker_id) == []


def test_who_leaves_is_asked_no_more(work: Work, seeded: Seeded) -> None:
    everybody_is_reachable(work)
    order = place_order(work, lunch(work, seeded), "lunch")
    dispatch_order(work, order.id)
    gone = standing(work, order.id).worker_id
    assert let_worker_go(work, gone) == 1
    assert let_worker_go(work, gone) == 0
    work.session.expire_all()
    dispatch_order(work, order.id)
    assert standing(work, order.id).worker_id != gone
    assert gone not in {one.worker.id for one in staff(work, Worker.id == gone)}
    assert gone in {one.worker.id for one in staff(work, Worker.id == gone, gone=True)}
    assert not work.session.scalar(select(Account.id).where(Account.worker_id == gone))


def test_nobody_leaves_in_the_midst_of_a_visit(work: Work, seeded: Seeded) -> None:
    everybody_is_reachable(work)
    order = place_order(work, lunch(work, seeded), "lunch")
    dispatch_order(work, order.id)
    accept_offer(work, standing(work, order.id).id)
    order.state = OrderState.IN_SERVICE
    assert order.worker_id is not None
    with pytest.raises(DomainError, match="still_at_work"):
        let_worker_go(work, order.worker_id)


def test_a_weeks_hours(work: Work, seeded: Seeded) -> None:
    early, late = Span(time(8), time(12)), Span(time(14), time(18, 30))
    keep_hours(work, seeded.chen_min, {0: [late, early], 5: [early]})
    work.session.expire_all()
    shifts = select(Shift).where(Shift.worker_id == seeded.chen_min)
    assert len(work.session.scalars(shifts).all()) == 3
    worker = work.get(Worker, seeded.chen_min)
    week = week_of(work, [worker], date(2026, 3, 2))[worker.id]
    assert week[0].spans == (early, late) and week[0].minutes == 510
    assert [day.minutes for day in week] == [510, 0, 0, 0, 0, 240, 0]


@pytest.mark.parametrize(
    ("spans", "code"),
    [
        ([Span(time(9), time(9))], "bad_span"),
        ([Span(time(9), time(12)), Span(time(11), time(13))], "spans_overlap"),
        ([Span(time(h), time(h, 30)) for h in (8, 10, 12, 14)], "too_many_spans"),
    ],
)
def test_hours_that_cannot_be(spans: list[Span], code: str) -> None:
    with pytest.raises(DomainError, match=code):
        require_spans(spans)


def test_days_off_that_cannot_be(work: Work, seeded: Seeded) -> None:
    for first, last in ((-1, 1), (2, 1), (1, 200)):
        days = (TODAY + timedelta(first), TODAY + timedelta(last))
        with pytest.raises(DomainError, match="bad_days_off"):
            take_days_off(work, seeded.chen_min, *days, "")


# -- the month ---------------------------------------------------------------------------------


def test_the_month_is_what_the_ledger_owes(work: Work, seeded: Seeded) -> None:
    everybody_is_reachable(work)
    order = place_order(work, lunch(work, seeded), "lunch")
    open_one = place_order(work, lunch(work, seeded, 2), "another")
    dispatch_order(work, order.id)
    accept_offer(work, standing(work, order.id).id)
    work.now = order.window_start
    check_in(work, order.id, code=order.visit_code)
    work.now += timedelta(minutes=12)
    work.session.expire_all()
    check_out(work, order.id, "")
    found = provider_month(work, seeded.canteen, date(2026, 3, 1))
    assert (found.all.visits, found.all.seconds, found.all.gross_fen) == (1, 720, 1400)
    assert found.agrees and found.owed_subsidy_fen == order.subsidy_fen > 0
    assert (found.state, found.still_open) == (SettlementState.RUNNING, 1)
    assert [part.visits for part in found.workers] == [1]
    work.now += timedelta(days=40)
    assert provider_month(work, seeded.canteen, date(2026, 3, 1)).state is SettlementState.WAITING
    open_one.state = OrderState.CANCELLED
    assert provider_month(work, seeded.canteen, date(2026, 3, 1)).state is SettlementState.READY
    empty = provider_month(work, seeded.nursing_station, date(2026, 3, 1))
    assert empty.agrees and empty.all.visits == 0
