"""Real processes on a stage of their own, with a database copied from the small town."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import Addresses, make_engine, make_sessions
from backend.db.models import Base
from backend.seed.town import FULL, seed_town
from ops.stage import Stage, stage
from tests.conftest import NOW

StageMaker = Callable[..., AbstractContextManager[tuple[Stage, sessionmaker[Session]]]]


@pytest.fixture
def big_town(own_database: Callable[[], str]) -> str:
    """A database with the whole made-up town in it: an elder for every family."""
    url = own_database()
    engine = make_engine(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        seed_town(session, NOW, FULL)
    engine.dispose()
    return url


@pytest.fixture
def set_up(
    addresses: Addresses, own_database: Callable[[], str], rasa_url: str, tmp_path: Path
) -> StageMaker:
    """Makes a stage (see `ops.stage.stage`); with it come sessions on its database."""

    @contextmanager
    def make(**options: object) -> Iterator[tuple[Stage, sessionmaker[Session]]]:
        url = str(options.pop("database_url", None) or own_database())
        engine = make_engine(url)
        here = Addresses(url, addresses.redis_url)
        rasa = str(options.pop("rasa_url", rasa_url))
        options.setdefault("begins_at", NOW)
        with stage(here, rasa, tmp_path, **options) as ready:  # type: ignore[arg-type]
            yield ready, make_sessions(engine)
        engine.dispose()

    return make
