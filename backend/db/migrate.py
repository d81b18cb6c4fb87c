"""Bring a database's tables to the present shape."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

from backend.db.databases import sqlalchemy_url

_LOCK = 7_203_771
"""Two processes that start together migrate one after the other."""


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for this house; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", sqlalchemy_url(database_url).replace("%", "%%"))
    return config


def migrate(database_url: str, revision: str = "head") -> None:
    """Upgrade to `revision`; doing it twice changes nothing."""
    with psycopg.connect(database_url, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        command.upgrade(alembic_config(database_url), revision)
