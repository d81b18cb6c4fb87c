"""Recorded callers played into the ears of a call, frame by frame, and what came of it.

No test waits: the pool of most of them works at once, and time is what the frames say it is.
"""

from __future__ import annotations

import random
import wave
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.call.events import Listened, Noise, Partial, Paused, Said, SpeechBegan
from ivr.ears import SHIPPED, Ears
from ivr.level import Pcm
from ivr.listening import Listening
from ivr.nearest import better
from ivr.pauses import HANGING_S, ORDINARY_S, SHORT_S, WHOLE_S
from ivr.phrases import complete, listed, standing
from nlu.expected import Expected, Slot
from nlu.gist import gist
from nlu.rules import yes_no

RECORDINGS = Path(__file__).with_name("recordings")
RATE, FRAME = 8000, 160
YES_NO = Expected(frozenset({Slot.YES_NO}))


class AtOnce(Executor):
    """A pool whose work is done before it is handed in."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        fn(*args, **kwargs)
        return Future()


@dataclass
class Ringing:
    """One call's ears, and the clock of its sound."""

    ears: Any
    pool: Executor = field(default_factory=AtOnce)
    events: list[Listened] = field(default_factory=list)
    at: float = 50.0

    def __post_init__(self) -> None:
        self.listening = Listening(self.ears, self.pool, self.events.append)
        self._hiss = np.random.default_rng(1)

    def asks(self, expected: Expected) -> list[str]:
        found = listed(expected)
        self.listening.expect(found, complete(expected), standing(expected))
        return found

    def plays(self, pcm: Pcm) -> None:
        hissing = pcm + self._hiss.normal(0, 6, len(pcm))
        line = np.clip(np.rint(hissing), -32768, 32767).astype("<i2")
        for start in range(0, len(line) - FRAME + 1, FRAME):
            self.at += 0.02
            self.listening.hear(line[start : start + FRAME].tobytes(), self.at)

    def silence(self, seconds: float = 2.5) -> None:
        self.plays(np.zeros(int(seconds * RATE), np.int16))

    def says(self, *recordings: str) -> Said:
        """All of it in a row; then silence, until it must have been taken for the end."""
        self.silence(0.5)
        for name in recordings:
            self.plays(recording(name))
        self.silence()
        said: list[Said] = self.all(Said)
        (only,) = said
        return only

    def all(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind)]


def recording(name: str) -> Pcm:
    (path,) = RECORDINGS.glob(f"{name}-*.wav")
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


@pytest.fixture(scope="module")
def ears() -> Ears:
    if not SHIPPED.is_dir():
        pytest.skip(f"there is no model to listen with at {SHIPPED}")
    return Ears(SHIPPED)


@pytest.fixture
def call(ears: Ears) -> Ringing:
    return Ringing(ears)


@pytest.mark.parametrize(
    ("recorded", "meant"),
    [
        ("01", "affirm"),
        ("02", "deny"),
        ("03", "affirm"),  # an accent never heard: freely 七栋, in the list 行的
        ("19", "deny"),
        ("34", "affirm"),
    ],
)
def test_a_short_answer_is_heard_and_ends_at_once(call: Ringing, recorded: str, meant: str) -> None:
    wanted = call.asks(YES_NO)
    said = call.says(recorded)
    assert yes_no(better(said.free, said.listed, wanted, gist)[0].text) == meant
    assert SHORT_S <= said.at - said.ended < SHORT_S + 0.1
    assert said.began < said.ended < said.at
    assert said.seconds == pytest.approx(said.ended - said.began, abs=0.2)
    (began,) = call.all(SpeechBegan)
    assert began.at - said.began < 0.3, "barge-in has 300 ms"


@pytest.mark.parametrize(
    ("slot", "recorded", "words"),
    [
        (Slot.DATE, "05", "后天"),
        (Slot.DATE, "23", "下周三"),
        (Slot.TIME, "24", "上午九点"),
        (Slot.QUANTITY, "38", "两份"),
        (Slot.CODE, "26", "八六四零"),
    ],
)
def test_an_answer_is_found_in_the_list_of_its_question(
    call: Ringing, slot: Slot, recorded: str, words: str
) -> None:
    wanted = call.asks(Expected(frozenset({slot})))
    said = call.says(recorded)
    assert better(said.free, said.listed, wanted)[0].text == words


def test_a_sentence_comes_in_parts_and_then_whole(call: Ringing) -> None:
    said = call.says("16")
    assert said.free[0].text == "明天中午给我妈订一份午餐"
    assert said.listed == (), "nothing was asked"
    assert ORDINARY_S <= said.at - said.ended < ORDINARY_S + 0.1
    partials = call.all(Partial)
    assert len(partials) > 2
    assert all(said.began < one.at < said.at for one in partials)
    assert partials[0].text.startswith("明天")


def test_a_short_answer_in_noise_ends_as_soon_as_in_silence(call: Ringing) -> None:
    """The voice detector holds on to a voice in noise for a third of a second."""
    said = recording("19")
    (voiced,) = np.nonzero(np.abs(said) > 1000)
    loudness = np.sqrt(np.mean(np.square(said[voiced[0] : voiced[-1]], dtype=float)))
    noise = np.random.default_rng(2).normal(0, loudness / 10**0.5, 9 * RATE)
    begin = 4 * RATE
    noise[begin : begin + len(said)] += said
    call.asks(YES_NO)
    began = call.at
    call.plays(np.clip(noise, -32768, 32767).astype(np.int16))
    (heard,) = call.all(Said)
    ended = began + (begin + voiced[-1]) / RATE
    assert heard.ended == pytest.approx(ended, abs=0.2)


def test_who_thinks_behind_the_day_is_waited_for(call: Ringing) -> None:
    call.silence(0.5)
    call.plays(recording("22"))  # 明天
    call.silence(1.0)
    assert not call.all(Said)
    call.plays(recording("24"))  # 上午九点
    call.silence(HANGING_S + 0.5)
    (said,) = call.all(Said)
    assert said.free[0].text == "明天上午九点"


def test_a_pause_is_told_once_with_what_the_end_will_bring(call: Ringing) -> None:
    call.asks(Expected(frozenset({Slot.DATE, Slot.TIME})))
    call.silence(0.5)
    call.plays(recording("22"))  # 明天
    call.silence(1.0)
    (thinking,) = call.all(Paused)
    assert thinking.free[0].text == "明天"
    call.plays(recording("33"))  # a sentence
    call.silence(HANGING_S + 0.5)
    (said,) = call.all(Said)
    *_, last = call.all(Paused)
    assert (last.free, last.listed) == (said.free, said.listed)
    assert last.at < said.at - 0.3, "a head start"


def test_what_is_whole_ends_sooner_and_only_in_that_pause(ears: Ears) -> None:
    """A sentence; the ears are told in its pause that it lacks nothing."""
    waited = []
    for tells in (False, True):
        call = Ringing(ears)
        call.silence(0.5)
        call.plays(recording("33"))
        call.silence(0.4)
        (pause,) = call.all(Paused)
        if tells:
            call.listening.is_whole(pause)
        call.silence()
        (said,) = call.all(Said)
        waited.append(said.at - said.ended)
        call.plays(recording("33"))
        call.silence()
        again = call.all(Said)[1]
        assert again.at - again.ended > WHOLE_S + 0.1
    assert waited[1] == pytest.approx(WHOLE_S, abs=0.1)
    assert waited[1] < waited[0] - 0.1


def test_a_part_of_the_day_may_be_all_of_an_answer(call: Ringing) -> None:
    """上午九点 up to its hour, where a time is asked: it does not hang for two seconds."""
    call.asks(Expected(frozenset({Slot.DATE, Slot.TIME})))
    call.silence(0.5)
    call.plays(recording("24")[: int(0.43 * RATE)])
    call.silence()
    (said,) = call.all(Said)
    assert said.free[0].text == "上午"
    assert said.at - said.ended == pytest.approx(WHOLE_S, abs=0.1)


def test_an_answer_that_ends_at_once_has_no_pause(call: Ringing) -> None:
    call.asks(YES_NO)
    call.says("19")
    assert not call.all(Paused)


def test_a_cry_in_a_long_speech_is_told_while_it_goes_on(call: Ringing) -> None:
    call.silence(0.5)
    fallen = recording("15")  # 我摔倒了
    (voiced,) = np.nonzero(np.abs(fallen) > 1000)
    call.plays(fallen[: voiced[-1] + RATE // 5])
    call.plays(recording("16"))
    assert any("摔倒" in one.text for one in call.all(Partial))
    assert not call.all(Said)


@pytest.mark.parametrize("odd", ["45", "46", "47", "48"])
def test_clatter_hiss_and_music_are_no_words(call: Ringing, odd: str) -> None:
    call.asks(YES_NO)
    call.silence(0.5)
    call.plays(recording(odd))
    call.silence()
    assert not call.all(SpeechBegan)
    assert not call.all(Said)
    assert bool(call.all(Noise)) is (odd in ("46", "48")), "what is loud for long is told of"


@pytest.mark.parametrize("louder_db", [-24, -12, 6])
def test_a_faint_caller_is_heard_like_a_loud_one(call: Ringing, louder_db: float) -> None:
    wanted = call.asks(YES_NO)
    call.silence(0.5)
    pcm = recording("19") * 10 ** (louder_db / 20)
    call.plays(np.clip(pcm, -32768, 32767).astype(np.int16))
    call.silence()
    (said,) = call.all(Said)
    assert better(said.free, said.listed, wanted)[0].text == "不是"
    assert said.level_db == pytest.approx(-19 + louder_db, abs=4)


def test_the_list_is_swapped_between_utterances(call: Ringing) -> None:
    call.listening.expect(["午餐", "晚餐"], {"午餐"})
    call.says("12")
    call.asks(YES_NO)
    call.silence(0.5)
    call.plays(recording("01"))
    call.silence()
    first, second = call.all(Said)
    assert (first.listed[0].text, second.listed[0].text) == ("午餐", "好的")


def test_a_line_that_sends_nothing_in_silence_ends_a_turn_all_the_same(call: Ringing) -> None:
    call.asks(YES_NO)
    call.silence(0.5)
    call.plays(recording("19"))
    for _ in range(100):
        call.at += 0.02
        call.listening.hear(b"", call.at)
    (said,) = call.all(Said)
    assert said.listed[0].text == "不是"


def test_lost_and_odd_frames_do_no_harm(call: Ringing) -> None:
    dice = random.Random(1)
    wanted = call.asks(YES_NO)
    pcm = np.concatenate([np.zeros(4000, np.int16), recording("01"), np.zeros(20000, np.int16)])
    for start in range(0, len(pcm) - FRAME + 1, FRAME):
        call.at += 0.02
        frame = pcm[start : start + FRAME].tobytes()
        lost = dice.random() < 0.05
        call.listening.hear(b"" if lost else frame + b"\0" * dice.choice([0, 0, 0, 1]), call.at)
    (said,) = call.all(Said)
    assert better(said.free, said.listed, wanted)[0].text == "好的"


def test_after_the_call_nothing_is_told(call: Ringing) -> None:
    call.asks(YES_NO)
    call.silence(0.5)
    call.plays(recording("01")[: RATE // 2])
    call.listening.close()
    told = len(call.events)
    call.plays(recording("01"))
    call.silence()
    assert len(call.events) == told


class Deaf:
    """Ears whose recogniser fails whenever it is asked for one."""

    asked = 0

    def listen(self, phrases: Iterable[str] | None = None, alternatives: int = 5) -> Any:
        self.asked += 1
        raise RuntimeError("the model is gone")


def test_broken_ears_leave_a_call_that_hears_that_somebody_spoke() -> None:
    call = Ringing(deaf := Deaf())
    said = call.says("16")
    assert said.free == said.listed == ()
    assert deaf.asked == 1, "once an utterance, not once a frame"


class DiesInMidSentence:
    """Ears of which the first recogniser breaks after so much sound; the others work."""

    def __init__(self, ears: Ears, frames: int) -> None:
        self._ears, self._left = ears, frames

    def listen(self, phrases: Iterable[str] | None = None, alternatives: int = 5) -> Any:
        made = self._ears.listen(phrases, alternatives)
        take = made.take

        def breaking(pcm: bytes) -> bool:
            self._left -= 1
            if self._left == 0:
                raise RuntimeError("the recogniser has died")
            return take(pcm)

        made.take = breaking  # type: ignore[method-assign]
        return made


def test_a_recogniser_that_dies_in_mid_sentence_loses_that_sentence_alone(ears: Ears) -> None:
    call = Ringing(DiesInMidSentence(ears, frames=20))
    wanted = call.asks(YES_NO)
    call.says("16")
    lost = call.all(Said)[0]
    assert "午餐" not in "".join(one.text for one in lost.free), "it was broken off"
    call.silence(0.5)
    call.plays(recording("01"))
    call.silence()
    found = call.all(Said)[-1]
    assert better(found.free, found.listed, wanted)[0].text == "好的"


def test_a_pool_that_is_shut_ends_the_listening(ears: Ears) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    call = Ringing(ears, pool)
    call.plays(recording("01"))
    assert call.events == []


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def test_calls_at_once_are_kept_apart_and_in_order(ears: Ears, pool: ThreadPoolExecutor) -> None:
    answers = {"01": "好的", "02": "不要", "19": "不是", "34": "对的"}
    calls = {name: Ringing(ears, pool) for name in answers}
    for call in calls.values():
        call.asks(YES_NO)
        call.silence(0.5)
    for name, call in calls.items():
        call.plays(recording(name))
        call.silence(1.5)
    pool.shutdown(wait=True)
    for name, call in calls.items():
        (said,) = call.all(Said)
        assert said.listed[0].text == answers[name]
        assert [one.at for one in call.events] == sorted(one.at for one in call.events)
