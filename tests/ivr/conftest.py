"""A real line, as `yinling ivr` runs it, on loopback, with a copy of the small town; and the ears
of our own making, with recordings to play to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, make_engine, make_sessions
from ivr.ears import SHIPPED, Ears
from ivr.health import is_well
from ivr.settings import IvrSettings
from ops.bench.asr.spoken import Material, material
from ops.processes import free_port
from tests.docker.files import ROOT


@dataclass
class Phone:
    """A telephone that is ringing the line from a process of its own."""

    process: subprocess.Popen[str]

    def wait_answered(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "answered\n"

    def outcome(self) -> dict[str, Any]:
        """How long the call was, and the PCM that was heard."""
        said, _ = self.process.communicate(timeout=120)
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return {**found, "heard": bytes.fromhex(found["heard"])}


@dataclass
class RunningLine:
    port: int
    process: subprocess.Popen[bytes]
    sessions: sessionmaker[Session]
    log: Path
    phones: list[Phone] = field(default_factory=list)

    def ring(self, number: str, keys: str = "", hang_up_after_s: float | None = None) -> Phone:
        """Somebody rings from `number`; returns at once."""
        how = {"port": self.port, "number": number, "keys": keys}
        argv = [
            sys.executable,
            str(Path(__file__).with_name("peer.py")),
            json.dumps({**how, "hang_up_after_s": hang_up_after_s}),
        ]
        self.phones.append(Phone(subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)))
        return self.phones[-1]

    def told_to_end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait_for(self, event: str) -> None:
        """Until its log has the event."""
        until = time.monotonic() + 60
        while event not in [one["event"] for one in self.events()]:
            assert time.monotonic() < until, self.log.read_text("utf-8")
            time.sleep(0.05)

    def events(self) -> list[dict[str, Any]]:
        """Its log."""
        lines = self.log.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line[-1] == "\n"]


@pytest.fixture
def open_line(
    addresses: Addresses, own_database: Callable[[], str], tmp_path: Path
) -> Iterator[Callable[..., RunningLine]]:
    """Opens a line with the given settings."""
    opened: list[RunningLine] = []
    url = own_database()
    engine = make_engine(url)

    def begin(**settings: str) -> RunningLine:
        given = {
            "listen_host": "127.0.0.1",
            "net_interface": "127.0.0.1",
            "sip_port": str(free_port()),
            **settings,
        }
        environment = {f"YINLING_IVR_{name.upper()}": value for name, value in given.items()}
        log = tmp_path / "ivr.log"
        process = subprocess.Popen(
            [sys.executable, "-m", "yinling", "ivr"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": url,
                "REDIS_URL": addresses.redis_url,
                "YINLING_DATA_DIR": str(tmp_path),
                **environment,
            },
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        port = int(given["sip_port"])
        opened.append(RunningLine(port, process, make_sessions(engine), log))
        here = IvrSettings(listen_host="127.0.0.1", sip_port=port)
        until = time.monotonic() + 60
        while not is_well(here, 0.3):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
        return opened[-1]

    yield begin
    for line in opened:
        for one in [*(phone.process for phone in line.phones), line.process]:
            one.kill()
            one.wait()
    engine.dispose()


@pytest.fixture(scope="session")
def ears() -> Ears:
    """Our own model, loaded once for all who listen with it."""
    return Ears(SHIPPED)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The recordings that are kept with the code, whatever the recipe has made beside them."""
    nothing = tmp_path_factory.mktemp("shelf")
    return material(0, 0, 0, nothing, nothing)
