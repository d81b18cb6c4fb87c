"""Voice: says a text, from recordings, from the disk, or made now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from ivr.voice.clauses import clauses
from ivr.voice.engine import Engine, VoiceError
from ivr.voice.espeak import Espeak
from ivr.voice.kept import Kept
from ivr.voice.reading import pause_after
from ivr.voice.recordings import paced
from ivr.voice.sound import LEVEL_DB, RATE, louder, silence, telephone

USUAL_SPEED = 0.85
"""Of an engine's own pace: some 3.5 to 4.5 characters a second. Old people listen."""

log = structlog.get_logger()


class Voice:
    """Says a text; the second time from its folder. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        engines: Sequence[Engine] = (),
        recordings: Mapping[str, bytes] | None = None,
    ) -> None:
        """`engines` in the order they are asked; espeak-ng comes last, always. `recordings` are
        texts spoken by a person, at the usual speed.
        """
        self._kept = Kept(folder)
        self._engines = (*engines, Espeak())
        self._recordings = dict(recordings or {})

    def say(self, text: str, speed: float = USUAL_SPEED, loud: float = 0.0) -> bytes:
        """The whole text as PCM of RATE; see `stream`."""
        return b"".join(self.stream(text, speed, loud))

    def stream(self, text: str, speed: float = USUAL_SPEED, loud: float = 0.0) -> Iterator[bytes]:
        """PCM for each of `clauses(text)`, made as it is asked for, each with the pause that its
        mark asks for: so texts and clauses can be said one after the other.

        `speed` is a share of the voice's own pace, `loud` decibels above usual. A text without
        anything to say gives nothing. Raises VoiceError if no engine can say it.
        """
        for clause in self.clauses(text):
            pause_s = pause_after(clause) * USUAL_SPEED / speed
            yield louder(self._clause(clause, speed), loud) + silence(pause_s)

    def clauses(self, text: str) -> list[str]:
        """The text in the pieces that `stream` gives; what is recorded is one."""
        return [text] if text in self._recordings else clauses(text)

    def _clause(self, clause: str, speed: float) -> bytes:
        if clause in self._recordings:
            return paced(self._recordings[clause], speed / USUAL_SPEED)
        for engine in self._engines:
            what = f"{engine.name} {speed:.3f} {LEVEL_DB} {RATE}\n{clause}"
            kept = self._kept.get(what)
            if kept is not None:
                return kept
            try:
                pcm = telephone(*engine.speak(clause, speed))
            except Exception as error:  # whatever ails it, the next one speaks
                # Not the text, and not the error's own words: they may quote it.
                log.warning("voice_failed", engine=engine.name, error=type(error).__name__)
                continue
            if pcm:
                self._kept.put(what, pcm)
                return pcm
        raise VoiceError("no voice could say it")
