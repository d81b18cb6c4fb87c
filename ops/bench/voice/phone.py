"""A telephone whose every packet is ours to make and to time: SIP by hand over UDP (RFC 3261),
voice in A-law.

Nothing here waits: whoever owns it calls `beat` every 20 ms. When a voice packet came is told by
the kernel, so a late beat moves no figure; when one left is the moment it was handed to it.
"""

from __future__ import annotations

import re
import secrets
import socket
import struct
import time
from dataclasses import dataclass

import numpy as np

from ops.bench.voice.rtp import (
    PACKET_NS,
    SAMPLES,
    SILENCE,
    Pcm,
    encoded,
    is_sound,
    packet,
    payload_of,
)
from ops.bench.voice.timing import Spoken

HOST = "127.0.0.1"
_STAMPS = 35
"""SO_TIMESTAMPNS of Linux: the kernel writes down when a packet came."""
_STAMP = struct.Struct("@qq")
_MEDIA = re.compile(r"^m=audio (\d+)", re.MULTILINE)
_TO = re.compile(r"^(?:To|t)\s*:\s*(.+?)\r?$", re.MULTILINE | re.IGNORECASE)
_SEQUENCE = re.compile(r"^CSeq\s*:\s*\d+ (\w+)", re.MULTILINE | re.IGNORECASE)
_ECHOED = re.compile(r"^(?:Via|From|To|Call-ID|CSeq)\s*:.*?\r?$", re.MULTILINE | re.IGNORECASE)
AGAIN_NS = 500_000_000
"""A request that was not answered is sent once more (RFC 3261, T1)."""


@dataclass(frozen=True)
class Sound:
    """Something to say: whole packets, and which of them carry its first and its last sound."""

    text: str
    pcm: Pcm
    first: int
    last: int

    @classmethod
    def of(cls, text: str, pcm: Pcm) -> Sound:
        """Raises ValueError for silence."""
        whole = np.pad(pcm, (0, -len(pcm) % SAMPLES))
        loud = [n for n in range(len(whole) // SAMPLES)
                if is_sound(encoded(whole[n * SAMPLES : (n + 1) * SAMPLES]))]  # fmt: skip
        if not loud:
            raise ValueError(f"{text} is silence")
        return cls(text, whole, loud[0], loud[-1])


class Phone:
    """One call from one number. `bed` is what is heard around the caller all the time."""

    def __init__(self, number: str, line: tuple[str, int], bed: Pcm | None = None) -> None:
        self.number, self._line = number, line
        self._bed = bed
        self._sip = _socket()
        self._voice = _socket()
        self._voice.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
        self.call_id = f"{secrets.token_hex(8)}@bench"
        self._tag, self._branch = secrets.token_hex(6), secrets.token_hex(8)
        self._to = f"<sip:line@{HOST}>"
        self._sent_last, self._resent_at = b"", 0
        self._far: tuple[str, int] | None = None
        self._source, self._sequence = secrets.randbits(31), 0
        self._saying: Sound | None = None
        self._at, self._over, self._first_ns = 0, False, 0
        self._leaving = False
        self.rang_ns = self.up_ns = self.over_ns = 0
        self.refused = 0
        """The code the line refused the call with."""
        self.hung_up_by_line = False
        self.spoken: list[Spoken] = []
        self.heard: list[int] = []
        """When packets with sound came."""
        self.packets_heard = 0
        self.keeps = False
        """Whether `sent_voice` is filled."""
        self.sent_voice: list[bytes] = []

    # -- its life ------------------------------------------------------------------------------

    def ring(self) -> None:
        """Send INVITE."""
        self.rang_ns = time.time_ns()
        self._send("INVITE", 1, _offer(self._voice.getsockname()[1]))

    def hang_up(self) -> None:
        """By BYE, or by CANCEL while it still rings. `is_over` follows."""
        if self._leaving or self.is_over:
            return
        self._leaving = True
        if self.up_ns:
            self._send("BYE", 2)
        else:
            self._send("CANCEL", 1)

    def close(self) -> None:
        """Free the ports."""
        self._sip.close()
        self._voice.close()

    @property
    def is_over(self) -> bool:
        return self.over_ns > 0

    @property
    def is_up(self) -> bool:
        return self.up_ns > 0 and not self.is_over and not self._leaving

    @property
    def is_speaking(self) -> bool:
        return self._saying is not None

    def say(self, sound: Sound, over: bool = False) -> None:
        """Begin with the next packet. `over`: to interrupt the line."""
        self._saying, self._at, self._over = sound, 0, over

    @property
    def sound_ns(self) -> int:
        """When the line was last heard; 0: never."""
        return self.heard[-1] if self.heard else 0

    # -- every 20 ms ---------------------------------------------------------------------------

    def beat(self) -> None:
        """Take what came, send what is due."""
        if self.is_over:
            return
        self._signals()
        if self._far is not None and not self.is_over:
            self._hear()
            if not self._leaving:
                self._speak(self._far)
        self._send_again()

    def _hear(self) -> None:
        while True:
            try:
                data, notes, _, _ = self._voice.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except ConnectionRefusedError:  # the far port is closed: the call is ending
                continue
            payload = payload_of(data)
            if payload is None:
                continue
            self.packets_heard += 1
            if is_sound(payload):
                self.heard.append(_stamp(notes))

    def _speak(self, far: tuple[str, int]) -> None:
        number, sound = self._at, self._saying
        pcm = self._around()
        if sound is not None:
            said = sound.pcm[number * SAMPLES : (number + 1) * SAMPLES]
            mixed = said if pcm is None else said.astype(np.int32) + pcm
            pcm = np.clip(mixed, -32768, 32767).astype(np.int16)
        payload = SILENCE if pcm is None else encoded(pcm)
        self._voice.sendto(packet(payload, self._sequence, self._source), far)
        now = time.time_ns()
        self._sequence += 1
        if self.keeps:
            self.sent_voice.append(payload)
        if sound is None:
            return
        if number == sound.first:
            self._first_ns = now
        if number == sound.last:
            self.spoken.append(Spoken(sound.text, self._first_ns, now, self._over))
        self._at += 1
        if self._at * SAMPLES >= len(sound.pcm):
            self._saying = None

    def _around(self) -> Pcm | None:
        if self._bed is None:
            return None
        start = self._sequence * SAMPLES % (len(self._bed) - SAMPLES)
        return self._bed[start : start + SAMPLES]

    # -- signalling ----------------------------------------------------------------------------

    def _signals(self) -> None:
        while not self.is_over:
            try:
                message = self._sip.recv(65535).decode("utf-8", "replace")
            except (BlockingIOError, ConnectionRefusedError):
                return
            if message.startswith("SIP/2.0 "):
                self._answered(int(message[8:11]), message)
            else:
                self._asked(message)

    def _answered(self, code: int, message: str) -> None:
        found = _SEQUENCE.search(message)
        method = found[1] if found else ""
        if code < 200:
            self._sent_last = b"" if method == "INVITE" else self._sent_last
            return
        if method == "INVITE":
            to = _TO.search(message)
            self._to = to[1] if to else self._to
            self._sent_last = b""
            self._send("ACK", 1, branch=code >= 300)
            if code >= 300:
                self.refused = 0 if self._leaving else code
                self._end()
            elif not self.up_ns:
                self._taken(message)
        elif method == "BYE":
            self._end()

    def _taken(self, message: str) -> None:
        media = _MEDIA.search(message)
        self._far = (self._line[0], int(media[1])) if media else None
        self.up_ns = time.time_ns()
        if self._leaving:  # our CANCEL came too late
            self._send("BYE", 2)

    def _asked(self, message: str) -> None:
        method = message.split(" ", 1)[0]
        if method == "ACK":
            return
        echoed = [found.group().strip() for found in _ECHOED.finditer(message)]
        code = "200 OK" if method in ("BYE", "OPTIONS") else "488 Not Acceptable Here"
        answer = [f"SIP/2.0 {code}", *echoed, "Content-Length: 0"]
        self._sip.sendto("\r\n".join([*answer, "", ""]).encode(), self._line)
        if method == "BYE":
            self.hung_up_by_line = True
            self._end()

    def _end(self) -> None:
        self.over_ns = self.over_ns or time.time_ns()

    def _send(self, method: str, sequence: int, body: str = "", branch: bool = True) -> None:
        """With `branch` under the transaction of the INVITE, which CANCEL and the ACK of a refusal
        belong to."""
        here = f"{HOST}:{self._sip.getsockname()[1]}"
        same = branch and method in ("INVITE", "CANCEL", "ACK")
        key = self._branch if same else secrets.token_hex(8)
        lines = [
            f"{method} sip:line@{self._line[0]}:{self._line[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{key};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@{HOST}>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.number}@{here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        data = "\r\n".join([*lines, "", body]).encode()
        self._sip.sendto(data, self._line)
        if method != "ACK":
            self._sent_last, self._resent_at = data, time.time_ns()

    def _send_again(self) -> None:
        now = time.time_ns()
        if self._sent_last and now - self._resent_at > AGAIN_NS:
            self._sip.sendto(self._sent_last, self._line)
            self._resent_at = now


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((HOST, 0))
    made.setblocking(False)
    return made


def _stamp(notes: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in notes:
        if (level, kind) == (socket.SOL_SOCKET, _STAMPS) and len(data) >= _STAMP.size:
            seconds, rest = _STAMP.unpack_from(data)
            return int(seconds) * 1_000_000_000 + int(rest)
    return time.time_ns()


def _offer(port: int) -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:{PACKET_NS // 1_000_000}\r\n"
    )
