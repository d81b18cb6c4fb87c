"""A sentence in, an Understanding out: help first, then the intent, then the values.

Yes and no are decided by rule, emergencies by rules and classifier together (`nlu.help`), by the
rules alone when it is dead. For everything else the classifier (Rasa) gives the intent, and the
text itself the values: services by the gazetteer, days, times, portions, people, diet by
`nlu.values`. Where the two contradict each other (an order of a meal in a sentence that only
names wound care) the named service decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import yaml

from backend.seed.catalogue import load_catalogue
from backend.seed.lists import read
from nlu.about import (
    CATEGORY_OF_ORDER,
    LOOKING_BACK,
    ORDER_OF_CATEGORY,
    ORDERS,
    SMALL_TALK,
    diets_of,
    meant,
    order_meant,
    outright,
    person_of,
    wanted,
)
from nlu.alarms import Certainty
from nlu.errors import RasaUnavailable
from nlu.help import RULE_DOUBT, Help, vote
from nlu.rasa_client import IntentGuess
from nlu.rules import Danger, danger, yes_no
from nlu.understanding import Understanding, Want
from nlu.values.clauses import Heard, hear
from nlu.values.dates import SHANGHAI
from nlu.values.dishes import Dishes
from nlu.values.numbers import find_rating
from nlu.values.other_dishes import find_other_dishes, is_turned_down
from nlu.values.people import find_people, find_person
from nlu.values.services import Gazetteer
from nlu.values.text import normalise
from nlu.values.wants import compose, hours_of, unattached, when_of
from nlu.values.windows import make_window

__all__ = ["IntentClassifier", "IntentGuess", "Understander", "make_gazetteer"]

# Below this the classifier is guessing; a service named outright then decides.
_UNSURE = 0.5
_VERY_UNSURE = 0.2
_HASTE_S = 0.8
"""How long words of danger wait for the classifier's vote, in seconds."""
_WISHES = re.compile(r"帮|订|约|要|请|安排|想|叫|给|送|来|找|派|点|需要|麻烦|买|做|唔该")
_AT_ONCE = re.compile(
    r"马上|立刻|立即|即刻|(?:现在|而家|依家)(?:就|能|可以)?(?:来|过来|上门|送|派|叫)"
    r"|尽快过来|这就来|赶紧"
)


LONGEST = 1_000
"""Characters of one message. Nobody's wish takes more; a pasted novel is none."""


class IntentClassifier(Protocol):
    """Tells the intent of a text. Raises nlu.errors.RasaUnavailable when it cannot."""

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess: ...


def make_gazetteer(catalogue: Path | str | None = None, dishes: Dishes | None = None) -> Gazetteer:
    """The gazetteer of a catalogue file and of the menus' dishes (by default the shipped ones)."""
    friends = Path(__file__).with_name("data") / "false_friends.yaml"
    known = yaml.safe_load(friends.read_text(encoding="utf-8"))
    return Gazetteer(
        load_catalogue(catalogue),
        known["sounds"],
        known["words"],
        dishes or Dishes(_shipped_dishes),
    )


def _shipped_dishes() -> list[str]:
    return [dish["name"] for kind in read("dishes")["dishes"].values() for dish in kind]


class Understander:
    """Understands sentences; holds no state between them and is safe to share by threads."""

    def __init__(self, intents: IntentClassifier, gazetteer: Gazetteer | None = None) -> None:
        self._intents = intents
        self._gazetteer = gazetteer or make_gazetteer()

    def through(self, front: Callable[[IntentClassifier], IntentClassifier]) -> Understander:
        """The same understanding, with something in front of its classifier."""
        return Understander(front(self._intents), self._gazetteer)

    def foresee(self, text: str) -> None:
        """Ask the classifier all that `understand` will ask it about these words, and nothing
        else: worth it where it keeps its answers (nlu.foresight). Raises RasaUnavailable."""
        found = danger(text)
        if found.certainty >= Certainty.DOUBTFUL or yes_no(text) is None:
            self._guess(text, normalise(text).text, found)

    def understand(self, text: str, now: datetime, channel: str = "wechat") -> Understanding:
        """What a sentence means, said at `now` (aware) through `channel` (wechat or voice).

        Raises nlu.errors.RasaUnavailable for what the rules alone cannot decide.
        """
        found = danger(text)
        if found.certainty < Certainty.DOUBTFUL and (answer := yes_no(text)) is not None:
            return Understanding(text, answer, 1.0, source="rule")
        words = normalise(text).text
        guess = self._guess(text, words, found)
        needed = vote(found, guess)
        if guess is None:
            if needed is Help.NONE:
                return Understanding(text, "out_of_scope", 1.0, source="rule")
            return _emergency(text, found, None, needed)
        calm = _next_best(guess)
        if needed is Help.NONE:
            reading = guess if found.certainty is Certainty.NONE else calm or guess
            return self._understood(text, words, reading, now)
        called = _emergency(text, found, guess, needed)
        if needed is Help.ALARM or calm is None:
            return called
        return replace(called, instead=self._understood(text, words, calm, now))

    def _guess(self, text: str, words: str, found: Danger) -> IntentGuess | None:
        """The classifier's, or None where it cannot be asked: the rules then answer alone."""
        if not is_readable(text):
            return None
        urgent = vote(found, None) is not Help.NONE
        try:
            return self._intents.classify(words, within_s=_HASTE_S if urgent else None)
        except RasaUnavailable:
            if urgent:
                return None
            raise

    def _understood(
        self, text: str, words: str, guess: IntentGuess, now: datetime
    ) -> Understanding:
        """The sentence under the classifier's guess, with its values."""
        people = find_people(words)
        sure = guess.confidence >= _UNSURE
        category = CATEGORY_OF_ORDER.get(guess.intent) if sure else None
        look_back = guess.intent in LOOKING_BACK
        heard = hear(words, now, self._gazetteer, people, look_back, category)
        heard = _with_other_dishes(heard)
        intent, source = _settle_intent(guess, heard, self._gazetteer)
        if sure:
            heard = self._unnamed(heard, intent)
        return self._with_values(text, heard, intent, guess.confidence, source, now)

    def _unnamed(self, heard: Heard, intent: str) -> Heard:
        """An order that names no service ("中午给我送一份来", "不要送饭,要人来煮") means what it
        hints at, else its kind's usual one; a question about a meal's menu names it by the hour.
        """
        category = CATEGORY_OF_ORDER.get(intent)
        if intent == "query_menu" and (heard.parts or heard.clocks):
            category = "meal"
        positive = wanted(heard)
        if category is None or any(s.code.startswith(f"{category}.") for s in positive):
            return heard
        usual = self._gazetteer.hinted(heard.text, category)
        if usual is None:
            return heard
        others = [] if positive else heard.services
        return replace(heard, services=sorted([*others, usual], key=lambda s: s.start))

    def _with_values(
        self,
        text: str,
        heard: Heard,
        intent: str,
        confidence: float,
        source: str,
        now: datetime,
    ) -> Understanding:
        order_ref = order_meant(text, heard, intent)
        heard = meant(heard, intent)
        if intent in ORDERS or intent == "repeat_order":
            # Nothing is ordered for a day gone by ("昨天摔了一跤,想约康复").
            today = now.astimezone(SHANGHAI).date()
            heard = replace(heard, dates=[one for one in heard.dates if one.value >= today])
        wants = tuple(compose(heard, self._gazetteer, now))
        if intent in ORDERS and _AT_ONCE.search(heard.text):
            wants = tuple(self._today(want, now) for want in wants)
        when = when_of(wants[0]) if wants else unattached(heard, now)
        return Understanding(
            text=text,
            intent=intent,
            confidence=confidence,
            services=tuple({want.service.code: want.service for want in wants}.values()),
            date=when.date,
            time=when.time,
            part=when.part,
            window=when.window,
            recurrence=when.recurrence,
            person=person_of(text, intent),
            diet=diets_of(wants, heard, intent),
            rating=None if intent in ORDERS else find_rating(text, words=intent == "rate_service"),
            order_ref=order_ref,
            wants=wants,
            dishes=tuple(dict.fromkeys(one.value for one in heard.dishes)),
            source=source,
        )

    def _today(self, want: Want, now: datetime) -> Want:
        """ "马上来个护士": said no day, means today."""
        if want.date is not None or want.recurrence is not None:
            return want
        today = now.astimezone(SHANGHAI).date()
        hours = hours_of(self._gazetteer, want.service.code)
        window = make_window(today, want.time, want.part, hours, now)
        return replace(want, date=today, window=window)


def _with_other_dishes(heard: Heard) -> Heard:
    """With the dishes that stand on no menu, and without those that are turned down."""
    known = [one for one in heard.dishes if not is_turned_down(heard.text, one.start)]
    taken = [(one.start, one.end) for one in (*heard.dishes, *heard.diets)]
    others = find_other_dishes(heard.text, taken)
    return replace(heard, dishes=sorted([*known, *others], key=lambda one: one.start))


def _emergency(text: str, found: Danger, guess: IntentGuess | None, needed: Help) -> Understanding:
    likely = 0.0 if guess is None else dict(guess.ranking).get("emergency", 0.0)
    by_rule = found.certainty >= Certainty.DOUBTFUL
    ask = needed is Help.ASK
    return Understanding(
        text,
        "emergency",
        max(likely, RULE_DOUBT if ask else 1.0) if by_rule else likely,
        person=find_person(text),
        emergency_phrase=found.phrase if by_rule else None,
        source="rule" if by_rule else "rasa",
        doubtful=ask,
    )


def _next_best(guess: IntentGuess) -> IntentGuess | None:
    """The likeliest guess that is no emergency, as sure as it is among those."""
    calm = [(intent, likelihood) for intent, likelihood in guess.ranking if intent != "emergency"]
    total = sum(likelihood for _, likelihood in calm)
    if not total:
        return None
    ranking = tuple((intent, likelihood / total) for intent, likelihood in calm)
    return IntentGuess(*ranking[0], ranking)


def is_readable(text: str) -> bool:
    """Whether there is anything to understand: not nothing but signs, not a novel, and not torn
    (U+FFFD stands where bytes were no UTF-8)."""
    return len(text) <= LONGEST and "\ufffd" not in text and any(c.isalnum() for c in text)


def _settle_intent(guess: IntentGuess, heard: Heard, gazetteer: Gazetteer) -> tuple[str, str]:
    """(intent, who decided it): the classifier's, unless a service named outright says better."""
    named = outright(heard, guess.intent, guess.confidence >= _UNSURE)
    if not named:
        if heard.dishes and guess.confidence < _UNSURE and _WISHES.search(heard.text):
            return "order_meal", "gazetteer"
        return guess.intent, "rasa"
    first = ORDER_OF_CATEGORY.get(named[0].code.partition(".")[0], guess.intent)
    if guess.intent in ORDERS and first != guess.intent:
        return first, "gazetteer"
    unsure = (guess.confidence < _UNSURE and guess.intent in SMALL_TALK) or (
        guess.confidence < _VERY_UNSURE and guess.intent == "inform"
    )
    if unsure and _WISHES.search(heard.text):
        return first, "gazetteer"
    return guess.intent, "rasa"
