"""One run of the bench, from an empty town to the report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType

import psutil

from backend.clock import now as present
from backend.clock import set_ahead
from backend.db.databases import databases
from backend.settings import TIMEZONE, Settings
from ivr.ears import look_at
from ivr.voice import open_voice
from ivr.voice.prompts import speak_all
from ops.bench.goals import of
from ops.bench.voice import cost, report
from ops.bench.voice.findings import Findings, RoundFound
from ops.bench.voice.rounds import House, Rounds
from ops.bench.voice.so_far import SoFar
from ops.bench.voice.sounds import CLEAN, NOISY, Around, NothingToSay, Sounds, missing
from ops.bench.voice.town import found as found_town
from ops.bench.voice.voices import ENGINES, SPEECH, STRANGER
from ops.bench.voice.wishes import BEGINS_AT, Wish, first_monday, wishes

SEED = 5
LOADS = (1, 4, 10, 20)
TABLE_AT = 4
"""Callers at once while the table of orders is measured."""
ALONE = 15
"""Wishes that one caller after the other says."""
BARGES, BARGES_AT = 15, 4
CRIES, CRIES_AT = 30, 10
HUNG_UP, BATCH, HUNG_UP_AT = 500, 50, 10
KEPT = 10
"""Calls whose sound the cost of hearing is measured on."""
DOCS = Path(__file__).parents[3] / "docs"

Say = Callable[[str], None]


def run(
    model: Path,
    rasa_url: str,
    out: Path = DOCS,
    seed: int = SEED,
    quick: bool = False,
    say: Say = print,
) -> Findings:
    """Ring, measure, write the report and its pictures into `out`, after each part anew.

    A run that was cut off goes on after its last part, unless something changed meanwhile.
    `quick`: two calls of each kind, one and two at once. Raises sounds.NothingToSay,
    ivr.ears.BadModel, town.NobodyCanHaveIt, ops.processes.NotReady, and ImportError without the
    dependency group `bench`.
    """
    from ops.bench.voice import pictures  # before the work, not after it

    look_at(model)
    engines = [STRANGER] if quick else list(ENGINES)
    if gone := missing(engines):
        raise NothingToSay(f"{', '.join(gone)} has not spoken yet: run `make voice-callers`")
    so_far = SoFar(SPEECH, model, seed)
    begun = None if quick else so_far.found()
    found = begun or Findings(model.name, quick, psutil.cpu_count() or 1)

    def keep() -> None:
        if not quick:
            so_far.keep(found)
        _draw(found, out, pictures)
        report.write(found, out)

    with tempfile.TemporaryDirectory(prefix="yl-voice-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with databases(Settings(data_dir=folder, database_url=None, redis_url=None)) as addresses:
            tell = _with_the_time(say)
            today = first_monday(datetime.now(TIMEZONE).date())
            begins = datetime.combine(today, BEGINS_AT, TIMEZONE)
            wanted = wishes()
            town = found_town(addresses, wanted, begins)
            tell(f"{len(wanted)} wishes, {len(town.others)} others; it is {begins:%A %F %H:%M}")
            fixed = folder / "fixed"
            count, seconds = speak_all(open_voice(fixed))
            tell(f"{count} fixed prompts spoken, {seconds:.0f} s")
            clock_file = folder / "clock"
            set_ahead(clock_file, begins - present())
            house = House(
                town, rasa_url, model, clock_file, folder / "rounds", fixed,
                Sounds(folder / "sounds"),
            )  # fmt: skip
            if begun:
                tell(f"going on after {len(found.rounds)} rounds that were measured before")
            _Bench(Rounds(house), model, found, wanted, tell, keep).measure(seed, quick)
    so_far.done()
    say(f"written: {report.write(found, out)}")
    for goal in report.goals(found):
        say(f"  {goal.mark} {goal.what}: {goal.measured} (aim {goal.aim})")
    return found


class _Bench:
    """Measures what is not in the findings yet, and keeps each part as soon as it is there."""

    def __init__(
        self,
        rounds: Rounds,
        model: Path,
        found: Findings,
        wanted: list[Wish],
        tell: Say,
        keep: Callable[[], None],
    ) -> None:
        self._rounds, self._model, self._found = rounds, model, found
        self._wanted, self._tell, self._keep = wanted, tell, keep

    def measure(self, seed: int, quick: bool) -> None:
        """Everything: the calls alone on the machine first, those in noise last."""
        wanted = self._wanted[::30] if quick else self._wanted
        self._typed()
        self._alone(wanted if quick else self._wanted[:: len(self._wanted) // ALONE])
        for at_once in (2,) if quick else LOADS[1:]:
            self._orders(wanted, STRANGER, CLEAN, at_once)
        for engine in () if quick else ENGINES:
            self._orders(wanted, engine, CLEAN, TABLE_AT)
        self._barged(wanted[:1] if quick else self._wanted[:: len(self._wanted) // BARGES])
        self._cried(2 if quick else CRIES)
        self._hung_up(*((8, 4) if quick else (HUNG_UP, BATCH)), seed)
        if quick:
            self._orders(wanted[:1], STRANGER, NOISY, 1)
        for engine in () if quick else ENGINES:
            self._orders(wanted, engine, NOISY, TABLE_AT)

    def _typed(self) -> None:
        found = self._found
        if not found.typed.whole:
            found.typed, found.typed_failed = self._rounds.typed(self._wanted)
            self._now(f"typed: {of(found.typed)}")

    def _alone(self, wanted: Sequence[Wish]) -> None:
        """Their sound is heard once more by itself."""
        found = self._found
        if found.cost is None:
            found.rounds = [one for one in found.rounds if one.at_once != 1]
            first = self._rounds.orders(wanted, STRANGER, CLEAN, 1, keep=KEPT)
            kept = [one.called.kept for one in first.calls if one.called.kept]
            found.cost = cost.in_its_own_process(self._model, kept) if kept else None
            self._take(first)

    def _orders(self, wanted: Sequence[Wish], engine: str, around: Around, at_once: int) -> None:
        if self._found.round_of(at_once, around.name, engine) is None:
            self._take(self._rounds.orders(wanted, engine, around, at_once))

    def _barged(self, wanted: Sequence[Wish]) -> None:
        found = self._found
        if found.barged is None:
            found.barged = self._rounds.orders(wanted, STRANGER, CLEAN, BARGES_AT, barges=True)
            self._now(f"barge-in: {report.seconds(found.barged.hushed)}")

    def _cried(self, count: int) -> None:
        found = self._found
        if found.cried is None:
            found.cried = self._rounds.cries(count, STRANGER, CRIES_AT)
            self._now(f"cries: {of(found.cries)}, {report.seconds(found.raised[0])}")

    def _hung_up(self, count: int, batch: int, seed: int) -> None:
        found = self._found
        if found.hung_up is None:
            found.hung_up = self._rounds.hung_up(
                count, batch, self._wanted, STRANGER, HUNG_UP_AT, seed
            )
            self._now(f"hung up: {found.hung_up.records} records of {found.hung_up.calls} calls")

    def _take(self, made: RoundFound) -> None:
        self._found.rounds.append(made)
        self._now(f"{made.name}: {of(made.met)}, turn {report.seconds(made.turn)}")

    def _now(self, words: str) -> None:
        self._keep()
        self._tell(words)


def _draw(found: Findings, out: Path, pictures: ModuleType) -> None:
    at = out / report.PICTURES
    loads = [one for one in found.rounds if (one.engine, one.around) == (STRANGER, CLEAN.name)]
    loads.sort(key=lambda one: one.at_once)
    pictures.draw_turns(
        {one.at_once: [value for rung in one.calls for value in rung.turns] for one in loads},
        at / "voice-turns.svg",
    )
    if found.hung_up is not None:
        rests, batch = found.hung_up.rests, found.hung_up.batch
        pictures.draw_rests(
            [number * batch for number in range(len(rests))],
            [one.mb for one in rests], [one.threads for one in rests],
            [one.udp_ports for one in rests], at / "voice-hung-up.svg",
        )  # fmt: skip


def _with_the_time(say: Say) -> Say:
    began = time.monotonic()

    def tell(what: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        say(f"[{minutes:2}:{seconds:02}] {what}")

    return tell
