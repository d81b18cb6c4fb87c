"""Stories told on the telephone: which can be, and the speech that is heard in them.

What elders and families say is spoken by a voice that no model of ours was trained on. The
sentences of a few stories are kept with the tests; this module prints what is said in all the
others, and `tests.scenarios.speaking` speaks it (`make story-speech`).
"""

from __future__ import annotations

import hashlib
import re
import wave
from pathlib import Path

from tests.ivr.ringing.saying import sentences, sound_of
from tests.scenarios.script import Scenario, read_scenario

STORIES = Path(__file__).parent
SPOKEN = Path(__file__).parents[2] / ".cache" / "stories"
_SAYABLE = re.compile("[一-鿿,，。、?？!！]+")


def talkers(scenario: Scenario) -> set[str]:
    """Who would ring rather than write: elders, families and strangers who are not workers too."""
    people = scenario.people.items()
    return {name for name, part in people if not (part.worker or part.duty)}


def why_not(scenario: Scenario) -> str | None:
    """Why a story is not one for the telephone; None if it is."""
    by_phone = talkers(scenario)
    for step in scenario.steps:
        if step.who in by_phone and (step.deed != "says" or step.copies > 1):
            return f"{step}: only WeChat can do that"
        if step.who in by_phone and not _SAYABLE.fullmatch(str(step.what)):
            return f"{step}: nobody says that aloud"
        if step.deed in ("fail", "heal"):
            return f"{step}: that is WeChat's trouble"
        if by_phone & {*step.expect.get("pushed", ()), *step.expect.get("not pushed", ())}:
            return f"{step}: the news would come by a call"
    return None


def said_in(scenario: Scenario) -> list[str]:
    """What its talkers say, in order."""
    by_phone = talkers(scenario)
    return [bare(str(step.what)) for step in scenario.steps if step.who in by_phone]


def is_spoken(scenario: Scenario) -> bool:
    """Whether the speech of all that is said in it is here."""
    return all(_recorded(text) or _made(text).exists() for text in said_in(scenario))


def speech_of(text: str) -> bytes:
    """PCM of somebody who says it. Raises FileNotFoundError where nobody has spoken it."""
    name = _recorded(bare(text))
    if name is not None:
        return sound_of(name)
    with wave.open(str(_made(bare(text)))) as file:
        return file.readframes(file.getnframes())


def bare(text: str) -> str:
    """Without what is not heard."""
    return re.sub("[^一-鿿]+", "，", text).strip("，")


def _recorded(text: str) -> str | None:
    return next((name for name, said in sentences().items() if bare(said) == text), None)


def _made(text: str) -> Path:
    return SPOKEN / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.wav"


def main() -> None:
    """Print what is not spoken yet: a file and its words a line."""
    stories = [read_scenario(path) for path in sorted(STORIES.glob("*.yaml"))]
    texts = {text for one in stories if why_not(one) is None for text in said_in(one)}
    for text in sorted(texts):
        if _recorded(text) is None and not _made(text).exists():
            print(f"{_made(text)}\t{text}")


if __name__ == "__main__":
    main()
