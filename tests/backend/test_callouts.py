"""Ringing people: once for one thing, at decent hours, and until a human knows."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import make_sessions
from backend.db.models import (
    Account,
    Call,
    Callout,
    Elder,
    Incident,
    IncidentEvent,
    Notice,
    Ticket,
    Worker,
)
from backend.domain.callouts import CalloutState, Missed, Reason
from backend.domain.errors import DomainError
from backend.domain.incidents import IncidentState
from backend.jobs import sweeps
from backend.jobs.delivery import deliver_notice
from backend.seed.town import Seeded
from backend.services.accept_offer import accept_offer
from backend.services.answer_incident import acknowledge_incident
from backend.services.callout_of_notice import REASONS, call_about
from backend.services.callouts import call_out, phone_account, settle_callout
from backend.services.cancel_order import cancel_order
from backend.services.change_order import OrderChange, change_order
from backend.services.dispatch_order import dispatch_order
from backend.services.greet_daily import ask_for_greetings, end_greetings, make_greetings
from backend.services.notices import notify
from backend.services.place_order import place_order
from backend.services.raise_incident import raise_incident
from backend.services.review_order import review_order
from backend.services.ring_callout import (
    LEASE,
    Leased,
    give_back,
    keep_lease,
    lease_callouts,
    pick_up,
    settle_overdue,
    was_missed,
    was_told,
)
from backend.services.take_jobs_by_phone import take_jobs_by_phone
from backend.services.unit_of_work import unit_of_work
from backend.services.work import SYSTEM, Work
from nlu.prompts import prompt_ids
from tests.backend.people import SHANGHAI, Cast, at, lunch
from tests.backend.visits import finished_lunch

LINDE = "15400009001"
"""李桂兰's own telephone."""


@pytest.fixture
def guilan(cast: Cast, seeded: Seeded) -> Account:
    """李桂兰, 81, who has a telephone and no WeChat."""
    account = phone_account(cast.house, LINDE, "李桂兰")
    cast.bind(account, seeded.li_guilan, "self")
    return account


@pytest.fixture
def fang(cast: Cast, seeded: Seeded) -> Account:
    """Her daughter, in WeChat."""
    return cast.family("王芳", seeded.li_guilan)


def heard_of(cast: Cast, account: Account) -> list[Callout]:
    """What an account is to be rung for, once its notices are delivered."""
    for notice in cast.told(account):
        call_about(cast.house, notice)
    query = select(Callout).where(Callout.account_id == account.id).order_by(Callout.id)
    return list(cast.house.session.scalars(query))


def house_at(cast: Cast, moment: datetime) -> Work:
    return Work(cast.house.session, cast.house.actor, moment)


def greeting_due(cast: Cast, seeded: Seeded, account: Account, day: int = 5) -> Callout:
    """Tomorrow's greeting at nine, written down."""
    ask_for_greetings(cast.house, seeded.li_guilan, account.id, time(9))
    morning = at(8, 30, datetime(2026, 3, day, tzinfo=SHANGHAI))
    assert make_greetings(house_at(cast, morning)) == 1
    return cast.house.session.scalars(
        select(Callout).where(Callout.why == Reason.DAILY_GREETING).order_by(Callout.id.desc())
    ).first()


def rings(cast: Cast, moment: datetime, most: int = 10) -> list[Leased]:
    return lease_callouts(house_at(cast, moment), most)


def nobody_answers(cast: Cast, callout: Callout, missed: Missed = Missed.NO_ANSWER) -> None:
    """The next try, and nobody picks up."""
    (leased,) = rings(cast, callout.next_at)
    assert leased.id == callout.id
    was_missed(house_at(cast, callout.next_at + timedelta(seconds=40)), leased, missed)


def tickets(cast: Cast, kind: str) -> list[Ticket]:
    return list(cast.house.session.scalars(select(Ticket).where(Ticket.kind == kind)))


# ---- what becomes a call


def test_a_mother_is_rung_about_the_change_her_daughter_made(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    change_order(cast.as_(fang), order.id, OrderChange(quantity=2))
    (callout,) = heard_of(cast, guilan)
    assert (callout.why, callout.order_id) == (Reason.CONFIRM_CHANGE, order.id)
    assert callout.elder_id == seeded.li_guilan
    (leased,) = rings(cast, cast.house.now)
    assert leased.number == LINDE
    assert heard_of(cast, guilan) == [callout]  # delivered twice, rung once


def test_only_the_last_of_two_changes_is_rung_about(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    for quantity in (2, 3):
        change_order(cast.as_(fang), order.id, OrderChange(quantity=quantity))
    first, second = heard_of(cast, guilan)
    assert [leased.id for leased in rings(cast, cast.house.now)] == [second.id]
    assert first.state is CalloutState.LAPSED


def test_nobody_is_asked_about_the_change_of_an_order_that_is_off(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    change_order(cast.as_(fang), order.id, OrderChange(quantity=2))
    change, *_ = heard_of(cast, guilan)
    cancel_order(cast.as_(fang), order.id, "")
    *_, news = heard_of(cast, guilan)
    assert [leased.id for leased in rings(cast, cast.house.now)] == [news.id]
    assert change.state is CalloutState.LAPSED


def test_a_worker_without_wechat_is_rung_and_then_known_by_the_number(
    cast: Cast, seeded: Seeded
) -> None:
    account = take_jobs_by_phone(cast.house, seeded.liang_zhiqiang)
    assert take_jobs_by_phone(cast.house, seeded.liang_zhiqiang) is account
    order = place_order(cast.house, lunch(seeded.li_guilan), "k1")
    offer = dispatch_order(cast.house, order.id)
    assert offer is not None
    (callout,) = heard_of(cast, account)
    assert (callout.why, callout.lapses_at) == (Reason.JOB_OFFER, offer.expires_at)
    (leased,) = rings(cast, cast.house.now)
    assert leased.number == cast.house.get(Worker, offer.worker_id).phone
    accept_offer(cast.as_(account), offer.id)
    assert pick_up(cast.house, leased) is None  # taken meanwhile: there is nothing to offer


def test_a_family_without_wechat_is_rung_for_an_alarm_at_night_until_a_human_has_it(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    son = phone_account(cast.house, "15400009002", "王强")
    cast.bind(son, seeded.li_guilan, "son")
    night = house_at(cast, at(3))
    incident = raise_incident(night, "救命", "i1", seeded.li_guilan)
    callouts = [heard_of(cast, one)[0] for one in (guilan, son)]
    assert {one.why for one in callouts} == {Reason.ALARM}
    for _ in range(12):
        for leased in rings(cast, max(one.next_at for one in callouts)):
            was_missed(house_at(cast, callouts[0].next_at), leased, Missed.NO_ANSWER)
    assert {one.state for one in callouts} == {CalloutState.NO_ANSWER}
    acknowledge_incident(night, incident.id)
    assert rings(cast, at(4)) == []
    assert {one.state for one in callouts} == {CalloutState.LAPSED}
    assert incident.state is IncidentState.ACKNOWLEDGED


def test_the_timeline_of_an_incident_tells_whom_the_telephone_reached(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    incident = raise_incident(cast.house, "救命", "i1", seeded.li_guilan)
    heard_of(cast, guilan)
    (leased,) = rings(cast, cast.house.now)
    was_told(cast.house, leased, spoke=False)
    cast.house.session.flush()
    steps = cast.house.session.scalars(
        select(IncidentEvent.step).where(IncidentEvent.incident_id == incident.id)
    ).all()
    assert steps[-1] == "delivered"


def test_who_reads_it_in_wechat_is_not_rung_for_it_but_for_an_alarm(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    cast.bind(cast.account("李桂兰"), seeded.li_guilan, "self")
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    change_order(cast.as_(fang), order.id, OrderChange(quantity=2))
    assert heard_of(cast, guilan) == []
    raise_incident(cast.house, "救命", "i1", seeded.li_guilan)
    assert [callout.why for callout in heard_of(cast, guilan)] == [Reason.ALARM]


def test_a_bell_is_not_rung(cast: Cast, seeded: Seeded, guilan: Account, fang: Account) -> None:
    cast.house.get(Elder, seeded.li_guilan).bell_number = LINDE
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    change_order(cast.as_(fang), order.id, OrderChange(quantity=2))
    raise_incident(cast.house, "救命", "i1", seeded.li_guilan)
    assert heard_of(cast, guilan) == []


def test_every_kind_of_notice_is_told_by_telephone_or_not_on_purpose() -> None:
    kinds = {name.split(".")[1] for name in prompt_ids() if name.startswith("notice.")}
    assert kinds - set(REASONS) == {"offer_lapsed", "looking_again"}


# ---- how it is rung


def test_nobody_is_rung_twice_at_once(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    for number in (1, 2):
        call_out(cast.house, guilan.id, Reason.NEWS, f"n{number}", data={})
    (first,) = rings(cast, cast.house.now)
    assert rings(cast, cast.house.now) == []
    was_told(cast.house, first, spoke=True)
    (second,) = rings(cast, cast.house.now)
    assert second.id != first.id


def test_who_talks_with_us_already_is_not_rung(cast: Cast, guilan: Account) -> None:
    call_out(cast.house, guilan.id, Reason.NEWS, "n", data={})
    call = Call(
        ring_key="c1", sip_id="c1", direction="in", account_id=guilan.id, rang_at=cast.house.now,
        alive_until=cast.house.now + timedelta(minutes=3),
    )  # fmt: skip
    cast.house.session.add(call)
    cast.house.session.flush()
    assert rings(cast, cast.house.now) == []
    call.ended_at = cast.house.now
    assert len(rings(cast, cast.house.now)) == 1


def test_news_at_noon_waits_for_the_end_of_the_nap(cast: Cast, guilan: Account) -> None:
    callout = call_out(house_at(cast, at(12, 45)), guilan.id, Reason.NEWS, "n", data={})
    assert callout is not None
    assert callout.next_at == at(14)
    assert rings(cast, at(13, 59)) == []
    assert len(rings(cast, at(14))) == 1


def test_a_line_that_comes_back_at_night_wakes_nobody(cast: Cast, guilan: Account) -> None:
    callout = call_out(house_at(cast, at(20, 50)), guilan.id, Reason.NEWS, "n", data={})
    assert callout is not None
    assert rings(cast, at(22)) == []
    assert callout.next_at == at(8, day=datetime(2026, 3, 6, tzinfo=SHANGHAI))
    assert (callout.state, callout.attempts) == (CalloutState.PENDING, 0)


def test_busy_is_tried_again_and_in_the_end_left_to_a_colleague(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    order = place_order(cast.as_(fang), lunch(seeded.li_guilan), "k1")
    change_order(cast.as_(fang), order.id, OrderChange(quantity=2))
    (callout,) = heard_of(cast, guilan)
    for _ in range(4):
        assert tickets(cast, "not_reached") == []
        nobody_answers(cast, callout, Missed.BUSY)
    assert (callout.state, callout.attempts) == (CalloutState.GIVEN_UP, 4)
    (ticket,) = tickets(cast, "not_reached")
    assert (ticket.order_id, LINDE in ticket.summary) == (order.id, True)
    assert rings(cast, at(20)) == []


def test_no_room_on_the_line_costs_no_try(cast: Cast, guilan: Account) -> None:
    callout = call_out(cast.house, guilan.id, Reason.NEWS, "n", data={})
    assert callout is not None
    (leased,) = rings(cast, cast.house.now)
    give_back(cast.house, leased)
    assert (callout.state, callout.attempts) == (CalloutState.PENDING, 0)
    assert len(rings(cast, callout.next_at)) == 1


def test_a_line_that_dies_leaves_the_call_to_the_next(cast: Cast, guilan: Account) -> None:
    callout = call_out(cast.house, guilan.id, Reason.NEWS, "n", data={})
    assert callout is not None
    (dead,) = rings(cast, cast.house.now)
    assert keep_lease(cast.later(seconds=30), dead)
    assert settle_overdue(cast.later(seconds=85)) == 0
    assert settle_overdue(cast.later(seconds=95)) == 1
    assert (callout.state, callout.last_missed) == (CalloutState.NO_ANSWER, Missed.CUT)
    assert not keep_lease(cast.later(seconds=96), dead)
    (alive,) = rings(cast, callout.next_at)
    was_told(cast.later(seconds=97), dead, spoke=True)  # the dead one's ghost marks nothing
    assert callout.state is CalloutState.RINGING
    was_told(house_at(cast, callout.next_at), alive, spoke=True)
    assert (callout.state, callout.attempts, callout.misses) == (CalloutState.DONE, 2, 0)


def test_what_was_settled_in_a_call_that_broke_is_not_rung_again(
    cast: Cast, guilan: Account
) -> None:
    callout = call_out(cast.house, guilan.id, Reason.NEWS, "n", data={})
    assert callout is not None
    (leased,) = rings(cast, cast.house.now)
    assert pick_up(cast.house, leased) is callout
    settle_callout(cast.house, callout.id)
    settle_overdue(cast.later(seconds=LEASE.total_seconds() + 1))
    cast.house.session.refresh(callout)
    assert callout.state is CalloutState.DONE


def test_a_visit_already_rated_is_not_asked_about(
    cast: Cast, seeded: Seeded, guilan: Account, fang: Account
) -> None:
    order = finished_lunch(cast, seeded, fang)
    asked = [one for one in heard_of(cast, guilan) if one.why is Reason.HOW_WAS_IT]
    assert len(asked) == 1
    review_order(cast.as_(fang), order.id, 5, "")
    assert rings(cast, asked[0].next_at) == []
    assert asked[0].state is CalloutState.LAPSED


# ---- greetings


def test_a_greeting_comes_each_morning_at_the_hour_they_like(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    callout = greeting_due(cast, seeded, guilan)
    assert (callout.due_at, callout.elder_id) == (at(9), seeded.li_guilan)
    assert make_greetings(house_at(cast, at(8, 40))) == 0
    assert rings(cast, at(8, 59)) == []
    (leased,) = rings(cast, at(9))
    was_told(house_at(cast, at(9, 3)), leased, spoke=True)
    assert callout.state is CalloutState.DONE
    next_day = datetime(2026, 3, 6, tzinfo=SHANGHAI)
    assert make_greetings(house_at(cast, at(8, 30, next_day))) == 1


def test_a_greeting_asked_for_at_ten_for_nine_begins_tomorrow(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    ask_for_greetings(house_at(cast, at(10)), seeded.li_guilan, guilan.id, time(9))
    assert make_greetings(house_at(cast, at(10, 10))) == 0


def test_greetings_end_when_they_say_so(cast: Cast, seeded: Seeded, guilan: Account) -> None:
    callout = greeting_due(cast, seeded, guilan)
    assert end_greetings(cast.as_(guilan), seeded.li_guilan)
    assert not end_greetings(cast.as_(guilan), seeded.li_guilan)
    assert rings(cast, at(9)) == []
    assert (callout.state, tickets(cast, "greeting_unanswered")) == (CalloutState.LAPSED, [])


def test_another_hour_takes_the_place_of_the_first(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    first = ask_for_greetings(cast.house, seeded.li_guilan, guilan.id, time(9))
    assert ask_for_greetings(cast.house, seeded.li_guilan, guilan.id, time(9)).id == first.id
    second = ask_for_greetings(cast.house, seeded.li_guilan, guilan.id, time(10))
    assert (first.ended_at, second.ended_at) == (cast.house.now, None)


@pytest.mark.parametrize("hour", [time(7), time(12, 45), time(20, 45)])
def test_nobody_is_greeted_in_their_sleep(
    cast: Cast, seeded: Seeded, guilan: Account, hour: time
) -> None:
    with pytest.raises(DomainError, match="bad_hour"):
        ask_for_greetings(cast.house, seeded.li_guilan, guilan.id, hour)


def test_strangers_do_not_ask_for_greetings(cast: Cast, seeded: Seeded, guilan: Account) -> None:
    stranger = phone_account(cast.house, "15400009009")
    with pytest.raises(DomainError, match="not_permitted"):
        ask_for_greetings(cast.as_(stranger), seeded.li_guilan, guilan.id, time(9))
    with pytest.raises(DomainError, match="not_permitted"):
        end_greetings(cast.as_(stranger), seeded.li_guilan)


def test_two_unanswered_calls_bring_somebody_to_look(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    callout = greeting_due(cast, seeded, guilan)
    nobody_answers(cast, callout)
    assert callout.next_at == at(9, 30) + timedelta(seconds=40)
    assert tickets(cast, "greeting_unanswered") == []
    nobody_answers(cast, callout)
    (ticket,) = tickets(cast, "greeting_unanswered")
    assert (ticket.elder_id, LINDE in ticket.summary) == (seeded.li_guilan, True)
    check = cast.house.session.scalars(select(Callout).where(Callout.why == Reason.CHECK)).one()
    elder = cast.house.get(Elder, seeded.li_guilan)
    assert check.account.identifier == elder.contacts[0].phone
    assert check.data["elder"] == "李桂兰"


def test_a_receiver_lifted_in_silence_is_no_answer(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    callout = greeting_due(cast, seeded, guilan)
    for _ in range(2):
        (leased,) = rings(cast, callout.next_at)
        assert pick_up(house_at(cast, callout.next_at), leased) is callout
        was_told(house_at(cast, callout.next_at), leased, spoke=False)
    assert (callout.state, callout.last_missed) == (CalloutState.GIVEN_UP, Missed.SILENT)
    assert len(tickets(cast, "greeting_unanswered")) == 1


def test_the_frail_who_do_not_answer_are_taken_for_a_call_for_help(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    cast.house.get(Elder, seeded.li_guilan).ability_level = "severe"
    callout = greeting_due(cast, seeded, guilan)
    for _ in range(2):
        nobody_answers(cast, callout)
    incident = cast.house.session.scalars(select(Incident)).one()
    assert (incident.elder_id, incident.place["call_back"]) == (seeded.li_guilan, LINDE)
    assert tickets(cast, "greeting_unanswered") == []


def test_a_second_silent_morning_is_an_alarm(cast: Cast, seeded: Seeded, guilan: Account) -> None:
    for day in (5, 6):
        callout = greeting_due(cast, seeded, guilan, day)
        for _ in range(2):
            nobody_answers(cast, callout)
    assert len(tickets(cast, "greeting_unanswered")) == 1
    assert cast.house.session.scalars(select(Incident)).one().elder_id == seeded.li_guilan


def test_who_rang_us_meanwhile_is_well(cast: Cast, seeded: Seeded, guilan: Account) -> None:
    callout = greeting_due(cast, seeded, guilan)
    nobody_answers(cast, callout)
    (leased,) = rings(cast, callout.next_at)
    guilan.last_spoke_at = callout.next_at + timedelta(minutes=1)
    was_missed(house_at(cast, callout.next_at), leased, Missed.BUSY)
    assert callout.state is CalloutState.GIVEN_UP
    assert tickets(cast, "greeting_unanswered") == []


def test_while_our_own_trunk_is_down_nobody_is_taken_for_fallen(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    cast.house.get(Elder, seeded.li_guilan).ability_level = "total"
    callout = greeting_due(cast, seeded, guilan)
    while callout.state not in (CalloutState.GIVEN_UP, CalloutState.LAPSED):
        nobody_answers(cast, callout, Missed.UNREACHABLE)
    assert cast.house.session.scalars(select(Incident)).all() == []
    assert len(tickets(cast, "greeting_unanswered")) == 1  # but a human rings


def test_with_no_line_running_at_all_the_sweep_tells_a_human(
    cast: Cast, seeded: Seeded, guilan: Account
) -> None:
    callout = greeting_due(cast, seeded, guilan)
    assert sweeps.sweep(house_at(cast, at(12, 59)))["callouts"] == 0
    assert sweeps.sweep(house_at(cast, at(13)))["callouts"] == 1
    assert callout.state is CalloutState.LAPSED
    assert len(tickets(cast, "greeting_unanswered")) == 1


# ---- two lines, and the job that hands notices over


@pytest.fixture
def sessions(engine):
    """Real transactions; what they leave is taken away afterwards."""
    yield make_sessions(engine)
    with engine.begin() as connection:
        for table in ("callouts", "notices"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM accounts WHERE identifier LIKE '154000090%'"))
        connection.execute(text("DELETE FROM procrastinate_jobs"))


def a_notice(sessions: sessionmaker[Session], kind: str, number: str = LINDE) -> int:
    with unit_of_work(sessions) as work:
        account = phone_account(work, number)
        (notice_id,) = notify(work, [account.id], kind, f"{kind}:1", {"order_id": None})
    return notice_id


def test_a_notice_for_a_telephone_is_handed_to_the_line_once(
    sessions: sessionmaker[Session],
) -> None:
    notice_id = a_notice(sessions, "order_missed")
    assert deliver_notice(sessions, {}, notice_id)
    assert not deliver_notice(sessions, {}, notice_id)
    with sessions() as session:
        notice = session.get_one(Notice, notice_id)
        assert (notice.state, notice.sent_by) == ("sent", "call")
        callout = session.scalars(select(Callout)).one()
        assert (callout.why, callout.notice_kind) == (Reason.NEWS, "order_missed")


@pytest.mark.parametrize(("kind", "number", "why"), [
    ("looking_again", LINDE, "not told by telephone"),
    ("order_missed", "withheld:154000090", "no number to ring"),
])  # fmt: skip
def test_what_is_not_worth_a_call_or_cannot_be_rung_fails_in_plain_words(
    sessions: sessionmaker[Session], kind: str, number: str, why: str
) -> None:
    notice_id = a_notice(sessions, kind, number)
    assert not deliver_notice(sessions, {}, notice_id)
    with sessions() as session:
        session.execute(text("DELETE FROM notices WHERE id <> :id"), {"id": notice_id})
        notice = session.get_one(Notice, notice_id)
        assert (notice.state, notice.error) == ("failed", why)
        assert session.scalars(select(Callout)).all() == []
        session.execute(text("DELETE FROM notices"))
        session.execute(text("DELETE FROM accounts WHERE identifier = :id"), {"id": number})
        session.commit()


def test_two_lines_never_ring_one_person_at_once(sessions: sessionmaker[Session]) -> None:
    with unit_of_work(sessions, now=at(10)) as work:
        for number in range(3):
            account = phone_account(work, f"1540000909{number}")
            for thing in "ab":
                call_out(work, account.id, Reason.NEWS, thing, data={})
    with sessions() as one, one.begin():
        taken = lease_callouts(Work(one, SYSTEM, at(10)), 2)
        with sessions() as other, other.begin():
            taken += lease_callouts(Work(other, SYSTEM, at(10)), 9)
    with unit_of_work(sessions, now=at(10)) as work:
        taken += lease_callouts(work, 9)
    numbers = [leased.number for leased in taken]
    assert len(numbers) == len(set(numbers)) == 3
