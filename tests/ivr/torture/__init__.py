"""Torture messages of RFC 4475, as they come over the wire: see `MESSAGES`."""

from __future__ import annotations

from tests.ivr.torture.messages import MESSAGES

__all__ = ["MESSAGES"]
