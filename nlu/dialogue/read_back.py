"""The facts of a read-back: who, what, when, where, diet, who pays which part, what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from backend.db.models import Elder, Order, ServiceItem
from backend.domain.orders import OrderState
from backend.services.quote_order import Quote
from backend.settings import TIMEZONE
from nlu.dialogue.talk import Talk


def eats(code: str) -> bool:
    """Whether the elder's diet matters to this service."""
    return code.startswith("meal.") or code == "home.cook"


def cover_of(talk: Talk, elder: Elder, quotes: Sequence[Quote]) -> str:
    """How the subsidy stands to these orders, for a sentence about it.

    none: the elder has no subsidy; used_up: nothing is left this month; day_used: the day's
    ceiling is reached; not_covered: the service is outside it; part or full: it pays.
    """
    subsidy = sum(quote.subsidy_fen for quote in quotes)
    if subsidy:
        return "full" if subsidy == sum(quote.total_fen for quote in quotes) else "part"
    if not elder.category:
        return "none"
    if all(quote.available_fen <= 0 for quote in quotes):
        return "used_up"
    return "day_used" if any(_paid_that_day(talk, quote) for quote in quotes) else "not_covered"


def _paid_that_day(talk: Talk, quote: Quote) -> bool:
    service = talk.item(quote.request.code)
    if service is None or not service.subsidised:
        return False
    paid = (
        select(Order.id)
        .join(ServiceItem, ServiceItem.code == Order.code)
        .where(
            Order.elder_id == quote.request.elder_id,
            Order.service_day == quote.request.window_start.astimezone(TIMEZONE).date(),
            Order.subsidy_fen > 0,
            Order.state.not_in([OrderState.CANCELLED, OrderState.MISSED]),
            ServiceItem.category == service.category,
        )
    )
    return talk.work.session.scalar(paid.limit(1)) is not None


def facts_of(talk: Talk, quotes: Sequence[Quote]) -> dict[str, Any]:
    """What the prompts `order.read_back` and `change.read_back` need. Money in fen."""
    elder = talk.work.get(Elder, quotes[0].request.elder_id)
    left: dict[str, int] = {}
    for quote in quotes:
        left[quote.month] = quote.available_fen - quote.subsidy_fen
    return {
        "elder": talk.called(elder),
        "items": [_line(talk, quote, elder) for quote in quotes],
        "address": quotes[0].address_text,
        "total": sum(quote.total_fen for quote in quotes),
        "subsidy": sum(quote.subsidy_fen for quote in quotes),
        "self_pay": sum(quote.self_pay_fen for quote in quotes),
        "cover": cover_of(talk, elder, quotes),
        "left": [{"month": int(month[5:]), "fen": fen} for month, fen in left.items()],
        "month": talk.today.month,
    }


def _line(talk: Talk, quote: Quote, elder: Elder) -> dict[str, Any]:
    service = talk.item(quote.request.code)
    diet = list(quote.request.diet)
    return {
        "name": quote.item_name,
        "quantity": quote.request.quantity,
        "unit": service.unit if service is not None else "",
        "start": quote.request.window_start,
        "end": quote.request.window_end,
        "diet": [word for word in diet if word not in elder.diet],
        "file_diet": [word for word in diet if word in elder.diet],
        "note": quote.request.note,
        "total": quote.total_fen,
        "delivery": sum(line.amount_fen for line in quote.lines if line.code == "delivery"),
        "provider": quote.provider_name,
    }
