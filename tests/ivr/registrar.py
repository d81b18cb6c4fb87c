"""A registrar that lets in who knows the password (RFC 3261 section 22, MD5 digest)."""

from __future__ import annotations

import re
import socket
import threading
from hashlib import md5
from types import TracebackType
from typing import Self

REALM, NONCE = "pbx", "5f3a"


def _md5(*parts: str) -> str:
    return md5(":".join(parts).encode()).hexdigest()


class Registrar:
    def __init__(self, user: str, password: str) -> None:
        self._who = (user, password)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._answer)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.registered = threading.Event()
        self.left = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while True:
            message, sender = self._socket.recvfrom(65535)
            if not message:
                return
            text = message.decode()
            if text.startswith("REGISTER "):
                self._socket.sendto(self._reply(text), sender)

    def _reply(self, text: str) -> bytes:
        lines = text.splitlines()
        kept = [
            line
            for line in lines
            if re.match(r"(via|from|to|call-id|cseq|contact)\s*:", line, re.IGNORECASE)
        ]
        if self._knows(text):
            (
                self.left if re.search(r"expires\W+0\b", text, re.IGNORECASE) else self.registered
            ).set()
            kept = ["SIP/2.0 200 OK", *kept, "Expires: 600"]
        else:
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5'
            kept = ["SIP/2.0 401 Unauthorized", *kept, challenge]
        return "\r\n".join([*kept, "Content-Length: 0", "", ""]).encode()

    def _knows(self, text: str) -> bool:
        given = dict(re.findall(r'(username|uri|response)="([^"]*)"', text))
        user, password = self._who
        if given.get("username") != user:
            return False
        expected = _md5(_md5(user, REALM, password), NONCE, _md5("REGISTER", given["uri"]))
        return given["response"] == expected
