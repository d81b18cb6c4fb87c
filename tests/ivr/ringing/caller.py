"""Somebody who rings the line: waits until it has spoken, says a sentence, hears the answer.

The telephone is Debian's baresip; what comes out of it is listened to, and what was said in words
is read in the record that the line writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Call, CallTurn
from tests.ivr.peers import RATE, BaresipPhone
from tests.ivr.ringing.saying import sentences, sound_of

LOUD = 150
"""Mean of absolute samples of a frame in which somebody speaks."""
FRAME = RATE // 50
BREATH_S = 0.9
"""Longer than the line's pauses between sentences, shorter than its patience."""
PATIENCE_S = 60.0
QUIET_AFTER_S = 60
"""Silence behind a sentence in the file that is the telephone's microphone."""
LOOK_S = 0.03


ASKED_AGAIN = 3
"""So often a sentence is said before somebody gives up."""
UNANSWERED_S = 3.0
"""It has said something and is waiting: it wants to hear it again."""
UNHEARD_S = 10.0
"""Nothing comes at all: we were not heard."""


def wait(
    holds: Callable[[], bool], what: Callable[[], str], patience_s: float = PATIENCE_S
) -> None:
    """Until it holds; fails with `what` after that."""
    until = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < until, what()
        time.sleep(LOOK_S)


@dataclass
class Ear:
    """What came out of the telephone since a moment, as far as it was written down."""

    path: Callable[[], Path | None]
    _from: int = 44
    """The header of the file is not heard."""
    _size: int = 0
    _grew: float = field(default_factory=time.monotonic)

    def attend(self) -> None:
        """What came until now is forgotten."""
        self._from += len(self.pcm()) // 2 * 2

    def pcm(self) -> bytes:
        """All that came since."""
        path = self.path()
        if path is None:
            return b""
        with path.open("rb") as file:
            file.seek(self._from)
            pcm = file.read()
        if len(pcm) != self._size:
            self._size, self._grew = len(pcm), time.monotonic()
        return pcm[: len(pcm) // 2 * 2]

    def spoke(self) -> bool:
        """Whether anything was said since."""
        return bool(self._loud().any())

    def quiet_s(self) -> float:
        """How long nothing was said any more; no sound at all is silence too."""
        loud = np.flatnonzero(self._loud())
        frames = len(self._loud())
        behind = frames - 1 - loud[-1] if len(loud) else frames
        return float(behind) * FRAME / RATE + (time.monotonic() - self._grew)

    def has(self, pcm: bytes) -> bool:
        """Whether this sound came: nearly the same wave, whatever the telephone made of it."""
        came = np.frombuffer(self.pcm(), "<i2").astype(np.float64)
        sought = np.frombuffer(pcm, "<i2").astype(np.float64)
        if len(came) < len(sought) or not sought.any():
            return False
        size = 1 << (len(came) + len(sought)).bit_length()
        found = np.fft.irfft(np.fft.rfft(came, size) * np.conj(np.fft.rfft(sought, size)), size)
        power = np.concatenate(([0.0], np.cumsum(came**2)))
        there = power[len(sought) :] - power[: len(power) - len(sought)]
        alike = found[: len(there)] / np.sqrt(np.maximum(there, 1.0) * (sought**2).sum())
        return bool(alike.max() > 0.8)

    def _loud(self) -> np.ndarray:
        came = np.frombuffer(self.pcm(), "<i2")
        frames = came[: len(came) // FRAME * FRAME].reshape(-1, FRAME).astype(int)
        loud: np.ndarray = np.abs(frames).mean(axis=1) > LOUD
        return loud


class Caller:
    """One call of one telephone. `rings` first; what is said is a recording's name."""

    def __init__(
        self, phone: BaresipPhone, line: str, sessions: sessionmaker[Session], number: str = ""
    ) -> None:
        """`line` is the SIP address that is rung; `number` ours, if not the telephone's."""
        self.phone, self._line, self._sessions = phone, line, sessions
        self._number = number or phone.number
        self.ear = Ear(phone.ear)
        self.whole_ear = Ear(phone.ear)
        self._rung_before = len(phone.events("CALL_INCOMING"))
        self._call_id: int | None = None
        self._before = 0

    def rings(self) -> str:
        """Ring, be answered; the line's first words."""
        with self._sessions() as session:
            self._before = session.scalar(select(Call.id).order_by(Call.id.desc()).limit(1)) or 0
        self.phone.dial(self._line)
        self.phone.wait_for("CALL_ESTABLISHED")
        return self._answer(0)

    def says(self, name: str, until: str = "") -> str:
        """Say a sentence when the line has stopped speaking; its answer. Said again, as people do,
        while there is no answer or `until` is not in it."""
        for _ in range(ASKED_AGAIN):
            no = self._turns() + 1
            self.lets_it_speak()
            self._speak(name)
            said = self._answer_or_question(no)
            if said and until in said:
                return said
        raise AssertionError(f"{sentences()[name]} is not understood: {self.told()}")

    def interrupts(self, name: str) -> str:
        """Say a sentence while the line is speaking, and again after it if that was not heard; its
        answer."""
        no = self._turns() + 1
        self.starts(name)
        return self._answer_or_question(no) or self.says(name)

    def picks_up(self) -> str:
        """Be rung, and answer; the line's first words."""
        wait(self._rung, lambda: f"{self._number} is not rung")
        self.phone.command("accept")
        return self._answer(0)

    def _rung(self) -> bool:
        rung = self.phone.events("CALL_INCOMING")[self._rung_before :]
        return any(self._number in one["accountaor"] for one in rung)

    def answer(self) -> str:
        """The line's next answer."""
        return self._answer(self._turns() + 1)

    def hears(self, sound: bytes) -> None:
        """Until this has come whole out of the telephone."""
        wait(lambda: self.whole_ear.has(sound), lambda: f"it was never heard: {self.told()}")

    def starts(self, name: str) -> None:
        """Begin to say a sentence while the line is speaking."""
        wait(self.ear.spoke, lambda: f"the line says nothing: {self.told()}")
        self._speak(name)

    def thinks_between(self, first: bytes, pause_s: float, second: bytes) -> None:
        """Say one piece, think, and say the other, when the line has stopped speaking."""
        self.lets_it_speak()
        self.ear.attend()
        self.phone.speak(first + bytes(2 * int(pause_s * RATE)) + second)

    def presses(self, keys: str) -> str:
        """Keys, as soon as the line speaks; its answer."""
        no = self._turns() + 1
        wait(self.ear.spoke, lambda: f"the line says nothing: {self.told()}")
        self.ear.attend()
        self.phone.press(keys)
        return self._answer(no)

    def lets_it_speak(self) -> None:
        """Until the line has said something and stopped."""
        wait(
            lambda: self.ear.spoke() and self.ear.quiet_s() > BREATH_S,
            lambda: f"the line does not come to an end: {self.told()}",
        )

    def hangs_up(self) -> None:
        """The call is over, and its record complete."""
        self.phone.hang_up()
        self.is_over()

    def is_over(self) -> None:
        """Until the record of the call is complete."""
        wait(lambda: self.call().ended_at is not None, lambda: f"the call goes on: {self.told()}")

    def call(self) -> Call:
        """The record of the call."""
        with self._sessions() as session:
            if self._call_id is None:
                mine = (Call.number == self._number) & (Call.id > self._before)
                self._call_id = session.scalars(select(Call.id).where(mine)).one()
            call = session.get_one(Call, self._call_id)
            call.turns  # noqa: B018 - to be looked at when the session is closed
            return call

    def told(self) -> str:
        """The record so far, for whoever wonders what went wrong."""
        lines = []
        for turn in self.call().turns:
            heard = " / ".join(one["text"] for one in turn.heard) or turn.keys
            lines.append(f"  {turn.no} ▶ {turn.text} ({heard}) {turn.understood.get('intent', '')}")
            lines.append(f"    ◀ {' '.join(turn.said)} {turn.times}")
        return "\n" + "\n".join(lines)

    def _speak(self, name: str) -> None:
        self.ear.attend()
        self.phone.speak(sound_of(name))

    def _turns(self) -> int:
        return max((turn.no for turn in self.call().turns), default=0)

    def _answer(self, no: int) -> str:
        said: list[str] = []

        def answered() -> bool:
            said[:] = self._said(no)
            return bool(said)

        wait(answered, lambda: f"no answer to turn {no}: {self.told()}")
        return "".join(said)

    def _answer_or_question(self, no: int) -> str:
        """Its answer; empty if it only asks us to say it again."""
        said: list[str] = []

        def answered() -> bool:
            said[:] = self._said(no)
            asked = self.ear.spoke() and self.ear.quiet_s() > UNANSWERED_S
            return bool(said) or asked or self.ear.quiet_s() > UNHEARD_S

        wait(answered, lambda: f"no answer to turn {no}: {self.told()}")
        return "".join(said)

    def _said(self, no: int) -> list[str]:
        """What the line said in the last turn from this one on."""
        with self._sessions() as session:
            turns = select(CallTurn).where(CallTurn.no >= no, CallTurn.said != [])
            mine = turns.where(CallTurn.call_id == self._id(session)).order_by(CallTurn.no)
            found = list(session.scalars(mine))
        return found[-1].said if found else []

    def _id(self, session: Session) -> int | None:
        mine = (Call.number == self._number) & (Call.id > self._before)
        return session.scalar(select(Call.id).where(mine))
