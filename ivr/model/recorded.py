"""Recordings of people with what they say in them, for `ivr.model.tuning`.

    FOLDER/recordings.tsv   file, text, speaker, consent: wav files anywhere in FOLDER
    FOLDER/NAME.wav, NAME.txt, consent.txt   without a table

Consent is `yes` and the day it was given: `yes 2026-11-03`. In consent.txt such a line stands for
the whole folder, with NAME and a blank before it for one recording.
"""

from __future__ import annotations

import csv
import hashlib
import re
import wave
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr

from ivr.model.features import RATE
from ivr.model.phones import PAUSE, phones_of
from ivr.model.spoken import figures_spoken, pieces, speakable
from ivr.model.telephone import Line, placed

if TYPE_CHECKING:
    from ivr.model.telephone import Pcm, Samples

TABLE, CONSENT = "recordings.tsv", "consent.txt"
COLUMNS = ("file", "text", "speaker", "consent")
SILENT = 0.003
"""A peak below it is no speech."""
LONGEST, QUICKEST = 12.0, 0.035
"""Seconds of a recording, and of a phone: what lessons leave out, they cannot teach."""
HELD, STOPPED_BY = 5, 10
"""One in so many is never learnt from; of the others, one in so many says when to stop."""

_YES = re.compile(r"(?:yes|是|同意)[\s,，:：]+(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff\u3007]")


class NoRecordings(ValueError):
    """The folder cannot be learnt from; the message says why, in one sentence."""


class Refused(ValueError):
    """One recording cannot be learnt from; the message says why."""


@dataclass(frozen=True)
class Recording:
    """`text` as it is spoken, of Han characters and ，; `samples` within ±1 at RATE. `called`
    tells that it came over a telephone already."""

    file: str
    text: str
    speaker: str
    samples: Samples
    called: bool

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE

    def heard(self) -> Pcm:
        """As the line would hear it on a clean call, with a little silence about it."""
        loudest = max(float(np.abs(self.samples).max()), 1e-9)
        samples = placed(self.samples, 0.3, 0.5)
        if self.called:
            return (samples / max(loudest, 1.0) * 32767).astype(np.int16)
        return Line().carry(samples, np.random.default_rng(0))


@dataclass(frozen=True)
class _Row:
    file: str
    text: str
    speaker: str
    consent: str


@dataclass(frozen=True)
class Parts:
    """What is learnt from, what says when it is enough, and what is never listened to before the
    end; whether the last are `strangers`, people that the others do not hold."""

    learnt: list[Recording]
    stopped_by: list[Recording]
    held: list[Recording]
    strangers: bool


def read(folder: Path, today: date) -> tuple[list[Recording], list[str]]:
    """The recordings that may be and can be learnt from, and a line about each of the others.

    Raises NoRecordings.
    """
    if not folder.is_dir():
        raise NoRecordings(f"{folder} is no folder")
    recordings, refused = [], []
    seen = set()
    for row in _rows(folder):
        try:
            if row.file in seen:
                raise Refused("stands in the table twice")
            seen.add(row.file)
            recordings.append(_recording(folder, row, today))
        except Refused as why:
            refused.append(f"{row.file or '(no name)'}: {why}")
    return recordings, refused


def spoken(text: str) -> str:
    """A transcript as it is spoken: figures in words, ， for every mark. Raises Refused."""
    written = figures_spoken(text)
    foreign = [
        sign for sign in written if (sign.isalnum() or sign in "%％") and not _HAN.match(sign)
    ]
    if foreign:
        raise Refused(f"its text holds {foreign[0]!r}: write it in Han characters, as it is spoken")
    said = PAUSE.join(pieces(written, longest=len(written) + 1))
    if not said:
        raise Refused("its text is empty")
    if not speakable(said):
        raise Refused("its text has a character that no syllable is known of")
    return said


def parted(recordings: Sequence[Recording]) -> Parts:
    """The same recordings always fall into the same parts.

    Of several speakers those who said least are held out, until a fifth is; of one, a fifth of
    the phrases, with all who say them.
    """
    by_speaker = len({one.speaker for one in recordings}) > 1

    def group(one: Recording) -> str:
        return one.speaker if by_speaker else one.text

    sizes = Counter(map(group, recordings))
    order = sorted(sizes, key=lambda name: (sizes[name] if by_speaker else 0, _hash(name)))
    out: set[str] = set()
    for name in order[:-1]:
        if sum(sizes[one] for one in out) * HELD >= len(recordings):
            break
        out.add(name)
    held = [one for one in recordings if group(one) in out]
    left = sorted(
        (one for one in recordings if group(one) not in out), key=lambda one: _hash(one.file)
    )
    few = max(len(left) // STOPPED_BY, 1)
    return Parts(left[few:], left[:few], held, by_speaker)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _rows(folder: Path) -> Iterator[_Row]:
    try:
        if (folder / TABLE).is_file():
            yield from _table(folder / TABLE)
        else:
            yield from _pairs(folder)
    except UnicodeDecodeError as error:
        raise NoRecordings(f"a text in {folder} is not UTF-8: {error}") from error


def _table(path: Path) -> Iterator[_Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise NoRecordings(f"{path} has no column {', '.join(missing)}")
        for row in rows:
            yield _Row(*(row[name].strip() for name in COLUMNS))


def _pairs(folder: Path) -> Iterator[_Row]:
    found = sorted(folder.glob("*.wav"))
    if not found:
        raise NoRecordings(f"{folder} has neither {TABLE} nor wav files")
    consents = _consents(folder / CONSENT)
    for wav in found:
        text = wav.with_suffix(".txt")
        said = text.read_text(encoding="utf-8-sig") if text.is_file() else ""
        yield _Row(wav.name, said.strip(), "", consents.get(wav.stem, consents.get("", "")))


def _consents(path: Path) -> dict[str, str]:
    """By recording; that of the whole folder under an empty name."""
    if not path.is_file():
        return {}
    consents = {}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        name, _, rest = line.strip().partition(" ")
        whole = _YES.fullmatch(line.strip()) is not None
        consents["" if whole else name] = line.strip() if whole else rest.strip()
    return consents


def _recording(folder: Path, row: _Row, today: date) -> Recording:
    """Raises Refused."""
    if not _agreed(row.consent, today):
        raise Refused("no consent is noted (yes and the day, like yes 2026-11-03)")
    text = spoken(row.text)
    samples, rate = _samples(folder, row.file)
    if len(samples) > LONGEST * RATE:
        raise Refused(f"is longer than {LONGEST:g} seconds: cut it into sentences")
    if len(samples) < len(phones_of(text)) * QUICKEST * RATE:
        raise Refused("is too short for its text")
    return Recording(row.file, text, row.speaker, samples, rate == RATE)


def _agreed(consent: str, today: date) -> bool:
    found = _YES.fullmatch(consent)
    if not found:
        return False
    try:
        return date.fromisoformat(found.group(1)) <= today
    except ValueError:
        return False


def _samples(folder: Path, name: str) -> tuple[Samples, int]:
    """At RATE, channels mixed, and the rate it came with. Raises Refused."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise Refused("is not in the folder")
    try:
        with wave.open(str(path)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise Refused("cannot be read as a wav file") from error
    if width != 2:
        raise Refused(f"has {8 * width} bits a sample, not 16")
    if rate < RATE:
        raise Refused(f"has {rate} samples a second; a telephone has {RATE}")
    whole = len(data) // (2 * channels) * channels
    if not whole:
        raise Refused("is empty")
    heard = np.frombuffer(data, "<i2", whole).reshape(-1, channels).mean(1) / 32768
    samples: Samples = soxr.resample(heard, rate, RATE).astype(np.float32)
    if np.abs(samples).max(initial=0) < SILENT:
        raise Refused("is silent")
    return samples, rate
