"""A sentence in, an Understanding out: rules first, then the classifier's intent, then values.

Emergency, yes and no are decided by rule and work with the classifier dead. Everything else
asks the classifier (Rasa) for the intent, and the text itself for the values: services by the
gazetteer, days, times, portions, people, diet by `nlu.values`. Where the two contradict each
other (an order of a meal in a sentence that only names wound care) the named service decides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import yaml

from backend.seed.catalogue import load_catalogue
from nlu.rasa_client import IntentGuess
from nlu.rules import emergency, only_sounds_urgent, yes_no
from nlu.understanding import Understanding, Want
from nlu.values.clauses import Heard, hear
from nlu.values.dates import SHANGHAI
from nlu.values.numbers import find_rating
from nlu.values.order_ref import find_order_ref
from nlu.values.people import find_people, find_person
from nlu.values.services import Gazetteer, ServiceFound
from nlu.values.text import normalise
from nlu.values.wants import compose, hours_of, unattached, when_of
from nlu.values.windows import make_window

__all__ = ["IntentClassifier", "IntentGuess", "Understander", "make_gazetteer"]

ORDER_OF_CATEGORY = {
    "meal": "order_meal",
    "nursing": "order_nursing",
    "home": "order_home_help",
    "escort": "order_escort",
    "errand": "order_errand",
    "companion": "order_companion",
    "health": "health_consult",
}
_ORDERS = frozenset(ORDER_OF_CATEGORY.values()) - {"health_consult"}
# About an order that exists already.
_ABOUT_ORDERS = frozenset(
    {"query_order", "cancel_order", "change_order", "repeat_order", "rate_service", "complain"}
)
_LOOKING_BACK = frozenset({"rate_service", "complain"})
# Talk that is about no service and no day, whatever words it uses ("今天天气真好").
_SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "chitchat", "out_of_scope", "repeat_prompt"})
_NO_DAY = _SMALL_TALK | {"emergency", "transfer_agent", "bind_elder", "unbind_elder"}
_NO_SERVICE = _NO_DAY | {"query_balance"}
# Below this the classifier is guessing; a service named outright then decides.
_UNSURE = 0.5
_VERY_UNSURE = 0.2
_CANCELS = re.compile(
    r"取消|不要|不用|不需要|退[掉了订单]|别[送来]|不订|不去|唔要|唔使|撤|不约|免了|算了"
    r"|不做|不想"
)
_WISHES = re.compile(r"帮|订|约|要|请|安排|想|叫|给|送|来|找|派|点|需要|麻烦|买|做|唔该")
_NOT_WANTED = re.compile(
    r"(?:不要|不用|不是|别|不想|不需要|唔要|唔使|唔系|不订|不做|取消)(?:再|来|做|去|订|送"
    r"|约|上门|帮我)?$"
)
_INSTEAD = re.compile(r"改[成为订约做]|换成|换为|改要|变成")
_CLAUSE = re.compile(r"[,。;!?]")
_AT_ONCE = re.compile(
    r"马上|立刻|立即|即刻|(?:现在|而家|依家)(?:就|能|可以)?(?:来|过来|上门|送|派|叫)"
    r"|尽快过来|越快越好|这就来|赶紧"
)
_ESCORTED = re.compile(r"陪")
CONSULT, ESCORT, MEDICINE = "health.consult", "escort.hospital", "errand.medicine"


class IntentClassifier(Protocol):
    """Tells the intent of a text. Raises nlu.errors.RasaUnavailable when it cannot."""

    def classify(self, text: str) -> IntentGuess: ...


def make_gazetteer(catalogue: Path | str | None = None) -> Gazetteer:
    """The gazetteer of a catalogue file (the shipped one by default)."""
    friends = Path(__file__).with_name("data") / "false_friends.yaml"
    return Gazetteer(load_catalogue(catalogue), yaml.safe_load(friends.read_text(encoding="utf-8")))


class Understander:
    """Understands sentences; holds no state between them and is safe to share by threads."""

    def __init__(self, intents: IntentClassifier, gazetteer: Gazetteer | None = None) -> None:
        self._intents = intents
        self._gazetteer = gazetteer or make_gazetteer()

    def understand(self, text: str, now: datetime, channel: str = "wechat") -> Understanding:
        """What a sentence means, said at `now` (aware) through `channel` (wechat or voice).

        Raises nlu.errors.RasaUnavailable for what the rules alone cannot decide.
        """
        phrase = emergency(text)
        if phrase is not None:
            return Understanding(
                text, "emergency", 1.0, person=find_person(text), emergency_phrase=phrase,
                source="rule",
            )  # fmt: skip
        answer = yes_no(text)
        if answer is not None:
            return Understanding(text, answer, 1.0, source="rule")
        words = normalise(text).text
        guess = _without_false_alarm(self._intents.classify(words), text)
        people = find_people(words)
        heard = hear(words, now, self._gazetteer, people, guess.intent in _LOOKING_BACK)
        intent, source = _settle_intent(guess, heard, self._gazetteer)
        if guess.confidence >= _UNSURE and not heard.services:
            heard = self._unnamed(heard, intent)
        return self._with_values(text, heard, intent, guess.confidence, source, now)

    def _unnamed(self, heard: Heard, intent: str) -> Heard:
        """An order that names no service ("中午给我送一份来") means its kind's usual one."""
        category = next((c for c, order in ORDER_OF_CATEGORY.items() if order == intent), None)
        usual = self._gazetteer.unnamed(category) if category else None
        return replace(heard, services=[usual]) if usual else heard

    def _with_values(
        self,
        text: str,
        heard: Heard,
        intent: str,
        confidence: float,
        source: str,
        now: datetime,
    ) -> Understanding:
        heard = _meant(heard, intent)
        if intent in _ORDERS:
            # Nothing is ordered for a day gone by ("昨天摔了一跤,想约康复").
            today = now.astimezone(SHANGHAI).date()
            heard = replace(heard, dates=[one for one in heard.dates if one.value >= today])
        wants = tuple(compose(heard, self._gazetteer, now))
        if intent in _ORDERS and _AT_ONCE.search(heard.text):
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
            person=None if intent in _SMALL_TALK else find_person(text),
            diet=_diets(wants, heard),
            rating=None if intent in _ORDERS else find_rating(text, words=intent == "rate_service"),
            order_ref=None
            if intent in _SMALL_TALK
            else find_order_ref(text, existing=intent in _ABOUT_ORDERS),
            wants=wants,
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


def _without_false_alarm(guess: IntentGuess, text: str) -> IntentGuess:
    """An alarm that the rules' guards take back ("昨天摔了一跤,现在没事") is the next guess."""
    if guess.intent != "emergency" or not only_sounds_urgent(text):
        return guess
    for intent, confidence in guess.ranking:
        if intent != "emergency":
            return IntentGuess(intent, confidence, guess.ranking)
    return guess


def _settle_intent(guess: IntentGuess, heard: Heard, gazetteer: Gazetteer) -> tuple[str, str]:
    """(intent, who decided it): the classifier's, unless a service named outright says better."""
    named = [s for s in _meant(heard, guess.intent, always=True).services if not s.by_sound]
    if not named:
        return guess.intent, "rasa"
    first = ORDER_OF_CATEGORY.get(named[0].code.partition(".")[0], guess.intent)
    if guess.intent in _ORDERS and first != guess.intent:
        return first, "gazetteer"
    unsure = (guess.confidence < _UNSURE and guess.intent in _SMALL_TALK) or (
        guess.confidence < _VERY_UNSURE and guess.intent == "inform"
    )
    if unsure and _WISHES.search(heard.text):
        return first, "gazetteer"
    return guess.intent, "rasa"


def _meant(heard: Heard, intent: str, always: bool = False) -> Heard:
    """Of everything heard, what the message is about under this intent.

    `always` keeps the services of an intent that has none, to see what they would say.
    """
    services = heard.services
    if intent == "health_consult":
        services = _consult(services)
    elif (intent in _NO_SERVICE or intent.startswith("job_")) and not always:
        services = []
    elif intent == "cancel_order":
        services = _cancelled(heard)
    else:
        services = _wanted(heard)
    if intent in _LOOKING_BACK:
        # "饭太咸了" does not say which meal; the order it is about tells.
        services = [s for s in services if not s.generic or heard.parts]
    services = _one_errand(heard.text, services)
    heard = replace(heard, services=services)
    if intent in _NO_DAY:
        return replace(heard, dates=[], clocks=[], parts=[], recurrences=[], quantities=[])
    if intent.startswith("query_") and intent != "query_order":
        return replace(heard, recurrences=[])
    return heard


def _consult(services: list[ServiceFound]) -> list[ServiceFound]:
    at = next((s.start for s in services if s.code == CONSULT), 0)
    return [ServiceFound((CONSULT,), at, at)]


def _wanted(heard: Heard) -> list[ServiceFound]:
    """Without what is only refused or replaced ("不要打扫了,要洗澡"), if more is left."""
    kept: list[ServiceFound] = []
    for service in heard.services:
        if kept and _INSTEAD.search(heard.text[kept[-1].end : service.start]):
            kept.pop()
        kept.append(service)
    positive = [s for s in kept if not _NOT_WANTED.search(heard.text[: s.start])]
    return positive or kept


def _cancelled(heard: Heard) -> list[ServiceFound]:
    """The services in the clauses that cancel, else all ("我要去医院,午饭取消": the lunch)."""
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(heard.text)), len(heard.text)]
    kept: list[ServiceFound] = []
    for start, end in zip(bounds, bounds[1:], strict=False):
        if _CANCELS.search(heard.text[start:end]):
            kept += [s for s in heard.services if start <= s.start < end]
    return kept or heard.services


def _one_errand(text: str, services: list[ServiceFound]) -> list[ServiceFound]:
    """ "陪我去医院换药" is one outing, "去医院拿药" one errand: the place is no second service."""
    codes = {s.code for s in services}
    if ESCORT not in codes or len(codes) == 1:
        return services
    kept: list[ServiceFound] = []
    for service in services:
        start, end = _clause_around(text, service)
        inside = [s for s in services if start <= s.start < end]
        escorted = bool(_ESCORTED.search(text[start:end]))
        place = service.code == ESCORT and not escorted
        purpose = escorted and (service.code.startswith("nursing.") or service.code == MEDICINE)
        fetched = any(s.code == MEDICINE for s in inside)
        led_there = any(s.code == ESCORT and s.start < service.start for s in inside)
        if not (place and fetched) and not (purpose and led_there):
            kept.append(service)
    return kept


def _clause_around(text: str, service: ServiceFound) -> tuple[int, int]:
    starts = [m.end() for m in _CLAUSE.finditer(text) if m.end() <= service.start]
    ends = [m.start() for m in _CLAUSE.finditer(text) if m.start() >= service.end]
    return (starts[-1] if starts else 0, ends[0] if ends else len(text))


def _diets(wants: tuple[Want, ...], heard: Heard) -> tuple[str, ...]:
    """The kitchen's requests; in a sentence about wound care "轻一点" asks nothing of a kitchen."""
    if wants:
        return tuple(dict.fromkeys(diet for want in wants for diet in want.diet))
    return tuple(dict.fromkeys(one.value for one in heard.diets))
