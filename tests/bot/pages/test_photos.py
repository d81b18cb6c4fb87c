"""What is kept of a photo from a telephone."""

from __future__ import annotations

import io
import random
import zlib

import pytest
from PIL import Image

from backend.console.pictures import DISH_SIDES, LARGEST_DISH, small_webp
from backend.domain.errors import DomainError
from bot.pages.photos import LARGEST_KEPT, LONGEST_SIDE, small_jpeg

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def _photo(size: tuple[int, int], kind: str = "JPEG", **more: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 90, 40)).save(file, kind, **more)
    return file.getvalue()


def _opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg), formats=("JPEG",))


def test_a_telephones_photo_becomes_small_and_says_nothing_of_the_telephone() -> None:
    told = Image.Exif()
    told[ORIENTATION], told[MAKE] = 6, "A telephone"
    told.get_ifd(GPS)[2] = (23.0, 2.0, 44.0)
    kept = _opened(small_jpeg(_photo((4000, 3000), exif=told)))
    assert kept.size == (LONGEST_SIDE * 3 // 4, LONGEST_SIDE), "upright"
    assert dict(kept.getexif()) == {}
    assert b"A telephone" not in small_jpeg(_photo((400, 300), exif=told))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg(kind: str) -> None:
    assert _opened(small_jpeg(_photo((640, 480), kind))).size == (640, 480)


def test_the_noisiest_picture_is_still_small() -> None:
    noise = Image.frombytes("RGB", (2000, 2000), random.Random(1).randbytes(12_000_000))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=95)
    assert len(small_jpeg(file.getvalue())) <= LARGEST_KEPT


def test_a_dish_is_a_small_webp_that_says_nothing_of_the_telephone() -> None:
    told = Image.Exif()
    told[ORIENTATION], told[MAKE] = 6, "A telephone"
    kept = small_webp(_photo((4000, 3000), exif=told))
    seen = Image.open(io.BytesIO(kept), formats=("WEBP",))
    assert seen.size == (DISH_SIDES[0] * 3 // 4, DISH_SIDES[0]), "upright"
    assert dict(seen.getexif()) == {}


def test_the_noisiest_dish_is_still_small() -> None:
    noise = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(2_430_000))
    file = io.BytesIO()
    noise.save(file, "PNG")
    assert len(small_webp(file.getvalue())) <= LARGEST_DISH


def _png_that_unfolds(side: int) -> bytes:
    """A few bytes that say they are a picture of `side` x `side`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    header = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        _photo((300, 300))[:400],
        _photo((300, 300), "GIF"),
        _photo((300, 300), "TIFF"),
        _png_that_unfolds(30_000),
        _png_that_unfolds(9_000),
    ],
    ids=["empty", "svg", "postscript", "torn", "gif", "tiff", "bomb", "larger than any camera's"],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    for small in (small_jpeg, small_webp):
        with pytest.raises(DomainError) as refused:
            small(content)
        assert refused.value.code == "bad_photo"
