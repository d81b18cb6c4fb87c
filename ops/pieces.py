"""What `yinling call` says: recordings, typed words in a made voice, keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.sound import LARGEST, decoded
from nlu.errors import UnreadableSound

_KEYS = re.compile(r"[0-9*#]+")
_FILES = frozenset({".wav", ".mp3", ".amr", ".ogg", ".opus"})


class BadPiece(ValueError):
    """Something that cannot be said; the message says why, in one sentence."""


@dataclass(frozen=True)
class Piece:
    """One thing to say when it is our turn."""

    name: str
    """The file's; what else it is, else."""
    words: str
    """What is said in it, as far as we know."""
    pcm: bytes = b""
    keys: str = ""
    until: str = ""
    """What the line's answer has in it once it has understood; it is said again until then."""

    def __str__(self) -> str:
        return f"{self.name}: {self.words}" if self.words else self.name


def pieces_of(arguments: Sequence[str], speak: Callable[[str], bytes]) -> list[Piece]:
    """Files are spoken as they are (a .txt of the same name tells what is said in them), figures,
    * and # are pressed, all else is spoken by `speak`. Raises BadPiece."""
    return [_piece(one, speak) for one in arguments]


def _piece(argument: str, speak: Callable[[str], bytes]) -> Piece:
    path = Path(argument)
    if path.suffix.lower() in _FILES:
        return _recording(path)
    if _KEYS.fullmatch(argument):
        return Piece("keys", argument, keys=argument)
    pcm = speak(argument) if argument.strip() else b""
    if not pcm:
        raise BadPiece(f"{argument!r} has nothing to say")
    return Piece("words", argument, pcm)


def _recording(path: Path) -> Piece:
    try:
        if path.stat().st_size > LARGEST:
            raise BadPiece(f"{path} is larger than {LARGEST // 1024} KB")
        sound = path.read_bytes()
    except OSError as error:
        raise BadPiece(f"{path} cannot be read: {error.strerror}") from error
    try:
        pcm = decoded(sound).astype("<i2").tobytes()
    except UnreadableSound as error:
        raise BadPiece(f"{path}: {error}") from error
    return Piece(path.name, _transcript(path.with_suffix(".txt")), pcm)


def _transcript(path: Path) -> str:
    try:
        return " ".join(path.read_text("utf-8").split())
    except (OSError, UnicodeDecodeError):
        return ""
