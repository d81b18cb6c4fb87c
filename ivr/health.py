"""`python -m ivr.health`: does the line answer SIP OPTIONS? Exit 0 when it does."""

from __future__ import annotations

import secrets
import socket
import sys
from contextlib import suppress

from ivr.settings import IvrSettings

PATIENCE_S = 2.0
SOMEWHERE = "198.51.100.1"
"""An address of nobody (RFC 5737), out of doors."""


def is_well(settings: IvrSettings, patience_s: float = PATIENCE_S) -> bool:
    """Whether the line on this machine says 200 to OPTIONS, on any of our addresses."""
    return where_well(settings, patience_s) is not None


def where_well(settings: IvrSettings, patience_s: float = PATIENCE_S) -> str | None:
    """The one of our addresses at which the line on this machine says 200 to OPTIONS."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(patience_s)
        asking.bind(("", 0))
        for host in _hosts(settings):
            asking.sendto(_options(host, asking.getsockname()[1]), (host, settings.sip_port))
        try:
            answer, (host, _) = asking.recvfrom(65535)
        except OSError:  # nothing within the time, or nobody there
            return None
        return str(host) if answer.startswith(b"SIP/2.0 200 ") else None


def _hosts(settings: IvrSettings) -> set[str]:
    """Where the line may listen: 0.0.0.0 means our addresses, of which loopback is rarely one."""
    if settings.listen_host != "0.0.0.0":
        return {settings.listen_host}
    hosts = {"127.0.0.1"}
    with suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        hosts |= {str(address[0]) for *_, address in found}
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as towards:
        towards.connect((SOMEWHERE, 9))  # sends nothing; only asks which address we would use
        hosts.add(towards.getsockname()[0])
    return hosts


def _options(host: str, port: int) -> bytes:
    lines = [
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:health@{host}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{host}>",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


if __name__ == "__main__":
    sys.exit(0 if is_well(IvrSettings()) else 1)
