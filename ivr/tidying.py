"""Memory that calls leave behind goes back to the machine.

What belongs to one call knows each other in circles, which only Python's collector finds; and it
comes by for the sake of the many objects that stay for ever too seldom for the few of a call, with
recognisers and voice detectors behind them that it does not see. And the C library keeps what was
given back to it: half a gigabyte after a hundred calls, of which nothing is in use.
"""

from __future__ import annotations

import ctypes
import gc


def settle() -> None:
    """At the start: what is there now stays for ever, and need not be looked at again."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """A few hundredths of a second; may be called from any thread."""
    gc.collect()
    if _trim is not None:
        _trim(0)


def _found() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # another C library than glibc
        return None


_trim = _found()
