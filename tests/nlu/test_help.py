"""Rules and classifier vote on whether somebody needs help now."""

from __future__ import annotations

from datetime import datetime

import pytest

from nlu.alarms import Certainty
from nlu.errors import RasaUnavailable
from nlu.help import ABSURD, CREDIBLE, OVERWHELMING, SURE_ALARM, WORTH_ASKING, Help, vote
from nlu.rasa_client import IntentGuess
from nlu.rules import Danger
from nlu.understand import Understander
from tests.nlu.saying import NOW

FELL = Danger(Certainty.SURE, "摔倒了")
CRIED = Danger(Certainty.SURE, "救命", cried=True)
PERHAPS = Danger(Certainty.DOUBTFUL, "手抬不起来")
TAKEN_BACK = Danger(Certainty.TAKEN_BACK)
QUIET = Danger(Certainty.NONE)


def thinks(danger: float, otherwise: str = "chitchat") -> IntentGuess:
    """A classifier that gives an emergency so much, and the rest to one other intent."""
    ranking = sorted([("emergency", danger), (otherwise, 1 - danger)], key=lambda one: -one[1])
    return IntentGuess(*ranking[0], tuple(ranking))


@pytest.mark.parametrize(
    ("found", "danger", "needed"),
    [
        # Both hear it.
        (FELL, 0.9, Help.ALARM),
        (FELL, CREDIBLE, Help.ALARM),
        (CRIED, 0.9, Help.ALARM),
        (PERHAPS, SURE_ALARM, Help.ALARM),
        # Only the rules do.
        (FELL, CREDIBLE / 2, Help.ASK),
        (CRIED, CREDIBLE / 4, Help.ASK),
        (PERHAPS, 0.01, Help.ASK),
        # The classifier takes hundreds to one against it.
        (FELL, ABSURD / 2, Help.NONE),
        (PERHAPS, ABSURD / 2, Help.NONE),
        (CRIED, ABSURD / 2, Help.ASK),
        # Only the classifier hears it.
        (QUIET, SURE_ALARM, Help.ALARM),
        (QUIET, WORTH_ASKING, Help.ASK),
        (QUIET, WORTH_ASKING / 2, Help.NONE),
        # The rules' guards took the words back.
        (TAKEN_BACK, OVERWHELMING, Help.ASK),
        (TAKEN_BACK, SURE_ALARM, Help.NONE),
    ],
)
def test_two_voices(found: Danger, danger: float, needed: Help) -> None:
    assert vote(found, thinks(danger)) is needed


def test_a_classifier_that_does_not_know_what_else_is_meant_takes_nothing_back() -> None:
    torn = IntentGuess("chitchat", 0.4, (("chitchat", 0.4), ("complain", 0.4), ("emergency", 0.0)))
    assert vote(FELL, torn) is Help.ASK
    assert vote(CRIED, torn) is Help.ALARM


def test_a_sign_for_help_is_a_cry() -> None:
    found = Understander(Dead()).understand("🆘🆘", NOW)
    assert (found.intent, found.doubtful) == ("emergency", False)


def test_the_rules_alone() -> None:
    assert [vote(found, None) for found in (FELL, CRIED, PERHAPS, TAKEN_BACK, QUIET)] == [
        Help.ALARM, Help.ALARM, Help.ASK, Help.NONE, Help.NONE,
    ]  # fmt: skip
    # A ranking that leaves emergencies out has no vote about them.
    assert vote(FELL, IntentGuess("inform", 0.9, (("inform", 0.9),))) is Help.ALARM


class Calm:
    """A classifier that hears an order of medicine in everything; notes how long it may take."""

    def __init__(self) -> None:
        self.deadlines: list[float | None] = []

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        self.deadlines.append(within_s)
        return thinks(0.0001, "order_errand")


class Dead:
    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        raise RasaUnavailable("down")


def test_someone_in_danger_waits_for_the_vote_for_less_than_a_second() -> None:
    classifier = Calm()
    said_at: datetime = NOW
    Understander(classifier).understand("我摔倒了", said_at)
    Understander(classifier).understand("帮我买点药", said_at)
    assert classifier.deadlines[0] is not None and classifier.deadlines[0] < 1
    assert classifier.deadlines[1] is None


def test_a_strong_word_in_an_order_is_an_order() -> None:
    found = Understander(Calm()).understand("明天帮我买点药,着火了似的", NOW)
    assert (found.intent, found.services[0].code) == ("order_errand", "errand.medicine")
    without = Understander(Dead()).understand("明天帮我买点药,着火了似的", NOW)
    assert (without.intent, without.doubtful) == ("emergency", False)


def test_an_outright_cry_is_at_least_asked_about() -> None:
    found = Understander(Calm()).understand("救命,帮我买点药", NOW)
    assert (found.intent, found.doubtful) == ("emergency", True)
    assert found.instead is not None and found.instead.intent == "order_errand"
