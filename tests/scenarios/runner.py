"""Plays a scenario: every deed through a real channel, every expectation looked up."""

from __future__ import annotations

import re
import time
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from tests.scenarios import cast, checks
from tests.scenarios.channel import Channel, Told
from tests.scenarios.script import BadScript, Scenario, Step, later
from tests.scenarios.theatre import PATIENCE_S, Theatre

GREETING = "你好"


class Runner:
    """One scenario on the stage."""

    def __init__(self, theatre: Theatre, channel: Channel, scenario: Scenario) -> None:
        self.theatre, self.channel, self.scenario = theatre, channel, scenario
        self.now = scenario.now
        self.names = cast.Names(self._work)
        self._used: set[tuple[str, int]] = set()
        """Messages by which an expectation was met already: each meets one."""

    def play(self) -> None:
        """All steps in order. Raises AssertionError with the step and the transcript."""
        self._open()
        for step in self.scenario.steps:
            try:
                self._play(step)
            except AssertionError as wrong:
                raise AssertionError(
                    f"{self.scenario.name}, {step}\n{wrong}\n{self.channel.transcript()}"
                ) from wrong
        self.channel.part()
        self.theatre.quiet()
        self.theatre.alive()
        self._all_sent()
        with self._work() as work:
            checks.check_always(work)

    def _all_sent(self) -> None:
        """An answer is marked as sent only after its last byte has left, a moment later."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with self._work() as work:
                if not checks.unsent(work):
                    return
            time.sleep(0.05)

    def _open(self) -> None:
        people = self.scenario.people
        self.theatre.set_up(self.now)
        self.channel.open(self.scenario.name, list(people))
        accounts = {n: (self.channel.medium(n), self.channel.identifier(n)) for n in people}
        with self._work() as work:
            cast.bring_in(work, self.scenario, accounts)
        for name, part in people.items():
            if part.known and not part.away:
                self.channel.do(name, "says", GREETING, 1, True)

    def _work(self) -> AbstractContextManager[Work]:
        return unit_of_work(self.theatre.sessions, now=self.theatre.stage.now())

    # -- deeds -------------------------------------------------------------------------------

    def _play(self, step: Step) -> None:
        expect = step.expect
        wish = expect.get("reply")
        answers: list[str] = []
        if step.who is not None:
            # People have read what came before they speak.
            self.theatre.quiet()
            what = self.names.fill(step.what)
            if step.deed == "shares":
                what = self.names.place(what)
            answers = self.channel.do(
                step.who, str(step.deed), what, step.copies, wish not in (None, "nothing")
            )
        elif step.deed is not None:
            self._stage_deed(step.deed, step.what)
        if wish is not None:
            _answered(answers, self.names.fill(wish), expect.get("answers"))
        for name, wishes in (expect.get("pushed") or {}).items():
            for one in wishes if isinstance(wishes, list) else [wishes]:
                self._await_push(name, self.names.fill(one), expect.get("keep"))
        for name, words in (expect.get("not pushed") or {}).items():
            self._never_pushed(name, self.names.fill(words))
        if "database" in expect:
            self.theatre.quiet()
            with self._work() as work:
                checks.check(work, self.names.fill(expect["database"]))
        if "keep" in expect and "pushed" not in expect:
            self._keep("\n".join(answers), expect["keep"])

    def _stage_deed(self, deed: str, what: Any) -> None:
        match deed:
            case "clock":
                self.channel.part()
                self.theatre.quiet()
                self.now = self._moment(what)
                self.theatre.jump_to(self.now)
            case "fail":
                self.channel.fail(what)
            case "heal":
                self.channel.heal()
            case "sleeps":
                self.theatre.quiet()
                self.theatre.put_to_sleep(what)
            case "wakes":
                self.theatre.wake()

    def _moment(self, what: str) -> datetime:
        return later(self.theatre.stage.now(), what)

    # -- what must come of them --------------------------------------------------------------

    def _await_push(self, name: str, wish: Any, keep: dict[str, str] | None) -> None:
        until = time.monotonic() + PATIENCE_S
        while True:
            at_rest = self.theatre.at_rest()
            for told in self.channel.told(name):
                if (name, told.key) not in self._used and _tells(told, wish):
                    self._used.add((name, told.key))
                    if keep:
                        self._keep(told.text, keep)
                    return
            # With no job left to do nothing more will come.
            if at_rest or time.monotonic() > until:
                told_so_far = "\n".join(f"    ({t.via}) {t.text}" for t in self.channel.told(name))
                raise AssertionError(f"{name} was never told {wish}, only:\n{told_so_far}")
            time.sleep(0.05)

    def _never_pushed(self, name: str, words: Any) -> None:
        self.theatre.quiet()
        everything = [t for t in self.channel.told(name) if (name, t.key) not in self._used]
        for word in words if isinstance(words, list) else [words]:
            found = [told.text for told in everything if word in told.text]
            assert not found, f"{name} was told of {word!r}: {found}"

    def _keep(self, text: str, wish: dict[str, str]) -> None:
        for name, pattern in wish.items():
            found = re.search(pattern, text)
            assert found, f"no {pattern!r} in {text!r}"
            self.names.keep(name, found[1])


def _answered(answers: list[str], wish: Any, count: int | None) -> None:
    if wish == "nothing":
        assert not answers, f"answered: {answers}"
        return
    if count is not None:
        assert len(answers) == count, f"{len(answers)} answers: {answers}"
    _holds("\n".join(answers), wish, "the answer")


def _tells(told: Told, wish: Any) -> bool:
    via = wish.get("via") if isinstance(wish, dict) else None
    if via is not None and via != told.via:
        return False
    try:
        _holds(told.text, wish, "it")
    except AssertionError:
        return False
    return True


def _holds(text: str, wish: Any, what: str) -> None:
    """`wish`: words that must be in the text; or contains, lacks, matches."""
    if not isinstance(wish, dict):
        wish = {"contains": wish}
    if unknown := set(wish) - {"contains", "lacks", "matches", "via"}:
        raise BadScript(f"unknown {sorted(unknown)}")
    for word in _listed(wish.get("contains")):
        assert word in text, f"no {word!r} in {what}: {text!r}"
    for word in _listed(wish.get("lacks")):
        assert word not in text, f"{word!r} is in {what}: {text!r}"
    for pattern in _listed(wish.get("matches")):
        assert re.search(pattern, text), f"no {pattern!r} in {what}: {text!r}"


def _listed(words: Any) -> list[str]:
    if words is None:
        return []
    return [str(word) for word in words] if isinstance(words, list) else [str(words)]
