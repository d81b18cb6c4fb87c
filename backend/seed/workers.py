"""The providers' workers: what they can, which papers they hold, when they work."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from backend.db.models import Absence, Qualification, Shift, Skill, Worker
from backend.seed.lists import Row, dice, insert_all, insert_for_ids, read, years_before
from backend.seed.names import Names, Numbers
from backend.seed.places import somewhere_near, towns
from backend.seed.providers import ProviderPlan

EXPIRED_PERCENT = 7
EXPIRING_PERCENT = 8
"""Of papers: run out, and about to within four weeks."""
NEW_PERCENT = 20
"""Of workers: nobody has rated them yet."""
ABSENCE_PERCENT = 18
SURE = 2
"""Of a provider's workers: so many keep their papers and are never absent."""
DAYS_AHEAD = 14
ALL_WEEK = 7

PAPER_NUMBER = {"nurse": "{year}44190{serial:06d}", "caregiver": "S0000{year}{serial:08d}",
                "health_cert": "粤莞健{year}{serial:07d}"}  # fmt: skip


@dataclass
class WorkerPlan:
    """A worker and all that belongs to one, before there are ids."""

    row: Row
    codes: list[str]
    papers: list[Row]
    shifts: list[Row]
    absences: set[date] = field(default_factory=set)


def seed_workers(
    session: Session, today: date, providers: list[ProviderPlan]
) -> dict[int, set[str]]:
    """Insert the workers; what each provider's people can do, by provider id."""
    hiring = _Hiring(today)
    plans = [plan for provider in providers for plan in hiring.staff(provider)]
    ids = insert_for_ids(session, Worker, [plan.row for plan in plans])
    owned = list(zip(ids, plans, strict=True))
    insert_all(
        session, Skill, [{"worker_id": i, "code": code} for i, plan in owned for code in plan.codes]
    )
    for model, part in ((Qualification, "papers"), (Shift, "shifts")):
        rows = [{"worker_id": i, **row} for i, plan in owned for row in getattr(plan, part)]
        insert_all(session, model, rows)
    insert_all(
        session,
        Absence,
        [{"worker_id": i, "day": day} for i, plan in owned for day in sorted(plan.absences)],
    )
    can: dict[int, set[str]] = {provider.id: set() for provider in providers}
    for plan in plans:
        can[plan.row["provider_id"]].update(plan.codes)
    return can


class _Hiring:
    """Makes up workers; holds the chance, the names and the numbers they draw on."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.rng: Random = dice("workers")
        self.names = Names(self.rng)
        self.numbers = Numbers(self.rng)
        self.roles = read("roles")

    def staff(self, provider: ProviderPlan) -> list[WorkerPlan]:
        """All workers of a provider: the story's, then others in the order of hiring."""
        told = [w for w in read("story")["workers"] if w["provider"] == provider.name]
        plans = [self._told(provider, worker) for worker in told]
        hired = self.roles["hired"][provider.line["kind"]]
        for number in range(len(plans), provider.workers):
            plans.append(self._made_up(provider, hired[number % len(hired)], number))
        # Only the third and later, never two on one day: someone with papers is always there.
        free = list(range(DAYS_AHEAD))
        for plan in plans[max(SURE, len(told)) :]:
            if self._chance(ABSENCE_PERCENT) and free:
                ahead = free.pop(self.rng.randrange(len(free)))
                plan.absences.add(self.today + timedelta(days=ahead))
        return plans

    def _chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def _told(self, provider: ProviderPlan, told: Row) -> WorkerPlan:
        role = self.roles["roles"][told["role"]]
        codes, kinds = [*role["codes"]], [*role["papers"]]
        if "sometimes" in role and role["sometimes"]["paper"] in told.get("also", ()):
            codes += role["sometimes"]["codes"]
            kinds.append(role["sometimes"]["paper"])
        ended = told.get("paper_ended_days_ago")
        left = -ended if ended else None
        papers = [self._paper(kind, left or self._days_left(kind, False)) for kind in kinds]
        spans = read("story")["hours"][told["role"]]
        row = {
            "provider_id": provider.id,
            **{key: told[key] for key in ("name", "sex", "phone", "lat", "lon", "languages")},
            "max_visits_a_day": role["visits"],
            "rating_sum": round(told["stars"] * told["rated"]),
            "rating_count": told["rated"],
        }
        return WorkerPlan(row, codes, papers, _shifts(range(ALL_WEEK), spans))

    def _made_up(self, provider: ProviderPlan, role_name: str, number: int) -> WorkerPlan:
        role = self.roles["roles"][role_name]
        sex = "f" if self._chance(role["women"]) else "m"
        codes, kinds = [*role["codes"]], [*role["papers"]]
        if provider.line.get("specialist"):
            codes += role.get("specialist_codes", [])
        second = role.get("sometimes")
        if second and self._chance(second["percent"]):
            codes += second["codes"]
            kinds.append(second["paper"])
        lax = number >= SURE
        papers = [self._paper(kind, self._days_left(kind, lax)) for kind in kinds]
        spans = role["hours"][number % len(role["hours"])]
        place = somewhere_near(provider.place, 900, self.rng)
        rated = 0 if self._chance(NEW_PERCENT) else self.rng.randint(3, 140)
        row = {
            "provider_id": provider.id,
            "name": self.names.younger(sex),
            "sex": sex,
            "phone": self.numbers.mobile(),
            "lat": place.lat,
            "lon": place.lon,
            "languages": self._languages(provider),
            "max_visits_a_day": role["visits"],
            "rating_sum": round(self.rng.uniform(4.2, 4.95) * rated),
            "rating_count": rated,
        }
        return WorkerPlan(row, codes, papers, _shifts(_weekdays(role["days"], number), spans))

    def _days_left(self, kind: str, lax: bool) -> int:
        chance = self.rng.random() * 100
        if lax and chance < EXPIRED_PERCENT:
            return -self.rng.randint(5, 90)
        if lax and chance < EXPIRED_PERCENT + EXPIRING_PERCENT:
            return self.rng.randint(3, 28)
        return self.rng.randint(90, 365 * int(self.roles["paper_years"][kind]) - 30)

    def _paper(self, kind: str, days_left: int) -> Row:
        until = self.today + timedelta(days=days_left)
        issued = years_before(until, self.roles["paper_years"][kind])
        number = PAPER_NUMBER[kind].format(year=issued.year, serial=self.rng.randrange(1, 10**6))
        return {"kind": kind, "number": number, "issued_on": issued, "valid_until": until}

    def _languages(self, provider: ProviderPlan) -> list[str]:
        own = towns()[provider.line["town"]].dialect
        kind = self.rng.choices(["both", "own", "mandarin"], [60, 12, 28])[0]
        spoken: dict[str, list[str]] = {
            "both": [own, "普通话"], "own": [own], "mandarin": ["普通话"],
        }  # fmt: skip
        extra = ["客家话"] if own != "客家话" and self._chance(8) else []
        return spoken[kind] + extra


def _weekdays(days: int, number: int) -> list[int]:
    """The weekdays someone works; neighbours in the list rest on different days."""
    rest = {(number * 2 + free * 3) % ALL_WEEK for free in range(ALL_WEEK - days)}
    return [weekday for weekday in range(ALL_WEEK) if weekday not in rest]


def _shifts(weekdays: Iterable[int], spans: list[list[str]]) -> list[Row]:
    return [
        {"weekday": day, "starts": time.fromisoformat(start), "ends": time.fromisoformat(end)}
        for day in weekdays
        for start, end in spans
    ]
