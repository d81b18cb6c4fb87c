"""Putting labelled lines to the understanding, whole or with parts of it switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

from backend.seed.catalogue import load_catalogue
from nlu.corpus.lines import SAID_AT, Line
from nlu.corpus.noise import noised
from nlu.errors import RasaUnavailable
from nlu.rasa_client import IntentGuess, RasaClient
from nlu.understand import Understander
from nlu.understanding import Understanding
from nlu.values.services import Gazetteer, ServiceFound
from nlu.values.text import normalise
from ops.bench.nlu.scoring import Alarms, Answer, alarms

AT_ONCE = 2
Understands = Callable[[Line], Understanding]


def noised_copies(lines: Sequence[Line], seed: int) -> list[Line]:
    """Each line as a recogniser may have heard it, once, over the telephone."""
    heard = noised((line.text for line in lines), seed)
    return [
        replace(line, text=text, channel="voice") for line, text in zip(lines, heard, strict=True)
    ]


def listen(understands: Understands, lines: Iterable[Line]) -> list[Answer]:
    """An answer for each line, in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda line: Answer(line, understands(line)), lines))


def whole(rasa: RasaClient) -> Understands:
    """Rules, Rasa and values together, at the moment the lines were said."""
    return _by(Understander(rasa))


class _DeafGazetteer(Gazetteer):
    """Knows every service and hears none."""

    def find(self, *_: object, **__: object) -> list[ServiceFound]:
        return []

    def hinted(self, *_: object) -> None:
        return None


def without_gazetteer(rasa: RasaClient) -> Understands:
    """The same, but no service is found in the text, nor has one a say in the intent."""
    return _by(Understander(rasa, _DeafGazetteer(load_catalogue())))


def rasa_alone(rasa: RasaClient) -> Understands:
    """Rasa's first guess and nothing else: no rules, no values."""

    def understand(line: Line) -> Understanding:
        guess = rasa.classify(normalise(line.text).text)
        return Understanding(line.text, guess.intent, guess.confidence)

    return understand


class _DeadRasa:
    """Answers as a Rasa that is gone."""

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        raise RasaUnavailable("dead")


def answered_by_rule(line: Line) -> bool:
    """Whether the line is understood without asking Rasa."""
    return _with_rasa_dead(line) is not None


def rules_alone(lines: Iterable[Line]) -> Alarms:
    """The alarms that are raised with Rasa dead."""
    return alarms((line.intent, _with_rasa_dead(line)) for line in lines)


def _with_rasa_dead(line: Line) -> Understanding | None:
    try:
        return _rules()(line)
    except RasaUnavailable:
        return None


@lru_cache(maxsize=1)
def _rules() -> Understands:
    return _by(Understander(_DeadRasa()))


def _by(understander: Understander) -> Understands:
    return lambda line: understander.understand(line.text, SAID_AT, line.channel)
