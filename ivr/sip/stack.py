"""Our settings as baresip wants them.

What we learnt of it: an account without `video_codecs=none` re-invites right after answering;
`catchall` lets calls in whatever number they were sent to; TLS takes the port after SIP's own
and dies if it is taken; a call that is only ringing already holds its two RTP ports.
"""

from __future__ import annotations

from baresip import Account, Config

from ivr.settings import IvrSettings

IDENTITY = "P-Asserted-Identity"
"""Where a trunk puts the caller's number when From carries something else."""
CALLED = "To"
ALARM, ALERT = "X-Alarm", "Alert-Info"
"""How an alarm device says what it is: a header of its own, or the one for ringing tones."""

_SRTP = {"none": (), "optional": ("mediaenc=srtp",), "mandatory": ("mediaenc=srtp-mand",)}


def stack_config(settings: IvrSettings) -> Config:
    """The stack as a telephone line without a sound card."""
    return Config(
        net_interface=settings.net_interface,
        expose_headers=(IDENTITY, CALLED, ALARM, ALERT),
        max_concurrent_calls=settings.max_calls + settings.alarm_reserve,
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
