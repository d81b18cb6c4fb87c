"""Copies of the Rasa project in folders of their own: trained and served beside the installed one,
each with its own pipeline. What others edit meanwhile does not reach them."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nlu.rasa_client import RasaClient
from nlu.rasa_server import (
    RASA_HOME,
    rasa_python,
    run_rasa,
    spawn_rasa,
    start_rasa,
    train,
)
from ops.processes import House, Process, free_port

ROOT = RASA_HOME.parents[1]
PATIENCE_S = 30.0
_PARTS = {
    "nlu/rasa": (".venv", "models", "build", "__pycache__"),
    "nlu/corpus": ("dev", "heldout", "__pycache__"),
    "backend/seed": ("*.py", "__pycache__"),
}
"""What a training reads, and what of it is left behind. The embeddings in `.cache` come along."""

Pipeline = list[dict[str, Any]]


@dataclass(frozen=True)
class Recipe:
    """How a copy differs from the project as it is.

    `pipeline` changes the components of config.yml, `constants` the named numbers of build.py.
    `plain`: trained and served by Rasa's own commands, TensorFlow included.
    """

    name: str
    pipeline: Callable[[Pipeline], Pipeline] = lambda components: components
    constants: Mapping[str, float] = field(default_factory=dict)
    plain: bool = False


@dataclass(frozen=True)
class Project:
    """A copy of the Rasa project under `root`."""

    recipe: Recipe
    root: Path

    @property
    def home(self) -> Path:
        """The Rasa project's own folder."""
        return self.root / RASA_HOME.relative_to(ROOT)

    @property
    def model(self) -> Path:
        """The model archive, once it is trained."""
        return self.home / "models" / "nlu.tar.gz"

    def train(self) -> float:
        """Trains; returns how many seconds it took. Raises as `nlu.rasa_server.train` does."""
        began = time.monotonic()
        if self.recipe.plain:
            _train_plainly(self)
        else:
            train(self.model, self.root / "backend" / "seed" / "catalogue.yaml", self.home)
        return time.monotonic() - began


def copy(recipe: Recipe, folder: Path, like: Project | None = None) -> Project:
    """The project, or the copy `like`, copied under `folder` and changed by the recipe.

    Raises ValueError for a part that the project has not.
    """
    root = like.root if like else ROOT
    for part, left_behind in _PARTS.items():
        shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns(*left_behind))
    project = Project(recipe, folder)
    _change_pipeline(project.home / "config.yml", recipe)
    _change_constants(project.home / "build.py", recipe)
    return project


def _change_pipeline(path: Path, recipe: Recipe) -> None:
    config = yaml.safe_load(path.read_text("utf-8"))
    config["pipeline"] = recipe.pipeline(config["pipeline"])
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")


def _change_constants(path: Path, recipe: Recipe) -> None:
    text = path.read_text("utf-8")
    for name, value in recipe.constants.items():
        text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        if found != 1:
            raise ValueError(f"{path.name} sets no {name}")
    path.write_text(text, "utf-8")


def _train_plainly(project: Project) -> None:
    run_rasa([rasa_python(), "build.py"], project.home)
    run_rasa(
        [
            *(_rasa_command(), "train", "nlu", "--config", "config.yml", "--domain", "domain.yml"),
            *("--nlu", ".cache/build/nlu", "--out", project.model.parent),
            *("--fixed-model-name", project.model.name.removesuffix(".tar.gz")),
        ],
        project.home,
    )


def _rasa_command() -> Path:
    return rasa_python().with_name("rasa")


@contextmanager
def serving(project: Project, plain: bool = False) -> Iterator[tuple[RasaClient, Process]]:
    """A client of a Rasa that serves the project for the while, and its process.

    `plain` serves by `rasa run --enable-api` instead of our lean start. Nothing was asked but one
    sentence to warm it up.
    """
    plain = plain or project.recipe.plain
    port = free_port()
    log = project.home / f"rasa-{port}.log"
    client = RasaClient(f"http://127.0.0.1:{port}", timeout_s=PATIENCE_S)
    command: list[str | Path] = [
        *(_rasa_command(), "run", "--enable-api", "--model", project.model),
        *("--interface", "127.0.0.1", "--port", str(port)),
    ]
    process = Process(
        "rasa",
        lambda: (
            spawn_rasa(command, project.home, log)
            if plain
            else start_rasa(port, log, project.model, project.home)
        ),
        client.is_ready,
        log,
    )
    with House() as house:
        house.start(process)
        house.wait()
        client.wait_until_ready()
        yield client, process
        client.close()


def resident_mb(process: Process) -> float:
    """Resident memory of the process and its children, in MB (Linux)."""
    assert process.popen is not None
    page = os.sysconf("SC_PAGE_SIZE")
    pages = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # After the name in brackets: state, parent, process group.
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            if group == process.popen.pid:
                pages += int((folder / "statm").read_text().split()[1])
        except (OSError, ValueError):
            continue  # it ended while we looked
    return pages * page / 1e6
