"""A real web process over a small town, WeChat's stand-in beside it, and people with telephones:
by plain HTTP, or in Debian's Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from backend.clock import now as real_now
from backend.clock import set_ahead
from backend.db.databases import Addresses, make_engine, make_sessions
from backend.db.models import Account, Link, Worker
from backend.seed.town import Seeded
from backend.services.lookup import account_for
from backend.services.unit_of_work import unit_of_work
from bot.pages.links import Links, page_secret
from ops.house import environment_of, web_process
from ops.processes import House, free_port
from tests.browser import a_chromium, window
from tests.conftest import NOW
from tests.standin.wechat import Phone, WeChatStandIn
from tests.standin.wechat.server import WHOSE_BROWSER

PHONE_SIZE: ViewportSize = {"width": 390, "height": 844}
SECRET = "pages-in-tests"
BEFORE_LUNCH = NOW + timedelta(minutes=80)
"""What the house's clock shows: 10:40."""


@dataclass
class PagesHouse:
    """Where the pages are, what stands behind them, and WeChat."""

    url: str
    sessions: sessionmaker[Session]
    seeded: Seeded
    wechat: WeChatStandIn
    links: Links

    def account(self, openid: str) -> int:
        with unit_of_work(self.sessions) as work:
            found = account_for(work, "wechat", openid)
            assert found is not None
            return found.id

    def family(self, name: str, *elder_ids: int, relation: str = "daughter") -> Phone:
        """Somebody who follows us and looks after these elders."""
        phone = self.wechat.phone(name)
        with unit_of_work(self.sessions) as work:
            account = Account(channel="wechat", identifier=phone.openid, name=name)
            work.session.add(account)
            work.session.flush()
            for elder_id in elder_ids:
                work.session.add(Link(account_id=account.id, elder_id=elder_id, relation=relation))
        return phone

    def worker(self, worker_id: int) -> Phone:
        """A worker's phone."""
        return self.wechat.phone(openid=f"o-worker-{worker_id}")


@pytest.fixture(scope="session")
def pages(
    addresses: Addresses,
    town: tuple[str, Seeded],
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PagesHouse]:
    engine.dispose()  # a template must have no other users
    url = town[0].replace("/town?", "/pages?")
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE pages TEMPLATE town")
    own = make_engine(url)
    folder: Path = tmp_path_factory.mktemp("pages")
    ahead = BEFORE_LUNCH - real_now()
    set_ahead(folder / "clock", ahead)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with WeChatStandIn() as wechat, House() as house:
        environment = environment_of(
            Addresses(url, addresses.redis_url), "http://127.0.0.1:9", folder
        ) | {
            "YINLING_CLOCK_FILE": str(folder / "clock"),
            "YINLING_SECRET_KEY": SECRET,
            "YINLING_WECHAT_APP_ID": wechat.app_id,
            "YINLING_WECHAT_APP_SECRET": wechat.secret,
            "YINLING_WECHAT_TOKEN": wechat.token,
            "YINLING_WECHAT_API_BASE_URL": wechat.base_url,
            "YINLING_WECHAT_PUBLIC_BASE_URL": base,
        }
        house.start(web_process(folder / "log", environment, port))
        house.wait()
        _everybody_has_a_phone(own, wechat)
        links = Links(
            base, page_secret(SECRET, wechat.secret), 3 * 24 * 3600, lambda: real_now() + ahead
        )
        yield PagesHouse(base, make_sessions(own), town[1], wechat, links)
    own.dispose()


def _everybody_has_a_phone(engine: Engine, wechat: WeChatStandIn) -> None:
    """Who cannot be reached is not asked."""
    with Session(engine) as session, session.begin():
        for worker in session.scalars(select(Worker)):
            phone = wechat.phone(worker.name, openid=f"o-worker-{worker.id}")
            session.add(Account(channel="wechat", identifier=phone.openid, worker_id=worker.id))


@pytest.fixture
def browse(pages: PagesHouse) -> Iterator[Callable[[Phone], httpx.Client]]:
    """WeChat's browser on somebody's phone, without scripts: it follows where it is sent."""
    opened: list[httpx.Client] = []

    def make(phone: Phone) -> httpx.Client:
        client = httpx.Client(
            base_url=pages.url, timeout=60, follow_redirects=True, trust_env=False
        )
        client.cookies.set(WHOSE_BROWSER, phone.openid, domain="127.0.0.1")
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ended with the last test of the pages."""
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
def in_wechat(chromium: Browser, pages: PagesHouse) -> Iterator[Callable[..., Page]]:
    """WeChat's browser on somebody's phone; an error of its scripts or of the content security
    policy fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def hold(phone: Phone, **more: object) -> Page:
        page = window(chromium, PHONE_SIZE, troubles, **more)
        contexts.append(page.context)
        page.context.add_cookies(
            [{"name": WHOSE_BROWSER, "value": phone.openid, "url": pages.wechat.base_url}]
        )
        return page

    yield hold
    for context in contexts:
        context.close()
    assert troubles == []
