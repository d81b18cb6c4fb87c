"""People's own mouths, a syllable at a time: recordings of every syllable of Mandarin, set side by
side by WORLD.

Debian's gcin-voice holds a woman (罗竺, CC BY 3.0) and a man (Edward Liu, GPL-3 or LGPL-3) who
read the syllables with their tones. The woman is learnt from. The man never is: sentences put
together from what he says tell how a stranger would be heard. There is no melody of a sentence in
it and little of how sounds run into each other, but no machine has such a mouth.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ivr.model.phones import syllables_of
from ivr.model.voices import Manner, Unspeakable

if TYPE_CHECKING:
    from ivr.model.voices import Samples

PACKAGE = "gcin-voice"
WOMAN, MAN = "luo-zhu", "liu"
FILES = {WOMAN: "5.ogg", MAN: "3.ogg"}
RATE = 16000
FRAME_MS = 5.0
SILENT_DB = -38.0
"""Below the loudest of a syllable: what stands before and after it."""
INTO_EACH_OTHER = 4
"""Frames at the end of a syllable that turn into the next one's first."""
PAUSE_FRAMES = (30, 90)
_TONES = {"ˊ": "2", "ˇ": "3", "ˋ": "4", "˙": "1"}
_OTHER_TONES = ("", "4", "3", "2", "1")

Frames = NDArray[np.float64]


class NoPackage(OSError):
    """The recordings are not there and cannot be fetched."""


@dataclass(frozen=True)
class Sound:
    """A syllable by WORLD: pitch in Hz (0 without voice), spectrum, share of noise, by frames."""

    pitch: Frames
    spectrum: Frames
    noise: Frames

    def __len__(self) -> int:
        return len(self.pitch)

    def at(self, frames: NDArray[np.int_]) -> Sound:
        return Sound(self.pitch[frames], self.spectrum[frames], self.noise[frames])


class Syllables:
    """See Voice."""

    rate = RATE

    def __init__(self, folder: Path) -> None:
        """`folder` holds a folder for each syllable, named in zhuyin."""
        self._folder = folder
        self._sound = lru_cache(maxsize=None)(self._read)

    def manner(self, dice: Random, held: bool) -> Manner:
        """See Voice: the woman in many manners; of those held out the man, at a usual pace."""
        if held:
            return Manner(MAN, {"speed": 1.6})
        style = {
            "speed": dice.uniform(0.9, 1.9),
            "pitch": dice.uniform(0.55, 1.1),
            "range": dice.uniform(0.4, 1.2),
        }
        return Manner(WOMAN, {name: round(value, 3) for name, value in style.items()})

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice. `speed`: of the slow pace at which single syllables are read."""
        import pyworld

        parts: list[Sound] = []
        for phrase in syllables_of(text):
            if parts:
                parts.append(_pause(parts[-1], dice.randint(*PAUSE_FRAMES)))
            parts += [
                _spoken(self._sound(manner.speaker, one), manner.style, dice) for one in phrase
            ]
        for before, after in pairwise(parts):
            _lead_over(before, after)
        said = pyworld.synthesize(
            np.concatenate([one.pitch for one in parts]),
            np.concatenate([one.spectrum for one in parts]),
            np.concatenate([one.noise for one in parts]),
            RATE,
            FRAME_MS,
        )
        samples: Samples = said.astype(np.float32)
        return samples / max(float(np.abs(samples).max()), 1e-6)

    def _read(self, speaker: str, syllable: str) -> Sound:
        """Raises Unspeakable for a syllable that was not recorded in any tone."""
        import pyworld

        sound = _without_silence(_samples(self._file(speaker, syllable)))
        pitch, times = pyworld.harvest(sound, RATE, frame_period=FRAME_MS)
        spectrum = pyworld.cheaptrick(sound, pitch, times, RATE)
        return Sound(pitch, spectrum, pyworld.d4c(sound, pitch, times, RATE))

    def _file(self, speaker: str, syllable: str) -> Path:
        from pypinyin import Style
        from pypinyin.contrib.tone_convert import to_tone
        from pypinyin.style import convert

        zhuyin: str = convert(to_tone(syllable), Style.BOPOMOFO, True)
        bare, tone = zhuyin.rstrip("".join(_TONES)), _TONES.get(zhuyin[-1], "")
        for one in (tone, *_OTHER_TONES):
            file = self._folder / f"{bare}{one}" / FILES[speaker]
            if file.is_file():
                return file
        raise Unspeakable(f"{speaker} has not said {syllable}")


def _samples(file: Path) -> Frames:
    import soundfile
    import soxr

    sound, rate = soundfile.read(file)
    resampled: Frames = soxr.resample(sound, rate, RATE)
    return resampled / max(float(np.abs(resampled).max()), 1e-6)


def _without_silence(sound: Frames) -> Frames:
    step = int(RATE * FRAME_MS / 1000)
    whole = len(sound) // step
    loud = np.abs(sound[: whole * step]).reshape(whole, step).max(1)
    there = np.flatnonzero(loud > 10 ** (SILENT_DB / 20))
    return np.ascontiguousarray(sound[there[0] * step : (there[-1] + 1) * step])


def _spoken(sound: Sound, style: dict[str, float], dice: Random) -> Sound:
    """One syllable as it is said in this sentence: its length, loudness and pitch."""
    speed = style.get("speed", 1.0) * dice.uniform(0.85, 1.2)
    count = max(int(len(sound) / speed), 2 * INTO_EACH_OTHER + 2)
    said = sound.at(np.round(np.linspace(0, len(sound) - 1, count)).astype(int))
    voiced = said.pitch > 0
    pitch = np.zeros(count)
    if voiced.any():
        middle = float(np.median(said.pitch[voiced]))
        away = np.log(said.pitch[voiced] / middle)
        # What single syllables lift is less high in a sentence, and each stands a little elsewhere.
        higher = style.get("pitch", 1.0) * dice.uniform(0.94, 1.06)
        pitch[voiced] = middle * higher * np.exp(style.get("range", 1.0) * away)
    return Sound(pitch, said.spectrum * dice.uniform(0.4, 1.6), said.noise.copy())


def _pause(before: Sound, frames: int) -> Sound:
    bands = before.spectrum.shape[1]
    quiet = np.full((frames, bands), 1e-9)
    return Sound(np.zeros(frames), quiet, np.ones((frames, bands)))


def _lead_over(before: Sound, after: Sound) -> None:
    """The last frames of one syllable turn into the first of the next."""
    goal = np.log(after.spectrum[0] + 1e-12)
    for step in range(INTO_EACH_OTHER):
        share = (step + 1) / (INTO_EACH_OTHER + 1)
        here = before.spectrum[step - INTO_EACH_OTHER]
        here[:] = np.exp((1 - share) * np.log(here + 1e-12) + share * goal)


def load(folder: Path) -> Syllables:
    """Fetches Debian's package into the folder, once. Raises NoPackage."""
    recordings = folder / PACKAGE
    if not recordings.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as name:
            try:
                for command in (["apt-get", "download", PACKAGE], ["sh", "-c", "dpkg -x *.deb ."]):
                    subprocess.run(command, cwd=name, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise NoPackage(f"{PACKAGE}, a package of Debian's, cannot be fetched") from error
            (Path(name) / "usr" / "share" / PACKAGE / "ogg").rename(recordings)
    return Syllables(recordings)
