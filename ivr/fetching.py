"""Fetching one of Vosk's own models: `yinling model fetch`.

The list of models with their addresses, sizes and checksums is published with them. What arrived
of a download stays, so that the next try goes on where it broke off.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from ivr.ears import BadModel, look_at

LIST_URL = "https://alphacephei.com/vosk/models/model-list.json"
SMALL_MANDARIN = "vosk-model-small-cn-0.22"
_CHUNK = 1 << 16
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes in all."""


class NotFetched(RuntimeError):
    """No model came of it; the message says why and what can be done."""


@dataclass(frozen=True)
class Offer:
    """A model that can be fetched. `md5` of the archive, its size in bytes."""

    name: str
    url: str
    size: int
    md5: str


def offered(name: str, list_url: str = LIST_URL) -> Offer:
    """The model of that name in the published list. Raises NotFetched."""
    try:
        answer = httpx.get(list_url, timeout=_TIMEOUT, follow_redirects=True)
        answer.raise_for_status()
        listed = {str(one["name"]): one for one in answer.json()}
    except httpx.HTTPError as error:
        raise NotFetched(_unreachable(list_url, error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotFetched(f"{list_url} is no list of models") from error
    one = listed.get(name)
    if one is None:
        mandarin = sorted(name for name in listed if "-cn-" in name)
        raise NotFetched(f"there is no {name}; for Mandarin there are {', '.join(mandarin)}")
    try:
        return Offer(name, str(one["url"]), int(one["size"]), str(one["md5"]))
    except (KeyError, ValueError) as error:
        raise NotFetched(f"{list_url} says too little about {name}") from error


def fetch(offer: Offer, folder: Path, progress: Progress = lambda done, of: None) -> Path:
    """The model under `folder`, fetched unless it is there already. Raises NotFetched."""
    place = folder / offer.name
    if place.exists():
        return _looked_at(place)
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{offer.name}.zip.part"
    _download(offer, archive, progress)
    _verify(offer, archive)
    unpacked = folder / f"{offer.name}.part"
    shutil.rmtree(unpacked, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(unpacked)
        inner = unpacked / offer.name
        _looked_at(inner)
        inner.replace(place)
    except (zipfile.BadZipFile, OSError) as error:
        raise NotFetched(f"{archive} cannot be unpacked: {error}") from error
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    archive.unlink()
    return place


def _looked_at(place: Path) -> Path:
    try:
        look_at(place)
    except BadModel as error:
        raise NotFetched(f"{error}; remove it and fetch again") from error
    return place


def _download(offer: Offer, archive: Path, progress: Progress) -> None:
    there = archive.stat().st_size if archive.exists() else 0
    if there >= offer.size:
        return
    ask = {"Range": f"bytes={there}-"} if there else {}
    try:
        with httpx.stream(
            "GET", offer.url, headers=ask, timeout=_TIMEOUT, follow_redirects=True
        ) as answer:
            answer.raise_for_status()
            goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
            there = there if goes_on else 0
            with archive.open("ab" if goes_on else "wb") as file:
                for chunk in answer.iter_bytes(_CHUNK):
                    file.write(chunk)
                    there += len(chunk)
                    progress(there, offer.size)
    except httpx.HTTPError as error:
        raise NotFetched(
            f"{_unreachable(offer.url, error)}; {there:,} of {offer.size:,} bytes are kept, "
            "the next try goes on from there"
        ) from error


def _verify(offer: Offer, archive: Path) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != offer.md5:
        archive.unlink()
        raise NotFetched(f"what came from {offer.url} has another checksum; it was thrown away")


def _unreachable(url: str, error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"{url} answers {error.response.status_code}"
    return f"{url} cannot be reached ({type(error).__name__}): is this machine online?"
