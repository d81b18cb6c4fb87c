"""Rounds of calls: each over a new copy of the town and a new line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses
from backend.db.models import Call
from ops.bench.asr.scoring import Count, counted
from ops.bench.voice.findings import HungUp, RoundFound, Rung
from ops.bench.voice.helpers import reading, run
from ops.bench.voice.plans import Called, Plan, Round
from ops.bench.voice.sounds import Around, Sounds
from ops.bench.voice.standing import ordered, steps_of
from ops.bench.voice.town import Lady, Town
from ops.bench.voice.under_test import LineProcess, line
from ops.bench.voice.voices import SPEAKERS, Said, said_for, speaker_of
from ops.bench.voice.wishes import Ordered, Wish, cries

WARM_S = 4.0
"""A call before anything is measured: then the line has loaded everything."""
RECORDED_WITHIN_S = 20.0


@dataclass(frozen=True)
class House:
    """What all rounds share."""

    town: Town
    rasa_url: str
    model: Path
    clock_file: Path
    folder: Path
    fixed_voice: Path | None
    sounds: Sounds


class Rounds:
    """Makes them, one after the other."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._made = 0

    # -- rounds --------------------------------------------------------------------------------

    def orders(
        self,
        wishes: Sequence[Wish],
        engine: str,
        around: Around,
        at_once: int,
        barges: bool = False,
        keep: int = 0,
    ) -> RoundFound:
        """Everybody orders what she wants; the sound of the first `keep` callers is kept."""
        plans = [
            Plan(
                self._lady(wish).number,
                wish=wish.number,
                bed=self._house.sounds.bed(around.bed_of(wish.number), around, engine),
                barges=barges,
                keeps=number < keep,
            )
            for number, wish in enumerate(wishes)
        ]
        said = {
            f"{self._lady(wish).number}|{text}": self._sound(engine, speaker_of(engine, wish), text)
            for wish in wishes
            for text in said_for(wish)
        }
        name = f"{engine}, {around.name}, {at_once} at once"
        known = {one.number: one for one in wishes}
        with self._line() as (under_test, addresses):
            found = self._measured(name, under_test, addresses, plans, said, at_once, known)
        found.engine, found.around = engine, around.name
        return found

    def cries(self, count: int, engine: str, at_once: int) -> RoundFound:
        """Calls for help out of the blue, each from another telephone."""
        ladies, words = self._house.town.others[:count], cries()
        plans = [Plan(lady.number, cry=words[n % len(words)]) for n, lady in enumerate(ladies)]
        speakers = SPEAKERS[engine]
        said = {  # each cry by each speaker in turn
            f"{plan.number}|{plan.cry}": self._sound(
                engine, speakers[(n + n // len(words)) % len(speakers)], plan.cry
            )
            for n, plan in enumerate(plans)
        }
        with self._line() as (under_test, addresses):
            found = self._measured("cries", under_test, addresses, plans, said, at_once, {})
        found.engine = engine
        return found

    def hung_up(
        self, count: int, batch: int, wishes: Sequence[Wish], engine: str, at_once: int, seed: int
    ) -> HungUp:
        """Calls that end at any moment, also before they are answered."""
        dice = Random(seed)
        said = {
            f"{self._lady(wish).number}|{text}": self._sound(engine, speaker_of(engine, wish), text)
            for wish in wishes
            for text in said_for(wish)
        }
        called: list[Called] = []
        with self._line() as (under_test, addresses):
            rests = [under_test.at_rest()]
            ports = rests[0].udp_ports
            for start in range(0, count, batch):
                plans = [
                    Plan(
                        self._lady(wishes[n % len(wishes)]).number,
                        wish=wishes[n % len(wishes)].number,
                        barges=True,
                        leaves_after_s=_moment(dice),
                    )
                    for n in range(start, min(start + batch, count))
                ]
                made = self._round(under_test, addresses, plans, said, at_once, apart_s=0.1)
                called += self._call(made)[0]
                rests.append(under_test.at_rest(ports))
            with reading(addresses) as sessions:
                records, unended = _records(sessions, [one.call_id for one in called])
        ends: dict[str, int] = {}
        for one in called:
            ends[one.why] = ends.get(one.why, 0) + 1
        return HungUp(
            calls=len(called),
            records=records,
            unended=unended,
            before_up=sum(not one.up_ns for one in called),
            rests=rests,
            batch=batch,
            ports_left=rests[-1].udp_ports - ports,
            ends=ends,
        )

    def typed(self, wishes: Sequence[Wish]) -> tuple[Count, list[str]]:
        """The same wishes as texts: how many are met, and those that are not."""
        plans = [Plan(self._lady(wish).number, wish=wish.number) for wish in wishes]
        with self._house.town.copy() as addresses:
            made = self._job(addresses, 0, plans, {}, 1, 0.0)
            environment = {
                "YINLING_RASA_URL": self._house.rasa_url,
                "YINLING_CLOCK_FILE": str(self._house.clock_file),
            }
            run("typed", [str(made)], environment, self._folder())
            with reading(addresses) as sessions:
                met = [
                    wish.is_met_by(self._ordered(sessions, wish), self._today) for wish in wishes
                ]
        return counted(met), [wish.say for wish, one in zip(wishes, met, strict=True) if not one]

    # -- steps ---------------------------------------------------------------------------------

    @contextmanager
    def _line(self) -> Iterator[tuple[LineProcess, Addresses]]:
        """A new line over a new town, warm."""
        self._made += 1
        house = self._house
        with house.town.copy() as addresses, line(
            self._folder(), addresses, house.rasa_url, house.clock_file, house.model,
            house.fixed_voice,
        ) as under_test:  # fmt: skip
            warm = [Plan(house.town.others[-1].number, leaves_after_s=WARM_S)]
            self._call(self._round(under_test, addresses, warm, {}, 1))
            under_test.at_rest()
            yield under_test, addresses

    def _measured(
        self,
        name: str,
        under_test: LineProcess,
        addresses: Addresses,
        plans: list[Plan],
        said: dict[str, str],
        at_once: int,
        wishes: dict[int, Wish],
    ) -> RoundFound:
        before = under_test.at_rest()
        with under_test.watched():
            called, cpu_s = self._call(self._round(under_test, addresses, plans, said, at_once))
        with reading(addresses) as sessions:
            rungs = [self._rung(sessions, one, wishes.get(one.plan.wish)) for one in called]
        return RoundFound(
            name, "", "clean", at_once, rungs, before, under_test.uses, under_test.busy, cpu_s
        )

    def _rung(self, sessions: sessionmaker[Session], called: Called, wish: Wish | None) -> Rung:
        with sessions() as session:
            steps = steps_of(session, called.call_id)
        if wish is None:
            return Rung(called, None, bool(called.incident_ns), steps=steps)
        orders = self._ordered(sessions, wish)
        words = ", ".join(f"{o.code} ×{o.count} {o.starts_at:%m-%d %H:%M}" for o in orders)
        return Rung(called, wish, wish.is_met_by(orders, self._today), words, steps)

    def _ordered(self, sessions: sessionmaker[Session], wish: Wish) -> list[Ordered]:
        with sessions() as session:
            return ordered(session, self._lady(wish).elder_id)

    def _round(
        self,
        under_test: LineProcess,
        addresses: Addresses,
        plans: list[Plan],
        said: dict[str, str],
        at_once: int,
        apart_s: float = 0.4,
    ) -> Path:
        return self._job(addresses, under_test.port, plans, said, at_once, apart_s)

    def _job(
        self,
        addresses: Addresses,
        port: int,
        plans: list[Plan],
        said: dict[str, str],
        at_once: int,
        apart_s: float,
    ) -> Path:
        made = Round(
            database_url=addresses.database_url,
            sip_port=port,
            at_once=at_once,
            today=self._today.isoformat(),
            sounds=str(self._house.sounds.folder),
            said=said,
            plans=plans,
            apart_s=apart_s,
        )
        path = self._folder() / f"round-{time.monotonic_ns()}.json"
        path.write_text(json.dumps(asdict(made), ensure_ascii=False), "utf-8")
        return path

    def _call(self, made: Path) -> tuple[list[Called], float]:
        """The calls as they were, and the processor time of those who made them."""
        out = made.with_suffix(".jsonl")
        cpu_s = run("callers", [str(made), str(out)], {}, self._folder())
        lines = out.read_text("utf-8").splitlines()
        return [Called.of_row(json.loads(one)) for one in lines], cpu_s

    def _sound(self, engine: str, speaker: str, text: str) -> str:
        return self._house.sounds.said(Said(engine, speaker, text))

    def _lady(self, wish: Wish) -> Lady:
        return self._house.town.wishing[wish.number]

    @property
    def _today(self) -> date:
        return self._house.town.now.date()

    def _folder(self) -> Path:
        folder = self._house.folder / f"round-{self._made}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _moment(dice: Random) -> float:
    """Seconds behind the first ring: one in ten before or about the answer, the rest in the
    greeting, in an order, in its answer."""
    return dice.uniform(0.0, 0.5) if dice.random() < 0.1 else dice.uniform(0.5, 12.0)


def _records(sessions: sessionmaker[Session], sip_ids: Sequence[str]) -> tuple[int, int]:
    """(calls that have a record, records without an end), once the last are written."""
    mine = Call.sip_id.in_(sip_ids)
    until = time.monotonic() + RECORDED_WITHIN_S
    while True:
        with sessions() as session:
            records = session.scalar(select(func.count()).where(mine)) or 0
            open_ones = select(func.count()).where(mine, Call.ended_at.is_(None))
            unended = session.scalar(open_ones) or 0
        if (records == len(sip_ids) and not unended) or time.monotonic() > until:
            return records, unended
        time.sleep(0.2)
