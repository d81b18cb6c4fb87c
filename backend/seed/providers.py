"""The town's providers: what they are, where they serve, what they offer at which price."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.db.models import Offering, Provider, ServiceArea, ServiceItem
from backend.domain.matching import Place
from backend.seed.catalogue import CatalogueItem, load_catalogue
from backend.seed.lists import dice, insert_all, insert_for_ids, read, years_before
from backend.seed.names import Numbers
from backend.seed.places import nearest, somewhere_near, towns

REACH = {"canteen": 1, "nursing": 2, "home_help": 2}
"""Every town is served by so many of the nearest providers of a kind: one canteen, since meals
must not travel far; of the others two, so that one that declines is not the last."""

LEVEL = (0.92, 1.12)
"""A provider's prices against the catalogue's example prices."""
CAPACITY = {"meal": (60, 160), "nursing": (12, 30), "home": (15, 40)}
"""Places a day for each service, by its category; others have no limit."""
STANDARD_CAPACITY = {"meal": 120}
DELIVERY_FEN = (200, 300, 400)
"""What bringing a meal costs; 2-4 yuan in Guangzhou's districts."""


@dataclass(frozen=True)
class ProviderPlan:
    """A line of the list of providers, with its place and, once inserted, its id."""

    id: int
    line: dict[str, Any]
    place: Place
    workers: int

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.line["name"])

    @property
    def takes_orders(self) -> bool:
        """Neither out of contract nor closed."""
        return not (self.line.get("ended") or self.line.get("closed"))


def seed_items(session: Session) -> None:
    """Insert the service items of the base catalogue."""
    columns = [c.key for c in ServiceItem.__table__.columns if c.key in CatalogueItem.model_fields]
    insert_all(
        session,
        ServiceItem,
        [
            {key: list(v) if isinstance(v := getattr(item, key), tuple) else v for key in columns}
            for item in load_catalogue()
        ],
    )


def chosen(small: bool) -> list[dict[str, Any]]:
    """The lines of the list that belong to the wanted size of town."""
    return [line for line in read("providers") if line.get("small") or not small]


def seed_providers(
    session: Session,
    today: date,
    lines: list[dict[str, Any]],
    small: bool,
    town_names: Iterable[str],
) -> list[ProviderPlan]:
    """Insert providers with those of `town_names` they serve; what they offer depends on their
    workers."""
    rng = dice("providers")
    numbers = Numbers(rng)
    story = read("story")["providers"]
    places, rows = [], []
    for line in lines:
        told = story.get(line["name"])
        centre = towns()[line["town"]].centre
        place = Place(told["lat"], told["lon"]) if told else somewhere_near(centre, 350, rng)
        places.append(place)
        rows.append(
            {
                "name": line["name"],
                "kind": line["kind"],
                "town": line["town"],
                "phone": told["phone"] if told else numbers.fixed(),
                "lat": place.lat,
                "lon": place.lon,
                "is_open": not line.get("closed"),
                "contract_from": years_before(today, 2) - timedelta(days=rng.randint(0, 700)),
                "contract_to": today - timedelta(days=35) if line.get("ended") else None,
            }
        )
    ids = insert_for_ids(session, Provider, rows)
    plans = [
        ProviderPlan(i, line, place, line["small" if small else "workers"])
        for i, line, place in zip(ids, lines, places, strict=True)
    ]
    _seed_areas(session, plans, town_names)
    return plans


def _seed_areas(session: Session, plans: list[ProviderPlan], town_names: Iterable[str]) -> None:
    areas = {(plan.id, plan.line["town"]) for plan in plans}
    for kind, count in REACH.items():
        there = {p.line["town"]: p for p in plans if p.line["kind"] == kind and p.takes_orders}
        for name in town_names:
            for base in nearest(towns()[name], sorted(there), count):
                areas.add((there[base].id, name))
    insert_all(
        session, ServiceArea, [{"provider_id": i, "town": name} for i, name in sorted(areas)]
    )


def seed_offerings(session: Session, plans: list[ProviderPlan], can: dict[int, set[str]]) -> None:
    """Insert offerings: what a provider's people can do (`can`, by provider id), its prices."""
    rng = dice("offerings")
    items = load_catalogue()
    rows = []
    for plan in plans:
        standard = bool(plan.line.get("standard"))
        level = 1.0 if standard else plan.line.get("level") or rng.uniform(*LEVEL)
        delivery = 200 if standard else rng.choice(DELIVERY_FEN)
        for item in items:
            if item.code not in can[plan.id]:
                continue
            if standard:
                capacity = STANDARD_CAPACITY.get(item.category)
            else:
                span = CAPACITY.get(item.category)
                capacity = rng.randint(*span) if span else None
            rows.append(
                {
                    "provider_id": plan.id,
                    "code": item.code,
                    "price_fen": rounded(item.base_price_fen * level, item.category),
                    "delivery_fen": delivery if item.category == "meal" else 0,
                    "daily_capacity": capacity,
                    "is_open": True,
                }
            )
    insert_all(session, Offering, rows)


def rounded(fen: float, category: str) -> int:
    """A price as people write one: whole yuan, meals to half a yuan."""
    step = 50 if category == "meal" else 100
    return round(fen / step) * step
