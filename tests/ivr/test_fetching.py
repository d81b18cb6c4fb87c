"""A city fetches one of Vosk's own models, over a bad line too."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivr.fetching import NotFetched, fetch, offered

NAME = "vosk-model-small-cn-0.22"
FILES = {
    "am/final.mdl": b"weights" * 20_000,
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "graph/HCLr.fst": b"a",
    "graph/Gr.fst": b"b",
    "graph/words.txt": b"<eps> 0\n",
}


def archive_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(f"{NAME}/{name}", content)
    return packed.getvalue()


class Publisher:
    """Serves the list and the archive; may hang up after so many bytes, once."""

    def __init__(self, archive: bytes, md5: str | None = None) -> None:
        self.archive = archive
        self.md5 = md5 or hashlib.md5(archive).hexdigest()
        self.hangs_up_after: int | None = None
        self.ranges: list[str | None] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path == "/list":
            one = {
                "name": NAME,
                "url": f"{self.url}/zip",
                "size": len(self.archive),
                "md5": self.md5,
            }
            self._send(request, 200, json.dumps([one]).encode())
            return
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self._send(request, 206 if asked else 200, self.archive[start:])

    def _send(self, request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if status == 200 and self.hangs_up_after and len(body) > self.hangs_up_after:
            body, self.hangs_up_after = body[: self.hangs_up_after], None
        request.wfile.write(body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    published = Publisher(archive_of(FILES))
    yield published
    published.close()


def test_a_model_is_fetched_and_looked_at(publisher: Publisher, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    offer = offered(NAME, f"{publisher.url}/list")
    place = fetch(offer, tmp_path, lambda done, of: seen.append((done, of)))
    assert {
        str(file.relative_to(place)): file.read_bytes()
        for file in place.rglob("*")
        if file.is_file()
    } == FILES
    assert seen[-1] == (offer.size, offer.size)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    publisher.close()
    assert fetch(offer, tmp_path) == place  # it is there: nobody is asked


def test_a_line_that_breaks_is_gone_on_with(publisher: Publisher, tmp_path: Path) -> None:
    publisher.hangs_up_after = len(publisher.archive) // 2
    offer = offered(NAME, f"{publisher.url}/list")
    with pytest.raises(NotFetched, match="the next try goes on"):
        fetch(offer, tmp_path)
    kept = (tmp_path / f"{NAME}.zip.part").stat().st_size
    assert 0 < kept < offer.size
    assert fetch(offer, tmp_path).is_dir()
    assert publisher.ranges == [None, f"bytes={kept}-"]


def test_what_is_not_what_was_published_is_thrown_away(tmp_path: Path) -> None:
    publisher = Publisher(archive_of(FILES), md5="0" * 32)
    with pytest.raises(NotFetched, match="another checksum"):
        fetch(offered(NAME, f"{publisher.url}/list"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    publisher.close()


def test_an_archive_without_a_model_is_no_model(tmp_path: Path) -> None:
    publisher = Publisher(archive_of({"README": b"?"}))
    with pytest.raises(NotFetched, match=r"no am/final\.mdl"):
        fetch(offered(NAME, f"{publisher.url}/list"), tmp_path)
    assert not (tmp_path / NAME).exists()
    publisher.close()


def test_a_model_that_nobody_publishes(publisher: Publisher) -> None:
    with pytest.raises(NotFetched, match=f"there is no vosk-model-xx; .*{NAME}"):
        offered("vosk-model-xx", f"{publisher.url}/list")


def test_offline(publisher: Publisher) -> None:
    publisher.close()
    with pytest.raises(NotFetched, match="is this machine online"):
        offered(NAME, f"{publisher.url}/list")
