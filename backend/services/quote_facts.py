"""All that a quote must know, fetched in one look: the elder, the service, the address, what the
allowance has left, and who could come."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import text

from backend.domain.errors import NotFound
from backend.domain.orders import OrderState
from backend.domain.pricing import SubsidyRule
from backend.services.work import Work

NOT_DONE = (OrderState.CANCELLED, OrderState.MISSED)
"""Orders in these states take neither room nor money."""
_NOT_DONE = ", ".join(f"'{state.value}'" for state in NOT_DONE)


@dataclass(frozen=True, slots=True)
class OpenOffering:
    """A provider that does the service at the address, and how much it has on that day."""

    provider_id: int
    provider_name: str
    lat: float | None
    lon: float | None
    price_fen: int
    delivery_fen: int
    daily_capacity: int | None
    booked: int
    """Places already taken; 0 where there is no limit."""


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """`item_name` None: no such service. `address_id` None: no such address. `may_order` None:
    the actor has no live link. `available_fen` None: the month is not granted yet."""

    elder_name: str
    elder_category: str | None
    may_order: bool | None
    item_name: str | None
    category: str
    duration_min: int
    subsidised: bool
    needs_assessment: bool
    hours_from: time
    hours_to: time
    lead_min: int
    assessed_until: date | None
    address_id: int | None
    town: str
    community: str
    street: str
    lat: float | None
    lon: float | None
    available_fen: int | None
    used_fen: int
    """Subsidy already promised for that day in the service's category."""
    rules: list[SubsidyRule]
    """Those that can apply to this elder, service and day."""
    offerings: list[OpenOffering]


PLACES_TAKEN = f"""
    SELECT coalesce(sum(line.quantity), 0)
    FROM orders JOIN order_lines AS line ON line.order_id = orders.id AND line.code = orders.code
    WHERE orders.provider_id = {{provider_id}} AND orders.service_day = {{day}}
        AND orders.code = {{code}} AND orders.state NOT IN ({_NOT_DONE})
"""
"""How many places of a provider are taken on a day, for one service."""

_FACTS = text(f"""
WITH asked AS MATERIALIZED (
    SELECT
        elder.name AS elder_name, elder.category AS elder_category, link.may_order,
        item.code, item.name AS item_name, item.category, item.duration_min, item.subsidised,
        item.needs_assessment, item.hours_from, item.hours_to, item.lead_min,
        CASE WHEN item.needs_assessment THEN (
            SELECT max(valid_until) FROM assessments WHERE elder_id = elder.id
        ) END AS assessed_until,
        address.id AS address_id, address.town, address.community, address.street,
        address.lat, address.lon,
        (
            SELECT balance_fen FROM ledger_accounts
            WHERE owner_id = elder.id AND month = :month AND kind = 'available'
        ) AS available_fen,
        (
            SELECT coalesce(sum(orders.subsidy_fen), 0)::bigint
            FROM orders JOIN service_items AS done ON done.code = orders.code
            WHERE orders.elder_id = elder.id AND orders.service_day = :day
                AND orders.state NOT IN ({_NOT_DONE}) AND done.category = item.category
                AND orders.id <> :replaces
        ) AS used_fen,
        (
            SELECT jsonb_agg(jsonb_build_array(
                category, service_category, cover_percent, max_per_unit_fen, max_per_day_fen,
                valid_from, valid_to
            ))
            FROM subsidy_rules AS rule
            WHERE rule.category IN (elder.category, '*')
                AND rule.service_category IN (item.category, '*')
                AND rule.valid_from <= :day AND (rule.valid_to IS NULL OR rule.valid_to >= :day)
        ) AS rules
    FROM elders AS elder
    LEFT JOIN service_items AS item ON item.code = :code
    LEFT JOIN links AS link ON link.elder_id = elder.id AND link.account_id = :account_id
        AND link.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT * FROM addresses
        WHERE elder_id = elder.id AND id = coalesce(CAST(:address_id AS bigint), id)
        ORDER BY is_default DESC, id LIMIT 1
    ) AS address ON true
    WHERE elder.id = :elder_id
)
SELECT asked.*,
    offering.provider_id, provider.name AS provider_name, provider.lat AS provider_lat,
    provider.lon AS provider_lon, price_fen, delivery_fen, daily_capacity,
    CASE WHEN daily_capacity IS NULL THEN 0
        ELSE ({PLACES_TAKEN.format(provider_id="provider.id", day=":day", code="asked.code")}
            AND orders.id <> :replaces) END AS booked
FROM asked LEFT JOIN (
    offerings AS offering
    JOIN providers AS provider ON provider.id = offering.provider_id
    JOIN service_areas AS area ON area.provider_id = provider.id
) ON offering.code = asked.code AND area.town = asked.town
    AND offering.is_open AND provider.is_open
    AND provider.contract_from <= :day
    AND (provider.contract_to IS NULL OR provider.contract_to >= :day)
""")


def quote_facts(
    work: Work,
    elder_id: int,
    code: str,
    day: date,
    month: str,
    address_id: int | None,
    replaces_id: int | None,
) -> QuoteFacts:
    """Look everything up; an order with the id `replaces_id` counts as not there.

    Raises NotFound when there is no such elder.
    """
    work.session.flush()  # what this transaction has changed must be seen
    rows = work.session.execute(
        _FACTS,
        {
            "elder_id": elder_id,
            "account_id": work.actor.account_id,
            "code": code,
            "day": day,
            "month": month,
            "address_id": address_id,
            "replaces": replaces_id or 0,
        },
    ).all()
    if not rows:
        raise NotFound("not_found", what="Elder", key=elder_id)
    first = rows[0]
    return QuoteFacts(
        elder_name=first.elder_name,
        elder_category=first.elder_category,
        may_order=first.may_order,
        item_name=first.item_name,
        category=first.category,
        duration_min=first.duration_min,
        subsidised=first.subsidised,
        needs_assessment=first.needs_assessment,
        hours_from=first.hours_from,
        hours_to=first.hours_to,
        lead_min=first.lead_min,
        assessed_until=first.assessed_until,
        address_id=first.address_id,
        town=first.town,
        community=first.community,
        street=first.street,
        lat=first.lat,
        lon=first.lon,
        available_fen=first.available_fen,
        used_fen=first.used_fen,
        rules=[_rule(*columns) for columns in first.rules or ()],
        offerings=[
            OpenOffering(
                row.provider_id,
                row.provider_name,
                row.provider_lat,
                row.provider_lon,
                row.price_fen,
                row.delivery_fen,
                row.daily_capacity,
                int(row.booked),
            )
            for row in rows
            if row.provider_id is not None
        ],
    )


def _rule(*columns: Any) -> SubsidyRule:
    *terms, valid_from, valid_to = columns
    return SubsidyRule(
        *terms, date.fromisoformat(valid_from), valid_to and date.fromisoformat(valid_to)
    )
