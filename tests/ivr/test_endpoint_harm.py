"""What reaches a telephone line from strangers, broken devices and bad networks."""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
from pathlib import Path

from ivr.endpoint import Call
from tests.ivr.loopback import Line, eventually, line, seconds_of, tone
from tests.ivr.peers import BaresipPhone, need
from tests.ivr.rtp import HandPhone, packets, send
from tests.ivr.sip import ask_options, call_briefly
from tests.ivr.torture import MESSAGES

HERS, STRANGERS, OURS = 600, 1400, 1000
SPOKEN_S = 2.0
LONGER_S = 5 * SPOKEN_S
"""For a network to be got used to, and for a loss to be more than chance."""
ARRIVES = 0.84
"""Of what can be heard at all: more than is on time where a fifth is late, with room for a machine
that is busy itself."""


async def well(here: Line) -> None:
    """It answers, and no call is left."""
    assert "200 OK" in await asyncio.to_thread(ask_options, here.port)
    assert await asyncio.to_thread(call_briefly, here.port, "136", f"{secrets.token_hex(4)}@x")
    await here.quiet()


def test_messages_made_to_break_a_parser_break_nothing() -> None:
    rung: list[str] = []

    async def take(call: Call) -> None:
        rung.append(call.id)
        await call.answer()
        await call.hang_up()

    async def storm() -> None:
        async with line(take, max_calls=30, rtp_count=80) as here:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                out.bind(("127.0.0.1", 0))
                back = f"127.0.0.1:{out.getsockname()[1]}".encode()
                for message in MESSAGES.values():
                    out.sendto(message.replace(b"@HERE@", back), ("127.0.0.1", here.port))
                    # In order, so that each has been read before we say that all is well.
                    assert "200 OK" in await asyncio.to_thread(ask_options, here.port)
            code = await asyncio.to_thread(call_briefly, here.port, "136", "afterwards@x")
            assert code == 200
            await eventually(lambda: "afterwards@x" not in {c.id for c in here.endpoint.calls})

    asyncio.run(storm())
    reached = [name for name in MESSAGES if any(one.startswith(name) for one in rung)]
    # The two that are valid and meant to ring do; baresip lets some broken ones in as well. Whom
    # nobody acknowledges it gives up itself after 32 s (RFC 3261 section 13.3.1.4).
    assert {"longreq", "unkscm"} <= set(reached)
    assert not {"badinv01", "lwsruri", "badvers", "mismatch01", "insuf"} & set(reached)


async def heard_of(
    here: Line, heard: dict[str, bytearray], number: str, beats: list[list[bytes]]
) -> tuple[float, float]:
    """Her seconds in what we heard, and the seconds of all of it."""
    async with HandPhone(here.port, number) as phone:
        await send(phone.voice, phone.to, [*beats, *[[]] * 10])  # and let the last arrive
    pcm = bytes(heard[number])
    return seconds_of(HERS, pcm), len(pcm) / 16000


def test_on_a_bad_network_she_is_heard_as_well_as_can_be() -> None:
    dice = random.Random(7)
    heard: dict[str, bytearray] = {}
    voice = [packets(tone(HERS, LONGER_S)) for _ in range(5)]
    unlucky = [dice.random() < 0.2 for _ in voice[0]]
    lucky_s = 0.02 * unlucky.count(False)
    assert lucky_s < ARRIVES * LONGER_S, "what is late would not be missed"

    late: list[list[bytes]] = [[] for _ in range(len(voice[0]) + 5)]
    for n, packet in enumerate(voice[2]):
        late[n + 5 * unlucky[n]].append(packet)
    beats = {
        "lost": [[] if bad else [p] for p, bad in zip(voice[0], unlucky, strict=True)],
        "doubled": [[p, p] if bad else [p] for p, bad in zip(voice[1], unlucky, strict=True)],
        "late": late,
        "unknown": [  # a payload type that nobody offered
            [p[:1] + b"\x60" + p[2:] if bad else p]
            for p, bad in zip(voice[3], unlucky, strict=True)
        ],
        "torn": [[p, p[:5], b"", b"\x80", bytes(12), b"\xff" * 40] for p in voice[4]],
    }
    can_be = {
        "lost": lucky_s, "unknown": lucky_s, "doubled": LONGER_S, "late": LONGER_S, "torn": LONGER_S
    }  # fmt: skip

    async def take(call: Call) -> None:
        ear = heard.setdefault(call.caller.removeprefix("sip:").split("@")[0], bytearray())
        await call.answer()
        async for frame in call.frames():
            ear.extend(frame)

    async def talk() -> None:
        async with line(take) as here:
            found = await asyncio.gather(
                *(heard_of(here, heard, number, sent) for number, sent in beats.items())
            )
            for name, (hers, all_of_it) in zip(beats, found, strict=True):
                assert ARRIVES * can_be[name] <= hers <= can_be[name] + 0.2, name
                assert all_of_it <= LONGER_S + 0.1, f"{name}: nothing was made up"
            await well(here)

    asyncio.run(talk())


def test_a_strangers_voice_disturbs_a_call_in_clear_no_longer_than_it_lasts() -> None:
    """baresip takes voice from any address; what keeps strangers out is the test after this."""
    heard = bytearray()

    async def take(call: Call) -> None:
        await call.answer()
        async for frame in call.frames():
            heard.extend(frame)

    async def talk() -> None:
        async with line(take) as here:
            hers = [[packet] for packet in packets(tone(HERS, SPOKEN_S))]
            theirs = [[packet] for packet in packets(tone(STRANGERS, 0.5))]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                async with HandPhone(here.port, "136") as phone:
                    await asyncio.gather(
                        send(phone.voice, phone.to, [*hers, *[[]] * 10]),
                        send(stranger, phone.to, theirs),
                    )
            assert seconds_of(HERS, bytes(heard)) > SPOKEN_S - 0.5 - 0.3
            await well(here)

    asyncio.run(talk())


def test_where_voice_is_encrypted_a_stranger_is_not_heard(tmp_path: Path) -> None:
    need("baresip")
    heard = bytearray()

    async def take(call: Call) -> None:
        await call.answer()
        async for frame in call.frames():
            heard.extend(frame)

    async def talk() -> None:
        async with line(take, srtp="optional") as here:
            says = tone(HERS, SPOKEN_S)
            with (
                BaresipPhone(tmp_path, "138", says, encryption="srtp-mand") as phone,
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
            ):
                await asyncio.to_thread(phone.dial, here.address)
                await eventually(lambda: len(heard) > 0)
                everywhere = [("127.0.0.1", port) for port in here.rtp_ports[::2]]
                beats = [[packet] for packet in packets(tone(STRANGERS, 1.0))]
                await asyncio.gather(*(send(stranger, to, beats) for to in everywhere))
                await eventually(lambda: seconds_of(HERS, bytes(heard)) > SPOKEN_S - 0.2)
                phone.hang_up()
                await here.quiet()
            assert seconds_of(STRANGERS, bytes(heard)) == 0
            # Who cannot encrypt may still ring: it is optional.
            await well(here)

    asyncio.run(talk())


def test_fifty_who_hang_up_at_any_moment_leave_nothing_behind() -> None:
    dice = random.Random(11)

    async def take(call: Call) -> None:
        await call.answer()
        await call.play(tone(OURS, 3))

    async def ring(here: Line, n: int) -> None:
        async with HandPhone(here.port, f"136{n:04}") as phone:
            beats = [[packet] for packet in packets(tone(HERS, 0.02 * dice.randrange(1, 30)))]
            await send(phone.voice, phone.to, beats)

    async def day() -> None:
        async with line(take, max_calls=12) as here:
            before = len(asyncio.all_tasks())
            for _ in range(5):
                await asyncio.gather(*(ring(here, n) for n in range(10)))
            await here.quiet()
            await eventually(lambda: len(asyncio.all_tasks()) <= before)

    asyncio.run(day())
