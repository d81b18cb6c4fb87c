"""A server that speaks as Rasa does, and answers well, badly, late or not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LUNCH = {
    "intent": {"name": "order_meal", "confidence": 0.97},
    "intent_ranking": [
        {"name": "order_meal", "confidence": 0.97},
        {"name": "order_errand", "confidence": 0.02},
    ],
}


class RasaLike(ThreadingHTTPServer):
    """Answers /model/parse with `status` and `body` as soon as it may; keeps what it was asked."""

    daemon_threads = True
    request_queue_size = 64  # with the default of 5 a burst of callers waits a second to connect

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body: bytes = json.dumps(LUNCH).encode()
        self.loaded = True
        self.may_answer = threading.Event()
        """While it is not set, questions are taken and not answered."""
        self.may_answer.set()
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, body: Any) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RasaLike

    def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
        if self.server.loaded:
            self._send(200, json.dumps({"model_file": "nlu.tar.gz"}).encode())
        else:  # what Rasa says while it still loads
            self._send(409, json.dumps({"status": "failure", "reason": "Conflict"}).encode())

    def do_POST(self) -> None:  # noqa: N802
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(sent["text"])
        self.server.may_answer.wait()
        self._send(self.server.status, self.server.body)

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up waiting, as the slow tests want

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def rasa_like() -> Iterator[RasaLike]:
    """One that runs meanwhile."""
    server = RasaLike()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()
