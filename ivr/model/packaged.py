"""Files inside installed packages, found without importing the packages."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path


def packaged(package: str, name: str) -> Path:
    """Where the file lies. Raises FileNotFoundError."""
    try:
        found = [file for file in files(package) or [] if str(file) == name]
    except PackageNotFoundError:
        found = []
    if not found:
        raise FileNotFoundError(f"{name} of {package}: run `make model-setup`")
    return Path(str(found[0].locate()))
