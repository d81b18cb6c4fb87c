"""Sound kept on disk by what was said and how, so that nothing is made twice.

Sentences hold names and orders: what nobody has said again for a while is thrown away.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import structlog

MOST_BYTES = 256 * 2**20
"""Four and a half hours of speech."""
UNUSED_S = 30 * 24 * 3600.0

log = structlog.get_logger()


class Kept:
    """A folder of PCM. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, what: str) -> bytes | None:
        """The sound of `what`, None if it is not there, or not to be read."""
        path = self._path(what)
        try:
            pcm = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # said again: it stays
        # A machine that lost its power can leave a name without its bytes.
        return pcm if pcm and len(pcm) % 2 == 0 else None

    def put(self, what: str, pcm: bytes) -> None:
        """Written under another name first: a reader must never see half a clause.

        A full disk costs making it again, not the call.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(pcm)
                Path(name).replace(self._path(what))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            log.warning("speech_not_kept", error=type(error).__name__)

    def tidy(self, now: float | None = None, most_bytes: int = MOST_BYTES) -> int:
        """Throws away what was not used for UNUSED_S, then the longest unused until the rest is
        at most `most_bytes`. Returns how many files. `now` is seconds since 1970.
        """
        now = time.time() if now is None else now
        files = []
        for path in [*self._folder.glob("*.pcm"), *self._folder.glob("*.part")]:
            with suppress(OSError):
                found = path.stat()
                files.append((found.st_mtime, found.st_size, path))
        room, gone = most_bytes, 0
        for used, size, path in sorted(files, reverse=True):
            room -= size
            if room >= 0 and now - used < UNUSED_S:
                continue
            with suppress(OSError):
                path.unlink()
                gone += 1
        return gone

    def _path(self, what: str) -> Path:
        return self._folder / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.pcm"
