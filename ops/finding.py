"""What `yinling doctor` finds, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at; what to do when it is not well."""

    what: str
    well: bool
    says: str


def tried(what: str, look: Callable[[], str]) -> Finding:
    """What a look gives; an error is a finding too."""
    try:
        return Finding(what, True, look())
    except Exception as error:  # whatever it is, the doctor must say it and go on
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        return Finding(what, False, first_line)
