"""Who may sit at the console, and who sits there now."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.base import Base, Id, Strings, key
from backend.domain.console import Role


class ConsoleUser(Base):
    """Somebody with a name and a password for the console. Never deleted: the audit names them."""

    __tablename__ = "console_users"
    __table_args__ = (
        sa.CheckConstraint("(role = 'provider') = (provider_id IS NOT NULL)", name="bound"),
    )

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    """In small letters."""
    name: Mapped[str]
    """As colleagues and families call them."""
    password_hash: Mapped[str]
    """Argon2id, with its parameters and salt."""
    password_set_at: Mapped[datetime]
    signed_out_at: Mapped[datetime | None]
    """Everywhere, by an admin: what began before is over, also where Redis remembers it."""
    """Whoever signed in before is out."""
    role: Mapped[Role]
    towns: Mapped[Strings]
    """Empty: the whole city."""
    provider_id: Mapped[int | None] = key("providers", index=False)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    failed_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    shut_until: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]
    telephone: Mapped[str | None]
    """Rung for callers who want a human, while a live page of theirs is open."""
    seen_at: Mapped[datetime | None]
    """When one last was; kept of those with a telephone alone."""
    created_at: Mapped[datetime]


class ConsoleSession(Base):
    """Somebody is signed in. Redis holds a copy, which is quicker and may be lost."""

    __tablename__ = "console_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the cookie, in hexadecimal: who reads this table cannot sign in with it."""
    user_id: Mapped[int] = key("console_users", cascade=True)
    form_key: Mapped[str]
    """Goes with every form, and no other site knows it."""
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
