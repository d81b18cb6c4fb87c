"""The town's elders, with their assessments, addresses and the people around them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sqlalchemy.orm import Session

from backend.db.models import Address, Assessment, Contact, Elder
from backend.seed.lists import Row, dice, insert_all, insert_for_ids, read, years_before
from backend.seed.names import Names, Numbers
from backend.seed.places import Home, Town, home_in, towns

COUPLES_PERCENT = 12
ALONE_PERCENT = 25
EXPIRED_PERCENT = 15
SECOND_ADDRESS_PERCENT = 14
BELL_PERCENT = 40
WANTS_WOMAN_PERCENT = 18
"""Of women: who ask for a woman."""
ENDED_OF_A_HUNDRED = 1
LEVELS = ["unassessed", "intact", "mild", "moderate", "severe", "total"]


@dataclass
class ElderPlan:
    """An elder and all that belongs to one, before there are ids."""

    row: Row
    homes: list[tuple[str, Home]]
    contacts: list[Row]
    assessments: list[Row] = field(default_factory=list)


def seed_elders(session: Session, today: date, count: int, town_names: list[str]) -> int:
    """Insert the story's elders and others up to `count`, living in `town_names`."""
    plans = [_from_story(row, today, number) for number, row in enumerate(read("story")["elders"])]
    plans += _Makers(today).make(count - len(plans), town_names)
    ids = insert_for_ids(session, Elder, [plan.row for plan in plans])
    owned = list(zip(ids, plans, strict=True))
    insert_all(
        session,
        Assessment,
        [{"elder_id": i, **row} for i, plan in owned for row in plan.assessments],
    )
    insert_all(
        session,
        Address,
        [
            {"elder_id": i, "label": label, "is_default": number == 0, **vars(home)}
            for i, plan in owned
            for number, (label, home) in enumerate(plan.homes)
        ],
    )
    insert_all(
        session,
        Contact,
        [
            {"elder_id": i, "priority": number, **row}
            for i, plan in owned
            for number, row in enumerate(plan.contacts, start=1)
        ],
    )
    return len(ids)


def level_of(score: int, worse: bool = False) -> str:
    """The level of a GB/T 42195-2022 score (0-90); `worse`: one rung down, for dementia."""
    bands = read("people")["levels"]
    rung = next(n for n, band in enumerate(bands) if band["from"] <= score <= band["to"])
    return str(bands[min(rung + worse, len(bands) - 1)]["level"])


def assessment(on: date, score: int, worse: bool = False) -> Row:
    """An assessment row, valid for the twelve months that GB/T 42195-2022 gives it."""
    return {
        "assessed_on": on,
        "valid_until": years_before(on, -1),
        "score": score,
        "level": level_of(score, worse),
    }


def _from_story(row: Row, today: date, number: int) -> ElderPlan:
    # With a fixed birthday the age told in the story would be wrong on some days.
    birthday = timedelta(days=35 + 40 * number)
    numbers = Numbers(dice(f"story:{row['name']}:{row['home']['town']}"))
    assessments = [
        assessment(today - timedelta(days=a["days_ago"]), a["score"]) for a in row["assessments"]
    ]
    return ElderPlan(
        row={
            "name": row["name"],
            "sex": row["sex"],
            "born_on": years_before(today, row["age"]) - birthday,
            "town": row["home"]["town"],
            "category": row["category"],
            "ability_level": assessments[-1]["level"] if assessments else "unassessed",
            "diet": row["diet"],
            "care_notes": row["notes"],
            "dialect": row["dialect"],
            "wanted_sex": None,
            "bell_number": numbers.fixed() if row["bell"] else None,
            "ended_on": None,
        },
        homes=[("家", Home(**row["home"]))],
        contacts=[
            {
                "name": c["name"],
                "relation": c["relation"],
                "phone": c.get("phone") or numbers.mobile(),
            }
            for c in row["contacts"]
        ],
        assessments=assessments,
    )


class _Makers:
    """Makes up elders; holds the chance, the names and the numbers they draw on."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.rng: Random = dice("elders")
        self.names = Names(self.rng)
        self.numbers = Numbers(self.rng)
        self.lists = read("people")

    def make(self, count: int, town_names: list[str]) -> list[ElderPlan]:
        """So many elders; every town has some, the large ones more."""
        shares = [towns()[name].elders for name in town_names]
        plans: list[ElderPlan] = []
        while len(plans) < count:
            turn = len(plans)
            name = (
                town_names[turn] if turn < len(town_names)
                else self.rng.choices(town_names, shares)[0]
            )  # fmt: skip
            town = towns()[name]
            if self._chance(COUPLES_PERCENT) and count - len(plans) >= 2:
                plans += self._couple(town)
            else:
                plans.append(self._single(town))
        return plans

    def _chance(self, percent: float) -> bool:
        return self.rng.random() * 100 < percent

    def _single(self, town: Town) -> ElderPlan:
        sex = "f" if self._chance(57) else "m"
        name = self.names.elder(sex)
        # Children bear their father's name; of a widow we do not know it.
        family = name[0] if sex == "m" else self.names.surname()
        alone = self._chance(ALONE_PERCENT)
        home = home_in(town, self.rng)
        return self._plan(name, sex, self._age(), town, home, self._family(family), alone)

    def _couple(self, town: Town) -> list[ElderPlan]:
        his_age = max(62, self._age())
        her_age = max(60, his_age - self.rng.randint(-2, 6))
        he, she = self.names.elder("m"), self.names.elder("f")
        home, children = home_in(town, self.rng), self._family(he[0])
        plans = []
        for name, sex, age, other in ((he, "m", his_age, she), (she, "f", min(her_age, 98), he)):
            spouse = {"name": other, "relation": "spouse", "phone": self.numbers.mobile()}
            plans.append(self._plan(name, sex, age, town, home, [*children, spouse], False))
        return plans

    def _age(self) -> int:
        low, high = self.rng.choices([(60, 69), (70, 79), (80, 89), (90, 98)], [27, 36, 29, 8])[0]
        return self.rng.randint(low, high)

    def _family(self, surname: str) -> list[Row]:
        contacts = []
        for _ in range(self.rng.choices([1, 2, 3], [35, 45, 20])[0]):
            relation = self.rng.choices(
                ["daughter", "son", "daughter_in_law", "son_in_law", "grandchild", "other"],
                [34, 36, 10, 6, 8, 6],
            )[0]
            woman = relation in ("daughter", "daughter_in_law") or (
                relation in ("grandchild", "other") and self._chance(50)
            )
            own_name = relation in ("daughter", "son", "grandchild")
            name = self.names.younger("f" if woman else "m", surname if own_name else None)
            contacts.append({"name": name, "relation": relation, "phone": self.numbers.mobile()})
        return contacts

    def _plan(
        self,
        name: str,
        sex: str,
        age: int,
        town: Town,
        home: Home,
        contacts: list[Row],
        alone: bool,
    ) -> ElderPlan:
        ages = next(row for row in self.lists["level_by_age"] if age <= row["to_age"])
        level = self.rng.choices(LEVELS, ages["weights"])[0]
        conditions = self._conditions(level)
        worse = any(c.get("worse") for c in conditions)
        homes = [("家", home)]
        if self._chance(SECOND_ADDRESS_PERCENT):
            other = towns()[self.rng.choice(list(towns()))]
            child = self.rng.choice(["女儿家", "儿子家"])
            homes.append((child, home_in(other, self.rng)))
        ended = self._chance(ENDED_OF_A_HUNDRED)
        return ElderPlan(
            row={
                "name": name,
                "sex": sex,
                "born_on": years_before(self.today, age) - timedelta(days=self.rng.randint(0, 364)),
                "town": town.name,
                "category": self._category(age, level, alone),
                "ability_level": level,
                "diet": sorted({word for c in conditions for word in c.get("diet", ())}),
                "care_notes": ";".join(c["note"] for c in conditions),
                "dialect": self._dialect(town),
                "wanted_sex": "f" if sex == "f" and self._chance(WANTS_WOMAN_PERCENT) else None,
                "bell_number": self.numbers.fixed() if self._chance(BELL_PERCENT) else None,
                "ended_on": self.today - timedelta(days=45) if ended else None,
            },
            homes=homes,
            contacts=contacts,
            assessments=self._assessments(level, worse),
        )

    def _conditions(self, level: str) -> list[Row]:
        fitting = [row for row in self.lists["conditions"] if level in row.get("levels", LEVELS)]
        wanted = self.rng.choices([0, 1, 2], [30, 45, 25])[0]
        return self.rng.sample(fitting, wanted)

    def _category(self, age: int, level: str, alone: bool) -> str | None:
        names: list[str | None] = []
        shares: list[int] = []
        for row in self.lists["categories"]:
            fits = (
                age >= row.get("from_age", 0)
                and level in row.get("levels", LEVELS)
                and (alone or not row.get("lives_alone"))
            )
            if fits:
                names.append(row["name"])
                shares.append(row["share"])
        everyone = sum(row["share"] for row in self.lists["categories"])
        return self.rng.choices([*names, None], [*shares, 100 - everyone])[0]

    def _dialect(self, town: Town) -> str:
        others = self.lists["newcomers"]
        shares = [100 - sum(others.values()), *others.values()]
        return str(self.rng.choices([town.dialect, *others], shares)[0])

    def _assessments(self, level: str, worse: bool) -> list[Row]:
        """Once a year or so, each time a little worse; the newest gives the level."""
        if level == "unassessed":
            return []
        expired = self._chance(EXPIRED_PERCENT)
        newest = self.rng.randint(370, 640) if expired else self.rng.randint(5, 350)
        rungs = [row["level"] for row in self.lists["levels"]]
        band = self.lists["levels"][rungs.index(level) - worse]
        score = self.rng.randint(band["from"], band["to"])
        rows = [assessment(self.today - timedelta(days=newest), score, worse)]
        days_ago = newest
        for _ in range(self.rng.choices([0, 1, 2], [45, 35, 20])[0]):
            days_ago += self.rng.randint(330, 420)
            score = min(90, score + self.rng.randint(0, 9))
            rows.insert(0, assessment(self.today - timedelta(days=days_ago), score))
        return rows
