"""All that a quote must know, fetched in one look: the elder, the service, the address, what the
allowance has left, and who could come."""

from dataclasses import dataclass
from datetime import date, time

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
    lead_min: int | None
    """The provider's own shortest notice, where it asks for more than the catalogue."""
    booked: int
    """Places already taken; 0 where there is no limit."""


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """`item_name` None: no such service. `address_id` None: no such address. `may_order` None:
    the actor has no live link. `available_fen` None: the month is not granted yet."""

    elder_name: str
    elder_category: str | None
    may_order: bool | None
    code: str
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
    SELECT coalesce(sum(orders.quantity), 0) FROM orders
    WHERE orders.provider_id = {{provider_id}} AND orders.service_day = {{day}}
        AND orders.code = {{code}} AND orders.state NOT IN ({_NOT_DONE})
"""
"""How many places of a provider are taken on a day, for one service."""

_FACTS = f"""
WITH asked AS MATERIALIZED (
    SELECT
        elder.name AS elder_name, elder.category AS elder_category,
        link.may_order AND (link.known_by <> 'name' OR item.category = 'meal') AS may_order,
        item.code, item.name AS item_name, item.category, item.duration_min, item.subsidised,
        item.needs_assessment, item.hours_from, item.hours_to, item.lead_min,
        CASE WHEN item.needs_assessment THEN (
            SELECT max(valid_until) FROM assessments WHERE elder_id = elder.id
        ) END AS assessed_until,
        address.id AS address_id, address.town, address.community, address.street,
        address.lat, address.lon,
        (
            SELECT balance_fen FROM ledger_accounts
            WHERE owner_id = elder.id AND month = %(month)s AND kind = 'available'
        ) AS available_fen,
        (
            SELECT coalesce(sum(orders.subsidy_fen), 0)::bigint
            FROM orders JOIN service_items AS done ON done.code = orders.code
            WHERE orders.elder_id = elder.id AND orders.service_day = %(day)s
                AND orders.state NOT IN ({_NOT_DONE}) AND done.category = item.category
                AND orders.id <> %(replaces)s
        ) AS used_fen,
        (
            SELECT jsonb_agg(jsonb_build_array(
                category, service_category, cover_percent, max_per_unit_fen, max_per_day_fen,
                valid_from, valid_to
            ))
            FROM subsidy_rules AS rule
            WHERE rule.category IN (elder.category, '*')
                AND rule.service_category IN (item.category, '*')
                AND rule.valid_from <= %(day)s
                AND (rule.valid_to IS NULL OR rule.valid_to >= %(day)s)
        ) AS rules
    FROM elders AS elder
    LEFT JOIN service_items AS item ON item.code = %(code)s
    LEFT JOIN links AS link ON link.elder_id = elder.id AND link.account_id = %(account_id)s
        AND link.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT * FROM addresses
        WHERE elder_id = elder.id AND id = coalesce(CAST(%(address_id)s AS bigint), id)
        ORDER BY is_default DESC, id LIMIT 1
    ) AS address ON true
    WHERE elder.id = %(elder_id)s
), could AS (
    SELECT provider.id AS provider_id, provider.name AS provider_name, provider.lat, provider.lon,
        offering.price_fen, offering.delivery_fen, offering.daily_capacity, offering.lead_min,
        CASE WHEN offering.daily_capacity IS NULL THEN 0 ELSE (
            {PLACES_TAKEN.format(provider_id="provider.id", day="%(day)s", code="asked.code")}
            AND orders.id <> %(replaces)s
        ) END AS booked
    FROM asked
    JOIN offerings AS offering ON offering.code = asked.code AND offering.is_open
    JOIN service_areas AS area ON area.provider_id = offering.provider_id
        AND area.town = asked.town
    JOIN providers AS provider ON provider.id = offering.provider_id AND provider.is_open
        AND provider.contract_from <= %(day)s
        AND (provider.contract_to IS NULL OR provider.contract_to >= %(day)s)
)
SELECT to_jsonb(asked), (SELECT coalesce(jsonb_agg(could), '[]') FROM could) FROM asked
"""


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
    values = {
        "elder_id": elder_id,
        "account_id": work.actor.account_id,
        "code": code,
        "day": day,
        "month": month,
        "address_id": address_id,
        "replaces": replaces_id or 0,
    }
    rows = work.run(_FACTS, values)
    if not rows:
        raise NotFound("not_found", what="Elder", key=elder_id)
    asked, could = rows[0]
    asked["assessed_until"] = _day(asked["assessed_until"])
    if asked["item_name"] is not None:
        asked["hours_from"] = time.fromisoformat(asked["hours_from"])
        asked["hours_to"] = time.fromisoformat(asked["hours_to"])
    asked["rules"] = [_rule(*columns) for columns in asked["rules"] or ()]
    return QuoteFacts(**asked, offerings=[OpenOffering(**offering) for offering in could])


def _rule(
    category: str,
    service_category: str,
    cover_percent: int,
    max_per_unit_fen: int | None,
    max_per_day_fen: int | None,
    valid_from: str,
    valid_to: str | None,
) -> SubsidyRule:
    return SubsidyRule(
        category,
        service_category,
        cover_percent,
        max_per_unit_fen,
        max_per_day_fen,
        date.fromisoformat(valid_from),
        _day(valid_to),
    )


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
