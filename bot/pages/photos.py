"""A photo of a finished visit, made small and safe."""

from __future__ import annotations

import io

from backend.console.pictures import upright
from backend.domain.errors import DomainError

LONGEST_SIDE = 1280
LARGEST_KEPT = 400 * 1024
QUALITIES = (80, 65, 50, 35)


def small_jpeg(content: bytes) -> bytes:
    """The picture as a JPEG of at most LARGEST_KEPT bytes, upright. Raises DomainError `bad_photo`
    for what is no JPEG, PNG or WebP, or too large."""
    picture = upright(content, LONGEST_SIDE)
    for quality in QUALITIES:
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= LARGEST_KEPT:
            return written.getvalue()
    raise DomainError("bad_photo")
