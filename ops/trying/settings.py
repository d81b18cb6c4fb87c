"""Settings of the page to try the house on, from the environment (``YINLING_TRYING_…``)."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class TryingSettings(BaseSettings):
    """What `ops.trying.house` tells the process that it starts."""

    model_config = SettingsConfigDict(env_prefix="YINLING_TRYING_", extra="ignore")

    url: str = ""
    """Where the page stands, on this machine."""
    line: str = ""
    """SIP address of the phone line; empty: there is none, and nobody can ring."""
    password: str = ""
    """Of the console's people of the made-up town, where the page may tell it."""
