"""The line that is measured: a process `yinling ivr` of its own, and what it uses meanwhile."""

from __future__ import annotations

import math
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.db.databases import Addresses
from ivr.health import is_well
from ivr.settings import IvrSettings
from ops.bench.voice.phone import HOST
from ops.house import environment_of
from ops.processes import House, Process, free_port, free_ports, spawn

MOST_CALLS, RESERVE = 50, 10
PORTS = 2 * (MOST_CALLS + RESERVE)
LOOK_S = 0.5
STILL_MB = 0.5
"""Between two looks."""
SETTLED_S = 10.0
"""A line that has nothing to do any more has let go of everything within this."""


@dataclass(frozen=True)
class Use:
    """What the process held at a moment. `cpu_s` since its start."""

    at: float
    mb: float
    threads: int
    udp_ports: int
    cpu_s: float


@dataclass
class LineProcess:
    """A running line. `busy` is the share of all cores that anybody used, meanwhile."""

    port: int
    pid: int
    rtp_first: int
    uses: list[Use] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def use(self) -> Use:
        """What it holds now."""
        process = psutil.Process(self.pid)
        with process.oneshot():
            cpu = process.cpu_times()
            return Use(
                time.monotonic(),
                process.memory_info().rss / 1e6,
                process.num_threads(),
                len(process.net_connections("udp")),
                cpu.user + cpu.system,
            )

    def at_rest(self, ports: int | None = None) -> Use:
        """Once the calls' ports are let go (`ports` are left) and memory lies still, or after a
        while."""
        until, before = time.monotonic() + SETTLED_S, math.inf
        while time.monotonic() < until:
            use = self.use()
            if (ports is None or use.udp_ports <= ports) and abs(use.mb - before) < STILL_MB:
                break
            before = use.mb
            time.sleep(LOOK_S)
        return self.use()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at it every half second."""
        over = threading.Event()

        def look() -> None:
            psutil.cpu_percent()
            while not over.wait(LOOK_S):
                self.uses.append(self.use())
                self.busy.append(psutil.cpu_percent() / 100)

        self.uses.append(self.use())
        watching = threading.Thread(target=look, daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()
            self.uses.append(self.use())


@contextmanager
def line(
    folder: Path,
    addresses: Addresses,
    rasa_url: str,
    clock_file: Path,
    model: Path,
    fixed_voice: Path | None,
) -> Iterator[LineProcess]:
    """A line over these databases. `fixed_voice` holds the prompts spoken at set-up, all that a
    new line has. Raises ops.processes.NotReady."""
    if fixed_voice is not None and fixed_voice.is_dir():
        shutil.copytree(fixed_voice, folder / "voice", dirs_exist_ok=True)
    port, first = free_port(), free_ports(PORTS)[0]
    environment = {
        **environment_of(addresses, rasa_url, folder),
        "YINLING_CLOCK_FILE": str(clock_file),
        "YINLING_SECRET_KEY": "a-bench-is-no-secret",
        "YINLING_VOSK_MODEL": str(model.resolve()),
        "YINLING_IVR_LISTEN_HOST": HOST,
        "YINLING_IVR_NET_INTERFACE": HOST,
        "YINLING_IVR_SIP_PORT": str(port),
        "YINLING_IVR_RTP_PORTS": f"{first}-{first + PORTS - 1}",
        "YINLING_IVR_MAX_CALLS": str(MOST_CALLS),
        "YINLING_IVR_ALARM_RESERVE": str(RESERVE),
        "YINLING_IVR_REGISTRAR": "",
        "YINLING_IVR_OUTBOUND_PROXY": "",
        "YINLING_IVR_AGENTS": "",
        "YINLING_IVR_SRTP": "none",
    }
    log = folder / "ivr.log"
    settings = IvrSettings(listen_host=HOST, net_interface=HOST, sip_port=port)
    argv = [sys.executable, "-W", "ignore", "-m", "yinling", "ivr"]
    process = Process("ivr", spawn(argv, log, environment), lambda: is_well(settings, 0.3), log)
    with House() as house:
        house.start(process)
        house.wait()
        assert process.popen is not None
        yield LineProcess(port, process.popen.pid, first)
