"""A city's own words in the model: dishes, streets, names, without training.

What the network hears stays as it is; lexicon, language model and graph are made anew, in seconds.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.models import Address, Worker
from backend.services.lookup import dish_names
from ivr.model import language, lexicon
from ivr.model.backoff import Counts
from ivr.model.folder import in_place_of
from ivr.model.graph import write_graph

LONGEST = 12
"""Characters of a word that is said in one go."""

_NEEDED = ("am/final.mdl", "conf/mfcc.conf", "words/lexicon.tsv", "words/counts.gz")
_HAN = re.compile("[\u4e00-\u9fff\u3007]+")


class NotAModel(ValueError):
    """The folder cannot be built upon: what is missing or damaged, in one sentence."""


@dataclass(frozen=True)
class Added:
    """What became of a city's words, each list in the order given.

    The sound of `new` words is spelled by syllables; of these `doubtful` hold characters that can
    be said in several ways, and someone should listen. `unreadable` have no Mandarin sound or are
    too long, and were left out.
    """

    new: list[str]
    known: list[str]
    doubtful: list[str]
    unreadable: list[str]


def words_in(path: Path, kind: str) -> dict[str, str]:
    """The words of a text file, one a line, lines with # left out, all of one kind.

    Raises OSError; ValueError for a file that is not UTF-8.
    """
    lines = (line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
    return {line: kind for line in lines if line and not line.startswith("#")}


def words_of_city(session: Session, today: date) -> dict[str, str]:
    """Dishes on the menus from today on, towns, communities and streets, workers' names.

    Elders' names stay out: a model folder may be copied and shown, and they are nobody's business.
    """
    places = session.execute(select(Address.town, Address.community, Address.street).distinct())
    words = dict.fromkeys(session.scalars(select(Worker.name).distinct()), "name")
    words |= {part: "place" for row in places for name in row for part in _HAN.findall(name)}
    return words | dict.fromkeys(dish_names(session, today), "dish")


def add_words(base: Path, out: Path, words: Mapping[str, str]) -> Added:
    """A model folder `out` that also knows these words (each with a kind of lexicon.KINDS or "").

    `out` may be `base`. It appears whole, with checksums of its own, in place of what was there, or
    not at all. Raises NotAModel, OSError.
    """
    known, counts = _read(base)
    good = {
        word: kind
        for word, kind in words.items()
        if len(word) <= LONGEST and lexicon.readable(word)
    }
    new = {word: kind for word, kind in good.items() if word not in known.kinds}
    everything = lexicon.joined(known, good)
    counts = language.adopted(counts, known.kinds, new)
    with in_place_of(out) as half:
        shutil.copytree(base, half, dirs_exist_ok=True)
        half.chmod(0o755)  # not the base's: that one may be read-only
        write_graph(half, everything, counts)
        lexicon.write(half / "words" / "lexicon.tsv", everything)
        language.write(half / "words" / "counts.gz", counts)
    return Added(
        new=list(new),
        known=[word for word in good if word not in new],
        doubtful=[word for word in new if lexicon.doubtful(word)],
        unreadable=[word for word in words if word not in good],
    )


def _read(base: Path) -> tuple[lexicon.Lexicon, Counts]:
    missing = [name for name in _NEEDED if not (base / name).is_file()]
    if missing:
        raise NotAModel(f"{base} is no model that can be built upon: {_listed(missing)} missing")
    words = base / "words"
    try:
        return lexicon.read(words / "lexicon.tsv"), language.read_counts(words / "counts.gz")
    except (ValueError, EOFError, OSError) as error:
        raise NotAModel(f"{base}: its words cannot be read: {error}") from error


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
