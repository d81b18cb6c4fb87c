"""Voice packets by hand, for what no well-behaved telephone or network does (RFC 3550)."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import struct
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from tests.ivr.peers import mu_law
from tests.ivr.sip import Talk, sdp

PACKET_S = 0.02
MU_LAW = 0


def packets(pcm: bytes, kind: int = MU_LAW) -> list[bytes]:
    """PCM as RTP packets of 20 ms from one source."""
    voice, source = mu_law(pcm), secrets.randbits(31)
    return [
        struct.pack("!BBHII", 0x80, kind, n & 0xFFFF, 160 * n, source) + voice[160 * n :][:160]
        for n in range(len(voice) // 160)
    ]


async def send(out: socket.socket, to: tuple[str, int], beats: Iterable[Sequence[bytes]]) -> None:
    """Every 20 ms the next few packets, perhaps none."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for beat in beats:
        for packet in beat:
            out.sendto(packet, to)
        due += PACKET_S
        await asyncio.sleep(max(0.0, due - loop.time()))


class HandPhone:
    """A call whose every packet is ours to make. `voice` sends from where it was announced."""

    def __init__(self, port: int, number: str) -> None:
        self._sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.voice = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.voice.bind(("127.0.0.1", 0))
        self._talk = Talk(self._sip, port, number, f"{secrets.token_hex(4)}@hand")
        self.to = ("127.0.0.1", 0)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._ring)
        return self

    def _ring(self) -> None:
        self._talk.send("INVITE", 1, sdp(self.voice.getsockname()[1], "0 PCMU/8000"))
        answer = self._talk.answer("INVITE")
        assert answer.startswith("SIP/2.0 200"), answer
        found = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
        assert found is not None
        self.to = ("127.0.0.1", int(found[1]))
        self._talk.to = next(
            line[4:] for line in answer.splitlines() if line.lower().startswith("to: ")
        )
        self._talk.send("ACK", 1)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._talk.send("BYE", 2)
        await asyncio.to_thread(self._talk.answer, "BYE")
        self._sip.close()
        self.voice.close()
