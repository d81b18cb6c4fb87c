"""The way of a voice through a telephone: room, noise, handset, level, codec, lost packets.

Samples are float32 within ±1 before it, 16-bit integers behind it, 8,000 a second throughout.
Everything follows from the Line and the dice.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.model.g711 import coded
from ivr.model.noises import KINDS, RATE, noise, rms

Samples = NDArray[np.float32]
Pcm = NDArray[np.int16]

HANDSETS: dict[str, tuple[tuple[float, float], ...]] = {
    "plain": (),
    "landline": ((150, -30), (250, -9), (350, -2), (800, 0), (2500, 3), (3300, 0), (3600, -30)),
    "carbon": ((200, -30), (350, -10), (700, -3), (1500, 2), (2200, 7), (2900, 0), (3300, -30)),
    "mobile": ((80, -20), (180, -4), (300, 0), (2000, 1), (3000, 4), (3500, 0), (3800, -20)),
    "speaker": ((250, -25), (450, -5), (900, 2), (1400, -4), (2300, 4), (3100, -2), (3700, -20)),
    "hearing_aid": ((300, -20), (600, -6), (1200, 0), (2600, 10), (3400, 4), (3800, -20)),
}
"""Points of the response: hertz, decibels; straight between them on a scale of octaves."""
CODECS = ("a", "mu", "gsm", "none")
PACKET = RATE // 50
"""Samples: 20 ms."""
REPEATED = 3
"""So many packets in a row are concealed by the last one heard, ever softer; then silence."""
USUAL_LEVEL = -26.0
"""Decibels of speech below full scale, what telephone networks are built for (G.711, P.56)."""


@dataclass(frozen=True)
class Line:
    """One call. The clean call of a good landline unless told otherwise.

    `room` is the time in seconds in which an echo falls by 60 dB, 0 for none; `noise` a kind of
    ivr.model.noises or empty, `snr` how many decibels the speech is above it; `level` dB below
    full scale; `clip` dB above the level where samples are cut off, 0 for nowhere; `lost` the
    share of packets that never come.
    """

    handset: str = "landline"
    room: float = 0.0
    noise: str = ""
    snr: float = 30.0
    level: float = USUAL_LEVEL
    clip: float = 0.0
    lost: float = 0.0
    concealed: bool = True
    codec: str = "a"

    def carry(
        self, samples: Samples, dice: np.random.Generator, others: Sequence[Samples] = ()
    ) -> Pcm:
        """What the far end hears, of the same length.

        `others` are utterances for the noises that are speech. Raises ValueError for a handset,
        noise or codec that is none.
        """
        heard = samples / max(active_level(samples), np.float32(1e-9))
        if self.room:
            heard = echoing(heard, self.room, dice)
        if self.noise:
            heard = heard + noise(self.noise, len(heard), dice, others) * _gain(-self.snr)
        heard = through_handset(heard, self.handset) * _gain(self.level)
        if self.clip:
            loudest = _gain(self.level + self.clip)
            heard = np.clip(heard, -loudest, loudest)
        pcm = _coded(_to_pcm(heard), self.codec)
        return with_losses(pcm, self.lost, self.concealed, dice) if self.lost else pcm


def any_line(dice: np.random.Generator, others: bool = True) -> Line:
    """A call as they come, from good ones to barely understandable ones. `others` tells whether
    there is speech to make noise of."""
    kinds = KINDS if others else KINDS[:-2]
    kind = str(dice.choice(kinds)) if dice.random() < 0.75 else ""
    # A second voice as loud as the first leaves open who is meant.
    quietest = 10 if kind in ("television", "babble") else 3
    return Line(
        handset=str(dice.choice(list(HANDSETS))),
        room=dice.uniform(0.08, 0.7) if dice.random() < 0.45 else 0.0,
        noise=kind,
        snr=dice.uniform(quietest, 35),
        level=dice.uniform(-42, -12),
        clip=dice.uniform(3, 12) if dice.random() < 0.12 else 0.0,
        lost=dice.uniform(0.005, 0.08) if dice.random() < 0.15 else 0.0,
        concealed=bool(dice.random() < 0.6),
        codec=str(dice.choice(CODECS, p=(0.6, 0.22, 0.08, 0.1))),
    )


def placed(samples: Samples, before: float, after: float) -> Samples:
    """The samples with so many seconds of silence about them."""
    return np.pad(samples, (int(before * RATE), int(after * RATE)))


def active_level(samples: Samples) -> np.float32:
    """The root mean square of what is speech, of 20 ms pieces within 30 dB of the loudest."""
    whole = len(samples) // PACKET * PACKET
    if not whole:
        return rms(samples)
    power = np.square(samples[:whole]).reshape(-1, PACKET).mean(1)
    return np.float32(np.sqrt(power[power >= power.max() * np.float32(1e-3)].mean()))


def echoing(samples: Samples, seconds: float, dice: np.random.Generator) -> Samples:
    """In a room whose echo falls by 60 dB in `seconds`; the speaker nearer or farther."""
    length = max(int(RATE * seconds), 2)
    fade = np.exp(np.linspace(0, -6.9, length, dtype=np.float32))
    response = dice.standard_normal(length, dtype=np.float32) * fade
    response[0] = 0
    response *= np.float32(10 ** (dice.uniform(-20, -1) / 20)) / np.linalg.norm(response)
    response[0] = 1
    size = 1 << (len(samples) + length - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def through_handset(samples: Samples, handset: str) -> Samples:
    """Filtered without delay. Raises ValueError for a handset that is none."""
    if handset not in HANDSETS:
        raise ValueError(f"no handset {handset!r}: one of {', '.join(HANDSETS)}")
    if not (points := HANDSETS[handset]):
        return samples
    size = 1 << max(len(samples) + 255, 1).bit_length()
    octaves = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20))
    hertz, decibels = zip(*points, strict=True)
    response = 10 ** (np.interp(octaves, np.log2(hertz), decibels) / 20)
    spectrum = np.fft.rfft(samples, size) * response.astype(np.float32)
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def with_losses(pcm: Pcm, share: float, concealed: bool, dice: np.random.Generator) -> Pcm:
    """Without `share` of the packets, one or two in a row; silent, or filled with the last one."""
    count = -(-len(pcm) // PACKET)
    begun = dice.random(count) < share / 1.5
    lost = begun | (np.roll(begun, 1) & (dice.random(count) < 0.5))
    heard = np.pad(pcm, (0, count * PACKET - len(pcm))).reshape(count, PACKET)
    in_a_row = 0
    for packet in range(count):
        in_a_row = in_a_row + 1 if lost[packet] else 0
        if not in_a_row:
            continue
        if concealed and packet and in_a_row <= REPEATED:
            heard[packet] = heard[packet - 1] * np.float32(0.7)
        else:
            heard[packet] = 0
    return heard.ravel()[: len(pcm)]


def _to_pcm(samples: Samples) -> Pcm:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _coded(pcm: Pcm, codec: str) -> Pcm:
    if codec == "none":
        return pcm
    return _gsm(pcm) if codec == "gsm" else coded(pcm, codec)


def _gsm(pcm: Pcm) -> Pcm:
    """GSM full rate, the roughest code of a mobile network."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, pcm, RATE, format="WAV", subtype="GSM610")
    file.seek(0)
    decoded: Pcm = soundfile.read(file, dtype="int16")[0]
    return np.pad(decoded, (0, max(len(pcm) - len(decoded), 0)))[: len(pcm)]


def _gain(decibels: float) -> np.float32:
    return np.float32(10 ** (decibels / 20))
