"""A model's folder, which appears whole and with its checksums or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from ivr.ears import SUMS


@contextmanager
def in_place_of(out: Path) -> Iterator[Path]:
    """An empty folder to fill. Behind the block it stands as `out`, its checksums in it, and what
    was there is gone; where the block fails, `out` is as it was. Raises OSError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    half = Path(mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        half.chmod(0o755)
        yield half
        write_sums(half)
        old = half.with_name(half.name + "-old")
        if out.exists():
            out.rename(old)
        try:
            half.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def write_sums(folder: Path) -> None:
    """SHA256SUMS of everything in the folder, as `sha256sum -c` reads them. Raises OSError."""
    sums = folder / SUMS
    sums.unlink(missing_ok=True)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums.write_text(
        "".join(
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
            for file in files
        ),
        encoding="utf-8",
    )
