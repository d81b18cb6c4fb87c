"""`make bench-chat`: a whole turn over WeChat's callback against Rasa's own parse of the same
texts, in the same run, at 1, 8 and 30 messages a second.

Two Rasa servers with the same model, so that neither side finds the other's texts in a cache:
one is asked directly, one serves the house. Messages leave on a fixed beat whether or not the
last one has been answered, as people do.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db.databases import databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.db.models import Account, Elder, Link
from backend.seed.town import FULL, seed_town
from backend.services.unit_of_work import unit_of_work
from backend.settings import Settings
from nlu.rasa_client import RasaClient
from ops.house import rasa_process
from ops.processes import House, free_port
from ops.stage import Stage, stage
from tests.standin.wechat.phone import Phone

TEXTS = Path(__file__).parents[2] / "nlu" / "corpus" / "dev" / "intents.tsv"
RATES = (1, 8, 30)
SECONDS = 20
FAMILIES = 60
WECHAT_WAITS_MS = 5000


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each answer; `lost` counts those that came too late for WeChat."""

    ms: list[float]
    lost: int = 0

    @property
    def p50(self) -> float:
        """Half are quicker."""
        return median(self.ms)

    @property
    def p99(self) -> float:
        """All but one in a hundred are quicker."""
        return quantiles(self.ms, n=100, method="inclusive")[98]


def run(seconds: int = SECONDS, rates: Sequence[int] = RATES) -> None:
    """Measure and print a table."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="yl-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, database_url=None, redis_url=None)
        with House() as house, databases(settings) as addresses:
            direct, direct_url = rasa_process(folder / "direct", free_port())
            ours, our_url = rasa_process(folder / "ours", free_port())
            house.start(direct)
            house.start(ours)
            migrate(addresses.database_url)
            sessions = make_sessions(make_engine(addresses.database_url))
            with unit_of_work(sessions) as work:
                seed_town(work.session, clock.now(), FULL)
            house.wait()
            for url in (direct_url, our_url):
                RasaClient(url).wait_until_ready()
            with stage(addresses, our_url, folder / "stage") as ready:
                with unit_of_work(sessions) as work:
                    phones = _families(ready, work.session)
                table = _measure(RasaClient(direct_url, 30.0), phones, rates, seconds)
    console.print(table)


def _families(ready: Stage, session: Session) -> list[Phone]:
    elders = session.scalars(select(Elder.id).where(Elder.ended_on.is_(None))).all()
    phones = []
    for number in range(FAMILIES):
        phone = ready.phone(f"family{number}")
        account = Account(channel="wechat", identifier=phone.openid)
        session.add(account)
        session.flush()
        session.add(Link(account_id=account.id, elder_id=elders[number], relation="daughter"))
        phones.append(phone)
    return phones


def _texts() -> list[str]:
    """Sentences of every kind but cries for help, in a fixed shuffled order."""
    lines = [line.split("\t") for line in TEXTS.read_text("utf-8").splitlines() if "\t" in line]
    texts = [text for intent, text in lines if intent != "emergency"]
    random.Random(1).shuffle(texts)
    return texts


def _measure(rasa: RasaClient, phones: list[Phone], rates: Sequence[int], seconds: int) -> Table:
    table = Table(title="A chat turn against Rasa's own parse of the same texts")
    for column in (
        "messages/s",
        "Rasa p50",
        "Rasa p99",
        "turn p50",
        "turn p99",
        "p50 ratio",
        "late",
    ):
        table.add_column(column, justify="right")
    texts, begin = _texts(), 8
    _turns(phones, texts[:8], 4)  # both sides have said something before they are measured
    for text in texts[:8]:
        rasa.classify(text)
    for rate in rates:
        count = max(10, rate * seconds)
        chosen = [texts[(begin + n) % len(texts)] for n in range(count)]
        begin += count
        half = count // 2
        # First one, then the other, then again: what else the machine does hits both.
        parses = [*_parses(rasa, chosen[:half], rate).ms]
        turned = _turns(phones, chosen, rate)
        parses += _parses(rasa, chosen[half:], rate).ms
        parsed = Measured(parses)
        table.add_row(
            str(rate),
            *(f"{value:.0f} ms" for value in (parsed.p50, parsed.p99, turned.p50, turned.p99)),
            f"{turned.p50 / parsed.p50:.2f}",
            str(turned.lost),
        )
    return table


def _parses(rasa: RasaClient, texts: list[str], rate: int) -> Measured:
    def parse(number: int) -> float:
        began = time.monotonic()
        rasa.classify(texts[number])
        return (time.monotonic() - began) * 1000

    return Measured(_on_the_beat(parse, len(texts), rate))


def _turns(phones: list[Phone], texts: list[str], rate: int) -> Measured:
    def turn(number: int) -> float:
        pushed = phones[number % len(phones)].say(texts[number])
        return float(pushed.tries[0]["ms"]) if pushed.reply else float(WECHAT_WAITS_MS)

    ms = _on_the_beat(turn, len(texts), rate)
    return Measured(ms, sum(value >= WECHAT_WAITS_MS for value in ms))


def _on_the_beat(act: Callable[[int], float], count: int, rate: int) -> list[float]:
    """Start `count` acts, `rate` a second, without waiting for the ones before."""
    began = time.monotonic()
    with ThreadPoolExecutor(64) as pool:
        futures = []
        for number in range(count):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            futures.append(pool.submit(act, number))
        return [future.result() for future in futures]
