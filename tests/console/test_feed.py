"""The live feed: whoever writes, everybody hears; and streams take nobody's place."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable

import httpx
import psycopg
import pytest

from backend.console import feed as feed_module
from backend.console.feed import BEAT_S, Feed, Full, Stream, news_of
from backend.console.shared import Shared
from backend.db.databases import Addresses
from tests.console import happenings
from tests.console.conftest import ConsoleHouse, Desk

AGENTS = 50


def test_a_stream_tells_each_thing_once_and_in_order() -> None:
    stream = Stream()
    for payload in ("incident:1", "turn:4", "incident:1", "ticket:2"):
        stream.put(news_of(payload))
    assert list(stream.take(0)) == ["incidents", "incident-1", "call-4", "tickets"]
    assert stream.take(0) == {}


def test_of_many_orders_a_board_hears_once_in_a_while_and_of_an_alarm_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_module, "UNHURRIED_S", 3600.0)
    stream = Stream()
    stream.put(news_of("order:1"))
    assert stream.take(0) == {"orders": "1"}
    for number in range(2, 50):
        stream.put(news_of(f"order:{number}"))
    assert stream.take(0.05) == {}, "it has just been told"
    stream.put(news_of("incident:7"))
    assert stream.take(0) == {"orders": "49", "incidents": "7", "incident-7": "7"}


def test_of_an_order_a_board_hears_before_long_though_it_has_just_heard() -> None:
    stream = Stream()
    stream.put(news_of("order:1"))
    assert stream.take(0) == {"orders": "1"}
    stream.put(news_of("order:2"))
    began = time.monotonic()
    assert stream.take(120) == {"orders": "2"}
    assert time.monotonic() - began < 60


def test_what_nobody_knows_is_no_news() -> None:
    assert news_of("weather:fine") == {}
    assert news_of("") == {}


def test_a_seat_is_free_again_when_its_stream_ends(addresses: Addresses) -> None:
    feed = Feed(addresses.database_url, seats=1)
    first = feed.events()
    next(first)
    try:
        feed.events()
    except Full:
        pass
    else:
        raise AssertionError("a second visitor got the only seat")
    first.close()  # type: ignore[attr-defined]
    feed.events()


def test_after_the_database_was_away_everything_is_asked_for_anew(addresses: Addresses) -> None:
    feed = Feed(addresses.database_url, seats=2)
    events = feed.events()
    next(events)
    heard = threading.Event()

    def listen() -> None:
        seen = 0
        for said in events:
            seen += said.count("event: incidents")
            if seen >= 3:  # at first, when the reader came, and when it came again
                heard.set()
                return

    threading.Thread(target=listen, daemon=True).start()
    until = time.monotonic() + 60
    while not heard.wait(0.5) and time.monotonic() < until:
        with psycopg.connect(addresses.database_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            )
    assert heard.is_set()


def test_fifty_agents_hear_of_an_alarm_while_others_work_on(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    """One web process of eight working threads: no agent's stream takes one of them."""
    cookies = dict(visit("linhe").http.cookies)
    heard, connected = threading.Barrier(AGENTS + 1), threading.Barrier(AGENTS + 1)
    wanted: list[str] = []
    stop = threading.Event()

    def agent() -> None:
        with (
            httpx.Client(base_url=console.url, cookies=cookies, timeout=120) as client,
            client.stream("GET", "/console/feed") as stream,
        ):
            assert stream.status_code == 200
            lines = stream.iter_lines()
            next(line for line in lines if line.startswith("event: tickets"))
            connected.wait(120)
            for line in lines:
                if wanted and line == f"event: incident-{wanted[0]}":
                    break
            heard.wait(120)
            stop.wait(120)

    agents = [threading.Thread(target=agent, daemon=True) for _ in range(AGENTS)]
    for one in agents:
        one.start()
    connected.wait(120)
    with console.sessions() as session:  # the id that the next alarm will have
        row = session.connection().exec_driver_sql(
            "SELECT nextval(pg_get_serial_sequence('incidents', 'id'))"
        )
        wanted.append(str(row.scalar_one() + 1))
        session.commit()
    raised = happenings.cries(console, console.seeded.elders["王建国"][0], "救命")
    assert str(raised) == wanted[0]
    heard.wait(120)
    assert visit("hexiang").http.get("/console/incidents").status_code == 200
    stop.set()
    for one in agents:
        one.join(60)


def test_of_many_who_ask_at_once_most_share_and_nobody_gets_what_is_old() -> None:
    shared, made = Shared(), itertools.count(1)
    go, first_is_at_it = threading.Event(), threading.Event()

    def make() -> str:
        first_is_at_it.set()
        go.wait(10)
        return str(next(made))

    got: list[str] = []
    askers = [threading.Thread(target=lambda: got.append(shared.get("all", make)))]
    askers[0].start()
    first_is_at_it.wait(10)
    askers += [threading.Thread(target=lambda: got.append(shared.get("all", make))) for _ in "1234"]
    for asker in askers[1:]:
        asker.start()
    go.set()
    for asker in askers:
        asker.join(10)
    assert got[0] == "1"
    assert "1" not in got[1:], "begun before they asked"
    assert len(set(got)) <= 4


def test_streams_end_when_the_process_is_told_to(addresses: Addresses) -> None:
    feed = Feed(addresses.database_url, seats=1)
    events = feed.events()
    next(events)
    over = threading.Event()

    def listen() -> None:
        list(events)
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    feed.close()
    assert over.wait(BEAT_S / 2)
