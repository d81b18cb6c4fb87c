"""A running house with a stand-in for WeChat's servers in front of it: for the demo, the
scenarios and the end-to-end tests. Everything else on it is real."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pypinyin import lazy_pinyin

from backend import clock
from backend.clock import set_ahead
from backend.db.databases import Addresses
from nlu.prompts.templates import template_kinds
from ops.house import environment_of, web_process, worker_process
from ops.processes import House, Process, answers, free_port, spawn
from tests.standin.wechat.phone import Phone

APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef", "yinling"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TEMPLATES = {kind: f"tmpl-{kind.replace('_', '-')}" for kind in template_kinds()}
"""Template messages of the account, for news after WeChat's window has closed."""


@dataclass
class Stage:
    """What stands on it, and the phones of the people who play."""

    house: House
    standin_url: str
    web_ports: list[int]
    environment: dict[str, str]
    folder: Path
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
    standin_port = free_port()
    standin_url = f"http://127.0.0.1:{standin_port}"
    web_ports = [free_port() for _ in range(webs)]
    environment = {
        **environment_of(addresses, rasa_url, folder),
        "YINLING_CLOCK_FILE": str(folder / "clock"),
        "YINLING_SECRET_KEY": "a-stage-is-no-secret",
        "YINLING_WECHAT_APP_ID": APP_ID,
        "YINLING_WECHAT_APP_SECRET": SECRET,
        "YINLING_WECHAT_TOKEN": TOKEN,
        "YINLING_WECHAT_API_BASE_URL": standin_url,
        "YINLING_WECHAT_PUBLIC_BASE_URL": f"http://127.0.0.1:{web_ports[0]}",
        "YINLING_WECHAT_TEMPLATES": json.dumps(TEMPLATES),
        **(settings or {}),
    }
    standin_argv = [
        *(sys.executable, "-m", "tests.standin.wechat", "--port", str(standin_port)),
        *("--callback", ",".join(f"http://127.0.0.1:{port}/wechat" for port in web_ports)),
        *("--app-id", APP_ID, "--secret", SECRET, "--token", TOKEN),
        *(f"--template={template_id}={kind}" for kind, template_id in TEMPLATES.items()),
        *standin_options,
    ]
    if safe_mode:
        environment["YINLING_WECHAT_ENCODING_AES_KEY"] = AES_KEY
        standin_argv += ["--aes-key", AES_KEY]
    log = logs / "wechat-stand-in.log"
    standin = Process(
        "wechat", spawn(standin_argv, log, {}), answers(f"{standin_url}/_standin/calls"), log
    )
    with House() as house:
        house.start(standin)
        for port in web_ports:
            house.start(web_process(logs, environment, port))
        for number in range(workers):
            house.start(worker_process(logs, environment, f"worker-{number + 1}"))
        house.wait()
        yield Stage(house, standin_url, web_ports, environment, folder)
