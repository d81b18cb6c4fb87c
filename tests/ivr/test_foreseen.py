"""Words classified while their pause is still waited out: what the turn saves, and what a wrong
guess costs. Questions are counted where Rasa would hear them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from backend.db.models import CallTurn, Message
from backend.seed.town import Seeded
from ivr.desk import Desk
from nlu.dialogue.turns import Alternative
from nlu.foresight import Foresight
from nlu.rasa_client import RasaClient
from nlu.understand import Understander
from tests.conftest import NOW
from tests.ivr.lines import Line, Talker, a_line
from tests.nlu.rasa_like import RasaLike, rasa_like

LUNCH = "明天中午送一份午餐"
MISHEARD = "明天中午送一份五餐"


@pytest.fixture
def rasa() -> Iterator[RasaLike]:
    with rasa_like() as server:
        yield server


@pytest.fixture
def line(engine: Engine, monkeypatch: pytest.MonkeyPatch, rasa: RasaLike) -> Iterator[Line]:
    client = RasaClient(rasa.url, timeout_s=60)
    with a_line(engine, monkeypatch, NOW) as line:
        line.desk = Desk(line.sessions, Understander(client).through(Foresight))
        yield line
    client.close()


def pauses_after(talker: Talker, *heard: str) -> None:
    """The words so far, and silence behind them."""
    shares = [Alternative(text, 0.8 / 3**place) for place, text in enumerate(heard)]
    talker.line.desk.foresee(shares, talker.last.expected)


def test_rasa_is_asked_once_about_words_that_were_foreseen(
    line: Line, rasa: RasaLike, seeded: Seeded
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    written = (line.all(Message), line.all(CallTurn))
    pauses_after(daughter, LUNCH, MISHEARD)
    assert sorted(rasa.asked) == sorted([LUNCH, MISHEARD])
    assert (len(line.all(Message)), len(line.all(CallTurn))) == tuple(map(len, written))
    assert "哪位" in daughter.says(LUNCH, MISHEARD)
    assert len(rasa.asked) == 2
    pauses_after(daughter, "李桂")
    asked = len(rasa.asked)
    assert "李桂兰" in daughter.says("李桂兰"), "the conversation stands where it stood"
    assert len(rasa.asked) == asked + 1
    assert daughter.last.doing == "order:confirm"
    pauses_after(daughter, "好的")
    assert len(rasa.asked) == asked + 1, "a yes needs no Rasa"


@pytest.mark.parametrize(
    ("heard", "whole"), [(LUNCH, True), ("明天订饭", True), ("送一份午餐", False), ("好的", False)]
)
def test_a_whole_order_is_known_in_its_pause(
    line: Line, rasa: RasaLike, seeded: Seeded, heard: str, whole: bool
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    found = line.desk.foresee([Alternative(heard, 1.0)], daughter.last.expected)
    assert found is whole


def test_a_wrong_guess_changes_nothing(line: Line, rasa: RasaLike, seeded: Seeded) -> None:
    guessed, plain = (line.ring(seeded.wang_fang_phone) for _ in range(2))
    pauses_after(guessed, "明天中午送一份")
    pauses_after(guessed, "救命")
    said = guessed.says(LUNCH)
    guessed.hangs_up()
    assert (said, guessed.last.doing) == (plain.says(LUNCH), plain.last.doing)
    assert not guessed.last.alarm


def test_rasa_away_in_the_pause_and_back_for_the_turn(
    line: Line, rasa: RasaLike, seeded: Seeded
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    rasa.status = 503
    pauses_after(daughter, LUNCH, MISHEARD)
    assert rasa.asked == [LUNCH], "who is away is not asked again and again"
    rasa.status = 200
    assert "哪位" in daughter.says(LUNCH)
    assert not daughter.last.human


def test_two_callers_with_the_same_words_share_one_question(
    line: Line, rasa: RasaLike, seeded: Seeded
) -> None:
    daughter, stranger = line.ring(seeded.wang_fang_phone), line.ring("13911112222")
    pauses_after(daughter, LUNCH)
    pauses_after(stranger, LUNCH)
    assert "王芳" in daughter.opening
    assert "哪位" in daughter.says(LUNCH)
    assert "哪位长者" in stranger.says(LUNCH)
    assert rasa.asked == [LUNCH]
