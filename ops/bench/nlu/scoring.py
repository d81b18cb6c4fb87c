"""From answers to figures: plain functions over labelled lines and what was made of them.

Shares are 0..1. A share of nothing is None, not a perfect score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from nlu.corpus.lines import Line
from nlu.understanding import Understanding

EMERGENCY = "emergency"
ONE_VALUE = ("date", "time", "part", "recurrence", "person", "rating", "order_ref")
SEVERAL_VALUES = ("services", "diet")
VERBATIM = ("person", "order_ref")
"""Repeat the speaker's own words, which a recogniser has bent: not scored on noised copies."""
BINS = 10


@dataclass(frozen=True)
class Answer:
    """A labelled line and what the understanding made of its text, or of a noised copy of it."""

    meant: Line
    found: Understanding

    def value(self, field: str) -> Hashable:
        """What was found, in the form of the labels."""
        if field == "services":
            return tuple((service.code, service.quantity) for service in self.found.services)
        found: Hashable = getattr(self.found, field)
        return found

    @property
    def right(self) -> bool:
        """Whether the intent is the one meant."""
        return self.found.intent == self.meant.intent

    def wrong_fields(self) -> list[str]:
        """The values that differ from the labels, whatever the order of several."""
        return [
            field
            for field in SEVERAL_VALUES + ONE_VALUE
            if _comparable(self.value(field)) != _comparable(getattr(self.meant, field))
        ]


def _comparable(value: Hashable) -> Hashable:
    return frozenset(Counter(value).items()) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class ValueScore:
    """How often one value was right: `said` lines have it in their labels, in `right` of them it
    was found as said; in `invented` it was found though nobody said it."""

    said: int
    right: int
    invented: int

    @property
    def share(self) -> float | None:
        """Right ones among the lines in which the value was said or found."""
        return _share(self.right, self.said + self.invented)


def value_score(answers: Iterable[Answer], field: str) -> ValueScore:
    """The score of a field that holds one value or none."""
    said = right = invented = 0
    for answer in answers:
        meant, found = getattr(answer.meant, field), answer.value(field)
        if meant is None:
            invented += found is not None
        else:
            said += 1
            right += found == meant
    return ValueScore(said, right, invented)


def micro_f1(pairs: Iterable[tuple[Iterable[Hashable], Iterable[Hashable]]]) -> float | None:
    """F1 over all items of (meant, found) together; what stands twice counts twice."""
    hits = meant_in_all = found_in_all = 0
    for meant_items, found_items in pairs:
        meant, found = Counter(meant_items), Counter(found_items)
        hits += (meant & found).total()
        meant_in_all += meant.total()
        found_in_all += found.total()
    return _share(2 * hits, meant_in_all + found_in_all)


@dataclass(frozen=True)
class Alarms:
    """Cries for help: how many there were and were heard, and how many were heard in other talk.
    `asked` and `falsely_asked` of these only led to the question whether somebody should come."""

    cries: int
    heard: int
    others: int
    false: int
    asked: int = 0
    falsely_asked: int = 0

    @property
    def recall(self) -> float | None:
        """Heard ones among the cries, those asked about included."""
        return _share(self.heard, self.cries)

    @property
    def false_share(self) -> float | None:
        """False alarms among all other talk, those asked about included."""
        return _share(self.false, self.others)


def alarms(heard: Iterable[tuple[str, Understanding | None]]) -> Alarms:
    """From (intent meant, what was understood, if anything)."""
    counts: Counter[tuple[bool, str]] = Counter()
    for meant, found in heard:
        raised = found is not None and found.intent == EMERGENCY
        cry = meant == EMERGENCY
        counts[cry, "all"] += 1
        counts[cry, "raised"] += raised
        counts[cry, "asked"] += raised and found is not None and found.doubtful
    return Alarms(
        counts[True, "all"],
        counts[True, "raised"],
        counts[False, "all"],
        counts[False, "raised"],
        counts[True, "asked"],
        counts[False, "asked"],
    )


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence."""

    count: int
    confidence: float
    right: float


def reliability(answers: Iterable[Answer], bins: int = BINS) -> list[Bin]:
    """Bins of equal width, from unsure to sure, without empty ones.

    What a rule decided is left out: it says 1.0 and no threshold asks it.
    """
    sorted_in: dict[int, list[Answer]] = {}
    for answer in answers:
        if answer.found.source != "rule":
            place = min(int(answer.found.confidence * bins), bins - 1)
            sorted_in.setdefault(place, []).append(answer)
    return [
        Bin(
            len(inside),
            sum(answer.found.confidence for answer in inside) / len(inside),
            sum(answer.right for answer in inside) / len(inside),
        )
        for _, inside in sorted(sorted_in.items())
    ]


def calibration_error(curve: Sequence[Bin]) -> float | None:
    """Expected calibration error: how far confidence is from the share of right answers, on
    average over answers."""
    total = sum(one.count for one in curve)
    return (
        sum(one.count * abs(one.confidence - one.right) for one in curve) / total if total else None
    )


def confusions(answers: Iterable[Answer]) -> Counter[tuple[str, str]]:
    """How often each intent was meant and understood: (meant, understood), right ones too."""
    return Counter((answer.meant.intent, answer.found.intent) for answer in answers)


@dataclass(frozen=True)
class Scores:
    """All figures of one set of answers."""

    lines: int
    intent: float | None
    services: float | None
    codes: float | None
    diet: float | None
    values: dict[str, ValueScore]
    alarms: Alarms
    calibration: float | None

    def figures(self) -> dict[str, float | None]:
        """The headline figures by name, each a share."""
        return {
            "intent": self.intent,
            "services_f1": self.services,
            "service_codes_f1": self.codes,
            "diet_f1": self.diet,
            **{name: score.share for name, score in self.values.items()},
            "emergency_recall": self.alarms.recall,
            "emergency_false_alarms": self.alarms.false_share,
            "calibration_error": self.calibration,
        }


def score(answers: Sequence[Answer], fields: Iterable[str] = ONE_VALUE) -> Scores:
    """The figures of `answers`; `fields` are the single values that are scored."""
    return Scores(
        lines=len(answers),
        intent=_share(sum(answer.right for answer in answers), len(answers)),
        services=micro_f1((a.meant.services, a.value("services")) for a in answers),  # type: ignore[misc]
        codes=micro_f1(
            (_codes(a.meant.services), (s.code for s in a.found.services)) for a in answers
        ),
        diet=micro_f1((a.meant.diet, a.found.diet) for a in answers),
        values={field: value_score(answers, field) for field in fields},
        alarms=alarms((a.meant.intent, a.found) for a in answers),
        calibration=calibration_error(reliability(answers)),
    )


def _codes(services: Iterable[tuple[str, int]]) -> list[str]:
    return [code for code, _ in services]


def by(answers: Iterable[Answer], trait: Callable[[Answer], str]) -> list[tuple[str, list[Answer]]]:
    """The answers in groups of the same trait, in the order of its names."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(trait(answer), []).append(answer)
    return sorted(groups.items())


def worst(answers: Iterable[Answer], most: int) -> list[Answer]:
    """The gravest mistakes first: a wrong intent before wrong values, then the surest."""
    wrong = [answer for answer in answers if not answer.right or answer.wrong_fields()]
    wrong.sort(key=lambda a: (a.right, -a.found.confidence, -len(a.wrong_fields()), a.meant.text))
    return wrong[:most]


def largest_difference(
    one: dict[str, float | None], other: dict[str, float | None]
) -> tuple[str, float]:
    """The figure that differs most between two runs, and by how many points of a hundred."""
    apart = {name: abs((one[name] or 0) - (other[name] or 0)) * 100 for name in one}
    name = max(apart, key=lambda figure: apart[figure])
    return name, apart[name]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
