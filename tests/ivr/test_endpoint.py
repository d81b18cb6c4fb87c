"""People ring the endpoint with telephones that are not ours: Debian's baresip, and sipp."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from ivr.endpoint import Call, CallEnded, Ending
from tests.ivr.loopback import Line, eventually, line, seconds_of, tone
from tests.ivr.peers import BaresipPhone, Sipp, need
from tests.ivr.sip import ask_options, call_briefly

HERS, OURS, NEXT = 600, 1000, 1400
"""Tones in hertz: what the caller says, what we say, what we say after a key."""
BELL = "076912345678"


def test_she_is_heard_and_when_she_presses_a_key_we_fall_silent(tmp_path: Path) -> None:
    need("baresip")
    calls: list[Call] = []
    pressed: list[str] = []
    frames: list[bytes] = []
    hushed: list[int] = []

    async def take(call: Call) -> None:
        calls.append(call)
        key = asyncio.Event()

        def note(digit: str) -> None:
            pressed.append(digit)
            key.set()

        call.on_key(note)
        await call.answer()
        call.say(tone(OURS, 5.0))

        async def listen() -> None:
            async for frame in call.frames():
                frames.append(frame)

        async with asyncio.TaskGroup() as both:
            both.create_task(listen())
            await key.wait()
            assert call.queued_s > 1
            hushed.append(call.hush())
            assert call.queued_s == 0
            call.say(tone(NEXT, 0.4))
            await call.spoken()
            assert call.queued_s == 0
            await call.send_keys("12")

    async def afternoon() -> None:
        async with line(take) as here:
            with BaresipPhone(tmp_path, "13800138000", says=tone(HERS, 1.5)) as phone:

                def talk() -> None:
                    phone.dial(here.address)
                    phone.wait_for("CALL_ESTABLISHED")
                    phone.press("5")
                    phone.wait_for("CALL_DTMF_END")
                    phone.press("#")
                    phone.wait_for_all("CALL_DTMF_START", 2)

                await asyncio.to_thread(talk)
                await eventually(lambda: seconds_of(HERS, b"".join(frames)) > 1.4)
                phone.hang_up()
                await here.quiet()
            ear = phone.heard()
        assert {len(frame) for frame in frames} == {320}
        assert seconds_of(HERS, b"".join(frames)) == pytest.approx(1.5, abs=0.1)
        # Not a word of ours beyond what was out, and all of what came after.
        unsaid = hushed[0] / 16000
        assert seconds_of(OURS, ear) + unsaid == pytest.approx(5.0, abs=0.1)
        assert seconds_of(NEXT, ear) == pytest.approx(0.4, abs=0.05)

    asyncio.run(afternoon())
    (call,) = calls
    assert call.incoming
    assert "13800138000@" in call.caller
    assert "96993@" in call.called
    assert call.alarm is None
    assert call.id
    assert pressed == call.keys == ["5", "#"]
    assert call.why_ended is Ending.THEY


def test_a_bell_that_speaks_mu_law_says_what_it_is_and_we_hang_up(tmp_path: Path) -> None:
    need("sipp")
    calls: list[Call] = []
    heard = bytearray()

    async def take(call: Call) -> None:
        calls.append(call)
        await call.answer()
        async for frame in call.frames():
            heard.extend(frame)
            if seconds_of(HERS, bytes(heard)) > 0.9:
                await call.hang_up()

    async def ring() -> None:
        async with line(take) as here:
            to = f"127.0.0.1:{here.port}"
            with Sipp("talk", tmp_path, to, says=tone(HERS, 1.2)) as bell:
                assert await asyncio.to_thread(bell.went_as_planned), bell.complaints()
            await here.quiet()

    asyncio.run(ring())
    assert [(call.alarm, call.why_ended) for call in calls] == [("bell-7", Ending.WE)]


def test_when_all_lines_are_taken_only_a_bell_gets_in() -> None:
    staying = asyncio.Event()

    async def stay(call: Call) -> None:
        await call.answer()
        await staying.wait()

    async def evening() -> None:
        async with line(
            stay, is_alarm=lambda caller: BELL in caller, max_calls=2, alarm_reserve=1
        ) as here:

            async def ring(number: str, call_id: str) -> int:
                return await asyncio.to_thread(call_briefly, here.port, number, call_id, stay=True)

            assert [await ring("13600136000", f"{n}@x") for n in range(2)] == [200, 200]
            assert await ring("13600136000", "flood@x") == 486
            assert await ring(BELL, "bell@x") == 200
            assert await ring(BELL, "bell2@x") == 486, "the reserve has an end too"
            assert "200 OK" in await asyncio.to_thread(ask_options, here.port)
            staying.set()
            await here.quiet()
            assert await ring("13600136000", "later@x") == 200
            await here.quiet()

    asyncio.run(evening())


def test_a_flood_is_turned_away_and_a_bell_gets_in_through_it() -> None:
    """Eighty ring, twelve in the same moment, and a bell among them."""
    flood, together, places = 80, 12, 3
    staying = asyncio.Event()

    async def stay(call: Call) -> None:
        await call.answer()
        await staying.wait()

    async def rush() -> None:
        with ThreadPoolExecutor(together) as callers:
            async with line(
                stay, is_alarm=lambda caller: BELL in caller, max_calls=places, alarm_reserve=1
            ) as here:
                await told(here, callers)

    async def told(here: Line, callers: ThreadPoolExecutor) -> None:
        async def ring(number: str, call_id: str) -> int:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                callers, partial(call_briefly, here.port, number, call_id, stay=True)
            )

        numbers = [f"136{n:08}" for n in range(flood)]
        numbers.insert(flood // 2, BELL)
        answers = await asyncio.gather(
            *(ring(number, f"rush-{n}@x") for n, number in enumerate(numbers))
        )
        codes = dict(zip(numbers, answers, strict=True))
        assert codes.pop(BELL) == 200
        assert sorted(codes.values()) == [200] * places + [486] * (flood - places)
        staying.set()
        await here.quiet()
        assert await ring("13600136000", "later@x") == 200, "the next day is like any other"
        await here.quiet()

    asyncio.run(rush())


def test_whatever_a_caller_does_and_whatever_fails_no_call_stays(tmp_path: Path) -> None:
    ended: list[str] = []

    async def take(call: Call) -> None:
        if "answers-late" in call.id:
            await call.wait_ended()
            try:
                await call.answer()
            except CallEnded:
                ended.append("late")
        elif "breaks" in call.id:
            raise RuntimeError("a fault of ours")
        elif "forgets" in call.id:
            await call.answer()  # and never hangs up
        elif "refuses" in call.id:
            await call.hang_up(603)
            await call.hang_up()  # a second time does nothing
        else:
            await call.answer()
            try:
                await call.play(tone(OURS, 20))
            except CallEnded:
                call.say(tone(OURS, 1))  # into the void
                ended.append("spoke")

    async def day() -> None:
        async with line(take) as here:

            async def ring(how: str, **rest: bool) -> int:
                return await asyncio.to_thread(call_briefly, here.port, "136", f"{how}@x", **rest)

            assert await ring("answers-late", cancel=True) == 487
            assert await ring("breaks") == 486
            assert await ring("forgets", stay=True) == 200
            assert await ring("refuses") == 486
            assert await ring("speaks") == 200
            await here.quiet()
            await eventually(lambda: len(ended) == 2)
            assert ended == ["late", "spoke"]

    asyncio.run(day())


def test_a_phone_that_dies_without_a_word_is_let_go() -> None:
    calls: list[Call] = []

    async def take(call: Call) -> None:
        calls.append(call)
        await call.answer()
        await call.wait_ended()

    async def night() -> None:
        async with line(take, dead_after_s=1) as here:
            code = await asyncio.to_thread(call_briefly, here.port, "136", "mute@x", stay=True)
            assert code == 200
            await here.quiet()

    asyncio.run(night())
    assert [call.why_ended for call in calls] == [Ending.SILENT]


def test_where_voice_must_be_encrypted_it_is(tmp_path: Path) -> None:
    need("baresip")
    heard = bytearray()

    async def take(call: Call) -> None:
        await call.answer()
        call.say(tone(OURS, 0.5))
        async for frame in call.frames():
            heard.extend(frame)

    async def talk() -> None:
        async with line(take, srtp="mandatory") as here:
            says = tone(HERS, 1.0)
            with BaresipPhone(tmp_path, "138", says, encryption="srtp-mand") as phone:
                await asyncio.to_thread(phone.dial, here.address)
                await eventually(lambda: seconds_of(HERS, bytes(heard)) > 0.9)
                phone.hang_up()
                await here.quiet()
            assert seconds_of(OURS, phone.heard()) == pytest.approx(0.5, abs=0.05)
            plain = await asyncio.to_thread(call_briefly, here.port, "136", "plain@x")
            assert plain in (415, 488), "in clear it is not spoken"
            await here.quiet()

    asyncio.run(talk())


def test_when_it_is_told_to_end_those_who_talk_finish_and_nobody_new_gets_in() -> None:
    async def evening() -> None:
        finish, over = asyncio.Event(), list[str]()

        async def take(call: Call) -> None:
            await call.answer()
            await finish.wait()
            over.append(call.id)

        async with line(take) as here:
            assert await asyncio.to_thread(call_briefly, here.port, "136", "on@x", stay=True) == 200
            draining = asyncio.create_task(here.endpoint.drain(10))
            await eventually(lambda: here.endpoint.draining)
            assert await asyncio.to_thread(call_briefly, here.port, "136", "late@x") == 486
            assert not draining.done()
            finish.set()
            await draining
            assert over == ["on@x"]

    asyncio.run(evening())
