"""The made-up town: believable, whole, and the same each time."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.db.databases import Addresses, make_engine
from backend.db.migrate import migrate
from backend.db.models import (
    Absence,
    Account,
    Address,
    Assessment,
    Base,
    Contact,
    Dish,
    Duty,
    Elder,
    Notice,
    Offering,
    Order,
    Provider,
    Qualification,
    ServiceArea,
    ServiceItem,
    Shift,
    Skill,
    Worker,
)
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.domain.qualification import Paper, holds
from backend.seed.catalogue import load_catalogue
from backend.seed.lists import read, years_before
from backend.seed.orders import seed_orders
from backend.seed.people import level_of
from backend.seed.town import FULL, SMALL, DatabaseInUse, OnDuty, Seeded, seed_town
from backend.services.ledger import balances, is_balanced
from backend.services.quote_order import OrderRequest, Quote, quote_order
from backend.services.work import SYSTEM, Work
from backend.settings import TIMEZONE
from tests.conftest import NOW

TODAY = NOW.astimezone(TIMEZONE).date()
TOMORROW = TODAY + timedelta(days=1)
DIETS = {
    "soft", "low_salt", "low_sugar", "low_fat", "no_pork", "vegetarian", "no_fish", "minced",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(addresses: Addresses) -> Iterator[tuple[Session, Seeded]]:
    """All of Dongguan, in a database of its own. To be read only."""
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE whole_town")
        url = addresses.database_url.replace("/postgres?", "/whole_town?", 1)
        migrate(url)
        engine = make_engine(url)
        with Session(engine) as session:
            yield session, seed_town(session, NOW, FULL)
        engine.dispose()
        admin.execute("DROP DATABASE whole_town")


@pytest.fixture
def city(whole: tuple[Session, Seeded]) -> Session:
    return whole[0]


def age(born: date) -> int:
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def empty(session: Session) -> None:
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def everything(session: Session) -> dict[str, list[Any]]:
    return {
        table.name: sorted(map(str, session.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
    }


def quote(work: Work, elder_id: int, code: str, hour: int, day: date = TOMORROW) -> Quote:
    start = datetime.combine(day, time(hour), TIMEZONE)
    request = OrderRequest(elder_id, code, start, start + timedelta(hours=1))
    return quote_order(work, request)


def refusal(work: Work, elder_id: int, code: str) -> str:
    with pytest.raises(DomainError) as refused:
        quote(work, elder_id, code, 10)
    return refused.value.code


def test_dongguan_has_all_its_people(whole: tuple[Session, Seeded]) -> None:
    _, seeded = whole
    assert seeded.counts == {
        "elders": 300, "towns": 32, "providers": 40, "workers": 200, "items": 29, "dishes": 4704,
    }  # fmt: skip


def test_the_small_town_has_enough_for_a_story(seeded: Seeded) -> None:
    assert seeded.counts["elders"] == 12
    assert seeded.counts["providers"] == 6
    assert seeded.counts["workers"] == 16
    assert set(seeded.elders_in) == {"莞城", "东城"}


def test_a_second_seeding_adds_nothing(session: Session, seeded: Seeded) -> None:
    before = everything(session)
    assert seed_town(session, NOW + timedelta(days=40), FULL) == seeded
    assert everything(session) == before


def test_the_same_day_gives_the_same_town(session: Session, seeded: Seeded) -> None:
    first = everything(session)
    empty(session)
    later_that_day = NOW + timedelta(hours=5)
    assert seed_town(session, later_that_day, SMALL) == seeded
    again = everything(session)
    for tells_the_hour in ("ledger_postings", "audits"):
        assert len(first.pop(tells_the_hour)) == len(again.pop(tells_the_hour)) == 8
    assert again == first


def test_another_day_gives_people_of_the_same_age(session: Session) -> None:
    empty(session)
    leap_day = datetime(2028, 2, 29, 12, tzinfo=TIMEZONE)
    seeded = seed_town(session, leap_day, SMALL)
    mother = session.get_one(Elder, seeded.li_guilan)
    assert mother.born_on is not None
    assert years_before(leap_day.date(), 81) >= mother.born_on > years_before(leap_day.date(), 82)


def test_a_database_with_real_people_is_left_alone(session: Session) -> None:
    empty(session)
    session.add(Elder(name="何玉兰", town="莞城"))
    session.flush()
    with pytest.raises(DatabaseInUse):
        seed_town(session, NOW, SMALL)
    assert session.scalars(select(Provider)).all() == []


def test_the_people_of_the_story_are_in_both_towns(
    session: Session, seeded: Seeded, whole: tuple[Session, Seeded]
) -> None:
    for place, who in ((session, seeded), whole):
        mother, father = place.get_one(Elder, who.li_guilan), place.get_one(Elder, who.wang_jianguo)
        namesake = place.get_one(Elder, who.li_guilan_of_dongcheng)
        assert mother.born_on is not None and age(mother.born_on) == 81
        assert (mother.town, mother.ability_level, mother.diet) == (
            "莞城",
            "moderate",
            ["low_salt"],
        )
        assert mother.dialect == "粤语"
        assert mother.assessments[-1].valid_until > TODAY
        assert (namesake.name, namesake.town) == (mother.name, "东城")
        assert father.addresses[0].street == mother.addresses[0].street
        for parent in (mother, father):
            daughter = next(c for c in parent.contacts if c.name == "王芳")
            assert (daughter.relation, daughter.phone) == ("daughter", who.wang_fang_phone)
        assert [place.get_one(Worker, i).name for i in (who.liang_zhiqiang, who.he_xiuying)] == [
            "梁志强", "何秀英",
        ]  # fmt: skip
        for name in ("梁志强", "何秀英", "陈敏", "黄丽", "周燕", "吴桂香"):
            assert len(who.workers[name]) == 1
            worker = place.get_one(Worker, who.workers[name][0])
            assert {shift.weekday for shift in worker.shifts} == set(range(7))


def test_li_guilan_can_order_lunch_and_a_dressing_change(work: Work, seeded: Seeded) -> None:
    lunch = quote(work, seeded.li_guilan, "meal.lunch", 11)
    assert lunch.provider_id == seeded.canteen
    assert (lunch.total_fen, lunch.subsidy_fen, lunch.self_pay_fen) == (1400, 600, 800)
    assert lunch.available_fen == 48000
    dressing = quote(work, seeded.li_guilan, "nursing.wound", 10)
    assert dressing.provider_id == seeded.nursing_station
    assert (dressing.total_fen, dressing.subsidy_fen) == (12000, 0)
    assert quote(work, seeded.li_guilan, "home.clean", 10).provider_id == seeded.home_help


def test_some_are_refused_for_a_reason(work: Work, seeded: Seeded) -> None:
    assert refusal(work, seeded.li_guilan_of_dongcheng, "nursing.wound") == "assessment_expired"
    assert refusal(work, seeded.wang_jianguo, "nursing.wound") == "needs_assessment"
    assert refusal(work, seeded.li_guilan, "nursing.picc") == "no_provider"
    lunch = quote(work, seeded.wang_jianguo, "meal.lunch", 11)
    assert (lunch.subsidy_fen, lunch.available_fen) == (0, 0)


def test_only_nurses_with_valid_papers_may_change_dressings(
    session: Session, seeded: Seeded
) -> None:
    may = {}
    for name in ("陈敏", "黄丽", "周燕"):
        nurse = session.get_one(Worker, seeded.workers[name][0])
        assert "nursing.wound" in {skill.code for skill in nurse.skills}
        papers = [Paper(q.kind, q.issued_on, q.valid_until) for q in nurse.qualifications]
        may[name] = holds(papers, "nurse", TOMORROW)
    assert may == {"陈敏": True, "黄丽": True, "周燕": False}


def test_elders_are_as_elders_are(city: Session) -> None:
    elders = city.scalars(select(Elder)).all()
    ages = [age(elder.born_on) for elder in elders if elder.born_on]
    assert min(ages) >= 60 and max(ages) <= 98
    assert 0.5 < sum(elder.sex == "f" for elder in elders) / len(elders) < 0.7
    categories = Counter(elder.category for elder in elders)
    assert set(categories) == {row["name"] for row in read("people")["categories"]} | {None}
    assert {elder.ability_level for elder in elders} == {
        "intact", "mild", "moderate", "severe", "total", "unassessed",
    }  # fmt: skip
    assert {"粤语", "客家话", "普通话"} <= {elder.dialect for elder in elders}
    assert {word for elder in elders for word in elder.diet} == DIETS
    bells = [elder.bell_number for elder in elders if elder.bell_number]
    assert 60 < len(bells) < 180
    notes = {note for elder in elders for note in elder.care_notes.split(";") if note}
    assert "牙口不好,饭菜要软" in notes
    for elder in elders:
        if elder.category == "高龄老人" and elder.born_on:
            assert age(elder.born_on) >= 80


def test_several_elders_share_a_name(whole: tuple[Session, Seeded]) -> None:
    city, seeded = whole
    assert len([name for name, ids in seeded.elders.items() if len(ids) > 1]) >= 5
    assert len(seeded.elders["李桂兰"]) == 2
    first, second = (city.get_one(Elder, i) for i in seeded.chen_huifang)
    assert first.town == second.town
    assert first.addresses[0].community != second.addresses[0].community


def test_the_newest_assessment_gives_the_level(city: Session) -> None:
    histories = defaultdict(list)
    for row in city.scalars(select(Assessment).order_by(Assessment.assessed_on)):
        histories[row.elder_id].append(row)
        assert row.assessed_on < TODAY
        assert row.valid_until == years_before(row.assessed_on, -1)
    expired = 0
    for elder in city.scalars(select(Elder)):
        history = histories[elder.id]
        newest = history[-1].level if history else "unassessed"
        assert elder.ability_level == newest
        expired += bool(history) and history[-1].valid_until < TODAY
        for row in history:
            forgetful = "轻度认知障碍" in elder.care_notes and row is history[-1]
            assert row.score is not None and row.level == level_of(row.score, worse=forgetful)
    assert 10 <= expired <= 80
    assert any(len(history) == 3 for history in histories.values())


def test_scores_become_levels_by_the_standard() -> None:
    edges = {90: "intact", 89: "mild", 66: "mild", 65: "moderate", 46: "moderate",
             45: "severe", 30: "severe", 29: "total", 0: "total"}  # fmt: skip
    assert {score: level_of(score) for score in edges} == edges
    assert level_of(80, worse=True) == "moderate"
    assert level_of(10, worse=True) == "total"


def test_every_address_is_in_dongguan(city: Session) -> None:
    homes = defaultdict(list)
    for address in city.scalars(select(Address)):
        assert address.lat is not None and 22.65 < address.lat < 23.15
        assert address.lon is not None and 113.51 < address.lon < 114.26
        assert address.community and address.street
        homes[address.elder_id].append(address)
    for elder in city.scalars(select(Elder)):
        default = [address for address in homes[elder.id] if address.is_default]
        assert [address.town for address in default] == [elder.town]
    assert any(len(addresses) == 2 for addresses in homes.values())


def test_everyone_has_somebody_to_ring_whom_nobody_knows(city: Session) -> None:
    contacts = city.scalars(select(Contact)).all()
    assert {contact.elder_id for contact in contacts} == set(city.scalars(select(Elder.id)))
    # 154 is no operator's: a test message must never reach a stranger.
    assert all(c.phone.startswith("154") and len(c.phone) == 11 for c in contacts)
    workers = city.scalars(select(Worker.phone)).all()
    assert len(set(workers)) == len(workers)


def test_workers_hold_the_papers_of_their_skills(city: Session) -> None:
    required = {
        item.code: item.required_qualification for item in city.scalars(select(ServiceItem))
    }
    papers = defaultdict(list)
    for q in city.scalars(select(Qualification)):
        assert q.issued_on < q.valid_until
        papers[q.worker_id].append(Paper(q.kind, q.issued_on, q.valid_until))
    lapsed = set()
    for skill in city.scalars(select(Skill)):
        kind = required[skill.code]
        assert kind is None or kind in {paper.kind for paper in papers[skill.worker_id]}
        if not holds(papers[skill.worker_id], kind, TODAY):
            lapsed.add(skill.worker_id)
    assert 2 <= len(lapsed) <= 20
    every = [paper for held in papers.values() for paper in held]
    assert any(TODAY <= paper.valid_until < TODAY + timedelta(days=28) for paper in every)


def test_shifts_do_not_overlap_and_everyone_rests(city: Session, seeded: Seeded) -> None:
    days = defaultdict(list)
    for shift in city.scalars(select(Shift).order_by(Shift.starts)):
        assert shift.starts < shift.ends
        days[shift.worker_id, shift.weekday].append((shift.starts, shift.ends))
    for spans in days.values():
        assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
    told = {row["name"] for row in read("story")["workers"]}
    for worker in city.scalars(select(Worker)):
        worked = [weekday for worker_id, weekday in days if worker_id == worker.id]
        assert len(worked) == 7 if worker.name in told else 5 <= len(worked) <= 6


def test_every_elder_can_have_lunch_on_any_day(whole: tuple[Session, Seeded]) -> None:
    city, _ = whole
    work = Work(city, SYSTEM, NOW)
    canteens = {
        quote(work, elder.id, "meal.lunch", 11).provider_id
        for elder in city.scalars(select(Elder).where(Elder.ended_on.is_(None)))
    }
    assert len(canteens) == 24
    away = {(a.worker_id, a.day) for a in city.scalars(select(Absence))}
    assert away
    shifts = city.execute(
        select(Shift, Worker.provider_id)
        .join(Worker, Worker.id == Shift.worker_id)
        .join(Qualification, Qualification.worker_id == Worker.id)
        .where(
            Qualification.kind == "health_cert",
            Qualification.valid_until >= TODAY + timedelta(days=14),
        )
    ).all()
    for ahead in range(14):
        day = TODAY + timedelta(days=ahead)
        for meal in (time(7), time(11), time(17)):
            there = {
                provider_id
                for shift, provider_id in shifts
                if shift.weekday == day.weekday()
                and shift.starts <= meal < shift.ends
                and (shift.worker_id, day) not in away
            }
            assert canteens <= there


def test_two_providers_of_nursing_and_home_help_serve_every_town(city: Session) -> None:
    serving = defaultdict(set)
    for provider, town in city.execute(
        select(Provider, ServiceArea.town).join(ServiceArea, ServiceArea.provider_id == Provider.id)
    ):
        if provider.is_open and (provider.contract_to is None or provider.contract_to >= TODAY):
            serving[town, provider.kind].add(provider.id)
    for town in set(city.scalars(select(Elder.town))):
        assert len(serving[town, "canteen"]) == 1
        assert len(serving[town, "nursing"]) >= 2
        assert len(serving[town, "home_help"]) >= 2
    closed = city.scalars(select(Provider).where(~Provider.is_open)).all()
    ended = city.scalars(select(Provider).where(Provider.contract_to < TODAY)).all()
    assert (len(closed), len(ended)) == (1, 1)


def test_providers_offer_what_their_people_can_do(city: Session) -> None:
    base = {item.code: item.base_price_fen for item in load_catalogue()}
    able = set(
        city.execute(
            select(Worker.provider_id, Skill.code).join(Worker, Worker.id == Skill.worker_id)
        ).tuples()
    )
    offerings = city.scalars(select(Offering)).all()
    assert {(offering.provider_id, offering.code) for offering in offerings} == able
    assert {offering.code for offering in offerings} == set(base)
    for offering in offerings:
        assert 0.85 <= offering.price_fen / base[offering.code] <= 1.2
        assert (offering.delivery_fen > 0) == offering.code.startswith("meal.")


def test_menus_stand_for_two_weeks_and_feed_every_diet(city: Session) -> None:
    menus = defaultdict(list)
    for dish in city.scalars(select(Dish)):
        menus[dish.provider_id, dish.day, dish.code].append(dish)
    assert {day for _, day, _ in menus} == {TODAY + timedelta(days=n) for n in range(14)}
    assert len(menus) == 24 * 14 * 3
    for (provider_id, day, code), dishes in menus.items():
        names = [dish.name for dish in dishes]
        assert len(set(names)) == len(names) >= 3
        yesterday = menus.get((provider_id, day - timedelta(days=1), code), [])
        assert not set(names) & {dish.name for dish in yesterday}
        if code != "meal.breakfast":
            assert {word for dish in dishes for word in dish.diets} == DIETS


def test_the_month_is_granted_by_the_citys_table(whole: tuple[Session, Seeded]) -> None:
    city, _ = whole
    work = Work(city, SYSTEM, NOW)
    due = {"unassessed": 36000, "intact": 36000, "mild": 36000, "moderate": 48000,
           "severe": 72000, "total": 72000}  # fmt: skip
    for elder in city.scalars(select(Elder)):
        left = balances(work, elder.id, f"{TODAY:%Y-%m}").get("available", 0)
        entitled = elder.category is not None and elder.ended_on is None
        assert left == (due[elder.ability_level] if entitled else 0)
    assert is_balanced(work)


def test_people_are_put_on_duty_once(session: Session, seeded: Seeded) -> None:
    people = [
        OnDuty("wechat", "o-agent", "小周"),
        OnDuty("wechat", "o-chief", "老陈", role="supervisor", town="莞城"),
    ]
    for _ in range(2):
        assert seed_town(session, NOW, SMALL, duty=people) == seeded
    rows = session.execute(
        select(Account.name, Duty.role, Duty.town).join(Duty, Duty.account_id == Account.id)
    ).all()
    assert sorted(rows, key=str) == [("小周", "agent", None), ("老陈", "supervisor", "莞城")]


def test_the_lists_are_whole() -> None:
    # An unquoted comma in a one-line YAML record would cut a note in two.
    for row in read("people")["conditions"]:
        assert set(row) <= {"note", "diet", "levels", "worse"}
        assert set(row.get("diet", ())) <= DIETS
    for dishes in read("dishes")["dishes"].values():
        assert all(set(dish["diets"]) <= DIETS for dish in dishes)
    codes = {item.code for item in load_catalogue()}
    for role in read("roles")["roles"].values():
        assert {*role["codes"], *role.get("specialist_codes", ())} <= codes


@pytest.mark.parametrize("hour", [7, 12, 22])
def test_two_days_of_orders_are_as_far_as_the_day_has_come(session: Session, hour: int) -> None:
    now = datetime.combine(NOW.astimezone(TIMEZONE).date(), time(hour), TIMEZONE)
    made = seed_orders(session, now)
    assert made > 8
    assert seed_orders(session, now) == 0
    orders = session.scalars(select(Order)).all()
    begun = [o for o in orders if o.state in (OrderState.IN_SERVICE, OrderState.FINISHED)]
    assert all(order.window_start <= now for order in begun)
    assert bool(begun) is (hour > 7)
    told = select(Notice.id).where(Notice.state == "pending")
    assert session.scalars(told).all() == [], "nobody hears of made-up orders"
    assert is_balanced(Work(session, SYSTEM, now))
