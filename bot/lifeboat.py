"""What still works while the database does not: messages are kept on disk, one file each, and
the people on duty are known by a list written down in better times."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from bot.xml import Incoming

log = structlog.get_logger()


class Lifeboat:
    """A folder. Files appear whole or not at all and survive `kill -9` and a power cut."""

    def __init__(self, folder: Path) -> None:
        self._messages = folder / "messages"
        self._duty = folder / "duty.json"
        self._messages.mkdir(parents=True, exist_ok=True)

    def keep(self, incoming: Incoming) -> bool:
        """Keep a message; False when this very message is kept already."""
        name = hashlib.sha256(incoming.source_id.encode()).hexdigest()[:32]
        path = self._messages / f"{incoming.created_at:%Y%m%d%H%M%S}-{name}.json"
        if path.exists():
            return False
        _write_durably(path, json.dumps(dataclasses.asdict(incoming), default=_iso))
        return True

    def kept(self) -> Iterator[tuple[Path, Incoming]]:
        """The messages that wait, oldest first. A file that cannot be read is set aside: it
        must not keep the others waiting."""
        for path in sorted(self._messages.glob("*.json")):
            try:
                fields = json.loads(path.read_text("utf-8"))
            except FileNotFoundError:  # another process was quicker
                continue
            except ValueError:
                self.set_aside(path)
                continue
            try:
                fields["created_at"] = datetime.fromisoformat(fields["created_at"])
                incoming = Incoming(**fields)
            except (KeyError, TypeError, ValueError):
                self.set_aside(path)
                continue
            yield path, incoming

    def set_aside(self, path: Path) -> None:
        """Keep the file for a human under another ending."""
        log.error("message_set_aside", file=path.name)
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            path.replace(path.with_suffix(".aside"))

    def remember_duty(self, openids: list[str]) -> None:
        """Write down who is to be told of an emergency."""
        if openids != self.duty():
            _write_durably(self._duty, json.dumps(openids))

    def duty(self) -> list[str]:
        """Who was on duty when the database could last say."""
        try:
            return [str(openid) for openid in json.loads(self._duty.read_text("utf-8"))]
        except (FileNotFoundError, ValueError):
            return []


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _write_durably(path: Path, text: str) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
