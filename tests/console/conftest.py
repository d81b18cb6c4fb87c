"""A real web process over a small town of its own, and people who sign in at it: by plain HTTP, or
in Debian's Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, make_engine, make_sessions
from backend.seed.console import DEMO_PASSWORD, seed_console_users
from backend.seed.town import SMALL, Seeded, seed_town
from backend.services.unit_of_work import unit_of_work
from ops.house import environment_of, web_process
from ops.processes import House, free_port
from tests.browser import a_chromium, follow, window

WECHAT_TOKEN = "console-town"
"""Signs messages that are sent to this house as WeChat sends them; no other part of it is set."""
DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class ConsoleHouse:
    """Where the console is, and the database behind it."""

    url: str
    sessions: sessionmaker[Session]
    seeded: Seeded
    memory: redis.Redis


@dataclass
class Desk:
    """Somebody at the console, by plain HTTP."""

    http: httpx.Client

    def key(self) -> str:
        """What this visitor's forms must bring."""
        shown = self.http.get("/console/account", follow_redirects=True).text
        found = re.search(r'name="form_key" value="([^"]+)"', shown)
        assert found is not None
        return found[1]

    def sign_in(self, login: str, password: str = DEMO_PASSWORD, **more: str) -> httpx.Response:
        form = {"login": login, "password": password, "form_key": self.key(), **more}
        return self.http.post("/console/sign-in", data=form)

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(path, data={**form, "form_key": self.key()})


@pytest.fixture(scope="session")
def console(
    addresses: Addresses,
    town: tuple[str, Seeded],
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ConsoleHouse]:
    engine.dispose()  # a template must have no other users
    url = town[0].replace("/town?", "/console?")
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE console TEMPLATE town")
    own = make_engine(url)
    sessions = make_sessions(own)
    with unit_of_work(sessions) as work:
        seeded = seed_town(work.session, datetime.now(UTC), SMALL)
        seed_console_users(work.session, datetime.now(UTC), DEMO_PASSWORD)
    folder: Path = tmp_path_factory.mktemp("console")
    port = free_port()
    environment = environment_of(Addresses(url, addresses.redis_url), "http://127.0.0.1:9", folder)
    environment |= {"YINLING_WECHAT_TOKEN": WECHAT_TOKEN, "YINLING_CONSOLE_PROXIES": "1"}
    with House() as house:
        house.start(web_process(folder / "log", environment, port))
        house.wait()
        yield ConsoleHouse(
            f"http://127.0.0.1:{port}",
            sessions,
            seeded,
            redis.Redis.from_url(addresses.redis_url),
        )
    own.dispose()


@pytest.fixture
def visit(console: ConsoleHouse) -> Iterator[Callable[..., Desk]]:
    """Makes people at desks; `visit("linhe")` has signed in already."""
    opened: list[httpx.Client] = []

    def make(login: str | None = None) -> Desk:
        client = httpx.Client(base_url=console.url, timeout=60)
        opened.append(client)
        desk = Desk(client)
        if login is not None:
            assert desk.sign_in(login).status_code == 302
        return desk

    yield make
    for client in opened:
        client.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ended with the last test of the console: nobody else may have an event loop meanwhile."""
    yield from a_chromium()


@pytest.fixture
def screens(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures of the pages go; None: none are asked for."""
    asked = request.config.getoption("--screens", default=None)
    if asked is None:
        return None
    folder = Path(asked)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def at_desk(chromium: Browser, console: ConsoleHouse) -> Iterator[Callable[..., Page]]:
    """Signs somebody in, in a browser window of their own; an error of its scripts or of the
    content security policy fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def sit(login: str, size: ViewportSize = DESK, **more: object) -> Page:
        page = window(chromium, size, troubles, **more)
        contexts.append(page.context)
        page.goto(f"{console.url}/console/")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(DEMO_PASSWORD)
        follow(page.get_by_role("button", name="登录"))
        page.wait_for_url(re.compile(r"/console/(centre|board|account|provider|settings)"))
        return page

    yield sit
    for context in contexts:
        context.close()
    assert troubles == []
