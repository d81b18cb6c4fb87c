"""The page to try a house on, among the house's processes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.settings import Settings
from bot.settings import LOOPBACK, WeChatSettings
from ivr.health import where_well
from ivr.settings import IvrSettings
from ops.processes import House, NotReady, Process, answers, free_port, spawn
from ops.standin import StandIn, is_here


def trying_process(
    logs: Path, environment: Mapping[str, str], url: str, line: str = "", password: str = ""
) -> Process:
    """The page at `url`, a port of this machine, for a house whose processes have this
    environment, a stand-in for WeChat among them. `line`: the SIP address that is rung.
    `password` of the console's made-up people: shown on the page."""
    log = logs / "trying.log"
    settings = {
        "YINLING_TRYING_URL": url,
        "YINLING_TRYING_LINE": line,
        "YINLING_TRYING_PASSWORD": password,
    }
    start = spawn([sys.executable, "-m", "ops.trying"], log, {**environment, **settings})
    return Process("trying", start, answers(f"{url}/healthz"), log)


@dataclass(frozen=True)
class Trial:
    """A house of a developer: with a stand-in for WeChat, and the page to try it on."""

    standin: StandIn
    web_url: str
    url: str

    def environment(self) -> dict[str, str]:
        """What our processes must know of it."""
        return {"YINLING_TRYING_URL": self.url, **self.standin.environment(self.web_url)}

    def open(
        self, house: House, logs: Path, environment: Mapping[str, str], line: IvrSettings
    ) -> str:
        """Open the page, with a telephone where the line answers. Says what came of it."""
        host = where_well(line)
        rings = f"sip:96993@{host}:{line.sip_port}" if host is not None else ""
        try:
            house.try_on(trying_process(logs, environment, self.url, rings))
        except NotReady as dead:
            return f"There is no page to try it on; all else runs. {dead}"
        return (
            f"Try it at {self.web_url}/try: WeChat's place is taken by a stand-in, since no WeChat "
            "account is set"
        )


def trial_of(settings: Settings, wechat: WeChatSettings) -> Trial | None:
    """A trial, where the settings are a developer's: no WeChat account, no key for links, nobody
    but this machine let in; and where there is a stand-in."""
    developing = (
        not wechat.configured
        and settings.web_host in LOOPBACK
        and settings.secret_key == Settings.model_fields["secret_key"].default
    )
    if not developing or not is_here():
        return None
    web_url = f"http://127.0.0.1:{settings.web_port}"
    return Trial(StandIn(free_port()), web_url, f"http://127.0.0.1:{free_port()}")
