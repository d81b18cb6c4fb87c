"""No word is so short that nobody notices somebody has spoken."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.level import Level
from ivr.voicing import Voicing
from tests.ivr.ringing.saying import FOLDER

FRAME = 160
HERE = Path(__file__).parent
FILES = [*(HERE / "recordings").glob("*.wav"), *FOLDER.glob("*.wav")]
SPOKEN = sorted(path for path in FILES if "-odd-" not in path.name)


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
def test_whoever_speaks_is_noticed(path: Path) -> None:
    with wave.open(str(path)) as file:
        said = file.readframes(file.getnframes())
    sound = np.frombuffer(bytes(32_000) + said + bytes(8_000), "<i2")
    voicing, level = Voicing(), Level()
    noticed = [
        voicing.heard(level.brought(sound[at : at + FRAME]), level.is_loud)
        for at in range(0, len(sound) - FRAME, FRAME)
    ]
    assert any(noticed)
