"""Agents at the console: whose telephone rings for a caller who wants a human."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.db.models import Audit, ConsoleUser
from backend.domain.console import Role, Telephone, rung_in_turn
from backend.domain.errors import DomainError
from backend.seed.town import Seeded
from backend.services.answering import seen_at_console, telephones_for
from backend.services.console_users import make_console_user
from backend.services.manage_console_users import give_telephone
from backend.services.open_call import Ring, open_call
from backend.services.work import Work
from tests.backend.people import Cast


def agent(work: Work, login: str, telephone: str, *towns: str) -> ConsoleUser:
    """Somebody with the centre open on the screen, and a telephone beside it."""
    user = make_console_user(work, login, login, "a long enough word", Role.AGENT, towns)
    give_telephone(work, login, telephone)
    seen_at_console(work, user.id)
    work.session.refresh(user)
    return user


def rings(work: Work, number: str | None) -> str:
    """SIP's Call-ID of a call that has just come in."""
    sip_id = f"call-of-{number}"
    open_call(work, Ring(sip_id, work.now, number))
    return sip_id


def test_those_of_her_town_are_rung_before_those_of_the_city(
    cast: Cast, work: Work, seeded: Seeded
) -> None:
    cast.bind(cast.account("her telephone", channel="phone"), seeded.li_guilan, "self")
    agent(work, "everywhere", "8001")
    agent(work, "east", "8002", "东城")
    agent(work, "guan", "8003", "莞城")
    assert telephones_for(work, rings(work, "openid-her telephone")) == ["8003", "8001"]
    assert set(telephones_for(work, rings(work, "13911112222"))) == {"8001", "8002", "8003"}


def test_nobody_is_rung_who_has_gone_home(work: Work, seeded: Seeded) -> None:
    went = agent(work, "went", "8001")
    locked = agent(work, "locked", "8002")
    went.seen_at = work.now - timedelta(minutes=1)
    locked.is_active = False
    work.session.flush()
    assert telephones_for(work, rings(work, "13900139000")) == []


def test_who_has_no_telephone_is_not_looked_after(work: Work, seeded: Seeded) -> None:
    user = agent(work, "reads", "")
    assert user.seen_at is None
    assert telephones_for(work, "a call that nobody has written down") == []


def test_calls_go_round() -> None:
    at = [("1", ()), ("2", ()), ("3", ("莞城",)), ("4", ("莞城",))]
    telephones = [Telephone(*one) for one in at]
    assert rung_in_turn(telephones, "莞城", 0) == ["3", "4", "1", "2"]
    assert rung_in_turn(telephones, "莞城", 1) == ["4", "3", "2", "1"]
    assert rung_in_turn(telephones, None, 2) == ["3", "4", "1", "2"]
    assert rung_in_turn([], "莞城", 7) == []


@pytest.mark.parametrize("number", ["1", "8001a", "0012125550100", "+8676922222222", "8" * 13])
def test_a_slip_of_the_hand_does_not_ring_abroad(work: Work, seeded: Seeded, number: str) -> None:
    user = agent(work, "linhe", "8001")
    with pytest.raises(DomainError, match="bad_telephone"):
        give_telephone(work, "linhe", number)
    assert user.telephone == "8001"


def test_a_provider_answers_no_callers_and_each_change_is_kept(work: Work, seeded: Seeded) -> None:
    user = agent(work, "linhe", "8001")
    give_telephone(work, "linhe", "")
    assert user.telephone is None
    kept = work.session.query(Audit).filter_by(action="give_telephone", subject_id=user.id)
    assert [one.changes for one in kept.order_by(Audit.id)] == [
        {"before": None, "after": "8001"}, {"before": "8001", "after": None},
    ]  # fmt: skip
