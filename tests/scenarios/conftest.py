"""The stage of all scenarios, set up once."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine

from backend.db.databases import Addresses, make_engine, make_sessions
from backend.seed.town import Seeded
from ops.stage import stage
from tests.scenarios.theatre import Theatre


@pytest.fixture(scope="session")
def theatre(
    addresses: Addresses,
    town: tuple[str, Seeded],
    engine: Engine,
    rasa_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Theatre]:
    """A running house, used by one scenario after the other."""
    engine.dispose()  # a template must have no other users
    with psycopg.connect(addresses.database_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE theatre TEMPLATE town")
        url = addresses.database_url.replace("/postgres?", "/theatre?", 1)
        own_engine = make_engine(url)
        here = Addresses(url, addresses.redis_url)
        with stage(here, rasa_url, tmp_path_factory.mktemp("stage")) as ready:
            yield Theatre(ready, own_engine, make_sessions(own_engine))
        own_engine.dispose()
        admin.execute("DROP DATABASE theatre WITH (FORCE)")
