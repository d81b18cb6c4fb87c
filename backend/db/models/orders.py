"""Orders and all that happens to them."""

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db.models.base import Base, Fen, Id, Json, Strings, key
from backend.db.models.people import Address, Elder
from backend.db.models.providers import Worker
from backend.domain.orders import OPEN_STATES, OrderState


def _quoted(states: Iterable[OrderState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


order_numbers = sa.Sequence("order_numbers", start=100_001, metadata=Base.metadata)


class Order(Base):
    """订单: what was asked, for whom, when, and who pays which part."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint("subsidy_fen + self_pay_fen = total_fen", name="split_adds_up"),
        sa.Index("ix_orders_elder_recent", "elder_id", "id"),
        sa.Index("ix_orders_worker_day", "worker_id", "service_day"),
        sa.Index("ix_orders_elder_day", "elder_id", "service_day"),
        sa.Index("ix_orders_day_places", "service_day", "code", "provider_id"),
        sa.Index(
            "ix_orders_open",
            "window_end",
            postgresql_where=sa.text(f"state IN ({_quoted(OPEN_STATES)})"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        unique=True, server_default=sa.text("nextval('order_numbers')::text")
    )
    """Spoken to people: six digits or more, in no secret order."""
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    elder_id: Mapped[int] = key("elders", index=False)
    address_id: Mapped[int] = key("addresses", index=False)
    state: Mapped[OrderState]
    code: Mapped[str] = mapped_column(sa.ForeignKey("service_items.code"))
    """The service; lines add what else is paid for."""
    quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many places it takes at the provider: the quantity of the service's own line, here
    because a provider's day is counted with every quote."""
    service_day: Mapped[date]
    """Local day of the window's start; its month is the allowance's month."""
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    duration_min: Mapped[int]
    provider_id: Mapped[int] = key("providers", index=False)
    """Whose price was promised; after acceptance, whose worker comes."""
    worker_id: Mapped[int | None] = key("workers", index=False)
    placed_by_account_id: Mapped[int | None] = key("accounts", index=False)
    channel: Mapped[str]
    diet: Mapped[Strings]
    note: Mapped[str] = mapped_column(default="", server_default="")
    total_fen: Mapped[Fen]
    subsidy_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen]
    visit_code: Mapped[str]
    """Four digits that the elder holds and the worker asks for: proof of presence that does
    not pass through the worker."""
    placed_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    cancel_reason: Mapped[str | None]
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts changes of what was asked: after one, everyone may be asked anew."""

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position")
    events: Mapped[list["OrderEvent"]] = relationship(order_by="OrderEvent.id")
    offers: Mapped[list["Offer"]] = relationship(order_by="Offer.id")
    visit: Mapped["Visit | None"] = relationship()
    review: Mapped["Review | None"] = relationship()
    elder: Mapped[Elder] = relationship()
    address: Mapped[Address] = relationship()
    worker: Mapped[Worker | None] = relationship()


class OrderLine(Base):
    """One priced line."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = key("orders", primary=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    """A service code, or `delivery`."""
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price_fen: Mapped[Fen]
    amount_fen: Mapped[Fen]
    subsidy_fen: Mapped[Fen]
    self_pay_fen: Mapped[Fen]


class OrderEvent(Base):
    """Every move of an order leaves one."""

    __tablename__ = "order_events"

    id: Mapped[Id]
    order_id: Mapped[int] = key("orders")
    at: Mapped[datetime]
    move: Mapped[str]
    """A `Move`, or `place`."""
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    actor: Mapped[str]
    channel: Mapped[str]
    detail: Mapped[Json]


class Offer(Base):
    """派单: an order put to one worker, until it expires."""

    __tablename__ = "offers"
    __table_args__ = (
        sa.Index(
            "uq_offers_standing",
            "order_id",
            unique=True,
            postgresql_where=sa.text("state = 'standing'"),
        ),
        sa.Index("ix_offers_worker_state", "worker_id", "state"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = key("orders")
    worker_id: Mapped[int] = key("workers", index=False)
    state: Mapped[str] = mapped_column(default="standing", server_default="standing")
    """standing | accepted | declined | expired | withdrawn."""
    round: Mapped[int]
    """The order's round in which this was offered."""
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    score: Mapped[float]
    score_parts: Mapped[Json]


class Visit(Base):
    """上门服务: the work itself with its times, places and proofs (EVV's six facts)."""

    __tablename__ = "visits"

    order_id: Mapped[int] = key("orders", primary=True)
    worker_id: Mapped[int] = key("workers")
    departed_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    check_in_proof: Mapped[str | None]
    """code | place."""
    check_in_lat: Mapped[float | None]
    check_in_lon: Mapped[float | None]
    check_in_distance_m: Mapped[int | None]
    checked_out_at: Mapped[datetime | None]
    check_out_note: Mapped[str | None]
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    late_minutes: Mapped[int | None]
    """What the worker announced."""


class Review(Base):
    """评价: stars 1-5 and words."""

    __tablename__ = "reviews"

    order_id: Mapped[int] = key("orders", primary=True)
    account_id: Mapped[int | None] = key("accounts", index=False)
    stars: Mapped[int]
    words: Mapped[str] = mapped_column(default="", server_default="")
    at: Mapped[datetime]
