"""Settings of the phone line, from the environment (``YINLING_IVR_…``)."""

from __future__ import annotations

import re
from typing import Self

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
    rtp_ports: str = "10000-10099"
    """First and last UDP port for voice; a call takes two."""
    max_calls: int = Field(50, ge=1)
    """One more is answered 486, before anybody could see whose bell it is: leave it ample."""
    registrar: str | None = None
    """Host, or host:port, of a PBX or trunk to register with; None: calls come unasked."""
    user: str = "yinling"
    password: str = Field("", repr=False)

    @field_validator("net_interface", "registrar", mode="before")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None

    @model_validator(mode="after")
    def _enough_ports(self) -> Self:
        found = _RANGE.fullmatch(self.rtp_ports)
        if found is None:
            raise ValueError("rtp_ports is written 10000-10099")
        first, last = int(found[1]), int(found[2])
        if last > 65535 or last - first + 1 < 2 * self.max_calls:
            raise ValueError(f"{self.max_calls} calls need {2 * self.max_calls} RTP ports")
        return self
