"""What a telephone does to a voice, and that the same dice do the same again."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.model.features import less_moving_mean, log_mel, mfcc
from ivr.model.frailty import aged
from ivr.model.g711 import LAWS, coded
from ivr.model.noises import KINDS, noise, rms
from ivr.model.telephone import (
    CODECS,
    HANDSETS,
    PACKET,
    Line,
    Samples,
    active_level,
    any_line,
    echoing,
    placed,
    through_handset,
    with_losses,
)
from ivr.model.warping import warped

RATE = 8000


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def tone(hertz: float, seconds: float = 1.0) -> Samples:
    time = np.arange(int(RATE * seconds)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    return float(20 * np.log10(rms(one.astype(np.float32)) / rms(other.astype(np.float32))))


@pytest.mark.parametrize(
    ("law", "sample", "decoded"),
    # Table 1a and 2a of G.711, in sixteenths and quarters: the ends, zero, and about a decision.
    [
        ("a", 0, 8), ("a", -1, -8), ("a", 15, 8), ("a", 16, 24), ("a", 511, 504), ("a", 512, 528),
        ("a", 32767, 32256), ("a", -32768, -32256),
        ("mu", 0, 0), ("mu", 3, 0), ("mu", 4, 8), ("mu", 11, 8), ("mu", 12, 16), ("mu", -5, -8),
        ("mu", 32767, 32124), ("mu", -32768, -32124),
    ],
)  # fmt: skip
def test_g711_levels(law: str, sample: int, decoded: int) -> None:
    assert coded(np.array([sample], np.int16), law)[0] == decoded


@pytest.mark.parametrize("law", LAWS)
def test_g711_has_256_levels_that_it_keeps(law: str) -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    once = coded(every, law)
    # µ-law has a zero of either sign.
    assert len(np.unique(once)) == (256 if law == "a" else 255)
    assert np.array_equal(coded(once, law), once)
    assert (np.diff(once.astype(int)) >= 0).all()
    loud = np.abs(every.astype(int)) > 300
    assert (np.abs(once.astype(int) - every)[loud] <= np.abs(every.astype(int))[loud] / 16).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_noise_is_as_loud_as_the_others_and_follows_the_dice(kind: str) -> None:
    others = [tone(300), tone(500, 0.2), tone(700, 3)]
    made = noise(kind, 5000, dice(), others)
    assert len(made) == 5000
    assert rms(made) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(made, noise(kind, 5000, dice(), others))
    assert not np.array_equal(made, noise(kind, 5000, dice(2), others))


def test_speech_as_noise_takes_speech() -> None:
    with pytest.raises(ValueError, match="babble"):
        noise("babble", 100, dice(), [])


def test_a_line_sets_the_level_of_the_speech_alone() -> None:
    for quiet in (tone(1000), placed(tone(1000) / 50, 2, 3)):
        heard = Line(handset="plain", level=-20, codec="none").carry(quiet, dice())
        assert active_level(heard / np.float32(32768)) == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize("snr", [20.0, 5.0])
def test_noise_stands_as_far_below_the_speech_as_asked(snr: float) -> None:
    voice = tone(1000)
    line = Line(handset="plain", level=-26, codec="none")
    clear = line.carry(voice, dice()).astype(np.float32)
    noisy = Line(handset="plain", noise="pink", snr=snr, codec="none").carry(voice, dice())
    assert decibels(clear, noisy - clear) == pytest.approx(snr, abs=0.5)


def test_a_telephone_has_no_bass_and_no_treble() -> None:
    for handset in HANDSETS.keys() - {"plain"}:
        kept = rms(through_handset(tone(1000), handset))
        for hertz in (50, 3950):
            assert rms(through_handset(tone(hertz), handset)) < kept / 4, (handset, hertz)
    with pytest.raises(ValueError, match="plain"):
        through_handset(tone(1000), "string")


def test_a_room_rings_on() -> None:
    clap = np.zeros(RATE, np.float32)
    clap[100] = 1
    near, far = (rms(echoing(clap, seconds, dice())[2000:]) for seconds in (0.1, 0.7))
    assert near < 1e-4 < far


def test_lost_packets_are_silent_or_repeated() -> None:
    pcm = np.full(PACKET * 500, 1000, np.int16)
    silent = with_losses(pcm, 0.1, concealed=False, dice=dice())
    lost = (silent.reshape(-1, PACKET) == 0).all(1)
    assert 0.05 < lost.mean() < 0.15
    assert np.array_equal(silent[silent != 0], pcm[silent != 0])
    filled = with_losses(pcm, 0.1, concealed=True, dice=dice()).reshape(-1, PACKET)
    assert set(filled[lost][:, 0]) <= {700, 490, 343, 342, 0}
    assert (filled[~lost] == 1000).all()


def test_clipping_cuts_off_above_the_level() -> None:
    heard = Line(handset="plain", clip=1, codec="none").carry(tone(500), dice())
    assert np.abs(heard).max() == pytest.approx(32768 * 10 ** (-25 / 20), abs=1)


def test_any_call_gives_the_same_samples_for_the_same_dice() -> None:
    voice, others = tone(300), [tone(440), tone(660)]
    for seed in range(60):
        line = any_line(dice(seed))
        if line.codec == "gsm":  # needs the recipe's own libraries
            continue
        heard = line.carry(voice, dice(seed), others)
        assert heard.dtype == np.int16
        assert len(heard) == len(voice)
        assert np.abs(heard).max() > 0
        assert np.array_equal(heard, any_line(dice(seed)).carry(voice, dice(seed), others))


@pytest.mark.parametrize("codec", sorted(set(CODECS) - {"gsm"}))
def test_silence_and_nothing_are_carried_too(codec: str) -> None:
    line = Line(codec=codec, noise="hum", room=0.2, lost=0.1)
    assert len(line.carry(np.zeros(0, np.float32), dice())) == 0
    assert np.abs(Line(codec=codec).carry(np.zeros(900, np.float32), dice())).max() <= 8


def test_old_age_and_other_throats_keep_sounds_finite() -> None:
    voice = tone(200) + tone(1700)
    for seed in range(20):
        old = aged(voice, dice(seed))
        assert old.shape == voice.shape
        assert np.isfinite(old).all()
        bands = warped(log_mel((old * 8000).astype(np.int16)), dice(seed))
        assert np.isfinite(bands).all()
        assert bands.shape[1] == 40


def test_features_are_a_hundred_a_second_and_none_of_less_than_a_frame() -> None:
    assert mfcc(np.zeros(RATE, np.int16)).shape == (98, 40)
    assert mfcc(np.zeros(199, np.int16)).shape == (0, 40)


def test_the_moving_mean_takes_a_louder_microphone_away_in_time() -> None:
    frames = mfcc((dice().standard_normal(RATE * 12) * 2000).astype(np.int16))
    usual = frames.mean(0) + 30
    moved = less_moving_mean(frames, usual)
    assert np.abs(moved[0] - (frames[0] - (frames[0] + 200 * usual) / 201)).max() < 1e-3
    assert np.abs(moved[600:] - less_moving_mean(frames, usual - 30)[600:]).max() < 1e-3
