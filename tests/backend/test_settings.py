"""What may stand in a setting, what may not, and what a version keeps."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import Audit, ServiceItem, SettingVersion, SubsidyTable
from backend.domain.callouts import SHIPPED, Quiet
from backend.domain.errors import DomainError
from backend.domain.settings import (
    QUIET_WITHIN,
    TABLE,
    Kind,
    checked_allowance,
    checked_quiet,
    checked_service,
    row_key,
    with_row,
)
from backend.domain.wording import NoWording
from backend.services.address_tries import counted_as
from backend.services.change_setting import Setting, change_setting, stands, undo_change
from backend.services.quiet_hours import quiet_hours, shipped_quiet
from backend.services.setting_versions import newest, overrides
from backend.services.work import Work

LUNCH = Setting(Kind.SERVICE, "meal.lunch")
WORDS = NoWording()


def value_of(work: Work, setting: Setting) -> dict[str, Any]:
    value = stands(work, setting).value
    assert value is not None
    return value


def change(work: Work, setting: Setting, value: dict[str, Any] | None) -> SettingVersion:
    seen = stands(work, setting).seen
    version = change_setting(work, WORDS, setting, value, "for a test", seen)
    assert version is not None
    return version


def test_a_change_is_kept_with_what_was_there_and_can_be_taken_back(work: Work) -> None:
    was = value_of(work, LUNCH)
    made = change(work, LUNCH, {**was, "lead_min": 90, "needs_assessment": True})
    item = work.get(ServiceItem, "meal.lunch")
    assert (item.lead_min, item.needs_assessment) == (90, True)
    assert (made.before, made.why) == (was, "for a test")
    back = undo_change(work, WORDS, made.id, "it was right before", made.id)
    assert back is not None and back.undoes_id == made.id
    assert value_of(work, LUNCH) == was
    assert item.hours_from == time.fromisoformat(was["hours_from"])
    actions = work.session.scalars(select(Audit.action).where(Audit.subject == "setting")).all()
    assert sorted(actions) == ["change_setting", "undo_setting"]


def test_the_same_again_changes_nothing_and_what_is_seen_is_asked_for(work: Work) -> None:
    was = value_of(work, LUNCH)
    assert change_setting(work, WORDS, LUNCH, was, "", 0) is None
    made = change(work, LUNCH, {**was, "lead_min": 90})
    with pytest.raises(DomainError, match="changed_meanwhile"):
        change_setting(work, WORDS, LUNCH, {**was, "lead_min": 60}, "too late", made.id - 1)
    with pytest.raises(DomainError, match="no_reason"):
        change_setting(work, WORDS, LUNCH, {**was, "lead_min": 60}, " ", made.id)


def test_a_row_of_a_table_of_money_is_taken_out_and_comes_back(work: Work) -> None:
    cover = Setting(Kind.COVER, TABLE)
    was = value_of(work, cover)
    gone = was["rows"][0]
    made = change(work, cover, with_row(was, row_key(gone), None))
    kept = len(was["rows"])
    assert len(work.session.scalars(select(SubsidyTable)).all()) == kept - 1
    undo_change(work, WORDS, made.id, "it was needed", made.id)
    assert value_of(work, cover) == was
    with pytest.raises(DomainError, match="row_gone"):
        with_row(was, "nobody/meal/2020-01-01", None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"base_price_fen": -1}, "bad_base_price"),
        ({"least_price_fen": 1300}, "bad_bounds"),
        ({"most_price_fen": 1100}, "bad_bounds"),
        ({"hours_from": "20:00"}, "bad_hours"),
        ({"hours_from": "soon"}, "bad_hours"),
        ({"window_min": 700}, "bad_window_min"),
        ({"duration_min": 0}, "bad_duration_min"),
        ({"lead_min": 99999}, "bad_lead_min"),
        ({"category": "music"}, "bad_service"),
        ({"required_qualification": "pilot"}, "bad_service"),
    ],
)
def test_a_service_is_refused_in_words_of_its_own(
    work: Work, wrong: dict[str, Any], code: str
) -> None:
    fine = {**value_of(work, LUNCH), "base_price_fen": 1200}
    assert checked_service(fine) == fine
    with pytest.raises(DomainError, match=code):
        checked_service({**fine, **wrong})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"monthly_fen": -1}, "bad_allowance"),
        ({"ability_level": "strong"}, "bad_allowance"),
        ({"valid_to": "2019-01-01"}, "bad_since"),
        ({"category": ""}, "bad_category"),
        ({}, "row_twice"),
    ],
)
def test_a_table_of_money_is_refused_as_a_whole(
    work: Work, wrong: dict[str, Any], code: str
) -> None:
    rows = value_of(work, Setting(Kind.ALLOWANCE, TABLE))["rows"]
    with pytest.raises(DomainError, match=code):
        checked_allowance({"rows": [*rows[bool(wrong) :], {**rows[0], **wrong}]})


@pytest.mark.parametrize("key", QUIET_WITHIN)
def test_quiet_hours_leave_the_day_to_ring_in_and_the_night_to_sleep(key: str) -> None:
    shipped = shipped_quiet(key)
    assert checked_quiet(key, shipped) == shipped
    for wrong in ({"begins": "03:00"}, {"ends": "18:00"}, {"begins": "10:00", "ends": "10:00"}):
        with pytest.raises(DomainError, match="bad_quiet"):
            checked_quiet(key, {**shipped, **wrong})


def test_quiet_hours_are_the_shipped_ones_until_somebody_changes_them(work: Work) -> None:
    assert quiet_hours(work) == SHIPPED
    change(work, Setting(Kind.QUIET, "nap"), {"begins": "13:00", "ends": "15:00"})
    assert quiet_hours(work).nap == Quiet(time(13), time(15))
    assert quiet_hours(work).night == SHIPPED.night


def test_a_process_sees_by_one_number_that_something_changed(work: Work) -> None:
    before = newest(work.session)
    change(work, LUNCH, {**value_of(work, LUNCH), "lead_min": 90})
    assert newest(work.session) > before
    assert overrides(work.session).number == newest(work.session)
    assert overrides(work.session).phrases == {}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_an_address_is_counted_by_house_and_not_by_door(address: str, counted: str) -> None:
    assert counted_as(address) == counted
