"""`docs/speech.md`: hand-written words in `speech.md.j2`, figures put in by a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from ivr.model.people import Clip
from nlu.alarms import Certainty
from ops.bench.asr import people, spoken, states
from ops.bench.asr.findings import Findings
from ops.bench.asr.lists import CODE, DECIDING, KINDS
from ops.bench.asr.scoring import NOTHING, Count
from ops.bench.asr.spoken import ENGINES, KEPT_OUT
from ops.bench.asr.trials import sets_of
from ops.bench.goals import NO_FIGURE, Goal, least, of, percent, write_page

TEMPLATE = Path(__file__).with_name("speech.md.j2")
PICTURES = "pictures"
WORST = 25
AT_10_DB = "10 dB"
PER = 200
"""Sentences among which a falsely heard cry is counted."""


def goals(found: Findings) -> list[Goal]:
    """What the model has to show. Sentences are those that callers of this line say."""
    cried = found.false_cries(found.clean)
    by_grammar = found.accepted("help")
    errors = found.people.phone_errors if found.people else NOTHING
    enough = found.people is not None and found.people.others >= people.OTHERS
    trials = found.people.found if found.people and enough else NOTHING
    price = found.cost
    return [
        _most("held-out speakers, clean telephone, character errors", 0.05,
              found.characters(None, found.clean, general=False)),
        _most("the same with general Mandarin and rare words", 0.05,
              found.characters(None, found.clean)),
        _most("held-out speakers, 10 dB, character errors", 0.09,
              found.characters(None, AT_10_DB, general=False)),
        _most("the engine kept out, clean, character errors", 0.12,
              found.characters(KEPT_OUT, found.clean, general=False)),
        least("deciding words with lists, clean", 0.97, found.decided(DECIDING, found.clean)),
        least("four-digit numbers, clean", 0.92, found.decided([CODE], found.clean)),
        _rare("a cry for help falsely heard, free", cried),
        _rare("a cry for help falsely heard, in the list of cries", by_grammar),
        _most("real people, phone errors without language model", 0.40, errors),
        least(f"real people, the right phrase among {people.OTHERS + 1:,}", 0.90, trials),
        _under("a talker, share of a core", 0.05, price.speech if price else None, "{:.3f}"),
        _under("memory of the model", 40, price.model_mb if price else None, "{:.0f} MB"),
        _under("memory of a recogniser", 6, price.recogniser_mb if price else None, "{:.1f} MB"),
    ]  # fmt: skip


def _most(what: str, bound: float, count: Count) -> Goal:
    reached = None if count.share is None else count.share <= bound
    return Goal(what, f"≤ {bound * 100:g} %", percent(count.share), reached)


def _rare(what: str, count: Count) -> Goal:
    reached = None if count.share is None else count.share * PER <= 1
    return Goal(what, f"≤ 1 of {PER}", of(count), reached)


def _under(what: str, bound: float, value: float | None, form: str) -> Goal:
    if value is None:
        return Goal(what, f"≤ {bound:g}", NO_FIGURE, None)
    return Goal(what, f"≤ {bound:g}", form.format(value), value <= bound)


def ms(value: float) -> str:
    """Milliseconds, or a dash."""
    return NO_FIGURE if math.isnan(value) else f"{value:.0f} ms"


def draw(found: Findings, folder: Path, pictures: ModuleType) -> None:
    """The pictures, beside the report."""
    at = folder / PICTURES
    conditions = list(found.conditions)
    pictures.draw_over_noise(
        {engine: [found.characters(engine, one).share for one in conditions]
         for engine in found.engines if engine in ENGINES},
        conditions, "character errors", at / "speech-noise.svg", aim=0.05,
    )  # fmt: skip
    pictures.draw_over_noise(
        {kind: [found.decided([kind], one).share for one in conditions] for kind in KINDS},
        conditions, "taken for what it means", at / "speech-deciding.svg", aim=0.97,
    )  # fmt: skip
    if found.trainings:
        pictures.draw_trainings(
            {one.name: one.clean for one in found.trainings}, at / "speech-trainings.svg"
        )


def write(found: Findings, folder: Path) -> Path:
    """Write `speech.md` into `folder`; its pictures are looked for in `folder`/pictures."""
    return write_page(TEMPLATE, _words(found), folder / "speech.md", ms=ms, cell=_cell)


def _words(found: Findings) -> dict[str, Any]:
    return {
        "found": found,
        "goals": goals(found),
        "engines": {name: ENGINES[name] for name in ENGINES if name in found.engines},
        "kinds": KINDS,
        "deciding": DECIDING,
        "list_sizes": _list_sizes(),
        "states": states.states(),
        "doubtful": Certainty.DOUBTFUL,
        "worst": found.worst(WORST),
        "wrong_answers": found.wrong_answers(WORST),
        "false_accepted": [one for one in found.strays if one.taken is not None][:WORST],
        "sets": sets_of(found.trainings),
        "places": by_place(found.people.trials) if found.people else [],
        "lines": list(people.LINES),
        "others": found.people.others if found.people else people.OTHERS,
        "draws": people.DRAWS,
        "before_after": (spoken.BEFORE_S, spoken.AFTER_S),
        "pictures": PICTURES,
    }


def _list_sizes() -> dict[str, str]:
    sizes: dict[str, list[int]] = {}
    for state in states.states().values():
        sizes.setdefault(state.kind, []).append(len(state.listens_for))
    return {
        kind: str(found[0]) if len(found) == 1 else f"{min(found)} to {max(found)}"
        for kind, found in sizes.items()
    }


def _cell(text: str | None) -> str:
    """A text in a table; (nothing) for none."""
    return text.replace("|", "\\|") if text else "(nothing)"


def to_json(found: Findings) -> dict[str, Any]:
    """The figures for other programs: shares 0..1, milliseconds, MB."""
    conditions = found.conditions
    return {
        "model": found.model,
        "model_files_mb": round(found.model_mb, 2),
        "material": "shelf" if found.shelf else "recordings",
        "seed": found.seed,
        "sentences": len({(one.spoken.engine, one.spoken.text) for one in found.free}),
        "deciding_words": len({(one.spoken.engine, one.spoken.text) for one in found.answers}),
        "goals_reached": {goal.what: goal.reached for goal in goals(found)},
        "character_errors": {
            name: {one: _share(found.characters(engine, one)) for one in conditions}
            for name, engine in (("held_out_speakers", None), *((e, e) for e in found.engines))
        },
        "character_errors_domain": {
            name: {one: _share(found.characters(engine, one, general=False)) for one in conditions}
            for name, engine in (("held_out_speakers", None), *((e, e) for e in found.engines))
        },
        "deciding": {one: _share(found.decided(DECIDING, one)) for one in conditions},
        "by_kind": {
            kind: {one: _share(found.decided([kind], one)) for one in conditions} for kind in KINDS
        },
        "deciding_kept_out_engine": {
            one: _share(found.decided(DECIDING, one, KEPT_OUT)) for one in conditions
        },
        "falsely_accepted": {name: _share(found.accepted(name)) for name in states.states()},
        "false_cries_free": {one: _share(found.false_cries(one)) for one in conditions},
        "false_cries_asked_about": {
            one: _share(found.false_cries(one, Certainty.DOUBTFUL)) for one in conditions
        },
        "cries_heard_in_list": {one: _share(found.cries_heard(one)) for one in conditions},
        "heard_in_no_words": [
            [one.spoken.speaker, one.state or "free", one.taken] for one in found.odd if one.taken
        ],
        "phone_errors": {name: _share(count) for name, count in found.phones.items()},
        "people": _people(found),
        "cost": None if found.cost is None else _rounded(asdict(found.cost)),
    }


def _people(found: Findings) -> dict[str, Any] | None:
    if found.people is None:
        return None
    return {
        "phone_errors": _share(found.people.phone_errors),
        "found_among_many": _share(found.people.found),
        "among": found.people.others + 1,
        "trials": found.people.found.whole,
    }


def _share(count: Count) -> float | None:
    return None if count.share is None else round(count.share, 4)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, dict) else None if math.isnan(value)
        else round(value, 4)
        for name, value in row.items()
    }  # fmt: skip


def by_place(trials: Sequence[people.Trial]) -> list[tuple[Clip, dict[str, Count]]]:
    """Each piece, and by line in how many draws it was found."""
    found: dict[str, tuple[Clip, dict[str, Count]]] = {}
    for one in trials:
        _, row = found.setdefault(one.clip.name, (one.clip, {}))
        before = row.get(one.line, NOTHING)
        row[one.line] = Count(before.part + one.right, before.whole + 1)
    return list(found.values())
