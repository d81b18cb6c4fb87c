"""Settings of the phone line, from the environment (``YINLING_IVR_…``)."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")


class IvrSettings(BaseSettings):
    """One SIP line: where it listens and, if it registers, with whom."""

    model_config = SettingsConfigDict(env_prefix="YINLING_IVR_", extra="ignore")

    listen_host: str = "0.0.0.0"
    """Address for SIP over UDP and TCP; 0.0.0.0 is every address but loopback."""
    sip_port: int = Field(5060, ge=1, le=65535)
    net_interface: str | None = None
    """Interface or address that calls go through; None finds them. Loopback must be named."""
    rtp_ports: str = "10000-10159"
    """First and last UDP port for voice; a call takes two, also while it is being refused: ports
    beyond those of `max_calls` and `alarm_reserve` let alarms through a flood of calls."""
    max_calls: int = Field(50, ge=1)
    """Calls at a time, both ways; one more is answered 486."""
    alarm_reserve: int = Field(10, ge=0)
    """Beyond `max_calls`, for callers who are known to ring for help; half of them also for the
    agents who are rung for an alarm. With fewer than two nobody could be."""
    dead_after_s: int = Field(60, ge=0)
    """Seconds without a single voice packet until a call is taken for dead; 0: never."""
    srtp: Literal["none", "optional", "mandatory"] = "none"
    """Voice encrypted with keys from SDP (RFC 4568): use it where signalling is safe."""
    registrar: str | None = None
    """Host, or host:port, of a PBX or trunk to register with; None: calls come unasked."""
    outbound_proxy: str | None = None
    """Host, or host:port, that calls of ours go through, if it is not the registrar."""
    user: str = "yinling"
    password: str = Field("", repr=False)
    agents: str = ""
    """Numbers or SIP addresses of agents' telephones, in the order they are rung, with commas."""
    refer: bool = True
    """Whether the PBX may be asked to join caller and agent without us (REFER with Replaces)."""

    @field_validator("net_interface", "registrar", "outbound_proxy", mode="before")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None

    @model_validator(mode="after")
    def _enough_ports(self) -> Self:
        found = _RANGE.fullmatch(self.rtp_ports)
        if found is None:
            raise ValueError("rtp_ports is written 10000-10099")
        first, last = int(found[1]), int(found[2])
        calls = self.max_calls + self.alarm_reserve
        if last > 65535 or last - first + 1 < 2 * calls:
            raise ValueError(f"{calls} calls (max_calls, alarm_reserve) need {2 * calls} RTP ports")
        return self

    @property
    def most_at_once(self) -> int:
        """Calls that have ports, those included that are just being refused."""
        first, last = map(int, self.rtp_ports.split("-"))
        return (last - first + 1) // 2

    @property
    def agent_numbers(self) -> tuple[str, ...]:
        """Whom to ring for a caller."""
        return tuple(one.strip() for one in self.agents.split(",") if one.strip())
