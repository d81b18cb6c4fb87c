"""Start the house's processes, look after them, stop them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

STOP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.5
LONGEST_WAIT_S = 30.0
CRASHED_WITHIN_S = 3.0
"""What dies so soon after its start has a fault of its own; it is started ever more slowly."""


class NotReady(RuntimeError):
    """A process did not come up; the message ends with its last words."""


@dataclass
class Process:
    """One process: how it is started and how one knows that it works."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    ready: Callable[[], bool]
    log: Path
    popen: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    finish_s: float = 0.0
    """Told to end, it may finish what it is at for so long, while the others still serve it."""

    def up(self) -> None:
        """Start it (again)."""
        self.started_at = time.monotonic()
        self.popen = self.start()

    def is_dead(self) -> bool:
        """Whether it was started and is no more."""
        return self.popen is not None and self.popen.poll() is not None

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Signal the process and all its children."""
        if self.popen is not None and self.popen.poll() is None:
            try:
                os.killpg(self.popen.pid, how)
            except ProcessLookupError:
                self.popen.poll()

    def wait_dead(self, patience_s: float) -> bool:
        """Wait until it has ended; False when it has not by then."""
        if self.popen is None:
            return True
        try:
            self.popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"


def spawn(
    argv: list[str], log: Path, environment: Mapping[str, str]
) -> Callable[[], subprocess.Popen[bytes]]:
    """Starts `argv` in a process group of its own, output to `log`."""

    def start() -> subprocess.Popen[bytes]:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            return subprocess.Popen(
                argv,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    return start


def answers(url: str) -> Callable[[], bool]:
    """Whether a GET of `url` is answered with 200."""

    def check() -> bool:
        try:
            return httpx.get(url, timeout=1.0, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    return check


LISTENING = range(20_000, 32_000)
"""Ports we give out: below those that systems hand to outgoing connections (Linux: from 32768),
so that nobody's connection sits on one between our look and our process's start."""

_given: set[int] = set()


def free_port() -> int:
    """A port of this machine that nobody uses for TCP or UDP, and that was not given out before."""
    for port in random.sample(LISTENING, len(LISTENING)):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise OSError("no free port on this machine")


def free_ports(count: int) -> range:
    """So many ports in a row as `free_port` gives one, the first of them even, as RTP wants it."""
    firsts = range(LISTENING.start, LISTENING.stop - count, 2)
    for first in random.sample(firsts, len(firsts)):
        row = range(first, first + count)
        if _given.isdisjoint(row) and all(map(_is_free, row)):
            _given.update(row)
            return row
    raise OSError(f"no {count} free ports in a row on this machine")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def wanted_port(url: str) -> int:
    """The port of `url` if it is this machine's and free, else any free one."""
    parts = urlsplit(url)
    with socket.socket() as probe:
        try:
            probe.bind((parts.hostname or "", parts.port or 0))
        except OSError:
            return free_port()
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """The processes that run together. What dies is started again, ever more slowly."""

    processes: list[Process] = field(default_factory=list)
    _leaving: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def start(self, process: Process) -> None:
        """Start one process without waiting for it."""
        self.processes.append(process)
        process.up()

    def wait(self, patience_s: float = 120.0) -> None:
        """Until all are ready. Raises NotReady with the last words of the one that is not."""
        until = time.monotonic() + patience_s
        for process in self.processes:
            while not process.ready():
                if process.is_dead() or time.monotonic() > until:
                    raise NotReady(f"{process.name} did not start:\n{process.last_words()}")
                time.sleep(0.1)

    def try_on(self, process: Process, patience_s: float = 60.0) -> None:
        """Start one more, without which the others can live, and wait until it is ready.

        Raises NotReady; it is not of the house then.
        """
        self.start(process)
        try:
            self.wait(patience_s)
        except NotReady:
            process.kill()
            self.processes.remove(process)
            raise

    def watch(self) -> None:
        """From now on, start again what dies."""
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._leaving.wait(LOOK_EVERY_S):
            for process in self.processes:
                if process.popen is None or process.popen.poll() is None:
                    continue
                lived = time.monotonic() - process.started_at
                process.failures = process.failures + 1 if lived < CRASHED_WITHIN_S else 0
                if lived >= min(2.0**process.failures - 1, LONGEST_WAIT_S):
                    process.up()

    def stop(self) -> None:
        """Ask all to finish, the youngest first; kill those that do not."""
        self._leaving.set()
        if self._watcher is not None:
            self._watcher.join()
        for process in reversed(self.processes):
            if process.finish_s:
                process.kill(signal.SIGTERM)
                process.wait_dead(process.finish_s)
        for process in reversed(self.processes):
            process.kill(signal.SIGTERM)
        until = time.monotonic() + STOP_WITHIN_S
        for process in reversed(self.processes):
            if not process.wait_dead(max(0.1, until - time.monotonic())):
                process.kill()
                process.wait_dead(STOP_WITHIN_S)
        self.processes.clear()

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
