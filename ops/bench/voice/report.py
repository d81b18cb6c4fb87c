"""`docs/voice.md`: hand-written words in `voice.md.j2`, figures put in by a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ops.bench.asr.scoring import NOTHING, Count, counted
from ops.bench.goals import NO_FIGURE, Goal, least, write_page
from ops.bench.voice import wishes
from ops.bench.voice.findings import Delays, Findings, RoundFound
from ops.bench.voice.rtp import SOUND_DB
from ops.bench.voice.voices import ENGINES, STRANGER

TEMPLATE = Path(__file__).with_name("voice.md.j2")
PICTURES = "pictures"
TURN_AT, TABLE_AT = 10, 4
"""Calls at once at which the voice turn has its aim, and the orders."""
FLAT_MB, FLAT_THREADS = 1.0, 2
"""Memory that a hundred calls may leave, and threads that all of them may: what is measured
wavers by so much at rest."""


def goals(found: Findings) -> list[Goal]:
    """What the line has to show."""
    ten = found.round_of(TURN_AT)
    turn = ten.turn if ten else None
    table = found.round_of(TABLE_AT)
    ended = counted(one.was_ended for one in table.calls) if table else NOTHING
    barged = found.barged.hushed if found.barged else None
    hung, price = found.hung_up, found.cost
    twenty = found.round_of(20)
    late = twenty.turn if twenty else None
    return [
        _under(f"voice turn, {TURN_AT} calls at once, half", 0.9, turn.p50 if turn else None),
        _under(f"voice turn, {TURN_AT} calls at once, 95 %", 1.5, turn.p95 if turn else None),
        _under("voice turn, 20 calls at once, half", 0.9, late.p50 if late else None),
        _under("voice turn, 20 calls at once, 95 %", 1.5, late.p95 if late else None),
        _under("recognition against Vosk alone", 1.15, price.ratio if price else None, "{:.2f} ×"),
        least("the right order, unheard voices, clean line", 0.9, table.met if table else NOTHING),
        least("ended by an order, a human or the caller", 1.0, ended),
        _under("the line falls silent when interrupted, 95 %", 0.3, barged.p95 if barged else None),
        least("cries that became an incident", 1.0, found.cries),
        least("calls hung up at random that have a record", 1.0,
               Count(hung.records, hung.calls) if hung else NOTHING),
        _under("memory left by a hundred hung-up calls", FLAT_MB,
               hung.mb_a_hundred if hung else None, "{:.2f} MB"),
        _under("threads more than after the first batch", FLAT_THREADS,
               float(hung.threads_more) if hung else None, "{:.0f}"),
        _under("UDP ports still held", 0, float(hung.ports_left) if hung else None, "{:.0f}"),
    ]  # fmt: skip


def _under(what: str, bound: float, value: float | None, form: str = "{:.2f} s") -> Goal:
    aim = "≤ " + form.format(bound)
    if value is None:
        return Goal(what, aim, NO_FIGURE, None)
    return Goal(what, aim, form.format(value), value <= bound)


def seconds(found: Delays | None) -> str:
    """0.71 / 1.20 s: half, and all but one in twenty."""
    return NO_FIGURE if found is None else f"{found.p50:.2f} / {found.p95:.2f} s"


def write(found: Findings, folder: Path) -> Path:
    """Write `voice.md` into `folder`; its pictures are looked for in `folder`/pictures."""
    path = folder / "voice.md"
    return write_page(TEMPLATE, _words(found), path, seconds=seconds, figure=_figure)


def _words(found: Findings) -> dict[str, Any]:
    last, first = found.raised
    return {
        "found": found,
        "goals": goals(found),
        "engines": ENGINES,
        "stranger": STRANGER,
        "wishes": len(wishes.wishes()),
        "kinds": _kinds(found),
        "tables": _tables(found),
        "failed": _failed(found),
        "ends": {one.name: one.ends() for one in found.rounds},
        "raised_last": last,
        "raised_first": first,
        "sound_db": SOUND_DB,
        "pictures": PICTURES,
    }


def _tables(found: Findings) -> list[RoundFound]:
    """The rounds at one load, in which the whole list was said."""
    return [one for one in found.rounds if one.at_once == TABLE_AT] or list(found.rounds)


def _kinds(found: Findings) -> dict[str, dict[str, Count]]:
    """Orders that were met by kind of service, in each of the tables' rounds."""
    kinds = dict.fromkeys(one.kind for one in wishes.wishes())
    return {
        kind: {
            one.name: counted(r.succeeded for r in one.calls if r.wish and r.wish.kind == kind)
            for one in _tables(found)
        }
        for kind in kinds
    }


def _failed(found: Findings) -> list[dict[str, str]]:
    """Calls of those rounds that did not come to the right order."""
    return [
        {
            "round": one.name,
            "wish": rung.wish.say if rung.wish else "",
            "why": "wrong order" if rung.called.why == "ordered" else rung.called.why,
            "ordered": rung.ordered or "(nothing)",
        }
        for one in _tables(found)
        for rung in one.calls
        if not rung.succeeded
    ]


def _figure(value: float | None, form: str = "%.2f") -> str:
    return NO_FIGURE if value is None else form % value


def to_json(found: Findings) -> dict[str, Any]:
    """The figures for other programs: seconds, shares 0..1, MB."""
    last, first = found.raised
    hung, price = found.hung_up, found.cost
    return {
        "model": found.model,
        "quick": found.quick,
        "cores": found.cores,
        "goals_reached": {goal.what: goal.reached for goal in goals(found)},
        "rounds": [
            {
                "engine": one.engine,
                "around": one.around,
                "at_once": one.at_once,
                "calls": len(one.calls),
                "right": _share(one.met),
                "ends": one.ends(),
                "turn_s": _delays(one.turn),
                "steps_s": asdict(one.steps) if one.steps else None,
                "call_s": _delays(one.seconds),
                "talked_over": _share(one.talked_over),
                "cpu_a_call": _rounded(one.cpu_a_call),
                "mb_a_call": _rounded(one.mb_a_call),
                "machine_busy": _rounded(one.busiest),
                "callers_cpu_s": round(one.callers_cpu_s, 1),
            }
            for one in found.rounds
        ],
        "typed_right": _share(found.typed),
        "hushed_s": _delays(found.barged.hushed if found.barged else None),
        "cries_raised": _share(found.cries),
        "help_to_incident_s": {
            "from_last_sound": _delays(last), "from_first_sound": _delays(first),
        },
        "hung_up": None if hung is None else {
            "calls": hung.calls,
            "records": hung.records,
            "unended": hung.unended,
            "mb_a_hundred": _rounded(hung.mb_a_hundred),
            "threads_more": hung.threads_more,
            "ports_left": hung.ports_left,
        },
        "recognition": None if price is None else asdict(price) | {
            "ratio": _rounded(price.ratio), "ratio_to_speech": _rounded(price.ratio_to_speech),
        },
    }  # fmt: skip


def _share(count: Count) -> float | None:
    return _rounded(count.share)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _delays(found: Delays | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"count": found.count, "p50": round(found.p50, 3), "p95": round(found.p95, 3),
            "longest": round(found.longest, 3)}  # fmt: skip
