"""Training and running our Rasa server, which lives in its own Python 3.10 environment."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from nlu.errors import RasaTrainingFailed

RASA_HOME = Path(__file__).resolve().parent / "rasa"
CATALOGUE = RASA_HOME.parents[1] / "backend" / "seed" / "catalogue.yaml"
MODEL = RASA_HOME / "models" / "nlu.tar.gz"
_HASH = RASA_HOME / "models" / "nlu.sha256"
_LOCK = RASA_HOME / "models" / "lock"

# Everything a model is made from. A change in any of these asks for a new model.
_SOURCES = (
    "config.yml", "domain.yml", "slots.yml", "words.txt", "uv.lock",
    "build.py", "train.py", "data/*.yml", "components/*.py",
)  # fmt: skip


def rasa_python() -> Path:
    """The interpreter of Rasa's environment. Raises FileNotFoundError if it was never set up."""
    python = RASA_HOME / ".venv" / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError("Rasa's environment is missing: run `make setup`")
    return python


def source_files(catalogue: Path = CATALOGUE) -> Iterator[Path]:
    """Everything the model is made from, in a fixed order."""
    for pattern in _SOURCES:
        yield from sorted(RASA_HOME.glob(pattern))
    yield catalogue


def source_hash(catalogue: Path = CATALOGUE) -> str:
    """SHA-256 over everything the model is made from, the catalogue's words included."""
    digest = hashlib.sha256()
    for path in source_files(catalogue):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_trained(catalogue: Path = CATALOGUE) -> bool:
    """Whether the model on disk was made from the present sources."""
    return MODEL.exists() and _HASH.exists() and _HASH.read_text() == source_hash(catalogue)


def ensure_trained(catalogue: Path = CATALOGUE) -> Path:
    """The model archive, trained first if it is missing or out of date (about a minute).

    Two processes asking at once train once; a model in use is replaced in one step. Raises
    `RasaTrainingFailed`, and FileNotFoundError if Rasa's environment was never set up.
    """
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_trained(catalogue):
            return MODEL
        wanted = source_hash(catalogue)
        command: list[str | Path] = [
            *(rasa_python(), "train.py", "--out", MODEL, "--catalogue", catalogue)
        ]
        done = subprocess.run(
            command,
            cwd=RASA_HOME,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RasaTrainingFailed("\n".join(done.stdout.splitlines()[-15:]))
        _HASH.write_text(wanted)
    return MODEL


def start_rasa(port: int, log_path: Path) -> subprocess.Popen[bytes]:
    """Starts Rasa's HTTP server on 127.0.0.1:`port`, in a process group of its own, and returns at
    once; `RasaClient.wait_until_ready` tells when it answers. Its output goes to `log_path`.

    The model must exist (`ensure_trained`).
    """
    command: list[str | Path] = [rasa_python(), "serve.py", "--model", MODEL, "--port", str(port)]
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=RASA_HOME,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _environment() -> dict[str, str]:
    """Ours without what would lead Rasa's Python to our own packages, plus what keeps it quiet, off
    the network and on one core."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {
        **kept,
        "RASA_TELEMETRY_ENABLED": "false",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
    }
