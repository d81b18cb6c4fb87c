"""李桂兰 hangs up in the middle of an order, and her daughter goes on with it in WeChat."""

from __future__ import annotations

import pytest

from backend.domain.orders import OrderState
from backend.seed.town import Seeded
from backend.services.open_call import Ring, open_call
from backend.services.record_call import end_call
from backend.services.work import Work
from tests.nlu.dialogue.people import Caller, Chat


@pytest.fixture
def mother(work: Work, seeded: Seeded) -> Caller:
    """At her own telephone, half way through an order."""
    caller = Caller(work, self=seeded.li_guilan)
    assert "对不对" in caller.says("明天中午送一份午餐", "order_meal")
    return caller


@pytest.fixture
def daughter(work: Work, seeded: Seeded, mother: Caller) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


def test_it_is_read_out_anew_and_one_yes_orders_it_once(mother: Caller, daughter: Chat) -> None:
    daughter.wait(minutes=50)
    said = daughter.says("继续", "inform")
    assert "接着刚才的" in said
    assert "午餐1份" in said
    assert not daughter.orders()
    daughter.says("好", "affirm")
    [order] = daughter.orders()
    assert order.state is not OrderState.CANCELLED
    mother.wait(minutes=55)
    mother.says("好", "affirm")
    assert not mother.orders(), "whoever took it up has it"


def test_after_an_hour_it_is_forgotten(mother: Caller, daughter: Chat) -> None:
    daughter.wait(minutes=61)
    assert "午餐1份" not in daughter.says("继续", "inform")


def test_nobody_elses_family_is_told_of_it(work: Work, seeded: Seeded, mother: Caller) -> None:
    neighbour = Chat(work, daughter=seeded.wang_jianguo)
    assert "午餐1份" not in neighbour.says("继续", "inform")


def test_who_may_not_order_for_her_does_not_take_it_up(
    work: Work, seeded: Seeded, mother: Caller
) -> None:
    cousin = Chat(work)
    cousin.bind(work, "other", seeded.li_guilan, may_order=False)
    assert "午餐1份" not in cousin.says("继续", "inform")
    assert mother.state.task is not None


def test_while_she_is_still_talking_it_is_hers(work: Work, mother: Caller, daughter: Chat) -> None:
    ring = Ring("on-the-line", work.now, mother.account.identifier, "96993")
    call = open_call(work, ring)
    assert call.account_id == mother.account.id
    assert "午餐1份" not in daughter.says("继续", "inform")
    end_call(work, call.id, "caller")
    assert "午餐1份" in daughter.says("继续", "inform")


def test_her_own_business_goes_first(mother: Caller, daughter: Chat) -> None:
    daughter.says("后天上午换药", "order_nursing")
    assert "换药" in daughter.says("继续", "inform")
    assert mother.state.task is not None
