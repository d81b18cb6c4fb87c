"""Settings every process shares, read once from the environment (`YINLING_…`) or `.env`."""

from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

TIMEZONE = ZoneInfo("Asia/Shanghai")
"""Where the people are. Storage is UTC; days, meals and shifts are thought of in this zone."""


class Settings(BaseSettings):
    """Where the house keeps things, and the patience it has."""

    model_config = SettingsConfigDict(env_prefix="YINLING_", env_file=".env", extra="ignore")

    data_dir: Path = Path("var")
    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("YINLING_DATABASE_URL", "DATABASE_URL")
    )
    redis_url: str | None = Field(
        default=None, validation_alias=AliasChoices("YINLING_REDIS_URL", "REDIS_URL")
    )
    catalogue_path: Path | None = None
    """A city's own catalogue file; None is the one shipped."""
    vosk_model: Path | None = None
    """Folder of the model that listens on the telephone; None is the one shipped."""
    clock_file: Path | None = None
    """For demonstrations only, see `backend.clock`."""
    rasa_url: str = "http://127.0.0.1:5005"
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    trying_url: str = ""
    """Where `/try` leads: the page to try the house on. Development only; `yinling up` sets it."""
    tiles: str = ""
    """Map pictures for the board, such as `https://host/{z}/{x}/{y}.png` in GCJ-02; without, the
    map draws its places on a plain ground."""
    web_threads: int = 8
    """How many requests a web process works on at a time."""
    console_seats: int = 64
    """How many open consoles a web process feeds, each with a thread that mostly waits."""
    console_proxies: int = 0
    """How many proxies of ours stand before the web process, each adding to `X-Forwarded-For`:
    whose wrong passwords are whose is told by it."""
    secret_key: str = "change-me"
    """Signs links that people tap. `yinling doctor` complains while it has its default."""
    city: str = "东莞"
    hotline: str = "96993"
    """The number people are told to ring for a human."""
    escalate_after_s: int = 60
    """An incident nobody answered is told again, and wider, after so many seconds."""
    link_ttl_s: int = 3 * 24 * 3600
    db_pool_size: int = 10
    ivr_sound_key: str = Field(default="", repr=False)
    """Only whether it is set: nobody is asked for a consent under which nothing could be kept."""
    ivr_sound_days: int = 30


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
