"""The phone line as one of the house's processes: where it listens, what keeps it from opening."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from ivr.health import is_well
from ivr.line import DRAIN_S
from ivr.settings import IvrSettings
from ops.processes import Process, free_port, free_ports, spawn

LOOPBACK = "127.0.0.1"
ANYWHERE = "0.0.0.0"
TRIAL_CALLS, TRIAL_RESERVE, TRIAL_PORTS = 4, 1, 20
MORE_S = 5.0
"""What a line takes to close once its calls have ended."""


def line_of_house(settings: IvrSettings) -> IvrSettings:
    """A line for `yinling up`: the one the settings describe, on loopback as long as they name
    neither an address of ours nor a PBX, so that a trial opens no telephone to the street."""
    if settings.model_fields_set & {"listen_host", "net_interface", "registrar"}:
        return settings
    return settings.model_copy(update={"listen_host": LOOPBACK, "net_interface": LOOPBACK})


def line_for_trials() -> IvrSettings:
    """A small line at ports of its own on loopback, whatever the settings describe."""
    voice = free_ports(TRIAL_PORTS)
    return IvrSettings(
        listen_host=LOOPBACK,
        net_interface=LOOPBACK,
        sip_port=free_port(),
        rtp_ports=f"{voice[0]}-{voice[-1]}",
        max_calls=TRIAL_CALLS,
        alarm_reserve=TRIAL_RESERVE,
        registrar=None,
        outbound_proxy=None,
        agents="",
        srtp="none",
    )


def rung_at(settings: IvrSettings) -> str:
    """The SIP address of a line that listens on one address."""
    return f"sip:96993@{settings.listen_host}:{settings.sip_port}"


def is_port_free(settings: IvrSettings) -> bool:
    """Whether nobody sits on the line's SIP port."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:  # connections of a line before may still be dying
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.listen_host, settings.sip_port))
            except OSError:
                return False
    return True


def port_is_taken(settings: IvrSettings) -> str:
    """What to tell somebody whose line finds its port taken."""
    return (
        f"port {settings.sip_port} of {where(settings)} is taken, or no address of this machine: "
        "end the other program, or set YINLING_IVR_SIP_PORT (or YINLING_IVR_LISTEN_HOST)"
    )


def where(settings: IvrSettings) -> str:
    """The line's address in words."""
    if settings.listen_host == ANYWHERE:
        return "every address but loopback"
    return settings.listen_host


def line_environment(settings: IvrSettings) -> dict[str, str]:
    """The settings as another process reads them."""
    return {
        f"YINLING_IVR_{name.upper()}": "" if value is None else str(value)
        for name, value in settings
    }


def line_process(logs: Path, environment: dict[str, str], settings: IvrSettings) -> Process:
    """The phone line; ready when it answers OPTIONS. Told to end, it lets calls finish.

    It gets the settings as they stand here.
    """
    log = logs / "ivr.log"
    argv = [sys.executable, "-m", "yinling", "ivr"]
    start = spawn(argv, log, {**environment, **line_environment(settings)})
    return Process("ivr", start, lambda: is_well(settings, 0.3), log, finish_s=DRAIN_S + MORE_S)
