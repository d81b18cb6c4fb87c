"""A running house with a stand-in for WeChat's servers in front of it: for the demo, the
scenarios and the end-to-end tests. Everything else on it is real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pypinyin import lazy_pinyin

from backend import clock
from backend.clock import set_ahead
from backend.db.databases import Addresses
from ops.house import environment_of, web_process, worker_process
from ops.processes import House, Process, free_port
from ops.standin import StandIn
from tests.standin.wechat.phone import Phone

APP_SECRET, TOKEN = "0123456789abcdef0123456789abcdef", "yinling"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass
class Stage:
    """What stands on it, and the phones of the people who play."""

    house: House
    standin_url: str
    web_ports: list[int]
    environment: dict[str, str]
    folder: Path
    trying_port: int
    """Where the page to try it on is to stand, once `ops.trying.house` has opened it."""
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def clock_file(self) -> Path:
        """Where the house's clock is put forward."""
        return self.folder / "clock"

    def phone(self, name: str) -> Phone:
        """The phone of a person, who follows our account."""
        if name not in self.phones:
            openid = "o-" + "-".join(lazy_pinyin(name))
            self.phones[name] = Phone.new(self.standin_url, name=name, openid=openid)
        return self.phones[name]

    def name_of(self, openid: str) -> str:
        """Whose phone that is."""
        return next((n for n, p in self.phones.items() if p.openid == openid), openid)

    def jump_to(self, moment: datetime) -> None:
        """Make it that moment (aware) on the house's clock."""
        set_ahead(self.clock_file, moment - datetime.now(moment.tzinfo))

    def ahead(self) -> timedelta:
        """How far the house's clock is ahead of the real one."""
        try:
            return timedelta(seconds=float(self.clock_file.read_text()))
        except FileNotFoundError:
            return timedelta(0)

    def now(self) -> datetime:
        """What the house's clock shows, aware UTC."""
        return clock.now() + self.ahead()

    def process(self, name: str) -> Process:
        """One of the processes, by the beginning of its name."""
        return next(p for p in self.house.processes if p.name.startswith(name))


@contextmanager
def stage(
    addresses: Addresses,
    rasa_url: str,
    folder: Path,
    *,
    webs: int = 1,
    workers: int = 1,
    safe_mode: bool = True,
    begins_at: datetime | None = None,
    settings: dict[str, str] | None = None,
    standin_options: tuple[str, ...] = (),
) -> Iterator[Stage]:
    """Start stand-in, web and worker processes and wait until they work.

    `folder` gets logs, the clock and what the processes keep; `settings` are more environment
    variables for them. `begins_at` (aware): what the house's clock shows at first.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    logs = folder / "log"
    if begins_at is not None:
        set_ahead(folder / "clock", begins_at - clock.now())
    standin = StandIn(free_port(), APP_SECRET, TOKEN, AES_KEY if safe_mode else None)
    web_ports = [free_port() for _ in range(webs)]
    trying_port = free_port()
    environment = {
        **environment_of(addresses, rasa_url, folder),
        "YINLING_CLOCK_FILE": str(folder / "clock"),
        "YINLING_SECRET_KEY": "a-stage-is-no-secret",
        "YINLING_TRYING_URL": f"http://127.0.0.1:{trying_port}",
        **standin.environment(f"http://127.0.0.1:{web_ports[0]}"),
        **(settings or {}),
    }
    with House() as house:
        house.start(standin.process(logs, web_ports, *standin_options))
        for port in web_ports:
            house.start(web_process(logs, environment, port))
        for number in range(workers):
            house.start(worker_process(logs, environment, f"worker-{number + 1}"))
        house.wait()
        yield Stage(house, standin.url, web_ports, environment, folder, trying_port)
