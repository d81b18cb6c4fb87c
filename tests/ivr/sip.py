"""SIP by hand, for what no well-behaved telephone does."""

from __future__ import annotations

import secrets
import socket

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 39998 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


def call_briefly(port: int, number: str, call_id: str) -> None:
    """Ring the line on loopback under a Call-ID of our choice, and hang up when it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        here, tag = phone.getsockname()[1], secrets.token_hex(4)

        def send(method: str, sequence: int, to: str, body: str = "") -> None:
            lines = [
                f"{method} sip:96993@127.0.0.1:{port} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK{secrets.token_hex(6)};rport",
                "Max-Forwards: 70",
                f"From: <sip:{number}@127.0.0.1>;tag={tag}",
                f"To: {to}",
                f"Call-ID: {call_id}",
                f"CSeq: {sequence} {method}",
                f"Contact: <sip:{number}@127.0.0.1:{here}>",
                *(["Content-Type: application/sdp"] if body else []),
                f"Content-Length: {len(body)}",
            ]
            message = "\r\n".join([*lines, "", body])
            phone.sendto(message.encode(), ("127.0.0.1", port))

        def answer(method: str) -> str:
            while True:
                got = phone.recv(65535).decode()
                if got.startswith("SIP/2.0 200") and f" {method}\r\n" in got:
                    return got

        send("INVITE", 1, "<sip:96993@127.0.0.1>", SDP)
        accepted = answer("INVITE")
        to = next(line[4:] for line in accepted.splitlines() if line.lower().startswith("to: "))
        send("ACK", 1, to)
        send("BYE", 2, to)
        answer("BYE")
