"""A model before and after it was tuned, on recordings that it did not learn from.

Heard by Vosk itself, as on a clean call: freely, and with a closed list of phrases, of which the
one that sounds most like what was heard is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ivr.ears import Ears
from ivr.model.features import mfcc
from ivr.model.phones import PAUSE, PHONES, Unreadable, phones_of
from ivr.model.recorded import Parts, Recording
from ivr.model.sayings import sayings
from ivr.model.telephone import PACKET

if TYPE_CHECKING:
    from ivr.model.network import Network
    from ivr.model.telephone import Pcm

OTHERS = 200
"""Phrases of the line that stand in the closed list beside those that were said."""


@dataclass(frozen=True)
class Figures:
    """Wrong characters of a free hearing, phrases not found in the list, wrong phones of the
    network without any words. `made` is the share of phones wrong on made voices, by name."""

    characters: int
    phrases: int
    phones: int
    made: Mapping[str, float] = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, int, int]:
        """Less is better: characters first, the others where those are equal."""
        return self.characters, self.phrases, self.phones


@dataclass(frozen=True)
class Asked:
    """Recordings as the line hears them, and the closed list."""

    said: list[str]
    pcm: list[Pcm]
    phrases: list[str]

    @property
    def whole(self) -> Figures:
        """How many characters, phrases and phones there are."""
        phones = sum(len(phones_of(text)) for text in self.said)
        return Figures(sum(map(len, self.said)), len(self.said), phones)


@dataclass(frozen=True)
class Learning:
    """How it was learnt: minutes of work, and of recordings in all; refused ones, a line each."""

    worked: float
    recorded: float
    speakers: int
    refused: Sequence[str]


def asked(recordings: Sequence[Recording], seed: int) -> Asked:
    """The same list for the same seed."""
    said = [one.text.replace(PAUSE, "") for one in recordings]
    known = {*said}
    others = {text for _, text in sayings(Random(seed)) if PAUSE not in text and text not in known}
    drawn = Random(seed).sample(sorted(others), OTHERS)
    return Asked(said, [one.heard() for one in recordings], [*sorted(known), *drawn])


def figures(model: Path, network: Network, asked: Asked, made: Mapping[str, float]) -> Figures:
    """Of a model folder, and of the network that it was exported from. Raises BadModel."""
    from ivr.model.greedy import collapsed, distance

    ears = Ears(model)
    spelled = [_numbers(phrase) for phrase in asked.phrases]
    characters = phrases = phones = 0
    for text, pcm in zip(asked.said, asked.pcm, strict=True):
        characters += distance([*map(ord, text)], [*map(ord, hear(ears, pcm))])
        heard = _numbers(hear(ears, pcm, asked.phrases))
        # How far it is from each phrase, for their length.
        far = [distance(one, heard) / max(len(one), len(heard)) for one in spelled]
        phrases += not heard or asked.phrases[far.index(min(far))] != text
        phones += distance(_numbers(text), collapsed(network.heard(mfcc(pcm))))
    return Figures(characters, phrases, phones, made)


def hear(ears: Ears, pcm: Pcm, phrases: Sequence[str] | None = None) -> str:
    """The likeliest words, free or of these phrases; what pauses cut is put together again."""
    hearing = ears.listen(phrases, alternatives=1)
    pieces = []
    for start in range(0, len(pcm), PACKET):
        if hearing.take(pcm[start : start + PACKET].tobytes()):
            pieces.append(hearing.said())
    pieces.append(hearing.last())
    return "".join(piece[0].text for piece in pieces if piece)


def report(parts: Parts, asked: Asked, before: Figures, after: Figures, how: Learning) -> str:
    """The report in Markdown."""
    return "\n".join(_lines(parts, asked, before, after, how)) + "\n"


def verdict(before: Figures, after: Figures) -> str:
    """One sentence."""
    if after.order < before.order:
        return "The tuned model hears the held-out recordings better than the model before."
    if after.order == before.order:
        return "The tuned model hears the held-out recordings neither better nor worse."
    return "The tuned model hears the held-out recordings worse: the model before stays in use."


def _lines(
    parts: Parts, asked: Asked, before: Figures, after: Figures, how: Learning
) -> Iterator[str]:
    yield from ("# A model tuned on recordings", "", verdict(before, after), "")
    used = len(parts.learnt) + len(parts.stopped_by) + len(parts.held)
    who = "speakers that it did not learn from" if parts.strangers else "phrases kept apart"
    yield f"- {used} recordings, {how.recorded:.1f} minutes, {_people(how.speakers)}"
    yield f"- {len(parts.held)} of them held out ({who}); {len(parts.stopped_by)} told when to stop"
    yield f"- {how.worked:.1f} minutes of learning"
    yield f"- {len(how.refused)} recordings refused" + (":" if how.refused else "")
    yield from (f"    - {line}" for line in how.refused)
    yield from ("", "| on the held-out recordings, clean call | before | after |", "|---|---|---|")
    names = (
        "characters wrong, heard freely",
        f"phrases not found among {len(asked.phrases)}",
        "phones wrong, the network alone",
    )
    for name, whole, old, new in zip(
        names, asked.whole.order, before.order, after.order, strict=True
    ):
        yield f"| {name} | {_share(old, whole)} | {_share(new, whole)} |"
    if before.made:
        yield from ("", "What it may have forgotten, phones wrong on made voices:", "")
        yield from ("| voice and call | before | after |", "|---|---|---|")
        for name, share in before.made.items():
            yield f"| {name} | {share:.1%} | {after.made[name]:.1%} |"


def _people(number: int) -> str:
    return f"{number} speakers" if number > 1 else "one speaker"


def _share(wrong: int, whole: int) -> str:
    return f"{wrong / whole:.1%} ({wrong} of {whole})"


def _numbers(text: str) -> list[int]:
    try:
        return [PHONES.index(phone) for phone in phones_of(text)]
    except Unreadable:  # nothing heard
        return []
