"""Everything we say, in one place: YAML files of prompts beside this module.

A prompt is a Jinja template:

    order_placed:
      text: "订好了,单号{{ number | digits }},{{ start | window(end) }}。"
      speech: "…"            # optional; else `text` once more, with filters that speak
      choices: [好, 不用了]   # optional; at most three, templates too

The same filters (`money`, `day`, `clock`, `window`, `digits`, `number`, `diet`, …, see
`wording.FILTERS`) render for eyes in `text` and for ears in `speech`, so that most prompts
need writing once; brackets, bullets and digits left over are then made speakable. The fact
`now` (aware datetime), when given, lets dates say 今天 and 明天. `hotline` and `city` are
always there. A missing fact raises: a sentence with a hole is never said.

A city may lay words of its own over these (`override`); where they fail, ours are said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
import yaml
from jinja2 import Environment, StrictUndefined, Template, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field

from backend.settings import get_settings
from nlu.dialogue.turns import Reply
from nlu.prompts.speakable import speakable
from nlu.prompts.wording import FILTERS, WORDS_FILE, Manner, tidy

log = structlog.get_logger()

FOLDER = Path(__file__).parent
MOST_CHOICES = 3
"""A listener cannot keep more in mind (DESIGN, section 5: at most three for voice)."""


class PromptError(LookupError):
    """A prompt is missing, written twice, or malformed."""


class Written(BaseModel):
    """A prompt as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    speech: str | None = None
    choices: tuple[str, ...] = Field(default=(), max_length=MOST_CHOICES)


class _Prompt:
    """A prompt, compiled for eyes and ears."""

    def __init__(self, written: Written, eyes: Environment, ears: Environment) -> None:
        self.text = eyes.from_string(written.text)
        aloud = written.speech or written.text
        self.speech = ears.from_string(aloud)
        self.fixed = meta.find_undeclared_variables(ears.parse(aloud)) <= set(_always())
        self.choices: list[Template] = [eyes.from_string(choice) for choice in written.choices]

    def render(self, facts: Mapping[str, Any]) -> Reply:
        known = {**_always(), **facts}
        given: Iterable[str] = known.get("choices") or ()
        written = [tidy(choice.render(known)) for choice in self.choices]
        choices = [choice for choice in written if choice] or list(given)
        return Reply(
            text=tidy(self.text.render(known)),
            speech=self.heard(known),
            choices=tuple(choices[:MOST_CHOICES]),
        )

    def heard(self, known: Mapping[str, Any]) -> str:
        return speakable(self.speech.render(known))


def _always() -> dict[str, Any]:
    return {"hotline": get_settings().hotline, "city": get_settings().city}


def _environment(manner: Manner, kind: type[Environment] = Environment) -> Environment:
    environment = kind(  # noqa: S701 - plain text, nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,
    )
    environment.filters.update(FILTERS[manner])
    return environment


def load(folder: Path = FOLDER) -> dict[str, _Prompt]:
    """All prompts of the folder's YAML files by id.

    Raises PromptError for a prompt written twice or malformed, naming file and prompt.
    """
    eyes, ears = _environment(Manner.EYES), _environment(Manner.EARS)
    prompts: dict[str, _Prompt] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name == WORDS_FILE:
            continue
        for prompt_id, body in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if prompt_id in prompts:
                raise PromptError(f"{file.name}: {prompt_id}: written twice")
            try:
                prompts[prompt_id] = _Prompt(Written.model_validate(body), eyes, ears)
            except Exception as error:
                raise PromptError(f"{file.name}: {prompt_id}: {error}") from error
    return prompts


@lru_cache(maxsize=1)
def _all() -> dict[str, _Prompt]:
    return load()


@lru_cache(maxsize=1)
def written() -> dict[str, tuple[str, Written]]:
    """Every prompt as it is shipped, with the file it stands in, by its id."""
    found: dict[str, tuple[str, Written]] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        if file.name != WORDS_FILE:
            for prompt_id, body in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
                found[prompt_id] = (file.stem, Written.model_validate(body))
    return found


_own: Mapping[str, _Prompt] = {}


def compiled(prompt_id: str, text: str, speech: str | None) -> _Prompt:
    """A city's words for a prompt, with our choices. Raises PromptError for an unknown prompt,
    jinja2's errors for what cannot be read. Such words can reach nothing but their facts."""
    if prompt_id not in written():
        raise PromptError(f"no prompt is called {prompt_id}")
    ours = written()[prompt_id][1]
    said = Written(text=text, speech=speech, choices=ours.choices)
    return _Prompt(
        said,
        _environment(Manner.EYES, ImmutableSandboxedEnvironment),
        _environment(Manner.EARS, ImmutableSandboxedEnvironment),
    )


def override(words: Mapping[str, tuple[str, str | None]]) -> None:
    """Say these (text, speech) instead of ours, and ours again where none is given any more. What
    cannot be read is left out: then ours stand."""
    global _own
    own = {}
    for prompt_id, (text, speech) in words.items():
        try:
            own[prompt_id] = compiled(prompt_id, text, speech)
        except Exception as error:
            log.error("prompt_not_taken", prompt=prompt_id, error=str(error))
    _own = own


def prompt_ids() -> frozenset[str]:
    """The ids of every prompt there is."""
    return frozenset(_all())


def fixed_speech() -> dict[str, str]:
    """What is heard of every prompt whose sound takes no facts, by its id."""
    spoken = {**_all(), **_own}
    return {name: prompt.heard(_always()) for name, prompt in spoken.items() if prompt.fixed}


def say(prompt_id: str, /, **facts: Any) -> Reply:
    """The prompt with its facts filled in: money in fen, times aware, as they are stored.

    The fact `choices`, when the prompt writes none itself, becomes the reply's choices.
    Raises PromptError for an unknown prompt, jinja2.UndefinedError for a missing fact.
    """
    try:
        prompt = _all()[prompt_id]
    except KeyError:
        raise PromptError(f"no prompt is called {prompt_id}") from None
    if (own := _own.get(prompt_id)) is not None:
        try:
            return own.render(facts)
        except Exception as error:  # whatever a city wrote, somebody waits for an answer
            log.error("prompt_failed", prompt=prompt_id, error=str(error))
    return prompt.render(facts)


def render_notice(kind: str, data: Mapping[str, Any], channel: str = "wechat") -> Reply:
    """The wording of a notice row: the prompt `notice.<kind>`, or `notice.<kind>.<channel>`
    where a channel has its own. ISO times in `data` are understood by the filters.

    Raises PromptError for an unknown kind.
    """
    own = f"notice.{kind}.{channel}"
    return say(own if own in _all() else f"notice.{kind}", **data)
