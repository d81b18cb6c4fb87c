"""The console's pages with many orders stored, and how soon an alarm is on fifty agents' screens.

The agents are plain HTTP clients that do what a page does: keep the feed open, and ask for the
alarms when it says so. What a browser needs to show them is not in it.
"""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import httpx
import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.db.models import Elder
from backend.seed.console import DEMO_PASSWORD, seed_console_users
from backend.seed.town import FULL, seed_town
from backend.services.raise_incident import raise_incident
from backend.services.unit_of_work import unit_of_work
from backend.settings import TIMEZONE, Settings
from ops.bench import stored_orders
from ops.house import environment_of, web_process
from ops.processes import House, free_port

STORED = 100_000
AGENTS = 50
ALARMS = 20
LOOKS = 30
PATIENCE_S = 10.0
GOAL_S = 1.0
MOST_BYTES = 300_000

Say = Callable[[str], None]


@dataclass(frozen=True)
class Screens:
    """Seconds from an alarm's commit to each agent's having it."""

    p50: float
    p95: float
    worst: float
    missing: int


def run(settings: Settings, stored: int = STORED, say: Say = print) -> Screens:
    """Measure on servers of its own that are gone afterwards; print both tables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yl-bench-")))
        own = settings.model_copy(
            update={"data_dir": folder, "database_url": None, "redis_url": None}
        )
        addresses = stack.enter_context(databases(own))
        sessions = _fill(addresses, stored)
        house = stack.enter_context(House())
        port = free_port()
        environment = environment_of(addresses, settings.rasa_url, folder)
        house.start(web_process(folder / "log", environment, port))
        house.wait()
        url = f"http://127.0.0.1:{port}"
        _pages(url, sessions, stored, say)
        return _alarms(url, sessions, say)


def _fill(addresses: Addresses, stored: int) -> sessionmaker[Session]:
    migrate(addresses.database_url)
    sessions, now = make_sessions(make_engine(addresses.database_url)), datetime.now(UTC)
    with unit_of_work(sessions) as work:
        seed_town(work.session, now, FULL)
        seed_console_users(work.session, now, DEMO_PASSWORD)
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        stored_orders.prepare(connection)
        stored_orders.copy_elders(connection, now)
        stored_orders.list_choices(connection)
        stored_orders.add_orders(connection, stored, now)
        stored_orders.settle(connection)
    return sessions


def signed_in(url: str, login: str) -> httpx.Client:
    """A client of somebody of the made-up town."""
    client = httpx.Client(base_url=url, timeout=30)
    key = re.search(r'name="form_key" value="([^"]+)"', client.get("/console/sign-in").text)
    assert key is not None
    form = {"login": login, "password": DEMO_PASSWORD, "form_key": key[1]}
    assert client.post("/console/sign-in", data=form).status_code == 302
    return client


def _pages(url: str, sessions: sessionmaker[Session], stored: int, say: Say) -> None:
    last_month = datetime.now(TIMEZONE).date() - timedelta(days=30)
    two_years_ago = datetime.now(TIMEZONE).date() - timedelta(days=740)
    with sessions() as session:
        elder_id = session.scalars(select(Elder.id).order_by(Elder.id)).first()
    say(
        f"{'page, of ' + format(stored, ',') + ' orders':<34} {'p50 ms':>8} {'p95 ms':>8} {'KB':>6}"
    )
    for login, path in (
        ("linhe", "/console/centre"),
        ("linhe", f"/console/elders/{elder_id}"),
        ("linhe", "/console/elders?typed=lgl"),
        ("linhe", "/console/elders?typed=0001"),
        ("linhe", f"/console/elders/{elder_id}/order/"),
        ("zhoulan", f"/console/board?day={last_month}"),
        ("hexiang", "/console/figures"),
        ("hexiang", f"/console/figures?since={two_years_ago:%Y-%m}&by=provider"),
        ("hexiang", f"/console/figures/behind/orders?since={two_years_ago:%Y-%m}&part=silent"),
        ("hexiang", f"/console/figures/behind/allowance?since={two_years_ago:%Y-%m}&part=captured"),
        ("hexiang", "/console/audits"),
        ("zhoulan", f"/console/board/timeline?day={last_month}"),
        ("zhoulan", f"/console/board/map/places?day={last_month}&ground=1"),
        ("zhoulan", f"/console/board/meals?day={last_month}"),
    ):
        with closing(signed_in(url, login)) as client:
            took = []
            for _ in range(LOOKS):
                began = time.perf_counter()
                shown = client.get(path)
                took.append(time.perf_counter() - began)
                assert shown.status_code == 200, f"{path}: {shown.status_code}"
        size = len(shown.content)
        p95 = quantiles(took, n=20)[-1]
        say(f"{path:<34} {median(took) * 1000:>8.1f} {p95 * 1000:>8.1f} {size / 1000:>6.1f}")
        assert size < MOST_BYTES


class _Agent(threading.Thread):
    """Keeps the feed open; notes when each alarm is there."""

    def __init__(self, url: str, cookies: dict[str, str], ready: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self._url, self._cookies, self._ready = url, cookies, ready
        self.seen: dict[int, float] = {}

    def run(self) -> None:
        asks = httpx.Client(base_url=self._url, cookies=self._cookies, timeout=30)
        listens = httpx.Client(base_url=self._url, cookies=self._cookies, timeout=60)
        began = False
        try:
            with asks, listens, listens.stream("GET", "/console/feed") as feed:
                for line in feed.iter_lines():
                    if line == "event: tickets" and not began:
                        began = True
                        self._ready.wait()
                    if line == "event: incidents" and began:
                        shown = asks.get("/console/incidents", headers={"HX-Request": "true"}).text
                        at = time.perf_counter()
                        for found in re.findall(r'data-id="incident-(\d+)"', shown):
                            self.seen.setdefault(int(found), at)
        except httpx.TransportError:
            return  # the house is closing


def _alarms(url: str, sessions: sessionmaker[Session], say: Say) -> Screens:
    with closing(signed_in(url, "linhe")) as client:
        cookies = dict(client.cookies)
    ready = threading.Barrier(AGENTS + 1)
    agents = [_Agent(url, cookies, ready) for _ in range(AGENTS)]
    for agent in agents:
        agent.start()
    ready.wait(60)
    with sessions() as session:
        elders = session.scalars(select(Elder.id).order_by(Elder.id).limit(ALARMS)).all()
    took: list[float] = []
    missing = 0
    for number, elder_id in enumerate(elders):
        with unit_of_work(sessions) as work:
            raised = raise_incident(work, "救命", f"bench-{number}", elder_id).id
        began = time.perf_counter()
        while time.perf_counter() - began < PATIENCE_S:
            if all(raised in agent.seen for agent in agents):
                break
            time.sleep(0.01)
        there = [agent.seen[raised] - began for agent in agents if raised in agent.seen]
        took += there
        missing += AGENTS - len(there)
        time.sleep(0.5)
    result = Screens(median(took), quantiles(took, n=20)[-1], max(took), missing)
    say(
        f"{ALARMS} alarms on {AGENTS} screens: p50 {result.p50:.2f} s, p95 {result.p95:.2f} s "
        f"(goal {GOAL_S:.0f} s), worst {result.worst:.2f} s, missing {result.missing}"
    )
    return result
