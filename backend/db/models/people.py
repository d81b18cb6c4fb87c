"""Elders, the people around them, and who may talk to us on whose behalf."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Id, Strings, key
from backend.domain.pinyin import pinyin_keys


def _pinyin(context: ExecutionContext) -> str:
    return pinyin_keys(context.get_current_parameters()["name"])  # type: ignore[attr-defined]


class Elder(Base):
    """长者: the person served. Several may share a name."""

    __tablename__ = "elders"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(index=True)
    pinyin: Mapped[str] = mapped_column(default=_pinyin, server_default="")
    """What the name is found by on a keyboard, `backend.domain.pinyin`."""
    sex: Mapped[str | None]
    born_on: Mapped[date | None]
    town: Mapped[str] = mapped_column(index=True)
    category: Mapped[str | None]
    """Subsidy category; None is nobody's: full self-pay."""
    ability_level: Mapped[str] = mapped_column(default="unassessed", server_default="unassessed")
    """intact | mild | moderate | severe | total | unassessed; the newest assessment's."""
    diet: Mapped[Strings]
    care_notes: Mapped[str] = mapped_column(default="", server_default="")
    dialect: Mapped[str | None]
    wanted_sex: Mapped[str | None]
    """The sex of worker the elder asks for, f or m."""
    bell_number: Mapped[str | None] = mapped_column(unique=True)
    ended_on: Mapped[date | None]

    addresses: Mapped[list["Address"]] = relationship(back_populates="elder", order_by="Address.id")
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="elder", order_by="(Contact.priority, Contact.id)"
    )
    assessments: Mapped[list["Assessment"]] = relationship(
        back_populates="elder", order_by="Assessment.assessed_on"
    )


class Assessment(Base):
    """能力评估 by GB/T 42195-2022: the history behind an elder's ability level."""

    __tablename__ = "assessments"

    id: Mapped[Id]
    elder_id: Mapped[int] = key("elders")
    assessed_on: Mapped[date]
    valid_until: Mapped[date]
    score: Mapped[int | None]
    level: Mapped[str]
    elder: Mapped[Elder] = relationship(back_populates="assessments")


class Address(Base):
    """A place where an elder can be visited. `lat`/`lon` in GCJ-02, as WeChat gives places."""

    __tablename__ = "addresses"

    id: Mapped[Id]
    elder_id: Mapped[int] = key("elders")
    label: Mapped[str] = mapped_column(default="家", server_default="家")
    town: Mapped[str]
    community: Mapped[str] = mapped_column(default="", server_default="")
    street: Mapped[str]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    is_default: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    elder: Mapped[Elder] = relationship(back_populates="addresses")


class Contact(Base):
    """Whom to ring about an elder."""

    __tablename__ = "contacts"

    id: Mapped[Id]
    elder_id: Mapped[int] = key("elders")
    name: Mapped[str]
    relation: Mapped[str]
    phone: Mapped[str] = mapped_column(index=True)
    priority: Mapped[int] = mapped_column(default=1, server_default="1")
    elder: Mapped[Elder] = relationship(back_populates="contacts")


class Account(Base):
    """账户: someone who can talk to us, by one channel and one identifier there."""

    __tablename__ = "accounts"
    __table_args__ = (sa.UniqueConstraint("channel", "identifier"),)

    id: Mapped[Id]
    channel: Mapped[str]
    """wechat (identifier: openid), phone (number), device, console, terminal."""
    identifier: Mapped[str]
    name: Mapped[str | None]
    worker_id: Mapped[int | None] = key("workers")
    last_spoke_at: Mapped[datetime | None]
    """The account's last own message: WeChat's 48 h window counts from here."""
    unreachable_since: Mapped[datetime | None]
    """They stopped following us, or the channel says the identifier is no more."""
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())

    links: Mapped[list["Link"]] = relationship(back_populates="account", order_by="Link.id")


class Link(Base):
    """An account bound to an elder: as whom, called how, and allowed what."""

    __tablename__ = "links"
    __table_args__ = (
        sa.Index(
            "uq_links_live",
            "account_id",
            "elder_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = key("accounts")
    elder_id: Mapped[int] = key("elders")
    relation: Mapped[str]
    """self | daughter | son | spouse | daughter_in_law | son_in_law | grandchild | other."""
    known_by: Mapped[str] = mapped_column(default="code", server_default="code")
    """What says so: code (the elder's own act, or an agent's) | number (rings from a bell, or from
    a telephone kept as a contact's) | name (somebody who named name and town; for one call)."""
    may_order: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    may_pay: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    may_see_health: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(back_populates="links")
    elder: Mapped[Elder] = relationship()


class BindCode(Base):
    """A one-time code that an elder or an agent gives: to a family member (elder_id set) or,
    as a provider's QR, to its workers (worker_id set)."""

    __tablename__ = "bind_codes"

    code: Mapped[str] = mapped_column(primary_key=True)
    elder_id: Mapped[int | None] = key("elders")
    worker_id: Mapped[int | None] = key("workers")
    relation: Mapped[str | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_account_id: Mapped[int | None] = key("accounts", index=False)


class Duty(Base):
    """Who is on duty for calls for help and dispatch; `town` None is the whole city.

    `ring` as in `backend.domain.incidents.Watcher`.
    """

    __tablename__ = "duties"

    id: Mapped[Id]
    account_id: Mapped[int] = key("accounts")
    role: Mapped[str] = mapped_column(default="agent", server_default="agent")
    """agent | dispatcher | supervisor."""
    town: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class WorkerRefusal(Base):
    """An elder does not want this worker again."""

    __tablename__ = "worker_refusals"

    elder_id: Mapped[int] = key("elders", primary=True)
    worker_id: Mapped[int] = key("workers", primary=True)
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
