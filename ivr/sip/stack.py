"""Our settings as baresip wants them.

What we learnt of it: an account without `video_codecs=none` re-invites right after answering;
`catchall` lets calls in whatever number they were sent to; TLS takes the port after SIP's own
and dies if it is taken; a call that is only ringing already holds its two RTP ports.
"""

from __future__ import annotations

from collections.abc import Mapping

from baresip import Account, Config

from ivr.settings import IvrSettings

IDENTITY = "P-Asserted-Identity"
"""Where a trunk puts the caller's number when From carries something else."""
CALLED, DIALLED = "To", "P-Called-Party-ID"
"""Whom a call is for; a PBX that rings us by the name we are registered by says in the second
what was dialled (RFC 7315 section 4.2)."""
ALARM, ALERT = "X-Alarm", "Alert-Info"
"""How an alarm device says what it is: a header of its own, or the one for ringing tones."""

_SRTP = {"none": (), "optional": ("mediaenc=srtp",), "mandatory": ("mediaenc=srtp-mand",)}


def stack_config(settings: IvrSettings) -> Config:
    """The stack as a telephone line without a sound card."""
    return Config(
        net_interface=settings.net_interface,
        expose_headers=(IDENTITY, CALLED, DIALLED, ALARM, ALERT),
        # Whoever is one too many is refused by us, who know alarms; the stack itself, which does
        # not, refuses only those for whom there are no ports.
        max_concurrent_calls=settings.most_at_once,
        rtp_timeout=settings.dead_after_s,
        extra_config_text=(
            f"sip_listen {settings.listen_host}:{settings.sip_port}\n"
            "sip_transports udp,tcp\n"
            f"rtp_ports {settings.rtp_ports}\n"
            "call_hold_other_calls no\n"  # they are different people
        ),
    )


def account(settings: IvrSettings) -> Account:
    """Who we are to the registrar; without one, whoever is rung."""
    return Account(
        user=settings.user,
        domain=settings.registrar or settings.outbound_proxy or settings.listen_host,
        password=settings.password,
        registrar=settings.outbound_proxy,
        reg_interval=600 if settings.registrar else 0,
        audio_codecs=("pcma", "pcmu"),
        extra_params=("video_codecs=none", "catchall=yes", *_SRTP[settings.srtp]),
    )


def called_of(headers: Mapping[str, str]) -> str:
    """The address that was dialled, as far as the headers tell; else empty."""
    return headers.get(DIALLED) or headers.get(CALLED, "")


def alarm_of(headers: Mapping[str, str]) -> str | None:
    """What an alarm device says of itself. Alert-Info mostly names a ringing tone (RFC 3261
    section 20.4): only an alarm counts."""
    if ALARM in headers:
        return headers[ALARM]
    alert = headers.get(ALERT, "")
    return alert if "alarm" in alert.lower() else None
