"""A photo from a telephone, made small and safe: it is read as a picture and written anew, so
nothing else that came in the file is kept: no place, no name of the telephone."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from backend.domain.errors import DomainError

LARGEST_UPLOAD = 12 * 1024 * 1024
"""Bytes; a telephone's photo as it is. Our script makes it smaller before it is sent."""
LONGEST_SIDE = 1280
MOST_PIXELS = 60_000_000
"""Before it is read: a picture that unfolds to more is none of a telephone's."""
LARGEST_KEPT = 400 * 1024
QUALITIES = (80, 65, 50, 35)


def small_jpeg(content: bytes) -> bytes:
    """The picture as a JPEG of at most LARGEST_KEPT bytes, upright. Raises DomainError `bad_photo`
    for what is no JPEG, PNG or WebP, or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise DomainError("bad_photo")
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                picture = upright.convert("RGB")
    except DomainError:
        raise
    except Exception as error:  # what a broken or hostile file raises is nobody's list
        raise DomainError("bad_photo") from error
    for quality in QUALITIES:
        written = io.BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= LARGEST_KEPT:
            return written.getvalue()
    raise DomainError("bad_photo")
