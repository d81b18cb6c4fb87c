"""Elders and families of a story on the telephone: spoken, coded as a trunk codes it, listened to
as in a call, answered by the line's desk. Who works or is on duty has WeChat as ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backend import clock
from ivr.call.events import Listened, Said
from ivr.choices import Choices
from ivr.desk import Answered, Desk, Ending, OpenCall, Ring
from ivr.ears import Ears
from ivr.listening import Listening
from ivr.model.g711 import coded
from ivr.nearest import better
from ivr.phrases import Extras, complete, listed
from nlu.dialogue.turns import Alternative
from nlu.expected import Expected
from nlu.gist import gist_for
from nlu.rasa_client import RasaClient
from nlu.understand import Understander
from tests.scenarios.aloud import bare, speech_of
from tests.scenarios.channel import Told, WeChat
from tests.scenarios.runner import GREETING
from tests.scenarios.theatre import Theatre

FRAME, FRAME_S = 320, 0.02
QUIET_S = 4.0
"""Silence behind what is said: longer than anybody is waited for."""
HEARD_WITHIN_S = 60.0
FIRST_NUMBER = 13700137000


@dataclass
class _OnTheLine:
    """Somebody's call, and both sides of what is said in it."""

    number: str
    call: OpenCall | None = None
    turns: int = 0
    expected: Expected = Expected()
    likely: Extras = field(default_factory=Extras)


class ByPhone(WeChat):
    """Those who ring rather than write do so; `talkers` are their names."""

    def __init__(self, theatre: Theatre, ears: Ears, talkers: set[str]) -> None:
        super().__init__(theatre.stage)
        environment = theatre.stage.environment
        understander = Understander(RasaClient(environment["YINLING_RASA_URL"]))
        self._desk = Desk(theatre.sessions, understander)
        self._choices = Choices(theatre.sessions)
        self._ears = ears
        self._lines = {
            name: _OnTheLine(str(FIRST_NUMBER + number))
            for number, name in enumerate(sorted(talkers))
        }
        self._rings = 0
        self._said: list[str] = []

    def medium(self, who: str) -> str:
        return "phone" if who in self._lines else super().medium(who)

    def identifier(self, who: str) -> str:
        return self._lines[who].number if who in self._lines else super().identifier(who)

    def do(self, who: str, deed: str, what: Any, copies: int, expect_answer: bool) -> list[str]:
        if who not in self._lines:
            return super().do(who, deed, what, copies, expect_answer)
        if what == GREETING:
            return []  # on the telephone it is we who greet
        line = self._lines[who]
        if line.call is None:
            self._ring(line)
        assert line.call is not None
        line.turns += 1
        hearings = hear(self._ears, speech_of(str(what)), line.expected, line.likely)
        answered = self._desk.utter(line.call, line.turns, hearings)
        self._told(line, answered)
        self._said.append(f"  {who} ▶ {bare(str(what))} ({' / '.join(h.text for h in hearings)})")
        self._said += [f"  {who} ◀ {reply.text}" for reply in answered.replies]
        return [reply.text for reply in answered.replies]

    def told(self, who: str) -> list[Told]:
        return [] if who in self._lines else super().told(who)

    def part(self) -> None:
        for line in self._lines.values():
            if line.call is not None:
                self._desk.close_call(line.call, Ending("caller", clock.now()))
                line.call = None

    def transcript(self) -> str:
        return "\n".join((*self._said, super().transcript()))

    def _ring(self, line: _OnTheLine) -> None:
        self._rings += 1
        ring = Ring(f"story-{self._rings}", clock.now(), line.number, "96993")
        line.call, line.turns = self._desk.open_call(ring), 0
        line.likely = self._choices.of(line.call.account_id)
        assert line.call.opening is not None
        self._told(line, line.call.opening)

    @staticmethod
    def _told(line: _OnTheLine, answered: Answered) -> None:
        line.expected = answered.expected


def hear(ears: Ears, pcm: bytes, expected: Expected, likely: Extras) -> tuple[Alternative, ...]:
    """What a call hears when this is said behind such a question."""
    phrases = listed(expected, likely)
    heard: list[Said] = []
    ended = threading.Event()

    def tell(event: Listened) -> None:
        if isinstance(event, Said):
            heard.append(event)
            ended.set()

    with ThreadPoolExecutor(1) as pool:
        listening = Listening(ears, pool, tell)
        listening.expect(phrases, complete(expected, likely))
        quiet = bytes(int(QUIET_S / FRAME_S) * FRAME)
        for number, frame in enumerate(_frames(bytes(10 * FRAME) + pcm + quiet)):
            listening.hear(frame, number * FRAME_S)
        assert ended.wait(HEARD_WITHIN_S), "nobody was heard to speak"
    listening.close()
    free = [one for said in heard for one in said.free]
    whole = heard[0] if len(heard) == 1 else _joined(heard)
    means = gist_for(expected)
    return better(whole.free, whole.listed, phrases, means) or tuple(free)


def _joined(heard: list[Said]) -> Said:
    """What was said with a long pause in it, as one: the conversation would have waited."""
    text = "".join(said.free[0].text for said in heard if said.free)
    last = heard[-1]
    return Said(
        last.at, heard[0].began, last.ended, (Alternative(text, 1.0),), (), last.level_db, 0.0
    )


def _frames(pcm: bytes) -> list[bytes]:
    sound = coded(np.frombuffer(pcm[: len(pcm) // FRAME * FRAME], "<i2").copy(), "a").tobytes()
    return [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
