"""Turn replies into the texts of a WeChat chat."""

from __future__ import annotations

from collections.abc import Sequence

from bot.xml import TEXT_LIMIT_BYTES

CUT = "…"


def fitting(text: str, but: int = 0) -> str:
    """`text` within WeChat's limit for one message, cut at a whole character if it must be; `but`
    bytes of it are for something else."""
    most = TEXT_LIMIT_BYTES - but
    if len(text.encode()) <= most:
        return text
    room = most - len(CUT.encode())
    return text.encode()[:room].decode(errors="ignore") + CUT


def as_text(replies: Sequence[dict[str, object]]) -> str:
    """Several replies as one message; quick choices are written out below."""
    parts = []
    for reply in replies:
        text = str(reply["text"])
        choices = [str(choice) for choice in reply.get("choices") or ()]  # type: ignore[attr-defined]
        unsaid = [choice for choice in choices if choice not in text]
        if unsaid:
            text += "\n(可以回复:" + " / ".join(unsaid) + ")"
        parts.append(text)
    return fitting("\n\n".join(parts))
