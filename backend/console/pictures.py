"""A picture that somebody sends, made small and safe: it is read as a picture and written anew, so
nothing else that came in the file is kept: no place, no name of the telephone.

For the console and for the pages in WeChat.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from backend.domain.errors import DomainError

LARGEST_UPLOAD = 12 * 1024 * 1024
"""Bytes; a telephone's photo as it is."""
MOST_PIXELS = 60_000_000
"""Before it is read: a picture that unfolds to more is none of a telephone's."""
DISH_SIDES = (320, 240, 160)
"""Pixels: a dish stands in a list, at a third of this and three dots to the pixel."""
LARGEST_DISH = 10 * 1024
"""Bytes: twenty dishes and their page stay under 300 KB."""
DISH_QUALITIES = (75, 60, 45, 30)


def upright(content: bytes, longest_side: int) -> Image.Image:
    """The picture as it is to be seen, within a square of so many pixels. Raises DomainError
    `bad_photo` for what is no JPEG, PNG or WebP, or unfolds to too much."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise DomainError("bad_photo")
                opened.draft("RGB", (longest_side, longest_side))
                turned = ImageOps.exif_transpose(opened)
                turned.thumbnail((longest_side, longest_side))
                return turned.convert("RGB")
    except DomainError:
        raise
    except Exception as error:  # what a broken or hostile file raises is nobody's list
        raise DomainError("bad_photo") from error


def small_webp(content: bytes) -> bytes:
    """A dish's picture as a WebP of at most LARGEST_DISH bytes. Raises DomainError `bad_photo`."""
    picture = upright(content, DISH_SIDES[0])
    for side in DISH_SIDES:
        picture.thumbnail((side, side))
        for quality in DISH_QUALITIES:
            written = io.BytesIO()
            picture.save(written, "WEBP", quality=quality, method=4)
            if written.tell() <= LARGEST_DISH:
                return written.getvalue()
    raise DomainError("bad_photo")
