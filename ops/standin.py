"""The stand-in for WeChat's servers as one of the house's processes: what it is started with, and
what our own processes must know to take it for WeChat."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from nlu.prompts.templates import template_titles
from ops.processes import Process, answers, spawn

APP_ID = "wx0123456789abcdef"
TEMPLATES = {kind: f"tmpl-{kind.replace('_', '-')}" for kind in template_titles()}
"""Template messages of the account, for news after WeChat's window has closed."""


def is_here() -> bool:
    """Whether there is a stand-in to start: it comes with the sources, not with the package."""
    return find_spec("tests") is not None and find_spec("tests.standin") is not None


@dataclass(frozen=True)
class StandIn:
    """A stand-in at a port of this machine, and the account that it keeps. Without a key for safe
    mode callbacks are signed and not encrypted."""

    port: int
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    aes_key: str | None = field(
        default_factory=lambda: secrets.token_hex(22)[:43], repr=False
    )  # letters and figures, as WeChat's are

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, web_url: str) -> dict[str, str]:
        """Settings with which our processes talk to it; `web_url` is where people's phones find
        our pages."""
        settings = {
            "APP_ID": APP_ID,
            "APP_SECRET": self.app_secret,
            "TOKEN": self.token,
            "ENCODING_AES_KEY": self.aes_key or "",
            "API_BASE_URL": self.url,
            "PUBLIC_BASE_URL": web_url,
            "TEMPLATES": json.dumps(TEMPLATES),
        }
        return {f"YINLING_WECHAT_{name}": value for name, value in settings.items()}

    def process(self, logs: Path, web_ports: Sequence[int], *options: str) -> Process:
        """It pushes to the callback of each web process in turn; `options` are more of its own."""
        argv = [
            *(sys.executable, "-m", "tests.standin.wechat", "--port", str(self.port)),
            *("--callback", ",".join(f"http://127.0.0.1:{port}/wechat" for port in web_ports)),
            *("--app-id", APP_ID, "--secret", self.app_secret, "--token", self.token),
            *(f"--template={TEMPLATES[kind]}={title}" for kind, title in template_titles().items()),
            *options,
        ]
        if self.aes_key is not None:
            argv += ["--aes-key", self.aes_key]
        log = logs / "wechat-stand-in.log"
        ready = answers(f"{self.url}/_standin/calls")
        return Process("wechat", spawn(argv, log, {}), ready, log)
