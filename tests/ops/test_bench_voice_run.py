"""The phone line's bench takes an hour and a half: what a run found outlives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ops.bench.asr.scoring import Count
from ops.bench.voice import cost, report, so_far
from ops.bench.voice.cost import Cost
from ops.bench.voice.findings import Findings, HungUp, RoundFound, Rung
from ops.bench.voice.plans import Called, Plan
from ops.bench.voice.rounds import Rounds
from ops.bench.voice.run import LOADS, TABLE_AT, _Bench
from ops.bench.voice.so_far import SoFar
from ops.bench.voice.sounds import Around
from ops.bench.voice.under_test import Use
from ops.bench.voice.voices import ENGINES
from ops.bench.voice.wishes import Wish

IDLE = Use(0.0, 200.0, 20, 1, 1.0)
WISHES = [Wish(number, f"要{number}份午饭", ()) for number in range(60)]
CALLED = Called(Plan("139", wish=0), "id", "left", 0, 1, 2, 0, kept="139.npy")


class PowerCut(Exception):
    """In the midst of a round."""


class MadeUpRounds(Rounds):
    """Takes no time, and fails when it has made as many rounds as it can."""

    def __init__(self, most: int = 99) -> None:
        self.most = most
        self.made: list[str] = []

    def _make(self, name: str) -> None:
        if len(self.made) == self.most:
            raise PowerCut
        self.made.append(name)

    def typed(self, wishes: Sequence[Wish]) -> tuple[Count, list[str]]:
        self._make("typed")
        return Count(len(wishes), len(wishes)), []

    def orders(
        self,
        wishes: Sequence[Wish],
        engine: str,
        around: Around,
        at_once: int,
        barges: bool = False,
        keep: int = 0,
    ) -> RoundFound:
        name = f"{engine}, {around.name}, {at_once}{' barging' if barges else ''}"
        self._make(name)
        calls = [Rung(CALLED, WISHES[0], False)] if keep else []
        return RoundFound(name, engine, around.name, at_once, calls, IDLE)

    def cries(self, count: int, engine: str, at_once: int) -> RoundFound:
        self._make("cries")
        return RoundFound("cries", engine, "clean", at_once, [], IDLE)

    def hung_up(self, calls: int, batch: int, *_: object) -> HungUp:
        self._make("hung up")
        return HungUp(calls, calls, 0, 0, [IDLE], batch, 0, {})


@pytest.fixture(autouse=True)
def _heard_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Cost(0, 80.0, 20.0, 3.0, 4.0, 2.0, 4)
    monkeypatch.setattr(cost, "in_its_own_process", lambda *_: made)


def test_a_run_that_is_cut_off_goes_on_after_its_last_part(tmp_path: Path) -> None:
    whole = MadeUpRounds()
    first = MadeUpRounds(most=5)
    second = MadeUpRounds()
    kept = SoFar(tmp_path, tmp_path, 5)

    def measure(rounds: MadeUpRounds) -> Findings:
        found = kept.found() or Findings("ours", False, 2)
        bench = _Bench(rounds, tmp_path, found, WISHES, lambda _: None, lambda: kept.keep(found))
        bench.measure(5, quick=False)
        return found

    found = Findings("ours", False, 2)
    _Bench(whole, tmp_path, found, WISHES, lambda _: None, lambda: None).measure(5, quick=False)
    with pytest.raises(PowerCut):
        measure(first)
    there = kept.found()
    assert there is not None
    report.write(there, tmp_path)
    assert "not measured" in (tmp_path / "voice.md").read_text("utf-8")
    assert [one.name for one in measure(second).rounds] == [one.name for one in found.rounds]
    assert first.made + second.made == whole.made
    assert len(found.rounds) == len(LOADS) + 2 * len(ENGINES) - 1
    assert found.round_of(TABLE_AT) is not None


def test_nothing_counts_once_the_house_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "house"
    rules = house / "nlu" / "rules.py"
    rules.parent.mkdir(parents=True)
    rules.write_text("YES = {'好'}\n", "utf-8")
    monkeypatch.setattr(so_far, "HOUSE", house)
    SoFar(tmp_path, tmp_path / "model", 5).keep(Findings("ours", False, 2))
    assert SoFar(tmp_path, tmp_path / "model", 5).found() is not None
    assert SoFar(tmp_path, tmp_path / "model", 6).found() is None
    rules.write_text("YES = {'好', '行'}\n", "utf-8")
    assert SoFar(tmp_path, tmp_path / "model", 5).found() is None
    rules.write_text("YES = {'好'}\n", "utf-8")
    SoFar(tmp_path, tmp_path / "model", 5).done()
    assert SoFar(tmp_path, tmp_path / "model", 5).found() is None
