"""What a caller hears while we cannot talk: what is said follows what is written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from ivr import ring_back
from ivr.call.reaching import Humans
from ivr.endpoint import Call
from ivr.ring_back import NEWS, RingBack
from ivr.writing import Written
from nlu.prompts import prompt_ids, say
from tests.ivr.paper import Aloud, PaperCall


class Agents:
    """People who pick up when they are rung for an alarm, or do not."""

    def __init__(self, come: bool) -> None:
        self.rung: list[str] = []
        self._come = come

    async def bring(self, call: Call, why: str, joining: Callable[[str], None]) -> bool:
        self.rung.append(why)
        if self._come:
            joining("8801")
        return self._come


def take(call: PaperCall, write: Callable[[], Written], helpers: Humans | None = None) -> None:
    asyncio.run(RingBack(Aloud()).take(call, write, helpers))  # type: ignore[arg-type]


@pytest.mark.parametrize("written", [Written.TICKET, Written.INCIDENT, Written.NO_NUMBER])
def test_the_news_is_said_twice_between_hello_and_goodbye(written: Written) -> None:
    call = PaperCall()
    take(call, lambda: written)
    news = say(NEWS[written]).speech
    assert call.said[1:-1] == [news, news]
    assert call.said[0] == say("line.greeting").speech
    assert call.hung_up


def test_nobody_is_promised_a_call_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ring_back, "RETRY_S", (0.01,))
    call, attempts = PaperCall(), list[int]()

    def write() -> Written:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("the database is away")
        assert call.breathing.wait(5)  # it is back between the first news and the second
        return Written.TICKET

    take(call, write)
    assert len(attempts) == 2
    # Away when it was said first, back when it was said again.
    assert call.said[1:3] == [say("line.not_written").speech, say("line.ring_back").speech]


def test_a_caller_who_hangs_up_at_once_is_written_down_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ring_back, "RETRY_S", (0.01,))
    fates = [ConnectionError(), ConnectionError(), Written.TICKET]

    def write() -> Written:
        fate = fates.pop(0)
        if isinstance(fate, Exception):
            raise fate
        return fate

    call = PaperCall(patience=0)
    take(call, write)
    assert fates == []
    assert call.said == []


def test_a_bell_is_written_down_even_if_the_telephone_itself_fails() -> None:
    class Broken(PaperCall):
        async def answer(self) -> None:
            raise RuntimeError("the stack is upset")

    rung: list[Written] = []

    def write() -> Written:
        time.sleep(0.1)  # the telephone has failed by now
        rung.append(Written.INCIDENT)
        return Written.INCIDENT

    take(Broken(), write)
    assert rung == [Written.INCIDENT]


def test_danger_is_told_to_dial_120_and_every_state_has_words() -> None:
    assert set(NEWS) == set(Written)
    assert set(NEWS.values()) <= prompt_ids()
    for written in set(Written) - {Written.INCIDENT}:  # a bell cannot dial
        assert "幺二零" in say(NEWS[written]).speech


def test_an_agent_picks_up_for_a_bell_that_could_not_be_written_down() -> None:
    call, agents = PaperCall(), Agents(come=True)
    take(call, lambda: Written.INCIDENT, agents)
    assert agents.rung == ["alarm"]
    assert say("line.goodbye").speech not in call.said
    assert call.hung_up


def test_nobody_picks_up_for_a_bell_and_it_hears_all_the_same_that_help_is_called() -> None:
    call, agents = PaperCall(), Agents(come=False)
    take(call, lambda: Written.INCIDENT, agents)
    assert agents.rung == ["alarm"]
    assert say("line.alarm").speech in call.said
    assert call.said[-1] == say("line.goodbye").speech
