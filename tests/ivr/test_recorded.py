"""Voice messages in the ears of a call: what was recorded on a phone, and what is made of it."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from ivr.ears import SHIPPED, BadModel, Ears
from ivr.level import Pcm
from ivr.recorded import RecordingEars, hear_recording
from nlu.dialogue.turns import Alternative
from nlu.errors import UnreadableSound
from nlu.expected import NOTHING_ASKED, Expected, Slot
from nlu.rules import yes_no
from tests.standin.wechat.amr import amr

RECORDINGS = Path(__file__).with_name("recordings")
RATE = 8000
YES_NO = Expected(frozenset({Slot.YES_NO}))
Words = Sequence[Alternative]


def recording(number: str) -> Pcm:
    (path,) = RECORDINGS.glob(f"{number}-*.wav")
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE), "<i2")


@dataclass
class Told:
    """A recogniser that hears, utterance after utterance, what it is told to."""

    words: list[Words]
    heard: int = 0

    def take(self, pcm: bytes) -> bool:
        self.heard += len(pcm) // 2
        return False

    def so_far(self) -> str:
        return self.words[0][0].text if self.words else ""

    def last(self) -> Words:
        return self.words.pop(0) if self.words else ()

    said = last


@dataclass
class ToldEars:
    """The free recogniser hears `words`, the closed one nothing."""

    words: list[Words]
    listens_for: list[tuple[str, ...]] = field(default_factory=list)
    free: Told | None = None

    def listen(self, phrases: Iterable[str] | None = None) -> Told:
        if phrases is not None:
            self.listens_for.append(tuple(phrases))
            return Told([])
        self.free = Told(self.words)
        return self.free


def hear(ears: ToldEars, pcm: Pcm, expected: Expected = NOTHING_ASKED) -> list[str]:
    return [one.text for one in hear_recording(cast(Ears, cast(Any, ears)), pcm, expected)]


def sure(text: str) -> Words:
    return (Alternative(text, 1.0),)


def test_a_message_with_a_long_pause_of_thought_is_one_message() -> None:
    ears = ToldEars([sure("明天中午"), sure("送一份午餐")])
    message = np.concatenate([recording("22"), silence(4), recording("12")])
    assert hear(ears, message) == ["明天中午送一份午餐"]


def test_who_lets_go_of_the_button_at_once_is_heard_to_the_end() -> None:
    spoken = recording("33")
    ears = ToldEars([sure("我想改到后天下午")])
    assert hear(ears, spoken) == ["我想改到后天下午"]
    assert ears.free is not None and ears.free.heard >= 0.9 * len(spoken)


def test_the_answer_is_looked_for_among_those_to_the_question_that_stands() -> None:
    ears = ToldEars([sure("对")])
    hear(ears, recording("34"), YES_NO)
    (phrases,) = ears.listens_for
    assert {"对", "不用了"} <= set(phrases)


@pytest.mark.parametrize("noise", ["45", "46", "47"])
def test_silence_hiss_and_clatter_say_nothing(noise: str) -> None:
    ears = ToldEars([sure("对")])
    assert hear(ears, recording(noise), YES_NO) == []


def test_a_cry_in_one_hearing_of_one_piece_is_kept() -> None:
    shares = {"甲": 0.4, "乙": 0.3, "丙": 0.2, "丁": 0.06, "救命": 0.04}
    ears = ToldEars([[Alternative(*one) for one in shares.items()], sure("戊")])
    message = np.concatenate([recording("22"), silence(4), recording("12")])
    heard = hear(ears, message)
    assert heard[0] == "甲戊" and "救命" in heard and len(heard) <= 5


def test_what_is_no_sound_is_refused_before_any_model_is_looked_for(tmp_path: Path) -> None:
    ears = RecordingEars(tmp_path / "nowhere")
    with pytest.raises(UnreadableSound):
        ears(b"a photo", NOTHING_ASKED)
    with pytest.raises(BadModel):
        ears(amr(recording("12")), NOTHING_ASKED)


@pytest.mark.parametrize(("recorded", "meant"), [("01", "affirm"), ("02", "deny"), ("35", "deny")])
def test_people_are_heard_through_wechat_s_own_encoding(recorded: str, meant: str) -> None:
    if not SHIPPED.is_dir():
        pytest.skip(f"there is no model to listen with at {SHIPPED}")
    heard = RecordingEars(SHIPPED)(amr(recording(recorded)), YES_NO)
    assert yes_no(heard[0].text) == meant
