"""`yinling call` rings a line over real SIP: who speaks when, and what is printed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.databases import make_engine, make_sessions
from backend.services.open_call import Ring, open_call
from backend.services.record_call import TurnRecord, end_call, record_turn
from backend.services.unit_of_work import unit_of_work
from ivr.endpoint import Call
from ivr.voice import Voice
from ops.overheard import Overheard, SaidByLine, Understood
from ops.processes import free_port
from tests.docker.files import ROOT
from tests.ivr.loopback import line, seconds_of, tone
from tests.ivr.peers import write_wav

NUMBER = "13800138000"
QUESTION = "您要办什么?"
WITHIN_S = 60.0

# ------------------------------------------------------------------ what is read


def test_the_record_is_read_as_it_grows_and_each_thing_once(
    own_database: Callable[[], str],
) -> None:
    sessions = make_sessions(make_engine(own_database()))
    book = Book(sessions)
    since = clock.now()
    follows = Overheard(sessions, "sip-1", None)
    assert follows.news(since) == []
    book.opens("sip-1")
    book.says(0, QUESTION)
    assert follows.news(since) == [SaidByLine(QUESTION)]
    book.hears(1, "打扫", "好的。")
    assert follows.news(since) == [Understood("打扫", "order_home_help"), SaidByLine("好的。")]
    assert follows.news(since) == [] and follows.outcome() is None
    book.ends()
    assert follows.outcome() == "talked"
    # Behind a PBX the line knows another Call-ID.
    assert Overheard(sessions, "sip-2", None).news(since) == []
    assert Overheard(sessions, "sip-2", NUMBER).news(since)[0] == SaidByLine(QUESTION)


# ------------------------------------------------------------------ over real SIP


@dataclass
class Book:
    """What a line writes down of one call."""

    sessions: sessionmaker[Session]
    call_id: int = 0

    def opens(self, sip_id: str) -> None:
        with unit_of_work(self.sessions) as work:
            self.call_id = open_call(work, Ring(sip_id, clock.now(), NUMBER)).id

    def says(self, no: int, words: str) -> None:
        with unit_of_work(self.sessions) as work:
            record_turn(work, self.call_id, TurnRecord(no, said=(words,)))

    def hears(self, no: int, words: str, answer: str) -> None:
        heard = TurnRecord(no, text=words, understood={"intent": "order_home_help"}, said=(answer,))
        with unit_of_work(self.sessions) as work:
            record_turn(work, self.call_id, heard)

    def ends(self) -> None:
        with unit_of_work(self.sessions) as work:
            end_call(work, self.call_id, "caller", clock.now())


@dataclass
class Attendant:
    """Answers a call: asks, listens until the caller has spoken, asks again."""

    question: bytes
    asks: int
    book: Book | None = None
    hangs_up_after: int | None = None
    heard: list[bytes] = field(default_factory=list)
    spoke_over: bool = False
    _frames: list[tuple[float, bytes]] = field(default_factory=list)

    async def take(self, call: Call) -> None:
        await call.answer()
        if self.book is not None:
            self.book.opens(call.id)
            self.book.says(0, QUESTION)
        listening = asyncio.create_task(self._listen(call))
        for number in range(1, self.asks + 1):
            before = len(self._frames)
            await call.play(self.question)
            self.spoke_over |= any(loud(one) for _, one in self._frames[before:])
            if self.hangs_up_after == number:
                await call.hang_up()
                break
            self.heard.append(await self._utterance(call))
            if self.book is not None:
                self.book.hears(number, f"第{number}句", f"第{number}答")
        else:
            await call.play(self.question)
        await call.wait_ended()
        listening.cancel()
        if self.book is not None:
            self.book.ends()

    async def _listen(self, call: Call) -> None:
        async for frame in call.frames():
            self._frames.append((time.monotonic(), frame))

    async def _utterance(self, call: Call) -> bytes:
        begin = len(self._frames)
        while True:
            await call.pause(0.05)
            spoken_at = [at for at, frame in self._frames[begin:] if loud(frame)]
            if spoken_at and time.monotonic() - spoken_at[-1] > 0.5:
                return b"".join(frame for _, frame in self._frames[begin:])


def loud(frame: bytes) -> bool:
    samples = np.frombuffer(frame, "<i2").astype(float)
    return bool(np.sqrt((samples**2).mean()) > 500)


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Voice(tmp_path_factory.mktemp("voice")).say(QUESTION)


@dataclass
class Printed:
    code: int | None
    lines: list[str]
    errors: str


async def yinling_call(folder: Path, *arguments: str, **more: str) -> Printed:
    return await run(folder, "-m", "yinling", "call", *arguments, **more)


async def run(folder: Path, *arguments: str, **more: str) -> Printed:
    """A Python process beside us: there is one endpoint a process, and we have one."""
    env = {"PATH": os.environ["PATH"], "YINLING_DATA_DIR": str(folder), **more}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", *arguments),
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(WITHIN_S):
        printed, errors = await process.communicate()
    return Printed(process.returncode, printed.decode().splitlines(), errors.decode())


def two_files(folder: Path) -> list[str]:
    (folder / "b.txt").write_text("好的", "utf-8")
    files = {"a.wav": tone(440, 0.8), "b.wav": tone(700, 0.6)}
    return [str(write_wav(folder / name, pcm)) for name, pcm in files.items()]


def test_each_file_is_spoken_when_it_was_asked_for(question: bytes, tmp_path: Path) -> None:
    attendant = Attendant(question, asks=2)

    async def story() -> Printed:
        async with line(attendant.take) as there:
            to = ("--to", there.address, "--from", NUMBER)
            return await yinling_call(tmp_path, *two_files(tmp_path), *to)

    printed = asyncio.run(story())
    assert printed.code == 0, printed
    first, second = attendant.heard
    assert seconds_of(440, first) > 0.6 and seconds_of(700, first) < 0.1
    assert seconds_of(700, second) > 0.4 and seconds_of(440, second) < 0.1
    assert not attendant.spoke_over
    said = [one for one in printed.lines if one.startswith("caller")]
    assert said == ["caller ▶ a.wav", "caller ▶ b.wav: 好的"]
    assert len([one for one in printed.lines if one.startswith("line   ▶ (spoke for ")]) == 3
    assert printed.lines[-1] == "over: everything was said"


def test_both_sides_are_printed_from_the_record(
    question: bytes, own_database: Callable[[], str], tmp_path: Path
) -> None:
    url = own_database()
    book = Book(make_sessions(make_engine(url)))
    attendant = Attendant(question, asks=2, book=book)

    async def story() -> Printed:
        async with line(attendant.take) as there:
            to = ("--to", there.address, "--from", NUMBER)
            said = (two_files(tmp_path)[0], "我要打扫")
            return await yinling_call(tmp_path, *said, *to, DATABASE_URL=url, REDIS_URL="redis://")

    printed = asyncio.run(story())
    assert printed.code == 0, printed
    assert printed.lines[1:] == [
        f"line   ▶ {QUESTION}",
        "caller ▶ a.wav",
        "         heard: 第1句 (order_home_help)",
        "line   ▶ 第1答",
        "caller ▶ words: 我要打扫",
        "         heard: 第2句 (order_home_help)",
        "line   ▶ 第2答",
        "over: everything was said; what came of it: talked",
    ]


def test_a_line_that_hangs_up_in_the_middle_is_told(question: bytes, tmp_path: Path) -> None:
    attendant = Attendant(question, asks=2, hangs_up_after=2)

    async def story() -> Printed:
        async with line(attendant.take) as there:
            return await yinling_call(tmp_path, *two_files(tmp_path), "--to", there.address)

    printed = asyncio.run(story())
    assert printed.code == 1
    assert printed.lines[-1] == "over: the line has hung up"


SAYS_UNTIL = """
import asyncio, sys
from backend.db.databases import make_engine, make_sessions
from ops.pieces import Piece, pieces_of
from ops.ring import ring
url, to, number, until, *files = sys.argv[1:]
pieces = [Piece(one.name, one.words, one.pcm, until=until) for one in pieces_of(files, None)]
rung = asyncio.run(ring(to, number, pieces, make_sessions(make_engine(url)), print))
print(rung.all_said, rung.why)
"""


@pytest.mark.parametrize(
    ("until", "says", "came_to"),
    [
        ("第2答", ["b.wav: 好的"] * 2, "True everything was said"),
        ("never", ["b.wav: 好的"] * 3, "False b.wav: 好的 was not understood"),
    ],
)
def test_what_was_not_understood_is_said_again_and_given_up_at_last(
    until: str,
    says: list[str],
    came_to: str,
    question: bytes,
    own_database: Callable[[], str],
    tmp_path: Path,
) -> None:
    url = own_database()
    attendant = Attendant(question, asks=len(says), book=Book(make_sessions(make_engine(url))))

    async def story() -> Printed:
        async with line(attendant.take) as there:
            arguments = (url, there.address, NUMBER, until, two_files(tmp_path)[1])
            return await run(tmp_path, "-c", SAYS_UNTIL, *arguments)

    printed = asyncio.run(story())
    assert printed.code == 0, printed
    said = [one.removeprefix("caller ▶ ") for one in printed.lines if one.startswith("caller")]
    assert said == says
    assert printed.lines[-1] == came_to


def test_keys_are_pressed(question: bytes, tmp_path: Path) -> None:
    pressed: list[str] = []

    async def take(call: Call) -> None:
        await call.answer()
        call.on_key(pressed.append)
        await call.play(question)
        while pressed != ["1", "0"]:
            await call.pause(0.05)
        await call.play(question)
        await call.wait_ended()

    async def story() -> Printed:
        async with line(take) as there:
            return await yinling_call(tmp_path, "10", "--to", there.address)

    printed = asyncio.run(story())
    assert (printed.code, pressed) == (0, ["1", "0"]), printed


def test_a_line_that_is_busy_was_not_reached(tmp_path: Path) -> None:
    async def story() -> Printed:
        async with line(Call.hang_up) as there:
            return await yinling_call(tmp_path, "1", "--to", there.address)

    printed = asyncio.run(story())
    assert (printed.code, printed.lines) == (1, [])
    assert "was not reached: busy" in printed.errors


def test_mistakes_are_told_in_a_sentence(tmp_path: Path) -> None:
    nobody = f"sip:96993@127.0.0.1:{free_port()}"
    wav = two_files(tmp_path)[0]
    stories = {
        (): "Usage",
        (wav, "--to", nobody, "--from", "x@y"): "is no telephone number",
        (str(tmp_path / "none.wav"), "--to", nobody): "cannot be read",
        (wav,): "start `yinling ivr`",
    }

    async def all_of_them() -> list[Printed]:
        port = {"YINLING_IVR_SIP_PORT": str(free_port())}
        return [await yinling_call(tmp_path, *said, **port) for said in stories]

    for printed, says in zip(asyncio.run(all_of_them()), stories.values(), strict=True):
        assert says in "\n".join(printed.lines) + printed.errors
        assert printed.code == (0 if says == "Usage" else 1)
