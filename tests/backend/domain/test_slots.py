from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.slots import slots_of_day

MIDNIGHT = datetime(2026, 3, 4, tzinfo=ZoneInfo("Asia/Shanghai"))
LUNCH = (time(10, 30), time(13))


def shown(now: datetime, lead_min: int = 60) -> list[str]:
    slots = slots_of_day(MIDNIGHT, LUNCH, 60, lead_min, now)
    return [f"{slot.start:%H:%M}-{slot.end:%H:%M}" for slot in slots]


def test_the_last_window_is_cut_at_closing() -> None:
    assert shown(MIDNIGHT) == ["10:30-11:30", "11:30-12:30", "12:30-13:00"]


def test_windows_that_cannot_be_met_any_more_are_not_offered() -> None:
    assert shown(MIDNIGHT.replace(hour=10, minute=45)) == ["11:30-12:30", "12:30-13:00"]
    assert shown(MIDNIGHT.replace(hour=12)) == ["12:30-13:00"]
    assert shown(MIDNIGHT.replace(hour=12, minute=1)) == []


@given(
    window=st.integers(10, 180), lead=st.integers(0, 300), minute=st.integers(0, 24 * 60 - 1)
)  # fmt: skip
def test_windows_lie_in_the_hours_one_after_the_other(window: int, lead: int, minute: int) -> None:
    now = MIDNIGHT + timedelta(minutes=minute)
    slots = slots_of_day(MIDNIGHT, LUNCH, window, lead, now)
    for one, after in zip(slots, slots[1:], strict=False):
        assert one.end == after.start
    for slot in slots:
        assert LUNCH[0] <= slot.start.time() < slot.end.time() <= LUNCH[1]
        assert slot.end >= now + timedelta(minutes=lead)
