"""What a city may change of our words: what there is, and what would be wrong with a change.

`OwnWords` is `backend.domain.wording.Wording` for the console; `lay_over` lets a process say and
hear what was saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from jinja2 import Environment, TemplateError, meta, nodes

from backend.domain.errors import DomainError
from backend.domain.wording import Prompt
from backend.services.setting_versions import Overrides
from nlu.alarms import Certainty
from nlu.prompts import compiled, override, written
from nlu.prompts.wording import FILTERS, Manner
from nlu.rules import alarms, danger, hear_also
from nlu.values.text import normalise

ALWAYS = ("hotline", "city")
CONSENTS = ("learning.ask", "recording.ask")
"""What people are asked to agree to. Of these words nothing may be lost, and each agreement keeps
which of their versions it was given to."""
LONGEST = 1500
"""Characters, braces and all; the longest of ours has 1146."""
LEVELS = ("alarm", "ask")
SHORTEST_PHRASE, LONGEST_PHRASE = 2, 12
EXAMPLES = 3
_PHRASE = re.compile(r"[\u3400-\u9fffa-z0-9]+")
_MARKS = re.compile(r"[^\u3400-\u9fffa-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or, nodes.Const,
    nodes.For, nodes.Getattr, nodes.Getitem, nodes.Test, nodes.Add, nodes.Sub, nodes.Neg,
    nodes.Mod, nodes.FloorDiv, nodes.Dict, nodes.Pair, nodes.List, nodes.Tuple, nodes.Slice,
    nodes.Assign, nodes.Call, nodes.Keyword,
)  # fmt: skip
"""What ours are made of. Nothing that could go on for long or lead out of the facts."""
_CALLED = frozenset({"get", "items"})
_PLAIN_FILTERS = frozenset(
    {"default", "first", "join", "last", "length", "list", "replace", "select", "selectattr",
     "truncate"}
)  # fmt: skip

_PARSER = Environment(autoescape=False)  # noqa: S701 - nothing is rendered by it
_PARSER.filters.update(FILTERS[Manner.EYES])


def lay_over(kept: Overrides) -> None:
    """Say and hear in this process what a city has changed."""
    override(
        {name: (str(one["text"]), one["speech"] or None) for name, one in kept.prompts.items()}
    )
    _versions.clear()
    _versions.update(kept.consents)
    hear_also(kept.phrases)


_versions: dict[str, int] = {}


def consent_version(prompt_id: str, shipped: str) -> str:
    """Which words are asked now: the shipped version, or it and the number of the change that
    brought others, under which they can always be read again."""
    changed = _versions.get(prompt_id)
    return shipped if changed is None else f"{shipped}+{changed}"


class OwnWords:
    """See `Wording`."""

    def prompts(self) -> Mapping[str, Prompt]:
        return self._prompts

    @cached_property
    def _prompts(self) -> dict[str, Prompt]:
        return {
            name: Prompt(
                name, group, one.text, one.speech, one.choices,
                tuple(sorted(_facts(one.text) | _facts(one.speech or ""))), name in CONSENTS,
            )
            for name, (group, one) in written().items()
        }  # fmt: skip

    def require_prompt(self, name: str, text: str, speech: str | None) -> None:
        if name not in self._prompts:
            raise DomainError("not_found")
        for words in (text, speech or text):
            if not words.strip() or len(words) > LONGEST:
                raise DomainError("bad_length", most=LONGEST)
            _require_readable(words)
        known = {*self._prompts[name].facts, *ALWAYS, "now"}
        strange = sorted((_facts(text) | _facts(speech or "")) - known)
        if strange:
            raise DomainError("unknown_fact", names=_listed(strange))
        if self._prompts[name].is_consent and (lost := self.lost_facts(name, text)):
            raise DomainError("lost_fact", names=_listed(lost))
        compiled(name, text, speech)

    def lost_facts(self, name: str, text: str) -> Sequence[str]:
        return sorted(_facts(self._prompts[name].text) - _facts(text))

    def plain_phrase(self, phrase: str) -> str:
        return _MARKS.sub("", normalise(phrase).text)

    def require_phrase(self, phrase: str, level: str) -> None:
        plain = self.plain_phrase(phrase)
        fits = SHORTEST_PHRASE <= len(plain) <= LONGEST_PHRASE and _PHRASE.fullmatch(plain)
        if level not in LEVELS or plain != phrase or not fits or not _HAN.search(plain):
            raise DomainError("bad_phrase", least=SHORTEST_PHRASE, most=LONGEST_PHRASE)
        found = danger(plain)
        if found.certainty is Certainty.SURE and not found.added:
            raise DomainError("heard_already", phrase=plain)
        if met := [line for line in _everyday() if plain in line]:
            raise DomainError("everyday_phrase", count=len(met), example=min(met, key=len))

    def shipped_phrases(self) -> Mapping[str, Sequence[str]]:
        examples: dict[str, list[str]] = {}
        for phrase in alarms().phrases():
            of_frame = examples.setdefault(phrase.frame, [])
            if len(of_frame) < EXAMPLES and phrase.text not in of_frame:
                of_frame.append(phrase.text)
        return examples


def _listed(names: Sequence[str]) -> str:
    return "、".join("{{ " + name + " }}" for name in names)


def _facts(words: str) -> set[str]:
    return set(meta.find_undeclared_variables(_PARSER.parse(words))) - set(ALWAYS) - {"now"}


def _require_readable(words: str) -> None:
    try:
        tree = _PARSER.parse(words)
        _PARSER.from_string(words)  # a filter that is not there shows only now
    except TemplateError as error:
        raise DomainError("bad_words", line=getattr(error, "lineno", 1)) from error
    filters = {*FILTERS[Manner.EYES], *_PLAIN_FILTERS}
    for node in tree.find_all(nodes.Node):
        if not _is_harmless(node, filters):
            raise DomainError("bad_words", line=getattr(node, "lineno", 1))


def _is_harmless(node: nodes.Node, filters: set[str]) -> bool:
    match node:
        case nodes.Filter():
            return node.name in filters
        case nodes.Call():
            return isinstance(node.node, nodes.Getattr) and node.node.attr in _CALLED
        case nodes.Getattr():
            return not node.attr.startswith("_")
    return isinstance(node, _ALLOWED)


@lru_cache(maxsize=1)
def _everyday() -> tuple[str, ...]:
    """Sentences of every day, of the corpus that the classifier learns from."""
    said: list[str] = []
    for file in sorted((Path(__file__).parent / "corpus" / "train").glob("*.yml")):
        calls_for_help = False
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("- intent:"):
                calls_for_help = line.endswith("emergency")
            elif not calls_for_help and line.startswith("    - "):
                said.append(line[6:])
    return tuple(said)
