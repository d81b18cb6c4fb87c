"""One run of the bench, from training to the report."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nlu.corpus.lines import HELDOUT, Line, read_lines
from nlu.corpus.noise import as_spoken
from ops.bench.goals import percent
from ops.bench.nlu import latency, report, scoring
from ops.bench.nlu.ablation import AS_IT_IS, RECIPES
from ops.bench.nlu.listening import (
    Understands,
    answered_by_rule,
    listen,
    noised_copies,
    rasa_alone,
    rules_alone,
    whole,
    without_gazetteer,
)
from ops.bench.nlu.projects import Project, Recipe, copy, resident_mb, serving
from ops.bench.nlu.report import Findings, Part
from ops.bench.nlu.scoring import Answer

SEED = 3
DOCS = Path(__file__).parents[3] / "docs"
WARM_AFTER = 50
"""Sentences parsed before anything is measured: by then everything is loaded."""
MOST_COPIES = 20
TRAININGS_AT_ONCE = 2
"""Each but DIET's takes one core."""

Say = Callable[[str], None]


class NoLines(ValueError):
    """There is nothing to measure on; the message says where it was looked for."""


def run(
    lines_at: Path = HELDOUT,
    out: Path = DOCS,
    seed: int = SEED,
    quick: bool = False,
    say: Say = print,
) -> Findings:
    """Train, measure on the lines of a file or folder and on their noised copies, write the report
    and its pictures into `out`.

    `quick` skips the second training, the ablation and the latency. Raises NoLines, ImportError
    without the dependency group `bench`, and what training and serving raise.
    """
    from ops.bench.nlu import pictures  # before the hour's work, not after it

    clean = read_lines(lines_at)
    if not clean:
        raise NoLines(f"no labelled lines at {lines_at}")
    noised = noised_copies(clean, seed)
    tell = _with_the_time(say)
    tell(f"{len(clean)} lines, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="yl-nlu-", ignore_cleanup_errors=True) as name:
        bench = _Bench(Path(name), clean, noised, tell)
        found = bench.measure(seed)
        if not quick:
            bench.time(found)  # before anything is trained beside it
            bench.take_apart(found)
            bench.train_again(found)
    pictures.draw_confusions(
        scoring.confusions(found.clean), out / report.PICTURES / "confusions.svg"
    )
    pictures.draw_reliability(
        {
            "held-out lines": scoring.reliability(found.clean),
            "noised copies": scoring.reliability(found.noised),
        },
        out / report.PICTURES / "reliability.svg",
    )
    tell(f"written: {report.write(found, out)}")
    for goal in report.goals(*found.scores):
        say(f"  {'✓' if goal.reached else '✗'} {goal.what}: {goal.measured} (aim {goal.aim})")
    return found


class _Bench:
    """Trains the project and its variants in a folder and puts the lines to each."""

    def __init__(
        self, folder: Path, clean: Sequence[Line], noised: Sequence[Line], tell: Say
    ) -> None:
        self._folder = folder
        self._clean, self._noised = clean, noised
        self._tell = tell
        self._project: Project | None = None

    def measure(self, seed: int) -> Findings:
        """The figures of the project as it is."""
        self._project, seconds = self._train(AS_IT_IS)
        with serving(self._project) as (rasa, _):
            clean, noised = self._ask(whole(rasa))
        return Findings(seed, clean, noised, seconds)

    def time(self, found: Findings) -> None:
        """Parses through our service and through bare Rasa, each on servers of their own."""
        project = self._trained()
        texts = self._unheard(latency.TEXTS * len(latency.CLIENTS) + WARM_AFTER)
        warm, timed = texts[:WARM_AFTER], texts[WARM_AFTER:]
        with (
            serving(project) as (lean, our_process),
            serving(project, plain=True) as (bare, bare_process),
        ):
            understand = whole(lean)

            def ours(text: str) -> object:
                return understand(Line(text, intent=""))

            for text in warm:
                bare.classify(text)
                ours(text)
            for one in latency.compare(bare.classify, ours, timed):
                found.latency.append(one)
                self._tell(
                    f"{one.clients} clients: bare Rasa p50 {one.bare.p50:.0f} p95 "
                    f"{one.bare.p95:.0f} ms, ours {one.ours.p50:.0f} and {one.ours.p95:.0f} ms, "
                    f"ratios {one.p50_ratio:.2f} and {one.p95_ratio:.2f}"
                )
            found.memory_mb = {
                "Rasa as we run it": resident_mb(our_process),
                "Rasa's own start": resident_mb(bare_process),
            }

    def take_apart(self, found: Findings) -> None:
        """The figures with parts switched off that need no training."""
        found.rules = (rules_alone(self._clean), rules_alone(self._noised))
        clean, noised = found.scores
        found.parts.append(Part(AS_IT_IS.name, clean, noised, found.trained_in_s))
        with serving(self._trained()) as (rasa, _):
            self._add(found, "Rasa alone: no rules, no gazetteer", rasa_alone(rasa), values=False)
            self._add(found, "without the gazetteer", without_gazetteer(rasa))

    def train_again(self, found: Findings) -> None:
        """The figures of the same project trained a second time, and of each variant."""
        with ThreadPoolExecutor(TRAININGS_AT_ONCE) as pool:
            trained = pool.map(self._train, (AS_IT_IS, *RECIPES))
            again, _ = next(trained)
            self._compare(found, again)
            for project, seconds in trained:
                with serving(project) as (rasa, _):
                    self._add(found, project.recipe.name, whole(rasa), seconds)

    def _compare(self, found: Findings, again: Project) -> None:
        with serving(again) as (rasa, _):
            clean, noised = self._ask(whole(rasa))
        pairs = zip(found.scores, (scoring.score(clean), report.score_noised(noised)), strict=True)
        apart = [scoring.largest_difference(a.figures(), b.figures()) for a, b in pairs]
        found.repeated = max(apart, key=lambda one: one[1])
        self._tell("trained twice: at most {1:.2f} points apart ({0})".format(*found.repeated))

    def _add(
        self,
        found: Findings,
        name: str,
        understands: Understands,
        trained_in_s: float | None = None,
        values: bool = True,
    ) -> None:
        clean, noised = self._ask(understands)
        part = Part(name, scoring.score(clean), report.score_noised(noised), trained_in_s, values)
        found.parts.append(part)
        self._tell(
            f"{name}: intent {percent(part.clean.intent)}, noised {percent(part.noised.intent)}"
        )

    def _train(self, recipe: Recipe) -> tuple[Project, float]:
        """The project by this recipe, trained, and in how many seconds."""
        self._tell(f"training: {recipe.name}")
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        project = copy(recipe, folder, like=self._project)
        seconds = project.train()
        self._tell(f"trained in {seconds:.0f} s: {recipe.name}")
        return project, seconds

    def _trained(self) -> Project:
        assert self._project is not None, "measure comes first"
        return self._project

    def _ask(self, understands: Understands) -> tuple[list[Answer], list[Answer]]:
        return listen(understands, self._clean), listen(understands, self._noised)

    def _unheard(self, count: int) -> list[str]:
        """Different sentences that no rule answers by itself, so that each costs both sides a
        parse, in a fixed shuffled order; noised ever again if there are too few."""
        texts: dict[str, str] = {}
        for seed in range(MOST_COPIES):
            for line in self._clean if seed == 0 else noised_copies(self._clean, seed):
                if not answered_by_rule(line):
                    texts.setdefault(as_spoken(line.text), line.text)
            if len(texts) >= count:
                break
        chosen = list(texts.values())
        random.Random(SEED).shuffle(chosen)
        return chosen[:count]


def _with_the_time(say: Say) -> Say:
    began = time.monotonic()

    def tell(what: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        say(f"[{minutes:2}:{seconds:02}] {what}")

    return tell
