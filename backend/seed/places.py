"""Where the made-up people live: Dongguan's real towns, house numbers that are made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, radians, sin, sqrt
from random import Random

from backend.domain.matching import Place, distance_m
from backend.seed.lists import read

M_PER_DEGREE = 111_320
GOLDEN_ANGLE = pi * (3 - sqrt(5))
NEXT_COMMUNITY_M = 550
WITHIN_COMMUNITY_M = 180


@dataclass(frozen=True)
class Town:
    """A 镇 or 街道. `elders` is its share of the elders."""

    name: str
    centre: Place
    elders: int
    dialect: str
    communities: tuple[str, ...]
    streets: tuple[str, ...]


@dataclass(frozen=True)
class Home:
    """An address without its elder."""

    town: str
    community: str
    street: str
    lat: float
    lon: float


@cache
def towns() -> dict[str, Town]:
    """All towns by name, in the order of the list."""
    return {
        row["name"]: Town(
            row["name"],
            Place(row["lat"], row["lon"]),
            row["elders"],
            row["dialect"],
            tuple(row["communities"]),
            tuple(row["streets"]),
        )
        for row in read("towns")
    }


def moved(place: Place, north_m: float, east_m: float) -> Place:
    """A point so many metres away, to about a metre."""
    lat = place.lat + north_m / M_PER_DEGREE
    lon = place.lon + east_m / (M_PER_DEGREE * cos(radians(place.lat)))
    return Place(round(lat, 5), round(lon, 5))


def somewhere_near(place: Place, spread_m: float, rng: Random) -> Place:
    """A point near another, normally spread, never further than three spreads."""
    far = min(abs(rng.gauss(0, spread_m)), 3 * spread_m)
    angle = rng.uniform(0, 2 * pi)
    return moved(place, far * cos(angle), far * sin(angle))


def home_in(town: Town, rng: Random) -> Home:
    """A made-up address. Neighbours of a community live near each other: communities lie in a
    spiral (as sunflower seeds do) around the town's centre."""
    number = rng.randrange(len(town.communities))
    far, angle = NEXT_COMMUNITY_M * sqrt(number), number * GOLDEN_ANGLE
    middle = moved(town.centre, far * cos(angle), far * sin(angle))
    place = somewhere_near(middle, WITHIN_COMMUNITY_M, rng)
    return Home(
        town.name, town.communities[number], _house(rng, town.streets), place.lat, place.lon
    )


def _house(rng: Random, streets: Sequence[str]) -> str:
    street = f"{rng.choice(streets)}{rng.randint(1, 198)}号"
    if rng.random() < 0.7:
        street += f"{rng.randint(1, 12)}栋"
    if rng.random() < 0.85:
        street += f"{rng.randint(1, 7)}0{rng.randint(1, 6)}房"
    return street


def nearest(origin: Town, others: Sequence[str], count: int) -> list[str]:
    """The `count` of the named towns that are nearest to `origin`, nearest first."""
    every = towns()
    return sorted(others, key=lambda name: (distance_m(origin.centre, every[name].centre), name))[
        :count
    ]
