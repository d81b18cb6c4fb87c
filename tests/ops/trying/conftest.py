"""The page to try a house on as a process of its own, between a stand-in for WeChat, a house that
only takes down what it is sent, and a line that only listens."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Error, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.db.databases import Addresses
from ivr.endpoint import Call
from ivr.voice import Voice
from ops.house import environment_of
from ops.processes import House, free_port
from ops.trying.house import trying_process
from tests.ivr.loopback import line
from tests.standin.wechat import WeChatStandIn
from tests.waiting import WITHIN_S

QUESTION = "您要办什么?"


@dataclass
class Listener:
    """A line that asks something and then listens, in a thread of its own."""

    question: bytes
    address: str = ""
    callers: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    ended: int = 0
    _ready: threading.Event = field(default_factory=threading.Event)
    _leave: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Listener:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(WITHIN_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._thread.join(WITHIN_S)

    def loud_s(self) -> float:
        """Seconds in which the caller was heard."""
        frames = (np.frombuffer(one, "<i2").astype(float) for one in list(self.heard))
        return 0.02 * sum(float(np.sqrt((one**2).mean())) > 300 for one in frames)

    async def _serve(self) -> None:
        async with line(self._take) as own:
            self.address = own.address
            self._ready.set()
            await asyncio.to_thread(self._leave.wait)

    async def _take(self, call: Call) -> None:
        self.callers.append(call.caller)
        call.on_key(self.keys.append)
        await call.answer()
        call.say(self.question)
        async for frame in call.frames():
            self.heard.append(frame)
        self.ended += 1


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@dataclass
class Tried:
    """The page, and what stands around it."""

    url: str
    key: str
    standin: WeChatStandIn
    line: Listener
    pushed: list[dict[str, str]]
    """What the house was sent, message by message."""
    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def post(self, path: str, **how: Any) -> httpx.Response:
        """As the page's own scripts do it."""
        how.setdefault("headers", {"X-Form-Key": self.key})
        return httpx.post(f"{self.url}{path}", trust_env=False, timeout=60, **how)

    def follow(self) -> None:
        """Note what the page is told, from now on."""
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        try:
            with httpx.stream("GET", f"{self.url}/news", trust_env=False, timeout=30) as told:
                what = ""
                for row in told.iter_lines():
                    if row.startswith("event: "):
                        what = row[7:]
                    elif row.startswith("data: "):
                        self.news.append((what, json.loads(row[6:])))
        except httpx.HTTPError:
            pass  # the page is gone: the test is over

    def told(self, what: str, **like: object) -> list[dict[str, Any]]:
        """What the page was told that is like this."""
        return [
            data
            for kind, data in list(self.news)
            if kind == what and all(data.get(key) == value for key, value in like.items())
        ]


@pytest.fixture(scope="package")
def question(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Voice(tmp_path_factory.mktemp("voice")).say(QUESTION)


@contextmanager
def a_house(pushed: list[dict[str, str]]) -> Iterator[str]:
    """A house's web process, which answers nothing; its address."""
    app = Flask("house")

    @app.post("/wechat")
    def take() -> str:
        pushed.append({one.tag: one.text or "" for one in ElementTree.fromstring(request.data)})
        return "success"

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join(WITHIN_S)
    server.server_close()


@pytest.fixture
def tried(
    addresses: Addresses, own_database: Callable[[], str], tmp_path: Path, question: bytes
) -> Iterator[Tried]:
    pushed: list[dict[str, str]] = []
    url = f"http://127.0.0.1:{free_port()}"
    here = Addresses(own_database(), addresses.redis_url)
    with (
        a_house(pushed) as web,
        WeChatStandIn(f"{web}/wechat") as standin,
        Listener(question) as listener,
        House() as processes,
    ):
        environment = environment_of(here, "http://127.0.0.1:1", tmp_path) | {
            f"YINLING_WECHAT_{name.upper()}": value or ""
            for name, value in (standin.settings() | {"public_base_url": web}).items()
        }
        processes.try_on(trying_process(tmp_path, environment, url, listener.address))
        page = httpx.get(f"{url}/try", trust_env=False, timeout=60).text
        found = re.search(r'name="key" content="([^"]+)"', page)
        assert found, page
        yield Tried(url, found[1], standin, listener, pushed)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """With a microphone that beeps; ended with the last test of the package."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Debian's chromium is not installed here: make browser")
    microphone = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    free = "--autoplay-policy=no-user-gesture-required"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", *microphone, free]
            )
        except Error as error:
            pytest.skip(f"chromium does not start here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()
