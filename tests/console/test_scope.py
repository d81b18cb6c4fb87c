"""What towns let an agent see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.db.models import Account, Incident
from backend.domain.incidents import IncidentState
from backend.services.unit_of_work import unit_of_work
from tests.console import happenings
from tests.console.conftest import ConsoleHouse, Desk

Visit = Callable[..., Desk]


@pytest.fixture(autouse=True)
def _quiet(console: ConsoleHouse) -> None:
    happenings.end_all(console)


def test_an_alarm_of_another_town_is_seen_once_nobody_there_has_answered_for_a_round(
    visit: Visit, console: ConsoleHouse
) -> None:
    """苏梅 is of 东城; 李桂兰 calls from 莞城."""
    elder_id = console.seeded.elders["李桂兰"][0]
    raised = happenings.cries(console, elder_id, "我摔倒了")
    sumei = visit("sumei")
    assert "没有警情" in sumei.http.get("/console/incidents").text
    assert sumei.http.get(f"/console/incidents/{raised}").status_code == 404
    assert sumei.post(f"/console/incidents/{raised}/acknowledge").status_code == 404
    assert sumei.http.get(f"/console/elders/{elder_id}").status_code == 404
    with unit_of_work(console.sessions) as work:
        work.get(Incident, raised).round = 1
    assert "我摔倒了" in sumei.http.get("/console/incidents").text
    assert sumei.http.get(f"/console/elders/{elder_id}").status_code == 200
    assert sumei.post(f"/console/incidents/{raised}/acknowledge").status_code == 200
    happenings.end_all(console)
    assert sumei.http.get(f"/console/elders/{elder_id}").status_code == 404, "it is over"


def test_who_took_it_in_wechat_is_called_by_name(visit: Visit, console: ConsoleHouse) -> None:
    raised = happenings.cries(console, None, "救命")
    with unit_of_work(console.sessions) as work:
        account = Account(channel="wechat", identifier="o-duty", name="值班的老周")
        work.session.add(account)
        work.session.flush()
        incident = work.get(Incident, raised)
        incident.state, incident.acknowledged_at = IncidentState.ACKNOWLEDGED, work.now
        incident.acknowledged_by = f"account:{account.id}"
    assert "值班的老周" in visit("linhe").http.get("/console/incidents").text


def test_a_stranger_who_cries_for_help_is_everybodys(visit: Visit, console: ConsoleHouse) -> None:
    happenings.cries(console, None, "救命啊")
    for login in ("linhe", "sumei", "hexiang"):
        assert "救命啊" in visit(login).http.get("/console/incidents").text


def test_calls_and_tickets_of_other_towns_are_not_shown(
    visit: Visit, console: ConsoleHouse
) -> None:
    here, there = console.seeded.elders["李桂兰"]
    mine = happenings.asks_for_human(console, there, "call_back", "请回电")
    theirs = happenings.asks_for_human(console, here, "complaint", "饭凉了")
    sumei = visit("sumei")
    shown = sumei.http.get("/console/tickets").text
    assert f"/console/tickets/{mine}" in shown and f"/console/tickets/{theirs}" not in shown
    assert sumei.post(f"/console/tickets/{theirs}/close", outcome="x").status_code == 404
    assert happenings.ticket(console, theirs).state == "open"


def test_orders_are_placed_for_ones_own_towns_only(visit: Visit, console: ConsoleHouse) -> None:
    here, there = console.seeded.elders["李桂兰"]
    sumei = visit("sumei")
    assert sumei.http.get(f"/console/elders/{there}/order/").status_code == 200
    assert sumei.http.get(f"/console/elders/{here}/order/").status_code == 404


def test_an_alarm_is_not_closed_without_a_word_on_how_it_ended(
    visit: Visit, console: ConsoleHouse
) -> None:
    raised = happenings.cries(console, None, "救命")
    linhe = visit("linhe")
    linhe.post(f"/console/incidents/{raised}/acknowledge")
    assert "怎么结束的" in linhe.post(f"/console/incidents/{raised}/close", outcome=" ").text
    assert happenings.incident(console, raised).outcome is None
