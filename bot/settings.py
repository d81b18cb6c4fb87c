"""Settings of the WeChat channel, from the environment (``YINLING_WECHAT_…``)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class WeChatSettings(BaseSettings):
    """One service account (服务号).

    Secrets are left out of ``repr`` so that they do not reach a log. ``encoding_aes_key`` set
    means safe mode: unencrypted callbacks are then refused, since a plain signature does not
    cover the body.
    """

    model_config = SettingsConfigDict(env_prefix="YINLING_WECHAT_", extra="ignore")

    app_id: str = ""
    app_secret: str = Field("", repr=False)
    token: str = Field("", repr=False)
    """The word shared with WeChat that signs callbacks (not the access token)."""
    encoding_aes_key: str | None = Field(None, repr=False)
    previous_aes_key: str | None = Field(None, repr=False)
    """The key before the last change; still accepted while WeChat changes over."""

    api_base_url: str = "https://api.weixin.qq.com"
    oauth_base_url: str | None = None
    """Where a person's browser is sent to say who they are; see :meth:`oauth_base`."""
    mp_base_url: str | None = None
    """Where QR pictures are served; see :meth:`mp_base`."""
    public_base_url: str = "http://127.0.0.1:8080"
    """Our own address as seen from people's phones, for links in messages."""

    freshness_s: int = Field(300, ge=1)
    """How far a callback's timestamp may lie from now, in seconds."""
    max_body_bytes: int = Field(65536, ge=1024)
    answer_within_s: float = Field(4.2, gt=0, lt=5)
    """After this many seconds we answer ``success`` and send the words later. WeChat cuts the
    line at 5 s; the rest is the way there and back."""
    templates: dict[str, str] = Field(default_factory=dict)
    """Notice kind -> template id (JSON in the environment)."""

    @field_validator("encoding_aes_key", "previous_aes_key", mode="before")
    @classmethod
    def _whole_key(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not _AES_KEY.fullmatch(value):
            raise ValueError("an EncodingAESKey is 43 letters and digits")
        return value

    @field_validator("api_base_url", "oauth_base_url", "mp_base_url", "public_base_url")
    @classmethod
    def _no_slash_at_end(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @property
    def configured(self) -> bool:
        """Whether enough is set to speak with WeChat at all."""
        return bool(self.app_id and self.app_secret and self.token)

    @property
    def speaks_with_standin(self) -> bool:
        """Whether what we take for WeChat runs on this machine: a stand-in, for development."""
        return self.configured and urlsplit(self.api_base_url).hostname in LOOPBACK

    @property
    def safe_mode(self) -> bool:
        """Whether callbacks are encrypted (安全模式)."""
        return self.encoding_aes_key is not None

    @property
    def oauth_base(self) -> str:
        """Host of the OAuth page. One machine stands for all of WeChat when ``api_base_url`` is
        not WeChat's own, unless ``oauth_base_url`` says otherwise."""
        return self.oauth_base_url or self._sibling("https://open.weixin.qq.com")

    @property
    def mp_base(self) -> str:
        """Host of QR pictures, found like :meth:`oauth_base`."""
        return self.mp_base_url or self._sibling("https://mp.weixin.qq.com")

    def _sibling(self, official: str) -> str:
        host = urlsplit(self.api_base_url).hostname or ""
        # WeChat has spare entries such as sh.api.weixin.qq.com: those are still WeChat.
        return official if host.endswith(".weixin.qq.com") else self.api_base_url
