"""李桂兰 has fallen: who is told, how it widens, how it ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.db.models import Duty
from backend.domain.errors import DomainError
from backend.domain.incidents import IncidentState
from backend.seed.town import Seeded
from backend.services.answer_incident import (
    acknowledge_incident,
    dispatch_incident,
    resolve_incident,
)
from backend.services.escalate_incident import escalate_incident
from backend.services.lookup import incidents_told, unanswered_incidents
from backend.services.raise_incident import raise_incident
from tests.backend.people import Cast


def test_everyone_who_can_act_is_told_at_once(cast: Cast, seeded: Seeded) -> None:
    agent = cast.duty("小林", town="莞城")
    elsewhere = cast.duty("小陈", town="东城")
    son = cast.family("儿子", seeded.li_guilan, "son")
    daughter = cast.family("王芳", seeded.li_guilan)
    raise_incident(cast.as_(daughter), "我妈摔倒了", "m1", seeded.li_guilan)
    card = cast.told(agent, "incident")[0]
    assert card.urgent and card.data["elder"] == "李桂兰"
    assert card.data["address"] and card.data["contacts"] and card.data["call_back"]
    assert card.data["health"]
    assert cast.told(son, "incident")[0].data["health"] is None  # not consented to
    assert not cast.told(daughter, "incident")  # she is the one who said it
    assert not cast.told(elsewhere, "incident")


def test_one_message_is_one_incident(cast: Cast, seeded: Seeded) -> None:
    daughter = cast.family("王芳", seeded.li_guilan)
    first = raise_incident(cast.as_(daughter), "我妈摔倒了", "m1", seeded.li_guilan)
    again = raise_incident(cast.as_(daughter), "我妈摔倒了", "m1", seeded.li_guilan)
    assert again.id == first.id
    assert [e.step for e in first.events] == ["raised", "told"]


def test_more_words_reach_the_same_people(cast: Cast, seeded: Seeded) -> None:
    agent = cast.duty("小林")
    daughter = cast.family("王芳", seeded.li_guilan)
    first = raise_incident(cast.as_(daughter), "我妈摔倒了", "m1", seeded.li_guilan)
    more = raise_incident(
        cast.as_(daughter), "她没反应了", "m2", seeded.li_guilan, {"address": "菜市场门口"}
    )
    raise_incident(cast.as_(daughter), "她没反应了", "m2", seeded.li_guilan)
    assert more.id == first.id
    cards = cast.told(agent, "incident")
    assert [card.data["said"] for card in cards] == ["我妈摔倒了", "她没反应了"]
    assert cards[1].data["address"] == "菜市场门口"


def test_wider_every_round_until_someone_answers(cast: Cast, seeded: Seeded) -> None:
    near = cast.duty("小林", town="莞城")
    far = cast.duty("小陈", town="东城")
    off = cast.account("主管")
    daughter = cast.family("王芳", seeded.li_guilan)
    incident = raise_incident(cast.as_(daughter), "救命", "m1", seeded.li_guilan)
    assert escalate_incident(cast.later(seconds=60), incident.id, 1)
    assert not escalate_incident(cast.later(seconds=61), incident.id, 1)  # once a round
    assert len(cast.told(near, "incident")) == 2 and len(cast.told(far, "incident")) == 1
    assert [i.id for i in incidents_told(cast.house, near.id)] == [incident.id]
    acknowledge_incident(cast.as_(near), incident.id)
    assert unanswered_incidents(cast.house) == []
    assert not escalate_incident(cast.later(seconds=120), incident.id, 2)
    assert cast.told(daughter, "incident_acknowledged")[0].data["by"] == "小林"
    with pytest.raises(DomainError, match="not_permitted"):
        acknowledge_incident(cast.as_(off), incident.id)


def test_the_first_answer_counts_and_every_step_is_on_the_timeline(
    cast: Cast, seeded: Seeded
) -> None:
    first, second = cast.duty("小林"), cast.duty("小陈")
    daughter = cast.family("王芳", seeded.li_guilan)
    incident = raise_incident(cast.as_(daughter), "救命", "m1", seeded.li_guilan)
    acknowledge_incident(cast.as_(first), incident.id)
    acknowledge_incident(cast.as_(second), incident.id)
    assert incident.acknowledged_by == f"account:{first.id}"
    dispatch_incident(cast.as_(first), incident.id, "120")
    resolve_incident(cast.as_(first), incident.id, "扶起来了")
    resolve_incident(cast.as_(second), incident.id, "别的")
    assert incident.outcome == "扶起来了" and incident.state is IncidentState.RESOLVED
    steps = [event.step for event in incident.events]
    assert steps == ["raised", "told", "acknowledged", "dispatched", "resolved"]
    assert cast.told(daughter, "incident_resolved")


def test_an_unknown_caller_rings_all_the_same(cast: Cast) -> None:
    agent = cast.duty("小林", town="莞城")
    stranger = cast.account("陌生人")
    raise_incident(cast.as_(stranger), "救命啊", "m1")
    assert cast.told(agent, "incident")[0].data["elder"] is None


def test_with_nobody_on_duty_whoever_ever_was_is_told(cast: Cast, seeded: Seeded) -> None:
    former = cast.duty("昨天的班")
    former_duty = cast.house.session.scalars(select(Duty)).one()
    former_duty.ends_at = cast.house.now - timedelta(minutes=1)
    daughter = cast.family("王芳", seeded.li_guilan)
    raise_incident(cast.as_(daughter), "救命", "m1", seeded.li_guilan)
    assert cast.told(former, "incident")


def test_a_new_call_after_the_first_is_over_is_a_new_incident(cast: Cast, seeded: Seeded) -> None:
    agent = cast.duty("小林")
    daughter = cast.family("王芳", seeded.li_guilan)
    first = raise_incident(cast.as_(daughter), "救命", "m1", seeded.li_guilan)
    resolve_incident(cast.as_(agent), first.id, "没事")
    second = raise_incident(cast.as_(daughter), "又摔了", "m2", seeded.li_guilan)
    assert second.id != first.id
