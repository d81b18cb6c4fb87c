"""What a city may change, with every version of it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.base import Base, Id
from backend.domain.settings import Kind

Value = dict[str, Any] | None
_VALUE = JSONB(none_as_null=True)


class SettingVersion(Base):
    """One change of one setting. Ids grow in the order of commits: changes wait for each other.
    Never deleted."""

    __tablename__ = "setting_versions"
    __table_args__ = (sa.Index("ix_setting_versions_kind_key_id", "kind", "key", "id"),)

    id: Mapped[Id]
    kind: Mapped[Kind]
    key: Mapped[str]
    before: Mapped[Value] = mapped_column(_VALUE)
    """What stood there; None: what is shipped."""
    value: Mapped[Value] = mapped_column(_VALUE)
    """What stands there since; None: what is shipped."""
    why: Mapped[str]
    at: Mapped[datetime]
    changed_by: Mapped[str]
    """The actor, as in `audits`."""
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("setting_versions.id"))


class AddressTries(Base):
    """Wrong passwords that came from one network address, and until when it is shut out."""

    __tablename__ = "address_tries"

    address: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int] = mapped_column(default=0, server_default="0")
    since: Mapped[datetime]
    """The first of those counted."""
    shut_until: Mapped[datetime | None]
