"""Callers of any loudness brought to one level."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.level import FULL, PEAK, TARGET_DB, Level, Pcm, decibels

RATE, FRAME = 8000, 160


def voice(seconds: float, level_db: float, seed: int = 1) -> Pcm:
    """Noise with the swing of syllables at a level, and a breath every second."""
    dice = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    shape = dice.standard_normal(len(time)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    shape *= np.where(time % 1 < 0.8, 1, 0.001)
    shape *= 10 ** (level_db / 20) / np.sqrt(np.mean(shape**2))
    return np.clip(np.rint(shape * FULL), -32768, 32767).astype(np.int16)


def brought(level: Level, pcm: Pcm) -> Pcm:
    frames = [level.brought(pcm[start : start + FRAME]) for start in range(0, len(pcm), FRAME)]
    return np.concatenate(frames)


@pytest.mark.parametrize("level_db", [-45, -35, -26, -18, -12])
def test_every_caller_comes_to_one_level(level_db: float) -> None:
    level = Level()
    heard = brought(level, voice(4, level_db))
    assert decibels(heard[2 * RATE :]) == pytest.approx(TARGET_DB, abs=2.5)
    assert level.speech_db == pytest.approx(level_db, abs=2)


def test_silence_is_not_brought_up() -> None:
    level = Level()
    quiet = brought(level, voice(3, -75))
    assert decibels(quiet) < -70
    brought(level, voice(2, -20))
    assert decibels(brought(level, voice(2, -75))) < -70


def test_a_quiet_word_after_a_shout_is_heard_again() -> None:
    level = Level()
    brought(level, voice(2, -10))
    heard = brought(level, voice(8, -40))
    assert decibels(heard[-2 * RATE :]) > -34, "it came in at -40 dB"


def test_nothing_is_clipped() -> None:
    level = Level()
    brought(level, voice(3, -45))
    bang = voice(0.02, -8)
    assert np.abs(level.brought(bang).astype(int)).max() <= PEAK * FULL + 1


def test_steady_noise_becomes_the_floor() -> None:
    level = Level()
    noise = np.random.default_rng(2).integers(-500, 500, 21 * RATE).astype(np.int16)
    brought(level, noise[:RATE])
    assert level.is_loud
    brought(level, noise[RATE:])
    assert not level.is_loud


def test_no_sound_at_all_says_nothing() -> None:
    level = Level()
    brought(level, voice(1, -30))
    before = (level.floor_db, level.speech_db, level.gain_db)
    assert len(level.brought(np.zeros(0, np.int16))) == 0
    assert (level.floor_db, level.speech_db, level.gain_db) == before
    assert not level.is_loud
