"""Playing sound to the ears of the line, 20 ms at a time as a call brings it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.ears import STRAY, Ears
from ivr.model.telephone import PACKET, Pcm
from nlu.dialogue.turns import Alternative


@dataclass(frozen=True)
class Heard:
    """What came of it: the hearings, likeliest first; none where nothing was heard."""

    hearings: tuple[Alternative, ...]

    @property
    def text(self) -> str:
        """The likeliest words, or none, without what was no word."""
        return self.hearings[0].text.replace(STRAY, "") if self.hearings else ""


def packets(pcm: Pcm) -> Iterator[bytes]:
    """As they come, the last one shorter."""
    for start in range(0, len(pcm), PACKET):
        yield pcm[start : start + PACKET].tobytes()


def hear(ears: Ears, pcm: Pcm, phrases: Iterable[str] | None = None) -> Heard:
    """Free, or with these phrases alone. What the recogniser cut at pauses is put together again,
    of each piece the likeliest words."""
    listening = ears.listen(phrases)
    pieces = [listening.said() for packet in packets(pcm) if listening.take(packet)]
    pieces = [piece for piece in (*pieces, listening.last()) if piece]
    if len(pieces) == 1:
        return Heard(tuple(pieces[0]))
    together = "".join(piece[0].text for piece in pieces)
    return Heard((Alternative(together, 1.0),) if together else ())
