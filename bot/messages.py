"""What is kept of a message from WeChat, and how long its answer is left to the open line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from backend.db.models import Message
from bot.xml import Incoming

CHANNEL = "wechat"
LEASE = timedelta(seconds=10)
"""While an answer is on its way over the open connection nobody else sends it. Longer than
WeChat keeps that connection open (5 s)."""


def said_of(incoming: Incoming) -> dict[str, Any]:
    """What is kept of a message: enough to answer it later."""
    said: dict[str, Any] = {"kind": incoming.kind, "text": incoming.text.replace("\0", "")}
    if incoming.event is not None:
        said["event"] = incoming.event
        said["event_key"] = incoming.event_key
        said["scene"] = incoming.scene
    if incoming.latitude is not None and incoming.longitude is not None:
        said["lat"], said["lon"] = incoming.latitude, incoming.longitude
        said["label"] = incoming.label
    if incoming.media_id is not None:
        # The one that is to be had first comes first.
        said["media_ids"] = [one for one in (incoming.media_id_16k, incoming.media_id) if one]
    return said


def waits(message: Message, now: datetime) -> bool:
    """Whether its answer is ready and nobody is sending it."""
    return (
        message.state == "answered"
        and message.sent_at is None
        and (message.answer_lease_until is None or message.answer_lease_until <= now)
    )
