"""Two weeks of menus for the canteens."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from backend.db.models import Dish
from backend.seed.lists import Row, dice, insert_all, read

MENU_DAYS = 14


def seed_menus(session: Session, today: date, canteens: dict[str, int]) -> None:
    """Insert the menus of `canteens` (ids by name) from today on, MENU_DAYS days."""
    days = [today + timedelta(days=ahead) for ahead in range(MENU_DAYS)]
    insert_all(
        session, Dish, [row for name, i in canteens.items() for row in _menus(name, i, days)]
    )


def _menus(canteen: str, provider_id: int, days: Iterable[date]) -> Iterable[Row]:
    """Each kitchen goes through its dishes in its own order, so that no day is like the one
    before it; a day's menu depends on the date alone."""
    book = read("dishes")
    rng = dice(f"menu:{canteen}")
    orders = {kind: rng.sample(dishes, len(dishes)) for kind, dishes in book["dishes"].items()}
    for day in days:
        for meal, (code, kinds) in enumerate(book["served"].items()):
            for kind, count in kinds.items():
                dishes = orders[kind]
                # Dinner is half the list ahead of lunch.
                first = day.toordinal() * count + meal * (len(dishes) // 2)
                for dish in (dishes[(first + n) % len(dishes)] for n in range(count)):
                    yield {
                        "provider_id": provider_id,
                        "day": day,
                        "code": code,
                        "name": dish["name"],
                        "diets": dish["diets"],
                    }
