"""A tap that comes twice is carried out once, and is forgotten in time."""

from datetime import timedelta

from sqlalchemy import func, select

from backend.db.models import Tap
from backend.services.take_tap import KEPT_FOR, forget_old_taps, keep_outcome, tap_before
from tests.backend.people import Cast


def test_the_second_copy_finds_what_came_of_the_first(cast: Cast) -> None:
    account_id = cast.account("王芳").id
    assert tap_before(cast.house, account_id, "a-tap-of-hers") is None
    keep_outcome(cast.house, account_id, "a-tap-of-hers", "/m/orders/1", "不行")
    again = tap_before(cast.house, account_id, "a-tap-of-hers")
    assert again is not None
    assert (again.leads_to, again.said) == ("/m/orders/1", "不行")


def test_the_same_word_of_another_account_is_another_tap(cast: Cast) -> None:
    assert tap_before(cast.house, cast.account("王芳").id, "a-tap-of-hers") is None
    assert tap_before(cast.house, cast.account("赵军").id, "a-tap-of-hers") is None


def test_old_taps_are_forgotten(cast: Cast) -> None:
    account_id = cast.account("王芳").id
    for number, age in enumerate((KEPT_FOR + timedelta(hours=1), KEPT_FOR - timedelta(hours=1))):
        tap_before(cast.house, account_id, f"a-tap-{number}")
        cast.house.session.get_one(Tap, (account_id, f"a-tap-{number}")).at -= age
    cast.house.session.flush()
    forget_old_taps(cast.house)
    assert cast.house.session.scalar(select(func.count()).select_from(Tap)) == 1
