"""Who rings: voices that the listening model never heard, and what each of them has to say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from ops.bench.voice.wishes import Wish, answers, cries, wishes

SPEECH = Path(".cache/voice-bench")
ENGINES = {
    "kokoro": "an engine never trained on (five speakers, foreign accents)",
    "ttskit": "three speakers never trained on, of an engine that was: Aida, Aijia, Aiyue",
}
STRANGER = "kokoro"
"""The engine whose figures count: nothing of it was ever trained on."""
SPEAKERS = {
    "kokoro": ("jf_alpha", "jm_kumo", "jf_nezumi", "jf_tebukuro", "jf_gongitsune"),
    "ttskit": ("Aida", "Aijia", "Aiyue"),
}
PACE = 0.9
"""Of the engine's own: old people speak slowly."""


@dataclass(frozen=True)
class Said:
    """A text by a voice."""

    engine: str
    speaker: str
    text: str

    @property
    def file(self) -> str:
        """Its name is the text's, so that a changed list makes only what is new."""
        return f"{self.speaker}-{crc32(self.text.encode()):08x}.wav"


def speaker_of(engine: str, wish: Wish) -> str:
    """The one who has this wish, in every run."""
    speakers = SPEAKERS[engine]
    return speakers[(wish.number - 1) % len(speakers)]


def to_say(engine: str) -> list[Said]:
    """All that is said by an engine's voices, each once: everybody's wishes, the answers to what
    may be asked about them, and cries for help."""
    told: dict[Said, None] = {}
    for wish in wishes():
        for text in said_for(wish):
            told[Said(engine, speaker_of(engine, wish), text)] = None
    for speaker in SPEAKERS[engine]:
        for text in cries():
            told[Said(engine, speaker, text)] = None
    return list(told)


def said_for(wish: Wish) -> list[str]:
    """The wish and whatever its caller may have to answer."""
    words = answers()
    short = [*(words.yes(turn) for turn in range(len(words.rows["yes"]))), words.no]
    short.append(words.no_thanks)
    for want in wish.wants:
        asked = (words.service(want), words.day(want), words.hour(want), words.count(want))
        short += [text for text in asked if text]
    return list(dict.fromkeys([wish.say, *short]))
