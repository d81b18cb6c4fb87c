"""A call's sound for keeping: packed and sealed with AES-256-GCM, so that only the key opens it."""

from __future__ import annotations

import base64
import secrets
import zlib
from datetime import timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NONCE = 12
"""Bytes; NIST SP 800-38D, 8.2.2: random nonces of 96 bits, well below 2**32 of them for a key."""
KEY = 32


class SoundSettings(BaseSettings):
    """Whether and for how long the sound of consenting callers is kept."""

    model_config = SettingsConfigDict(env_prefix="YINLING_IVR_", extra="ignore")

    sound_key: str = Field("", repr=False)
    """32 bytes in base64; without it no sound is kept, whoever consents."""
    sound_days: int = Field(30, ge=1, le=365)

    @field_validator("sound_key")
    @classmethod
    def _whole_key(cls, value: str) -> str:
        if value and len(base64.b64decode(value, validate=True)) != KEY:
            raise ValueError("YINLING_IVR_SOUND_KEY is 32 bytes in base64")
        return value

    @property
    def key(self) -> bytes | None:
        """The key itself."""
        return base64.b64decode(self.sound_key) if self.sound_key else None

    @property
    def keep_for(self) -> timedelta:
        """How long a sound is kept."""
        return timedelta(days=self.sound_days)


def seal(key: bytes, call_id: int, pcm: bytes) -> bytes:
    """Seal 16-bit 8 kHz sound of a call; it opens under this call's id alone."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, zlib.compress(pcm), _about(call_id))


def unseal(key: bytes, call_id: int, sealed: bytes) -> bytes:
    """The sound as it was. Raises InvalidTag for another key or call, or a changed byte."""
    packed = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _about(call_id))
    return zlib.decompress(packed)


def _about(call_id: int) -> bytes:
    return f"call:{call_id}".encode()
