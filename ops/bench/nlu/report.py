"""`docs/understanding.md`: hand-written words in `understanding.md.j2`, figures put in by a run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlu.corpus.lines import STYLES
from ops.bench.goals import NO_FIGURE, Goal, percent, write_page
from ops.bench.nlu import scoring
from ops.bench.nlu.latency import Compared
from ops.bench.nlu.scoring import VERBATIM, Alarms, Answer, Scores

TEMPLATE = Path(__file__).with_name("understanding.md.j2")
PICTURES = "pictures"
WORST = 30


@dataclass(frozen=True)
class Part:
    """The figures with one part taken away; without `values` only the intents' mean anything."""

    name: str
    clean: Scores
    noised: Scores
    trained_in_s: float | None = None
    values: bool = True

    def figures(self, scores: Scores) -> dict[str, float | None]:
        """Those of its figures that it gives at all."""
        wanted = ("intent", "emergency_recall", "emergency_false_alarms", "calibration_error")
        return {
            name: value for name, value in scores.figures().items() if self.values or name in wanted
        }


@dataclass
class Findings:
    """Everything one run measured; what it skipped is empty."""

    seed: int
    clean: list[Answer]
    noised: list[Answer]
    trained_in_s: float
    repeated: tuple[str, float] | None = None
    rules: tuple[Alarms, Alarms] | None = None
    parts: list[Part] = field(default_factory=list)
    latency: list[Compared] = field(default_factory=list)
    memory_mb: Mapping[str, float] = field(default_factory=dict)

    @property
    def scores(self) -> tuple[Scores, Scores]:
        """Of the clean lines and of the noised copies."""
        return scoring.score(self.clean), score_noised(self.noised)


def score_noised(answers: Sequence[Answer]) -> Scores:
    """The figures of noised copies, without those that repeat the speaker's own words."""
    return scoring.score(answers, [f for f in scoring.ONE_VALUE if f not in VERBATIM])


def goals(clean: Scores, noised: Scores) -> list[Goal]:
    """The rows for understanding and emergencies."""
    date = clean.values["date"]
    rows = (
        ("intent", "≥ 96 %", clean.intent, 0.96),
        ("services, F1 over (code, quantity)", "≥ 0.95", clean.services, 0.95),
        ("dates", "≥ 97 %", date.share, 0.97),
        ("intent, noised copies", "≥ 92 %", noised.intent, 0.92),
        ("emergencies, recall", "≥ 99.5 %", clean.alarms.recall, 0.995),
        ("emergencies, recall, noised copies", "≥ 99.5 %", noised.alarms.recall, 0.995),
    )
    at_most = (
        ("false alarms among other speech", "≤ 2 %", clean.alarms.false_share, 0.02),
        ("false alarms, noised copies", "≤ 2 %", noised.alarms.false_share, 0.02),
    )
    return [
        Goal(what, aim, _f1(found) if "F1" in what else percent(found), (found or 0) >= bound)
        for what, aim, found, bound in rows
    ] + [
        Goal(what, aim, percent(found), found is not None and found <= bound)
        for what, aim, found, bound in at_most
    ]


def _f1(value: float | None) -> str:
    return NO_FIGURE if value is None else f"{value:.3f}"


def write(findings: Findings, folder: Path) -> Path:
    """Write `understanding.md` into `folder`; its pictures are looked for in `folder`/pictures."""
    return write_page(TEMPLATE, _words(findings), folder / "understanding.md", f1=_f1)


def _words(found: Findings) -> dict[str, Any]:
    clean, noised = found.scores
    return {
        "found": found,
        "clean": clean,
        "noised": noised,
        "goals": goals(clean, noised),
        "styles": _groups(found, lambda a: a.meant.style, STYLES),
        "channels": _groups(found, lambda a: a.meant.channel),
        "intents": _groups(found, lambda a: a.meant.intent),
        "confusions": _confusions(found.clean),
        "worst": [tell(answer) for answer in scoring.worst(found.clean, WORST)],
        "pictures": PICTURES,
    }


def _groups(found: Findings, trait: Any, order: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A row of figures for each group of lines; noised copies stand beside their originals.

    A copy's own channel is the telephone, so it is grouped by the line it was made from.
    """
    pairs = list(zip(found.clean, found.noised, strict=True))
    rows = []
    for name, answers in scoring.by(found.clean, trait):
        copies = [copy for line, copy in pairs if trait(line) == name]
        rows.append({"name": name, "clean": scoring.score(answers), "noised": score_noised(copies)})
    return sorted(rows, key=lambda row: order.index(row["name"]) if row["name"] in order else 0)


def _confusions(answers: Sequence[Answer], most: int = 12) -> list[tuple[str, str, int]]:
    wrong = [
        (meant, understood, count)
        for (meant, understood), count in scoring.confusions(answers).items()
        if meant != understood
    ]
    return sorted(wrong, key=lambda row: (-row[2], row[0], row[1]))[:most]


def tell(answer: Answer) -> str:
    """A mistake in words."""
    meant, found = answer.meant, answer.found
    parts = []
    if not answer.right:
        parts.append(f"taken for `{found.intent}`, meant `{meant.intent}`")
    for name in answer.wrong_fields():
        # An emergency's or a question's values follow from its intent; one mistake is told once.
        if answer.right or name != "services":
            said, heard = _say(getattr(meant, name)), _say(answer.value(name))
            parts.append(f"{name}: found {heard}, said {said}")
    sure = "by rule" if found.source == "rule" else f"{found.confidence * 100:.0f} % sure"
    text = meant.text.replace("|", "\\|").replace("\n", " ")
    return f"「{text}」 ({meant.style}, {sure}): {'; '.join(parts)}."


def _say(value: Hashable) -> str:
    if value is None or value == ():
        return "nothing"
    if isinstance(value, tuple):
        return ", ".join(
            f"{one[0]} × {one[1]}" if isinstance(one, tuple) else str(one) for one in value
        )
    return str(value)


def to_json(found: Findings) -> dict[str, Any]:
    """The figures for other programs: shares 0..1, milliseconds, MB, points of a hundred."""
    clean, noised = found.scores
    repeated = found.repeated
    return {
        "lines": clean.lines,
        "emergencies": clean.alarms.cries,
        "seed": found.seed,
        "clean": _rounded(clean.figures()),
        "noised": _rounded(noised.figures()),
        "goals_reached": {goal.what: goal.reached for goal in goals(clean, noised)},
        "trained_in_s": round(found.trained_in_s, 1),
        "repeat_difference_points": None if repeated is None else round(repeated[1], 3),
        "ablation": {
            part.name: {
                "clean": _rounded(part.figures(part.clean)),
                "noised": _rounded(part.figures(part.noised)),
            }
            for part in found.parts
        },
        "latency": {
            str(one.clients): {
                "bare_p50_ms": round(one.bare.p50, 1),
                "bare_p95_ms": round(one.bare.p95, 1),
                "ours_p50_ms": round(one.ours.p50, 1),
                "ours_p95_ms": round(one.ours.p95, 1),
                "p50_ratio": round(one.p50_ratio, 3),
                "p95_ratio": round(one.p95_ratio, 3),
            }
            for one in found.latency
        },
        "memory_mb": {name: round(mb) for name, mb in found.memory_mb.items()},
    }


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in figures.items()}
