"""Writes down what must not be lost, also after the database was away for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between attempts; the last goes on."""
TRIES = 60

log = structlog.get_logger()
Got = TypeVar("Got")


class NotWritten(Exception):
    """The database was away for longer than we try."""


async def written(write: Callable[..., Got], *what: object) -> Got:
    """What `write` (which blocks) returns at the first attempt that succeeds. Raises NotWritten."""
    for tried in range(TRIES):
        try:
            return await asyncio.to_thread(write, *what)
        except Exception as error:
            name = getattr(write, "__name__", "")
            log.error("call_not_written", what=name, error=type(error).__name__)
            await asyncio.sleep(RETRY_S[min(tried, len(RETRY_S) - 1)])
    raise NotWritten
