"""Alembic's entry: the URL comes from whoever calls `backend.db.migrate`."""

from alembic import context
from sqlalchemy import create_engine

from backend.db.models import Base

# Procrastinate's own tables stand beside ours and are none of autogenerate's business.
OURS = frozenset(Base.metadata.tables)


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in OURS


engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_ours,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
