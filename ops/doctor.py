"""`yinling doctor`: what is configured, reachable and missing, in plain words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import psycopg
import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend.db.databases import make_engine
from backend.db.migrate import alembic_config
from backend.seed.catalogue import load_catalogue
from backend.settings import Settings
from bot.settings import WeChatSettings
from nlu.learning import LEARNED
from nlu.rasa_client import RasaClient
from nlu.rasa_server import CATALOGUE, is_trained, rasa_python
from ops.ears import in_words
from ops.finding import Finding, tried
from ops.line_findings import examine_line

LEAST_FREE_BYTES = 2 * 1024**3


def examine(settings: Settings, wechat: WeChatSettings) -> Iterator[Finding]:
    """Look at everything a running house needs. Changes nothing."""
    yield tried("catalogue", lambda: f"{len(load_catalogue(settings.catalogue_path))} services")
    yield from _databases(settings)
    yield from _rasa(settings)
    yield tried("ears", lambda: in_words(settings))
    yield from examine_line()
    yield Finding(
        "WeChat",
        wechat.configured,
        f"account {wechat.app_id} at {wechat.api_base_url}"
        if wechat.configured
        else "set YINLING_WECHAT_APP_ID, _APP_SECRET and _TOKEN",
    )
    yield Finding(
        "WeChat's safe mode",
        wechat.safe_mode,
        "on" if wechat.safe_mode else "off: set YINLING_WECHAT_ENCODING_AES_KEY",
    )
    yield Finding(
        "template messages",
        bool(wechat.templates),
        f"{len(wechat.templates)} kinds of notice"
        if wechat.templates
        else "none: after 48 hours of silence nobody can be told anything",
    )
    changed = settings.secret_key != Settings.model_fields["secret_key"].default
    yield Finding(
        "secret key", changed, "set" if changed else "still the shipped one: set YINLING_SECRET_KEY"
    )
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else ".").free
    yield Finding("disk", free > LEAST_FREE_BYTES, f"{free / 1024**3:.0f} GiB free")
    if settings.clock_file is not None:
        yield Finding("clock", False, "YINLING_CLOCK_FILE is set: this is a demonstration")


def _rasa(settings: Settings) -> Iterator[Finding]:
    if RasaClient(settings.rasa_url, timeout_s=1.0).is_ready():
        yield Finding("Rasa", True, f"answers at {settings.rasa_url}")
        return
    yield Finding("Rasa", False, f"nothing answers at {settings.rasa_url}: `yinling up` starts it")
    yield tried("Rasa's environment", lambda: str(rasa_python().name))
    learned = settings.data_dir / LEARNED
    trained = is_trained(settings.catalogue_path or CATALOGUE, learned)
    says = "up to date" if trained else "missing or out of date: it is trained at the next start"
    yield Finding("Rasa's model", trained, says)


def _databases(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None:
        where = f"embedded in {settings.data_dir}/postgres, started by `yinling up`"
        yield Finding("PostgreSQL", True, where)
    else:
        yield tried("PostgreSQL", lambda: _postgres(settings.database_url or ""))
    if settings.redis_url is None:
        yield Finding("Redis", True, "embedded, started by `yinling up`")
    else:
        yield tried("Redis", lambda: _redis(settings.redis_url or ""))


def _postgres(url: str) -> str:
    with psycopg.connect(url, connect_timeout=3) as connection:
        version = connection.info.server_version // 10000
    engine = make_engine(url)
    with engine.connect() as open_connection:
        at = MigrationContext.configure(open_connection).get_current_revision()
    engine.dispose()
    head = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    if at != head:
        raise RuntimeError(f"tables at revision {at}, this code wants {head}: `yinling migrate`")
    return f"version {version}, tables at revision {at}"


def _redis(url: str) -> str:
    version = redis.Redis.from_url(url, socket_timeout=3).info("server")["redis_version"]
    return f"version {version}"
