"""SIP by hand, for what no well-behaved telephone does."""

from __future__ import annotations

import secrets
import socket


def sdp(port: int, codec: str = "8 PCMA/8000") -> str:
    """An offer to receive voice there."""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {codec.split()[0]}\r\na=rtpmap:{codec}\r\n"
    )


SDP = sdp(39998)


class Talk:
    """One dialogue over UDP with a line on loopback."""

    def __init__(self, phone: socket.socket, port: int, number: str, call_id: str) -> None:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(60)
        self._phone, self._port, self._number, self._call_id = phone, port, number, call_id
        self._tag = secrets.token_hex(4)
        self._branch = ""
        self.to = "<sip:96993@127.0.0.1>"

    def send(self, method: str, sequence: int, body: str = "") -> None:
        here = f"127.0.0.1:{self._phone.getsockname()[1]}"
        if method != "CANCEL":  # which names the transaction it cancels (RFC 3261 section 9.1)
            self._branch = secrets.token_hex(6)
        lines = [
            f"{method} sip:96993@127.0.0.1:{self._port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{self._branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self._number}@127.0.0.1>;tag={self._tag}",
            f"To: {self.to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self._number}@{here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        message = "\r\n".join([*lines, "", body])
        self._phone.sendto(message.encode(), ("127.0.0.1", self._port))

    def provisional(self, code: str) -> None:
        """Wait until the line has said so."""
        while not self._message().startswith(f"SIP/2.0 {code}"):
            pass

    def answer(self, method: str) -> str:
        """The final answer to `method`; what comes before it (1xx) is let by."""
        while True:
            got = self._message()
            if not got.startswith("SIP/2.0 1") and f" {method}\r\n" in got:
                return got

    def _message(self) -> str:
        """What comes next; a call before may have promised this port for its sound."""
        return self._phone.recv(65535).decode(errors="replace")


def call_briefly(
    port: int, number: str, call_id: str, stay: bool = False, cancel: bool = False
) -> int:
    """Ring the line under a Call-ID of our choice; the answer's code.

    Hangs up when it answers, or with `stay` leaves without a word; with `cancel` it stops
    ringing before anybody answers.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        talk = Talk(phone, port, number, call_id)
        talk.send("INVITE", 1, SDP)
        if cancel:
            talk.provisional("180")
            talk.send("CANCEL", 1)
        answer = talk.answer("INVITE").splitlines()
        talk.to = next(line[4:] for line in answer if line.lower().startswith("to: "))
        talk.send("ACK", 1)
        code = int(answer[0].split()[1])
        if code == 200 and not stay:
            talk.send("BYE", 2)
            talk.answer("BYE")
        return code


def ask_options(port: int) -> str:
    """What the line says it can do, for a number it never registered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        talk = Talk(phone, port, "pbx", secrets.token_hex(4))
        talk.send("OPTIONS", 1)
        return talk.answer("OPTIONS")
