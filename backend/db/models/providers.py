"""Who serves: providers, their offerings and menus, their workers and papers."""

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Fen, Id, Strings, key


class Provider(Base):
    """服务机构: a canteen, a nursing institution, a home-help company."""

    __tablename__ = "providers"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """canteen | nursing | home_help."""
    town: Mapped[str]
    phone: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    is_open: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    contract_from: Mapped[date]
    contract_to: Mapped[date | None]


class ServiceArea(Base):
    """A town a provider serves."""

    __tablename__ = "service_areas"

    provider_id: Mapped[int] = key("providers", primary=True)
    town: Mapped[str] = mapped_column(primary_key=True)


class ServiceItem(Base):
    """服务项目: a line of the city's base catalogue. Hours are local, `HH:MM`."""

    __tablename__ = "service_items"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str]
    unit: Mapped[str]
    duration_min: Mapped[int]
    base_price_fen: Mapped[Fen]
    required_qualification: Mapped[str | None]
    risk: Mapped[str]
    subsidised: Mapped[bool]
    needs_assessment: Mapped[bool]
    shared_visit: Mapped[bool]
    """One round serves many: meals. Counted by provider capacity, not by the worker's hours."""
    offer_minutes: Mapped[int]
    """How long an offer stands before the next worker is asked."""
    hours_from: Mapped[time]
    hours_to: Mapped[time]
    window_min: Mapped[int]
    lead_min: Mapped[int]
    synonyms: Mapped[Strings]
    least_price_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    most_price_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What providers may ask; None: see `backend.domain.offerings.price_bounds`."""


class Offering(Base):
    """A provider's own price and room for a service item. `daily_capacity` None: no limit;
    `lead_min` None: the catalogue's shortest notice is enough."""

    __tablename__ = "offerings"

    provider_id: Mapped[int] = key("providers", primary=True)
    code: Mapped[str] = mapped_column(
        sa.ForeignKey("service_items.code"), primary_key=True, index=True
    )
    price_fen: Mapped[Fen]
    delivery_fen: Mapped[Fen] = mapped_column(default=0, server_default="0")
    daily_capacity: Mapped[int | None]
    lead_min: Mapped[int | None]
    is_open: Mapped[bool] = mapped_column(default=True, server_default=sa.true())


class Dish(Base):
    """A dish on a canteen's menu of one day and meal."""

    __tablename__ = "dishes"
    __table_args__ = (sa.Index("ix_dishes_menu", "provider_id", "day", "code"),)

    id: Mapped[Id]
    provider_id: Mapped[int] = key("providers", index=False)
    day: Mapped[date]
    code: Mapped[str] = mapped_column(sa.ForeignKey("service_items.code"))
    name: Mapped[str]
    diets: Mapped[Strings]
    """Diet words this dish suits."""


class DishPicture(Base):
    """A kitchen's picture of a dish of that name, whenever it is on the menu: small, written anew
    by us. In the database, for web processes keep nothing."""

    __tablename__ = "dish_pictures"

    provider_id: Mapped[int] = key("providers", primary=True)
    dish: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    """Of the bytes; the address carries it, so another picture has another address."""
    webp: Mapped[bytes] = mapped_column(sa.LargeBinary)
    kept_at: Mapped[datetime]


class MenuDraft(Base):
    """What a kitchen plans for one day and meal and has not published; once it is, its dishes
    take the place of those in `dishes`."""

    __tablename__ = "menu_drafts"

    provider_id: Mapped[int] = key("providers", primary=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.ForeignKey("service_items.code"), primary_key=True)
    dishes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]", default=list)
    """`name` and `diets` of each, in the order of the menu."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class Worker(Base):
    """服务人员: a person of a provider. `lat`/`lon` is where the day begins."""

    __tablename__ = "workers"

    id: Mapped[Id]
    provider_id: Mapped[int] = key("providers")
    name: Mapped[str] = mapped_column(index=True)
    sex: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    languages: Mapped[Strings]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    jobs_by: Mapped[str] = mapped_column(default="wechat", server_default="wechat")
    """How they hear of jobs: wechat (by telephone only while there is none) | both | phone."""
    max_visits_a_day: Mapped[int] = mapped_column(default=8, server_default="8")
    rating_sum: Mapped[int] = mapped_column(default=0, server_default="0")
    rating_count: Mapped[int] = mapped_column(default=0, server_default="0")

    provider: Mapped[Provider] = relationship()
    qualifications: Mapped[list["Qualification"]] = relationship()
    shifts: Mapped[list["Shift"]] = relationship()
    skills: Mapped[list["Skill"]] = relationship()


class Skill(Base):
    """A service the worker does."""

    __tablename__ = "skills"

    worker_id: Mapped[int] = key("workers", primary=True)
    code: Mapped[str] = mapped_column(
        sa.ForeignKey("service_items.code"), primary_key=True, index=True
    )


class Qualification(Base):
    """A paper that expires: nurse, caregiver, health_cert."""

    __tablename__ = "qualifications"

    id: Mapped[Id]
    worker_id: Mapped[int] = key("workers")
    kind: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    valid_until: Mapped[date]


class Shift(Base):
    """A worker's regular hours on a weekday (0 Monday), local time."""

    __tablename__ = "shifts"

    id: Mapped[Id]
    worker_id: Mapped[int] = key("workers")
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class Absence(Base):
    """A day on which a worker does not work."""

    __tablename__ = "absences"

    worker_id: Mapped[int] = key("workers", primary=True)
    day: Mapped[date] = mapped_column(primary_key=True)
