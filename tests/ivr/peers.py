"""Telephones that are not ours: Debian's baresip and sipp, on loopback.

Each is a process. Where they are not installed (``apt-get install baresip-core sip-tester``)
`need` skips the test and says so.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest

from ops.processes import free_port

RATE = 8000
MODULES = Path("/usr/lib/baresip/modules")
SCENARIOS = Path(__file__).with_name("sipp")
PACKAGES = {"baresip": "baresip-core", "sipp": "sip-tester"}
WITHIN_S = 60.0


def need(*programs: str) -> None:
    """Skip the test where one of the programs is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {PACKAGES[program]}")


def write_wav(path: Path, pcm: bytes) -> Path:
    """16 bit PCM of 8,000 samples a second as a file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return path


def until(holds: Callable[[], bool], what: Callable[[], str] = lambda: "") -> None:
    """Wait for a condition."""
    last = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < last, what()
        time.sleep(0.02)


class BaresipPhone:
    """Debian's baresip: a telephone with a file for a microphone and a file for an ear.

    Commands and events go over its ctrl_tcp: JSON in netstrings.
    """

    def __init__(
        self,
        folder: Path,
        number: str,
        says: bytes = b"",
        answers: bool = False,
        encryption: str = "",
        password: str = "",
        port: int | None = None,
        also: Sequence[str] = (),
    ) -> None:
        """`says` is heard from the first packet on; after it there is silence.

        `answers`: takes every call by itself. `encryption` is baresip's `mediaenc`. `port` is its
        own for SIP; None: a free one. Other numbers that ring here (`also`) are not answered.
        """
        self.number = number
        self.port = sip_port() if port is None else port
        self._control_port = free_port()
        self._folder = folder / f"phone-{number}-{self.port}"
        self._folder.mkdir(parents=True)
        write_wav(self._folder / "mouth.wav", says + bytes(2 * RATE * 120))
        self._configure("auto" if answers else "manual", encryption, password, also)
        self._said = 0
        self._events: list[dict[str, Any]] = []
        self._replies: list[dict[str, Any]] = []

    def _configure(self, answers: str, encryption: str, password: str, also: Sequence[str]) -> None:
        (self._folder / "config").write_text(
            f"sip_listen 127.0.0.1:{self.port}\n"
            "net_interface 127.0.0.1\n"
            "call_max_calls 4\n"
            f"audio_source aufile,{self._folder}/mouth.wav\n"
            "audio_player aubridge,ear\n"  # somebody has to take the sound, that it is decoded
            "audio_alert none,none\n"
            f"snd_path {self._folder}\n"
            f"module_path {MODULES}\n"
            "module g711.so\nmodule aufile.so\nmodule aubridge.so\n"
            "module sndfile.so\nmodule srtp.so\n"
            "module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
            f"ctrl_tcp_listen 127.0.0.1:{self._control_port}\n"
        )
        more = f";mediaenc={encryption}" if encryption else ""
        (self._folder / "accounts").write_text(
            f"<sip:{self.number}@127.0.0.1:{self.port}>;regint=0;answermode={answers}"
            f";auth_pass={password};audio_codecs=pcma,pcmu{more}\n"
            + "".join(f"<sip:{one}@127.0.0.1:{self.port}>;regint=0\n" for one in also)
        )
        (self._folder / "contacts").touch()

    def __enter__(self) -> Self:
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            ["baresip", "-f", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        until(self._reach, self.log)
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        return self

    def _reach(self) -> bool:
        try:
            self._control = socket.create_connection(("127.0.0.1", self._control_port))
        except OSError:
            return False
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._control.close()
        self._listening.join(5)
        self._log.close()

    def kill(self) -> None:
        """The phone dies without a word."""
        self._process.kill()

    def log(self) -> str:
        return (self._folder / "log").read_text("utf-8", "replace")

    def _listen(self) -> None:
        left = b""
        while True:
            try:
                came = self._control.recv(65536)
            except OSError:
                return
            if not came:
                return
            left += came
            while b":" in left:
                size, _, rest = left.partition(b":")
                if len(rest) <= int(size):
                    break
                message = json.loads(rest[: int(size)])
                (self._events if message.get("event") else self._replies).append(message)
                left = rest[int(size) + 1 :]

    def command(self, name: str, params: str = "") -> None:
        """One of baresip's own commands, carried out when this returns."""
        body = json.dumps({"command": name, "params": params, "token": "t"}).encode()
        replies = len(self._replies)
        self._control.sendall(b"%d:%s," % (len(body), body))
        until(lambda: len(self._replies) > replies, self.log)
        assert self._replies[-1]["ok"], self._replies[-1]

    def dial(self, address: str) -> None:
        self.command("dial", address)

    def press(self, keys: str) -> None:
        for key in keys:
            self.command("sndcode", key)

    def speak(self, pcm: bytes) -> None:
        """From now on this is heard from it, then silence."""
        self._said += 1
        mouth = self._folder / f"mouth-{self._said}.wav"
        self.command("ausrc", f"aufile,{write_wav(mouth, pcm + bytes(2 * RATE * 120))}")

    def hang_up(self) -> None:
        self.command("hangup")

    def wait_for(self, event: str) -> dict[str, Any]:
        """Until it reports e.g. CALL_ESTABLISHED; the report."""
        until(lambda: bool(self.events(event)), lambda: f"no {event}: {self._events} {self.log()}")
        return self.events(event)[-1]

    def wait_for_all(self, event: str, count: int) -> None:
        """Until it has reported it so many times."""
        until(lambda: len(self.events(event)) >= count, lambda: f"{self._events} {self.log()}")

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self._events if one["type"] == kind]

    def heard(self) -> bytes:
        """PCM that reached its ear in the last call; complete once that is over."""
        ear = self.ear()
        return ear.read_bytes()[44:] if ear is not None else b""

    def ear(self) -> Path | None:
        """The file with what reached its ear in the last call, behind a header of 44 bytes."""
        dumps = sorted(self._folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime)
        return dumps[-1] if dumps else None


class Sipp:
    """sipp with one of the scenarios in this folder, `sipp/NAME.xml`: rings `to`, or is rung."""

    def __init__(
        self, scenario: str, folder: Path, to: str = "", number: str = "sipp", says: bytes = b""
    ) -> None:
        """`to` is HOST:PORT. `says` is spoken in PCMU by scenarios that speak."""
        self.port = free_port()
        self._folder = folder / f"sipp-{scenario}-{self.port}"
        self._folder.mkdir(parents=True)
        (self._folder / "sound.raw").write_bytes(mu_law(says))
        self._argv = [
            *("sipp", *([to] if to else []), "-sf", str(SCENARIOS / f"{scenario}.xml")),
            *("-i", "127.0.0.1", "-p", str(self.port), "-mp", str(free_port())),
            *("-m", "1", "-key", "number", number, "-nostdin"),
            *("-trace_err", "-error_file", "errors", "-timeout", "90s", "-timeout_error"),
        ]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._argv, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        until(lambda: not is_free(self.port), self.complaints)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def went_as_planned(self) -> bool:
        """Whether everything came as its scenario says, once it is through."""
        return self._process.wait(40) == 0

    def complaints(self) -> str:
        path = self._folder / "errors"
        return path.read_text("utf-8", "replace") if path.exists() else ""


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    """Whether nobody sits on the port of 127.0.0.1, for UDP if not told otherwise."""
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def sip_port() -> int:
    """A free port whose neighbour is free too: baresip takes that for SIP over TLS."""
    while not is_free((port := free_port()) + 1, socket.SOCK_STREAM):
        pass
    return port


def mu_law(pcm: bytes) -> bytes:
    """G.711's mu-law of 16 bit PCM (ITU-T G.711, the usual segments of 4 bits)."""
    samples = np.frombuffer(pcm, "<i2").astype(int)
    size = np.minimum(abs(samples), 32635) + 132
    segment = np.floor(np.log2(size)).astype(int) - 7
    step = (size >> (segment + 3)) & 15
    coded: bytes = (
        (~(np.where(samples < 0, 128, 0) | segment << 4 | step) & 255).astype(np.uint8).tobytes()
    )
    return coded
