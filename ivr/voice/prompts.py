"""Every prompt that takes no facts, spoken once: `python -m ivr.voice.prompts`.

What is kept needs not be made while a caller waits. Run again it does only what is missing.
"""

from __future__ import annotations

from backend.settings import get_settings
from ivr.voice.opening import open_voice
from ivr.voice.sound import RATE
from ivr.voice.speaking import Voice
from nlu.prompts import fixed_speech


def speak_all(voice: Voice) -> tuple[int, float]:
    """How many prompts were spoken, and how many seconds they last. Raises VoiceError."""
    texts = fixed_speech().values()
    lengths = [len(pcm) for text in texts for pcm in voice.stream(text)]
    return len(texts), sum(lengths) / (2 * RATE)


def main() -> None:
    """See above."""
    folder = get_settings().data_dir / "voice"
    count, seconds = speak_all(open_voice(folder))
    print(f"{count} prompts, {seconds / 60:.0f} min of speech, in {folder}")


if __name__ == "__main__":
    main()
