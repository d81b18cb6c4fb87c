"""The model that listens on the telephone: `yinling model …`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from backend.seed.catalogue import load_catalogue
from backend.settings import Settings
from ivr.ears import LINE_RATE, SHIPPED, Ears
from ivr.model.building import Added, add_words, words_in, words_of_city

CITY = "model"
"""The folder, in the data folder, of a model that knows a city's words."""
RECIPE = Path(".cache/model")
"""Where `make model-setup` puts the environment of the recipe."""
_SHOWN = 12

Say = Callable[[str], None]


class NoRecipe(RuntimeError):
    """The recipe's environment is not there; the message says how to make it."""


def model_in_use(settings: Settings) -> Path:
    """The folder that the line listens with."""
    return settings.vosk_model or SHIPPED


def in_words(settings: Settings) -> str:
    """Which model is in use, for whom it was made, and how many of the catalogue's words it has.
    Raises ivr.ears.BadModel."""
    ears = Ears(model_in_use(settings))
    services = load_catalogue(settings.catalogue_path)
    words = {word for one in services for word in (one.name, *one.synonyms)}
    known = sum(map(ears.knows, words))
    unheard = sorted(word for word in words if ears.spelled(word) is None)
    kind = "shipped" if ears.folder.path == SHIPPED else str(ears.folder.path)
    stretched = "" if ears.folder.rate == LINE_RATE else f", calls' {LINE_RATE} Hz are stretched"
    lists = "takes lists of phrases" if ears.folder.takes_phrases else "takes no lists of phrases"
    says = (
        f"{kind}, {ears.folder.rate} Hz{stretched}, {lists}; of {len(words)} catalogue words "
        f"{known} are in its lexicon, {len(words) - known - len(unheard)} are spelled"
    )
    return says + (f", not heard at all: {_listed(unheard)}" if unheard else "")


def build_graph(
    settings: Settings,
    session: Session | None,
    today: date,
    files: Iterable[tuple[str, Path]],
    out: Path | None,
    say: Say,
) -> Path:
    """The model in use with a city's words, in a folder of its own: those of the database (its
    dishes, places and workers) if a session is given, and those of files of (kind, path).

    Raises ivr.model.building.NotAModel, OSError, ValueError for a file that is not UTF-8.
    """
    words = {} if session is None else words_of_city(session, today)
    for kind, path in files:
        words |= words_in(path, kind)
    place = out or settings.data_dir / CITY
    _tell(add_words(model_in_use(settings), place, words), say)
    say(f"written: {place}; set YINLING_VOSK_MODEL to it")
    return place


def finetune(folder: Path, model: Path, out: Path, say: Say) -> int:
    """Adapts the model to recordings, by the recipe's own Python; returns its exit code.

    Raises NoRecipe.
    """
    python = RECIPE / "venv" / "bin" / "python"
    if not python.exists():
        raise NoRecipe("the recipe's environment is missing: `make model-setup` makes it")
    say(f"listening to {folder}; this takes up to an hour")
    command = [python, "-m", "ivr.model.tuning", folder, "--model", model, "--out", out]
    return subprocess.run(list(map(str, command)), check=False).returncode


def _tell(added: Added, say: Say) -> None:
    say(f"{len(added.new)} words are new, {len(added.known)} were known")
    if added.new:
        say(f"spelled by syllables: {_listed(added.new)}")
    if added.doubtful:
        say(f"to be listened to, they can be said in several ways: {_listed(added.doubtful)}")
    if added.unreadable:
        say(f"left out, without a Mandarin sound or too long: {_listed(added.unreadable)}")


def _listed(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return "、".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
