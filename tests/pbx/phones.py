"""Telephones of the PBX: Debian's baresip, registered with a password."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from tests.ivr.peers import RATE, BaresipPhone
from tests.pbx.asterisk import NUMBER, Asterisk, password_of
from tests.pbx.waiting import eventually

LOUD = 500
"""Of a frame, effective, in steps of 16 bits: speech, not the line's hiss."""
BREATH_S = 1.0
"""So long a silence, and they have said what they had to say."""


class Extension(BaresipPhone):
    """A telephone that the PBX knows by its number."""

    def __init__(self, folder: Path, number: str, pbx: Asterisk, answers: bool = False) -> None:
        super().__init__(folder, number, answers=answers)
        self._pbx = pbx
        mode = "auto" if answers else "manual"
        (self._folder / "accounts").write_text(
            f"<sip:{number}@{pbx.address}>;regint=60;answermode={mode}"
            f";auth_user={number};auth_pass={password_of(number)};audio_codecs=pcma,pcmu\n"
        )

    def __enter__(self) -> Self:
        super().__enter__()
        eventually(lambda: self._pbx.state_of(self.number) == "Avail", self.log)
        return self

    def log(self) -> str:
        """What it printed of late, without its running meters."""
        lines = super().log().replace("\r", "\n").splitlines()
        return "\n".join([one for one in lines if one.strip() and "audio=" not in one][-40:])

    def rings_the_line(self) -> None:
        """Dials, and is answered."""
        self.dial(f"sip:{NUMBER}@{self._pbx.address}")
        eventually(lambda: bool(self.events("CALL_ESTABLISHED")), self.log)

    def speech_s(self) -> float:
        """Seconds of speech heard in the last call."""
        return seconds_of_speech(self.heard())

    def listens(self, more_than_s: float = 0.0) -> None:
        """Until the other side has spoken, for longer than so many seconds in all, and is quiet."""

        def their_turn_is_over() -> bool:
            heard = self.heard()
            spoken = seconds_of_speech(heard[: -2 * int(BREATH_S * RATE)])
            return spoken > more_than_s and seconds_of_speech(heard) == spoken

        eventually(their_turn_is_over, self.log)


def seconds_of_speech(pcm: bytes) -> float:
    """How much of it is loud enough to be heard, in frames of 20 ms."""
    samples = np.frombuffer(pcm, "<i2", len(pcm) // 320 * 160).reshape(-1, 160)
    loud = np.sqrt((samples.astype(float) ** 2).mean(axis=1)) > LOUD
    return float(loud.sum()) * 0.02


def talk_with_each_other(one: Extension, other: Extension, sentence: bytes) -> None:
    """Each says the sentence and is heard by the other."""
    for speaker, listener in ((one, other), (other, one)):
        before = listener.speech_s()
        speaker.speak(sentence)
        eventually(lambda: listener.speech_s() - before > 0.8, listener.log)  # noqa: B023
