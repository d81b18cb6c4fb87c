"""One run of the bench, from sounds to the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ivr.ears import BadModel, Ears
from ivr.model.phones import phones_of
from ops.bench.asr import cost, people, report
from ops.bench.asr.findings import Answer, Findings, Free, Stray
from ops.bench.asr.hearing import hear
from ops.bench.asr.lists import CODE
from ops.bench.asr.scoring import Count, errors
from ops.bench.asr.sounds import Sounds
from ops.bench.asr.spoken import CLEAN, CONDITIONS, Condition, Material, Spoken, material
from ops.bench.asr.states import State, state_for, states
from ops.bench.asr.trials import trainings
from ops.bench.goals import percent

SEED = 4
EACH, QUICK_EACH = 150, 10
"""Sentences an engine."""
DECIDING_EACH, QUICK_DECIDING_EACH = 400, 24
"""Deciding words an engine, at most: 400 are all of them."""
STRAYS, QUICK_STRAYS = 100, 12
"""Sentences put to states that did not ask for them."""
QUICK_CONDITIONS = (CONDITIONS[0], CONDITIONS[2])
QUICK_OTHERS = 99
DOCS = Path(__file__).parents[3] / "docs"

Say = Callable[[str], None]


def run(
    model: Path,
    out: Path = DOCS,
    seed: int = SEED,
    quick: bool = False,
    folder_of_people: Path | None = None,
    say: Say = print,
) -> Findings:
    """Listen with the model, write the report and its pictures into `out`.

    `quick` takes few utterances and two conditions, and looks for people's phrases among fewer.
    Raises ivr.ears.BadModel, spoken.NothingToHear, NoPeople, trials.BadTrial, and
    ImportError without the dependency group `bench`.
    """
    from ops.bench.asr import pictures  # before the work, not after it

    tell = _with_the_time(say)
    ears = Ears(model)
    each = (QUICK_EACH, QUICK_DECIDING_EACH) if quick else (EACH, DECIDING_EACH)
    heard = material(*each, seed)
    conditions = QUICK_CONDITIONS if quick else CONDITIONS
    names = [one.name for one in conditions]
    found = Findings(model.name, _size_mb(model), seed, heard.shelf, names)
    tell(f"{len(heard.sentences)} sentences, {len(heard.deciding)} deciding words, {names}")
    for condition in conditions:
        found.free += [_freely(ears, one, condition, heard) for one in heard.sentences]
        found.answers += [_in_state(ears, one, condition, heard) for one in heard.deciding]
        tell(f"{condition.name}: {percent(found.characters(None, condition.name).share)}")
    others = _spread(heard.sentences, QUICK_STRAYS if quick else STRAYS)
    for state in states().values():
        found.strays += [stray for one in others if (stray := _stray(ears, one, state))]
    for one in heard.odd:
        found.odd += _odd(ears, one)
    tell("other speech heard")
    sounds = _sounds(model, tell)
    if sounds is not None:
        found.phones = _phone_errors(sounds, heard)
    if folder_of_people is not None:
        among = QUICK_OTHERS if quick else people.OTHERS
        found.people = people.listen(ears, sounds, folder_of_people, among)
        tell("people heard")
    found.cost = cost.in_its_own_process(model, heard)
    found.trainings = trainings()
    report.draw(found, out, pictures)
    tell(f"written: {report.write(found, out)}")
    for goal in report.goals(found):
        say(f"  {goal.mark} {goal.what}: {goal.measured} (aim {goal.aim})")
    return found


def _freely(ears: Ears, spoken: Spoken, condition: Condition, heard: Material) -> Free:
    pcm = condition.of(spoken, heard.babble(spoken))
    return Free(spoken, condition.name, hear(ears, pcm))


def _in_state(ears: Ears, spoken: Spoken, condition: Condition, heard: Material) -> Answer:
    state = state_for(spoken.kind, spoken.text)
    pcm = condition.of(spoken, heard.babble(spoken))
    found = hear(ears, pcm, state.listens_for)
    meant = state.means(spoken.text)
    assert meant is not None, f"{spoken.text} is no {spoken.kind}"
    taken = state.taken_for(found.hearings)
    return Answer(spoken, condition.name, found.text, meant, taken)


def _stray(ears: Ears, spoken: Spoken, state: State) -> Stray | None:
    """None where the speech does answer this state."""
    if state.means(spoken.text) is not None:
        return None
    found = hear(ears, CLEAN.of(spoken), state.listens_for)
    return Stray(spoken, state.name, found.text, state.taken_for(found.hearings))


def _odd(ears: Ears, spoken: Spoken) -> list[Stray]:
    """What is no words, heard freely and in the states of short answers, where least is needed."""
    pcm = CLEAN.of(spoken)
    free = hear(ears, pcm).text
    rows = [Stray(spoken, "", free, free or None)]
    for name in ("yes_no", "number", CODE, "help"):
        state = states()[name]
        found = hear(ears, pcm, state.listens_for)
        rows.append(Stray(spoken, name, found.text, state.taken_for(found.hearings)))
    return rows


def _sounds(model: Path, tell: Say) -> Sounds | None:
    try:
        return Sounds(model)
    except (BadModel, OSError) as foreign:
        tell(f"no phones without a language model: {foreign}")
        return None


def _phone_errors(sounds: Sounds, heard: Material) -> dict[str, Count]:
    return {
        engine: errors(
            (phones_of(one.text), sounds.heard(CLEAN.of(one)))
            for one in heard.sentences
            if one.engine == engine
        )
        for engine in heard.engines
    }


def _spread(spoken: Sequence[Spoken], count: int) -> list[Spoken]:
    """So many of them, evenly over the list, which is sorted by engine."""
    step = max(len(spoken) // count, 1)
    return list(spoken[::step][:count])


def _size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _with_the_time(say: Say) -> Say:
    began = time.monotonic()

    def tell(what: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        say(f"[{minutes:2}:{seconds:02}] {what}")

    return tell
