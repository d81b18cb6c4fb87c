"""The endpoint rings people, and hands them on to each other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.endpoint import Call, Ending, NotReached, TransferOutcome, WhyNot
from ivr.sip.dialling import address_of, status_of, why_not
from ops.processes import free_port
from tests.ivr.loopback import Line, eventually, line, seconds_of, tone
from tests.ivr.peers import BaresipPhone, Sipp, need

HERS, DAUGHTERS, OURS = 600, 1400, 1000


async def not_reached(here: Line, number: str, patience_s: float = 10) -> WhyNot:
    with pytest.raises(NotReached) as found:
        await here.endpoint.dial(number, patience_s=patience_s)
    return found.value.why


def test_we_ring_her_and_she_answers(tmp_path: Path) -> None:
    need("baresip")

    async def morning() -> None:
        with BaresipPhone(tmp_path, "13800138000", tone(HERS, 1.0), answers=True) as phone:
            async with line(outbound_proxy=f"127.0.0.1:{phone.port}") as here:
                call = await here.endpoint.dial("138 0013 8000", caller_name="银铃")
                assert not call.incoming
                assert call.id
                call.say(tone(OURS, 0.6))
                heard = bytearray()
                async for frame in call.frames():
                    heard.extend(frame)
                    if seconds_of(HERS, bytes(heard)) > 0.9:
                        break
                await call.spoken()
                await call.hang_up()
                await here.quiet()
                assert call.why_ended is Ending.WE
                phone.wait_for("CALL_CLOSED")
            assert seconds_of(OURS, phone.heard()) == pytest.approx(0.6, abs=0.05)

    asyncio.run(morning())


def test_why_somebody_was_not_reached(tmp_path: Path) -> None:
    need("sipp")
    means = {
        "busy": WhyNot.BUSY,
        "declines": WhyNot.REFUSED,
        "unknown": WhyNot.NOT_A_NUMBER,
        "nobody_in": WhyNot.NO_ANSWER,
    }

    async def morning() -> None:
        async with line() as here:
            for scenario, why in means.items():
                with Sipp(scenario, tmp_path) as phone:
                    patience_s = 0.5 if why is WhyNot.NO_ANSWER else 10
                    address = f"sip:138@127.0.0.1:{phone.port}"
                    assert await not_reached(here, address, patience_s) is why
                    assert await asyncio.to_thread(phone.went_as_planned), phone.complaints()
            nowhere = f"sip:138@127.0.0.1:{free_port()};transport=tcp"
            assert await not_reached(here, nowhere) is WhyNot.UNREACHABLE
            assert await not_reached(here, "李桂兰") is WhyNot.NOT_A_NUMBER
            assert await not_reached(here, "13800138000") is WhyNot.UNREACHABLE, "no trunk"
            await here.quiet()

    asyncio.run(morning())


def test_a_ringing_that_is_no_longer_wanted_stops(tmp_path: Path) -> None:
    need("sipp")

    async def morning() -> None:
        async with line(max_calls=1) as here:
            with Sipp("nobody_in", tmp_path) as phone:
                address = f"sip:138@127.0.0.1:{phone.port}"
                dialling = asyncio.create_task(here.endpoint.dial(address))
                await eventually(lambda: len(here.endpoint.calls) == 1)
                assert await not_reached(here, address) is WhyNot.NO_LINE
                await eventually(lambda: all(call.ringing for call in here.endpoint.calls))
                dialling.cancel()
                assert await asyncio.to_thread(phone.went_as_planned), phone.complaints()
            await here.quiet()

    asyncio.run(morning())


def test_a_colleague_takes_over_the_call(tmp_path: Path) -> None:
    need("baresip")
    outcomes: list[TransferOutcome] = []

    async def morning() -> None:
        with (
            BaresipPhone(tmp_path, "138", tone(HERS, 3)) as her,
            BaresipPhone(tmp_path, "8001", tone(DAUGHTERS, 3), answers=True) as colleague,
        ):

            async def take(call: Call) -> None:
                await call.answer()
                to = f"sip:8001@127.0.0.1:{colleague.port}"
                outcomes.append(await call.transfer(to, patience_s=10))
                assert call.ended
                assert call.why_ended is Ending.TRANSFERRED

            async with line(take) as here:
                await asyncio.to_thread(her.dial, here.address)
                await asyncio.to_thread(colleague.wait_for, "CALL_ESTABLISHED")
                await eventually(lambda: outcomes == [TransferOutcome.DONE])
                await here.quiet()
                # They go on without us.
                await eventually(lambda: seconds_of(HERS, colleague.heard()) > 0.5)

    asyncio.run(morning())


@pytest.mark.parametrize(
    ("scenario", "outcome"),
    [
        ("declines_transfer", TransferOutcome.REFUSED),
        ("never_tells", TransferOutcome.TIMED_OUT),
    ],
)
def test_a_transfer_that_comes_to_nothing_leaves_her_with_us(
    tmp_path: Path, scenario: str, outcome: TransferOutcome
) -> None:
    need("sipp")
    outcomes: list[TransferOutcome] = []

    async def take(call: Call) -> None:
        await call.answer()
        outcomes.append(await call.transfer("sip:8001@127.0.0.1", patience_s=1))
        assert not call.ended
        call.say(tone(OURS, 0.2))
        await call.spoken()
        if outcome is TransferOutcome.REFUSED:
            await call.wait_ended()

    async def morning() -> None:
        async with line(take) as here:
            with Sipp(scenario, tmp_path, f"127.0.0.1:{here.port}") as phone:
                assert await asyncio.to_thread(phone.went_as_planned), phone.complaints()
            await here.quiet()

    asyncio.run(morning())
    assert outcomes == [outcome]


def test_a_second_call_is_bridged_to_hers_and_she_stays_with_us_after_it(tmp_path: Path) -> None:
    need("baresip")
    stayed: list[bool] = []

    async def morning() -> None:
        with (
            BaresipPhone(tmp_path, "138", tone(HERS, 30)) as her,
            BaresipPhone(tmp_path, "8001", tone(DAUGHTERS, 30), answers=True) as colleague,
        ):

            async def take(call: Call) -> None:
                await call.answer()
                other = await here.endpoint.dial(f"sip:8001@127.0.0.1:{colleague.port}")
                await call.bridge(other)
                stayed.append(other.ended and not call.ended)
                call.say(tone(OURS, 0.4))
                await call.spoken()
                await call.pause(0.3)
                await call.hang_up()

            async with line(take) as here:
                await asyncio.to_thread(her.dial, here.address)
                await asyncio.to_thread(colleague.wait_for, "CALL_ESTABLISHED")
                await eventually(lambda: seconds_of(HERS, colleague.heard()) > 1)
                colleague.hang_up()
                await here.quiet()
            assert stayed == [True]
            ear = her.heard()
            assert seconds_of(DAUGHTERS, ear) > 0.8
            assert seconds_of(OURS, ear) == pytest.approx(0.4, abs=0.05)

    asyncio.run(morning())


def test_numbers_and_answers() -> None:
    assert address_of("+86 769-1234 5678", "pbx:5070") == "sip:+8676912345678@pbx:5070"
    assert address_of("*8#", "pbx") == "sip:*8%23@pbx"
    assert address_of("sip:a@b:5070", None) == "sip:a@b:5070"
    for nonsense in ("", "1", "sip:a b@c", "sip:x\r\nVia: y", "138;0013"):
        with pytest.raises(NotReached) as found:
            address_of(nonsense, "pbx")
        assert found.value.why is WhyNot.NOT_A_NUMBER
    assert status_of("486 Busy Here") == 486
    assert status_of("Connection timed out [110]") is None
    answers = [486, 480, 404, 403, 407, 503, None]
    assert [why_not(status).value for status in answers] == [
        "busy",
        "no_answer",
        "not_a_number",
        "refused",
        "unreachable",
        "unreachable",
        "unreachable",
    ]
