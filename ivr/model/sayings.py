"""What callers of this line say: services, dishes, days, times, numbers, names, places, answers.

Everything comes from the catalogue, the menus and the lists beside this file, so a city's own
words are spoken for training too when its files are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ivr.model.spoken import digits_spoken, number_spoken, pieces

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "backend" / "seed"
NLU = ROOT / "nlu"

SERVICE_FRAMES, DISH_FRAMES, ADDRESS_FRAMES = 5, 12, 4
"""In how many of the frames each of them stands."""
TIMES, COUNTS, CODES, OTHER_DIGITS, PHONES, ANSWERS, CRIES, NAMES = (
    5000, 1500, 3200, 500, 900, 1800, 700, 1500,
)  # fmt: skip


def sayings(dice: Random) -> Iterator[tuple[str, str]]:
    """(kind, text) of everything, with repeats, kind by kind; `dice` fills the frames."""
    teller = _Teller(dice)
    for kind, texts in (
        ("service", teller.services()),
        ("dish", teller.dishes()),
        ("time", teller.times()),
        ("number", teller.numbers()),
        ("digits", teller.digits()),
        ("answer", teller.answers()),
        ("help", teller.cries()),
        ("name", teller.names()),
        ("address", teller.addresses()),
    ):
        yield from ((kind, piece) for text in texts for piece in pieces(text))


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class _Teller:
    """Fills frames by its dice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._lists: dict[str, Any] = _read(Path(__file__).with_name("sayings.yaml"))

    def _frame(self, kind: str, one: str, others: list[str], **more: str) -> str:
        return self._filled(self._dice.choice(self._lists["frames"][kind]), one, others, **more)

    def _frames(
        self, kind: str, count: int, one: str, others: list[str], **more: str
    ) -> Iterator[str]:
        for frame in self._dice.sample(self._lists["frames"][kind], count):
            yield self._filled(frame, one, others, **more)

    def _filled(self, frame: str, one: str, others: list[str], **more: str) -> str:
        drawn = {
            name: str(self._dice.choice(words))
            for name, words in self._lists.items()
            if name != "frames"
        }
        return frame.format(one=one, **{**drawn, "other": self._dice.choice(others), **more})

    def services(self) -> Iterator[str]:
        found: dict[str, None] = {}
        for item in _read(SEED / "catalogue.yaml")["items"]:
            for words in ([item["name"]], item.get("synonyms", []), item.get("generic", [])):
                found.update(dict.fromkeys(words))
        words = list(found)
        for word in words:
            yield word
            yield from self._frames("service", SERVICE_FRAMES, word, words)

    def dishes(self) -> Iterator[str]:
        book = _read(SEED / "data" / "dishes.yaml")["dishes"]
        found = [dish["name"] for kind in book.values() for dish in kind]
        dishes = list(dict.fromkeys([*found, *_read(NLU / "corpus" / "slots.yml")["dish"]]))
        for dish in dishes:
            yield dish
            yield from self._frames("dish", DISH_FRAMES, dish, dishes)

    def times(self) -> Iterator[str]:
        lists = self._lists
        weekdays = [a + b for a, b in product(lists["week"], lists["weekday"])]
        days = [f"{number_spoken(day)}号" for day in range(1, 32)]
        months = [f"{number_spoken(month)}月" for month in range(1, 13)]
        dates = [month + day for month, day in product(months, days)]
        clocks = [f"{hour}点{minute}" for hour, minute in product(lists["hour"], lists["minute"])]
        whens = [*lists["day"], *weekdays, *days, *lists["moon"], *lists["feast"]]
        yield from [*whens, *months, *dates, *lists["part"], *clocks]
        for _ in range(TIMES):
            more = {
                "when": self._dice.choice(whens),
                "date": self._dice.choice(dates),
                "clock": self._dice.choice(clocks),
            }
            yield self._frame("time", "", clocks, **more)

    def numbers(self) -> Iterator[str]:
        yield from (number_spoken(number) for number in range(1, 130))
        yield from (a + b for a, b in product(self._lists["count"], self._lists["measure"]))
        for _ in range(COUNTS):
            most = self._dice.choice((100, 3000))
            spoken = number_spoken(self._dice.randrange(1, most))
            if self._dice.random() < 0.3:
                spoken = spoken.replace("二百", "两百").replace("二千", "两千")
            yield self._frame("number", spoken, [spoken])

    def digits(self) -> Iterator[str]:
        yield from (digits_spoken(str(digit)) for digit in range(10))
        for _ in range(CODES):
            code = self._some_digits(4)
            yield self._frame("code", code, [code])
        for _ in range(OTHER_DIGITS):
            yield self._some_digits(self._dice.choice((2, 3, 3, 5, 6, 6, 6)))
        for _ in range(PHONES):
            number = self._dice.choice(("13", "15", "17", "18", "19"))
            number += f"{self._dice.randrange(10**9):09d}"
            said = digits_spoken(number, self._dice.choice("一幺幺"))
            if self._dice.random() < 0.5:  # in the groups of three, four, four that people make
                said = "，".join((said[:3], said[3:7], said[7:]))
            yield self._frame("phone", said, [said])

    def _some_digits(self, length: int) -> str:
        drawn = f"{self._dice.randrange(10**length):0{length}d}"
        return digits_spoken(drawn, self._dice.choice("一幺"))

    def answers(self) -> Iterator[str]:
        book = _read(NLU / "data" / "yes_no.yaml")
        fillers = [str(word) for word in book["fillers"]]
        answers = [str(word) for word in (*book["affirm"], *book["deny"])]
        answers += self._lists["to_the_line"]
        yield from answers
        for _ in range(ANSWERS):
            filler = self._dice.choice(fillers)
            yield self._frame("answer", self._dice.choice(answers), answers, filler=filler)

    def cries(self) -> Iterator[str]:
        cries = self._lists["cry"]
        yield from cries
        for _ in range(CRIES):
            yield self._frame("help", self._dice.choice(cries), cries)

    def names(self) -> Iterator[str]:
        people = _read(SEED / "data" / "people.yaml")
        surnames = [str(name) for name in people["surnames"]]
        given = [
            str(name)
            for key in ("elder_women", "elder_men", "younger_women", "younger_men")
            for name in people[key]
        ]
        yield from self._lists["kin"]
        yield from (a + b for a, b in product(surnames, self._lists["title"]))
        for _ in range(NAMES):
            name = self._dice.choice(surnames) + self._dice.choice(given)
            yield self._frame("name", name, [name])

    def addresses(self) -> Iterator[str]:
        for town in _read(SEED / "data" / "towns.yaml"):
            places = [*town["communities"], *town["streets"]]
            yield from [town["name"], *places]
            for place in places:
                room = str(self._dice.randrange(101, 2899))
                more = {
                    "town": town["name"],
                    "house": number_spoken(self._dice.randrange(1, 300)),
                    "tower": number_spoken(self._dice.randrange(1, 30)),
                    "unit": number_spoken(self._dice.randrange(1, 7)),
                    "room": digits_spoken(room, self._dice.choice("一幺")),
                }
                yield from self._frames("address", ADDRESS_FRAMES, place, places, **more)
