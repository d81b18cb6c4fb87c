"""The house's processes: how each is started and how one knows that it works."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import Popen

from backend.db.databases import Addresses
from backend.settings import Settings
from nlu.rasa_client import RasaClient
from nlu.rasa_server import start_rasa
from ops.processes import Process, answers, spawn


def logs_of(settings: Settings) -> Path:
    """Where the processes of this machine write their logs."""
    return settings.data_dir.resolve() / "log"


def rasa_process(logs: Path, port: int) -> tuple[Process, str]:
    """Rasa on a port of this machine, and its URL."""
    url = f"http://127.0.0.1:{port}"
    log = logs / "rasa.log"
    client = RasaClient(url, timeout_s=1.0)
    return Process("rasa", lambda: start_rasa(port, log), client.is_ready, log), url


def web_process(logs: Path, environment: dict[str, str], port: int) -> Process:
    """A web process; ready when it can reach its database."""
    log = logs / f"web-{port}.log"
    argv = [sys.executable, "-m", "yinling", "web", "--port", str(port)]
    ready = answers(f"http://127.0.0.1:{port}/healthz")
    return Process(f"web:{port}", spawn(argv, log, environment), ready, log)


def worker_process(logs: Path, environment: dict[str, str], name: str = "worker") -> Process:
    """A worker process; ready when it has written its ready file."""
    log, ready = logs / f"{name}.log", logs / f"{name}.ready"
    argv = [sys.executable, "-m", "yinling", "worker", "--ready-file", str(ready)]
    start = spawn(argv, log, environment)

    def start_anew() -> Popen[bytes]:
        ready.unlink(missing_ok=True)
        return start()

    return Process(name, start_anew, ready.exists, log)


def environment_of(addresses: Addresses, rasa_url: str, data_dir: Path) -> dict[str, str]:
    """What our processes must know of each other."""
    return {
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "YINLING_RASA_URL": rasa_url,
        "YINLING_DATA_DIR": str(data_dir),
    }
