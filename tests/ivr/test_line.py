"""Calls as they come and go, and what may break in them; no sockets here."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from backend.services.open_call import Ring
from ivr import line as line_module
from ivr.call import writing
from ivr.call.events import Listened, Partial, Paused, Said, SpeechBegan
from ivr.caller import dialled, number_of
from ivr.desk import Answered, Ending, OpenCall
from ivr.endpoint import Call
from ivr.health import is_well
from ivr.line import Line
from ivr.phrases import Extras
from ivr.ring_back import RingBack
from ivr.settings import IvrSettings
from ivr.sip.stack import called_of
from ivr.writing import Written
from nlu.dialogue.turns import Alternative, Reply
from nlu.expected import NOTHING_ASKED, Expected
from nlu.prompts import say
from ops.processes import free_port
from tests.ivr.loopback import eventually
from tests.ivr.paper import Aloud, PaperCall

CALLER = "13700137000"
BELL_CALL = "sip:076912345678@pbx"


def opened(call_id: int = 7, *, is_bell: bool = False) -> OpenCall:
    """王芳 rings, or a bell."""
    hello = Answered(0, "", (Reply("您好", "您好"),), NOTHING_ASKED)
    return OpenCall(
        call_id, CALLER, 1, CALLER, (1,), "王芳", is_bell, None, None, None, False, hello
    )


@dataclass
class PaperDesk:
    """Knows one caller; `fails` are methods that raise, as often as they are told to."""

    fails: list[str] = field(default_factory=list)
    known: OpenCall = field(default_factory=opened)
    done: list[tuple[str, object]] = field(default_factory=list)
    slow: threading.Event | None = None
    on_duty: bool = False
    foreseen: list[str] = field(default_factory=list)

    def open_call(self, ring: Ring) -> OpenCall:
        if self.slow is not None:
            assert self.slow.wait(10)
        return self.known

    def was_answered(self, call: OpenCall, at: datetime) -> None:
        pass

    def utter(self, call: OpenCall, no: int, heard: object, keys: str, unheard: bool) -> Answered:
        return self._do("utter", Answered(no, "", (Reply("好的", "好的"),), NOTHING_ASKED))

    def human_came(self, call: OpenCall, at: datetime, telephone: str) -> None:
        self._do("human_came", None, telephone)

    def foresee(self, heard: Sequence[Alternative], expected: Expected) -> bool:
        self.foreseen.append(heard[0].text)
        if "foresee" in self.fails:
            raise ConnectionError("nobody can be asked")
        return True

    def begin_callout(self, call: OpenCall, callout_id: int) -> Answered:
        return self._do("begin_callout", opened().opening)

    def cry(self, call: OpenCall, words: str, no: int) -> bool:
        return self._do("cry", not self.on_duty, words)

    def hand_over(self, call: OpenCall, why: str, words: str = "") -> int:
        return self._do("hand_over", 1, why)

    def nobody_answers(self, call: OpenCall) -> bool:
        return self._do("nobody_answers", True)

    def reached_human(self, call: OpenCall, outcome: str) -> None:
        self._do("reached_human", None)

    def close_call(self, call: OpenCall, ending: Ending, turns: object = ()) -> None:
        self._do("close_call", None, ending.how)

    def _do(self, what: str, given: Any, how: object = None) -> Any:
        if what in self.fails:
            self.fails.remove(what)
            raise ConnectionError("the database is away")
        self.done.append((what, how))
        return given


class Deaf:
    """Ears that hear nothing; `broken` ones raise when they are told what to listen for."""

    tell: Callable[[Listened], None]

    def __init__(self, broken: bool = False) -> None:
        self._broken = broken

    def expect(self, *_: object) -> None:
        if self._broken:
            raise RuntimeError("no ears")

    def hear(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


class HearsACry(Deaf):
    """Ears that hear somebody cry for help, and not yet the end of it."""

    def expect(self, *_: object) -> None:
        self.tell(SpeechBegan(time.monotonic()))
        self.tell(Partial(time.monotonic(), "救命"))


class HearsAPause(Deaf):
    """Ears that hear somebody think, and no end of it before they are told that it is whole."""

    def expect(self, *_: object) -> None:
        self.pause = Paused(time.monotonic(), (Alternative("明天订饭", 1.0),), ())
        self.tell(self.pause)

    def is_whole(self, pause: Paused) -> None:
        assert pause is self.pause
        self.tell(SpeechBegan(time.monotonic()))


@dataclass
class PaperAgents:
    """Agents who talk with whoever they are rung for."""

    come: bool = False
    rung: list[str] = field(default_factory=list)

    async def bring(self, call: Call, why: str, joining: Callable[[str], None]) -> bool:
        self.rung.append(why)
        if self.come:
            joining("8801")
        return self.come


class PaperParts:
    """What calls share, on paper."""

    def __init__(self, desk: PaperDesk, listen: Callable[[], Deaf] = Deaf) -> None:
        self.desk, self.voice, self.bells = desk, Aloud(), self
        self.choices, self._listen = self, listen
        self.ring_back = RingBack(self.voice)
        self.written: list[str] = []

    def write_down(self, ring: Ring) -> Written:
        self.written.append(ring.sip_id)
        return Written.TICKET

    def rings(self, caller: str) -> bool:
        return caller == BELL_CALL

    def of(self, account_id: int) -> Extras:
        return Extras()

    def listen(self, tell: Callable[[Listened], None]) -> Deaf:
        made = self._listen()
        made.tell = tell
        return made


def paper_line(parts: PaperParts, agents: PaperAgents | None = None) -> Line:
    return Line(parts, agents or PaperAgents())  # type: ignore[arg-type]


def take(line: Line, call: PaperCall) -> None:
    asyncio.run(line.take(call))  # type: ignore[arg-type]


def no_ears() -> Deaf:
    raise RuntimeError("no ears")


@pytest.mark.parametrize("listen", [no_ears, partial(Deaf, broken=True)], ids=["made", "used"])
def test_when_our_ears_break_the_caller_is_told_that_a_human_rings_back(
    listen: Callable[[], Deaf],
) -> None:
    desk, call = PaperDesk(), PaperCall()
    take(paper_line(PaperParts(desk, listen)), call)
    assert say("line.ring_back").speech in call.said
    assert call.said[-1] == say("line.goodbye").speech
    assert desk.done == [("hand_over", "failed"), ("close_call", "failed")]
    assert call.hung_up


def test_when_our_ears_break_a_bells_call_is_an_alarm_and_agents_are_rung() -> None:
    desk, call, agents = PaperDesk(known=opened(is_bell=True)), PaperCall(), PaperAgents()
    take(paper_line(PaperParts(desk, no_ears), agents), call)
    assert agents.rung == ["alarm"]
    assert say("line.alarm").speech in call.said
    assert [what for what, _ in desk.done] == ["nobody_answers", "close_call"]


def test_whoever_hangs_up_while_hearing_that_we_failed_is_rung_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database comes back after they are gone."""
    monkeypatch.setattr(writing, "RETRY_S", (0.01,))
    desk, agents = PaperDesk(["utter", "hand_over", "hand_over", "close_call"]), PaperAgents()

    class Impatient(PaperCall):
        def say(self, pcm: bytes) -> None:
            super().say(pcm)
            if len(self.said) == 1:
                asyncio.get_running_loop().call_later(0.05, self.press, "1")
            elif self.said[-1] in say("line.not_written").speech:
                self.end()

    take(paper_line(PaperParts(desk), agents), Impatient())
    assert desk.done == [("hand_over", "failed"), ("close_call", "caller")]
    assert agents.rung == ["failed"]


def test_an_agent_talks_with_whoever_we_failed_and_nobody_rings_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "RETRY_S", (0.01,))
    desk, agents = PaperDesk(["utter", "hand_over"]), PaperAgents(come=True)

    class Asks(PaperCall):
        def say(self, pcm: bytes) -> None:
            super().say(pcm)
            if len(self.said) == 1:
                asyncio.get_running_loop().call_later(0.05, self.press, "1")

    take(paper_line(PaperParts(desk), agents), Asks())
    assert agents.rung == ["failed"]
    assert set(desk.done[:2]) == {("hand_over", "failed"), ("human_came", "8801")}
    assert desk.done[2:] == [("reached_human", None), ("close_call", "transferred")]


def test_when_our_ears_hear_no_word_any_more_keys_work_and_a_human_is_called() -> None:
    """They fail in the middle of a call: somebody is heard to speak, and not what."""
    desk, agents, ears = PaperDesk(), PaperAgents(come=True), list[Deaf]()

    def listen() -> Deaf:
        ears.append(Deaf())
        return ears[-1]

    class Patient(PaperCall):
        def say(self, pcm: bytes) -> None:
            super().say(pcm)
            number, loop = len(self.said), asyncio.get_running_loop()
            if number == 1:
                loop.call_later(0.05, self.press, "1")
            elif "utter" in [what for what, _ in desk.done]:
                loop.call_later(0.05, self._speak)

        def _speak(self) -> None:
            now = time.monotonic()
            ears[0].tell(SpeechBegan(now))
            ears[0].tell(Said(now, now, now, (), (), -20.0, 1.0))

    call = Patient()
    take(paper_line(PaperParts(desk, listen), agents), call)
    assert desk.done[0] == ("utter", None), "the key was answered"
    assert say("line.not_caught").speech in call.said
    assert any("按" in said for said in call.said), "keys are offered"
    assert agents.rung == ["misunderstood"]
    assert desk.done[-1] == ("close_call", "transferred")


def test_a_cry_brings_an_agent_before_its_sentence_is_over_and_without_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "RETRY_S", (0.01,))
    desk, agents = PaperDesk(["cry", "cry"]), PaperAgents(come=True)
    take(paper_line(PaperParts(desk, HearsACry), agents), PaperCall())
    assert agents.rung == ["alarm"]
    assert ("cry", "救命") in desk.done
    assert desk.done[-1] == ("close_call", "transferred")


@pytest.mark.parametrize("fails", [[], ["foresee"]], ids=["well", "badly"])
def test_words_before_a_pause_are_looked_at_ahead_and_the_call_goes_on(fails: list[str]) -> None:
    desk = PaperDesk(fails)

    class Thinks(PaperCall):
        async def frames(self) -> AsyncIterator[bytes]:
            await eventually(lambda: bool(desk.foreseen))
            self.press("1")
            await eventually(lambda: ("utter", None) in desk.done)
            self.end()
            for nothing in ():
                yield nothing

    take(paper_line(PaperParts(desk, HearsAPause)), Thinks())
    assert desk.foreseen[0] == "明天订饭"
    assert desk.done == [("utter", None), ("close_call", "caller")]


def test_who_speaks_of_alarms_by_profession_is_heard_out_first() -> None:
    desk, agents = PaperDesk(on_duty=True), PaperAgents(come=True)

    class Busy(PaperCall):
        async def answer(self) -> None:
            asyncio.get_running_loop().call_later(0.5, self.end)

    take(paper_line(PaperParts(desk, HearsACry), agents), Busy())
    assert desk.done == [("cry", "救命"), ("close_call", "caller")]
    assert agents.rung == []


def test_a_bell_rings_while_the_books_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written down in another way; that the books open after all changes nothing for it."""
    monkeypatch.setattr(line_module, "OPEN_WITHIN_S", 0.05)
    desk, agents = PaperDesk(slow=threading.Event()), PaperAgents()
    call = PaperCall(caller=BELL_CALL)
    parts = PaperParts(desk)

    async def ring() -> None:
        assert desk.slow is not None
        await paper_line(parts, agents).take(call)  # type: ignore[arg-type]
        desk.slow.set()
        await eventually(lambda: bool(desk.done))

    asyncio.run(ring())
    assert parts.written == ["call-1"]
    assert agents.rung == ["alarm"]
    assert desk.done == [("close_call", "us")]


def test_whoever_we_rang_hears_an_excuse_when_we_cannot_say_why() -> None:
    desk, call = PaperDesk(["begin_callout"]), PaperCall()
    call.incoming = False
    with pytest.raises(ConnectionError):
        asyncio.run(paper_line(PaperParts(desk)).converse(call, 1))  # type: ignore[arg-type]
    assert call.said == [say("callout.trouble").speech]
    assert call.hung_up
    assert desk.done == [("close_call", "failed")]


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("sip:13800138000@10.0.0.1:5060;user=phone", "13800138000"),
        ('"Wang" <sip:+8613800138000@trunk>', "13800138000"),
        ("<tel:+86-769-2211-2345>", "076922112345"),
        ("sip:008613800138000@pbx", "13800138000"),
        ("sip:8613800138000@pbx", "13800138000"),
        ("sip:%2B8613800138000@pbx", "13800138000"),
        ("sip:076922112345@pbx", "076922112345"),
        ("sip:+85221234567@pbx", "+85221234567"),
        ("sip:1001@pbx", "1001"),
        ("sip:anonymous@anonymous.invalid", None),
        ("sip:@pbx", None),
        ("", None),
    ],
)
def test_numbers_are_read_however_the_network_writes_them(address: str, number: str | None) -> None:
    assert number_of(address) == number


def test_behind_a_pbx_we_are_rung_by_our_name() -> None:
    assert dialled("<sip:yinling@10.0.0.1:5060>") == "yinling"
    assert dialled('"Line" <sip:+8676996993123@pbx>;tag=1') == "076996993123"
    assert dialled("") is None
    to = {"To": "<sip:yinling@10.0.0.1:5060>"}
    assert dialled(called_of(to)) == "yinling"
    assert dialled(called_of({**to, "P-Called-Party-ID": "<sip:96993@pbx>"})) == "96993"


def test_a_line_that_is_not_there_is_not_well() -> None:
    nobody = IvrSettings(listen_host="127.0.0.1", sip_port=free_port())
    assert not is_well(nobody, patience_s=0.2)


def test_as_many_ports_as_calls_or_the_line_does_not_start() -> None:
    with pytest.raises(ValueError, match="need 120 RTP ports"):
        IvrSettings(max_calls=50, rtp_ports="10000-10118")
    with pytest.raises(ValueError, match="is written"):
        IvrSettings(rtp_ports="many")
    assert IvrSettings(registrar="").registrar is None
