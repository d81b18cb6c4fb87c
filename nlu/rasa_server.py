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
CORPUS = RASA_HOME.with_name("corpus")
CATALOGUE = RASA_HOME.parents[1] / "backend" / "seed" / "catalogue.yaml"
MODEL = RASA_HOME / "models" / "nlu.tar.gz"
_HASH = RASA_HOME / "models" / "nlu.sha256"
_LOCK = RASA_HOME / "models" / "lock"

# Everything a model is made from. A change in any of these asks for a new model.
_CORPUS_SOURCES = ("train/*.yml", "slots.yml", "noise.py")
_SOURCES = (
    "config.yml", "domain.yml", "words.txt", "uv.lock", "build.py", "train.py", "components/*.py",
    "encoder/engine_file.py", "encoder/taught.py", "encoder/layers.npz",
)  # fmt: skip


def rasa_python() -> Path:
    """The interpreter of Rasa's environment. Raises FileNotFoundError if it was never set up."""
    python = RASA_HOME / ".venv" / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError("Rasa's environment is missing: run `make setup`")
    return python


def source_files(catalogue: Path = CATALOGUE, learned: Path | None = None) -> Iterator[Path]:
    """Everything the model is made from, in a fixed order.

    `learned`: a city's own sentences beside the corpus (`nlu.learning`), if that file exists.
    """
    for pattern in _SOURCES:
        yield from sorted(RASA_HOME.glob(pattern))
    for pattern in _CORPUS_SOURCES:
        yield from sorted(CORPUS.glob(pattern))
    yield catalogue
    if learned is not None and learned.exists():
        yield learned


def source_hash(catalogue: Path = CATALOGUE, learned: Path | None = None) -> str:
    """SHA-256 over everything the model is made from, the catalogue's words included."""
    digest = hashlib.sha256()
    for path in source_files(catalogue, learned):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_trained(catalogue: Path = CATALOGUE, learned: Path | None = None) -> bool:
    """Whether the model on disk was made from the present sources."""
    if not MODEL.exists() or not _HASH.exists():
        return False
    return _HASH.read_text() == source_hash(catalogue, learned)


def ensure_trained(catalogue: Path = CATALOGUE, learned: Path | None = None) -> Path:
    """The model archive, trained first if it is missing or out of date (six to eleven
    minutes on two cores).

    Two processes asking at once train once; a model in use is replaced in one step. Raises
    `RasaTrainingFailed`, and FileNotFoundError if Rasa's environment was never set up.
    """
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_trained(catalogue, learned):
            return MODEL
        wanted = source_hash(catalogue, learned)
        train(MODEL, catalogue, learned=learned)
        _HASH.write_text(wanted)
    return MODEL


def train(
    out: Path,
    catalogue: Path = CATALOGUE,
    home: Path = RASA_HOME,
    learned: Path | None = None,
) -> None:
    """Trains the Rasa project at `home` and puts the model archive at `out`.

    Raises `RasaTrainingFailed`, and FileNotFoundError if Rasa's environment was never set up.
    """
    command: list[str | Path] = [
        *(rasa_python(), "train.py", "--out", out, "--catalogue", catalogue)
    ]
    if learned is not None and learned.exists():
        command += ["--learned", learned.resolve()]
    run_rasa(command, home)


def run_rasa(command: list[str | Path], home: Path = RASA_HOME) -> None:
    """Runs a training command of Rasa's environment in the project at `home`, to its end.

    Raises `RasaTrainingFailed` with its last words.
    """
    done = subprocess.run(
        command,
        cwd=home,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RasaTrainingFailed("\n".join(done.stdout.splitlines()[-15:]))


def start_rasa(
    port: int, log_path: Path, model: Path = MODEL, home: Path = RASA_HOME
) -> subprocess.Popen[bytes]:
    """Starts Rasa's HTTP server on 127.0.0.1:`port`, in a process group of its own, and returns at
    once; `RasaClient.wait_until_ready` tells when it answers. Its output goes to `log_path`.

    The model must exist (`ensure_trained`), made by the Rasa project at `home`.
    """
    return spawn_rasa(
        [rasa_python(), "serve.py", "--model", model, "--port", str(port)], home, log_path
    )


def spawn_rasa(command: list[str | Path], home: Path, log_path: Path) -> subprocess.Popen[bytes]:
    """Starts a command of Rasa's environment in the project at `home`, output to `log_path`."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=home,
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
