"""What a run has found so far: an hour and a half is long, and one that is cut off goes on."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path

from ops.bench.voice.findings import Findings

HOUSE = Path(__file__).parents[3]
MEASURED = ("backend", "bot", "ivr", "nlu", "ops/bench/voice")
"""What a figure depends on; after a change nothing that was found before counts."""
WORDS = frozenset({".py", ".yaml", ".yml", ".txt"})


class SoFar:
    """A file in `folder` beside that of any other state of the house. Only we write there, and
    what is read is what we wrote."""

    def __init__(self, folder: Path, model: Path, seed: int) -> None:
        self._path = folder / f"found-{_state(model, seed)}.pickle"

    def found(self) -> Findings | None:
        """What a run that was cut off had measured; None where there was none."""
        try:
            found: Findings = pickle.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        return found

    def keep(self, found: Findings) -> None:
        """Whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_bytes(pickle.dumps(found))
        part.replace(self._path)

    def done(self) -> None:
        """The next run begins anew."""
        self._path.unlink(missing_ok=True)


def _state(model: Path, seed: int) -> str:
    """Of everything that is measured: program, words, model, processors."""
    state = hashlib.sha256(f"{seed} {os.cpu_count()} {model.resolve()}".encode())
    for path in _files(MEASURED):
        state.update(f"{path.relative_to(HOUSE)} ".encode() + path.read_bytes())
    for path in sorted(one for one in model.rglob("*") if one.is_file()):
        state.update(f"{path.name} {path.stat().st_size}".encode())
    return state.hexdigest()[:16]


def _files(folders: Sequence[str]) -> Iterator[Path]:
    for folder in folders:
        found = (HOUSE / folder).rglob("*")
        yield from sorted(
            one for one in found if one.suffix in WORDS and not _is_made(one.relative_to(HOUSE))
        )


def _is_made(path: Path) -> bool:
    """By set-up, not by us."""
    return any(part in {".venv", "node_modules", "__pycache__", "static"} for part in path.parts)
