"""Rasa without TensorFlow.

Rasa imports TensorFlow whether or not a pipeline uses it, and ours does not: counts of n-grams,
an embedding in C and a logistic regression need none. Nor do we draw charts, talk to its cloud
stores or to its own chat channels. Those imports cost two thirds of every start and about 400 MB.
`leave_out()` puts inert modules in their place; anything of theirs that were really *used* would
fail at once with a plain error, and nlu/rasa/README.md says how to go back.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_LEFT_OUT = frozenset(
    (
        *("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "jax"),
        *("matplotlib", "boto3", "botocore", "pymongo"),
        *("aiogram", "twilio", "slack_sdk", "webexteamssdk", "mattermostwrapper"),
        *("socketio", "engineio", "questionary", "prompt_toolkit"),
    )
)


class _Inert(type):
    """A class to subclass and annotate with, whose attributes are more of the same."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _inert(name)

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        # Used as a decorator at import time: hand the decorated function or class back unchanged.
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        if cls.__module__ == __name__:
            return cls
        raise RuntimeError(f"{cls.__name__} belongs to a module that lean.py leaves out")


def _inert(name: str) -> Any:
    return _Inert(name, (), {"__module__": __name__})


class _InertModule(ModuleType):
    __version__ = "2.12.0"
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        value = _inert(name)
        setattr(self, name, value)
        return value


class _InertFinder:
    """Answers imports of what is left out, with all its submodules."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in _LEFT_OUT:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def leave_out() -> None:
    """Call before the first import of rasa. Also silences telemetry, whatever the environment."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    sys.meta_path.insert(0, _InertFinder())  # type: ignore[arg-type]
