"""The last classifications, kept for a minute: what was asked ahead is not asked again.

A pause in somebody's speech may be its end. Whoever listens has the words so far classified while
the pause is still waited out (`Desk.foresee`); if it was the end, the turn finds its answer here.
Only what depends on nothing but the text is kept, so a wrong guess costs a question to Rasa and
changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from nlu.errors import RasaUnavailable
from nlu.rasa_client import IntentGuess

MOST = 256
"""Texts kept: those of the last turns of twenty calls."""
FRESH_S = 60.0
"""So long a classification is kept; a classifier taught anew is heard of no later."""


class Classifies(Protocol):
    """What stands behind: see nlu.understand.IntentClassifier."""

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess: ...


@dataclass(frozen=True)
class _Asked:
    at: float
    answer: Future[IntentGuess] = field(default_factory=Future)


class Foresight:
    """Stands in front of a classifier and is one; safe to share between threads."""

    def __init__(
        self,
        intents: Classifies,
        most: int = MOST,
        fresh_s: float = FRESH_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """At most `most` texts are kept, each for `fresh_s` seconds of the clock `now`."""
        self._intents, self._most, self._fresh_s, self._now = intents, most, fresh_s, now
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, _Asked] = OrderedDict()

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        """The intent of `text`, as known, as somebody else is just asking, or asked now.

        Raises `RasaUnavailable` for this question alone: an error is never kept, and who waited
        for another's question that failed asks once more.
        """
        asked, is_ours = self._question(text)
        if is_ours:
            return self._ask(text, asked, within_s)
        began = time.monotonic()
        try:
            return asked.answer.result(within_s)
        except TimeoutError:
            raise RasaUnavailable("another's question is not answered yet") from None
        except Exception:
            left = None if within_s is None else max(within_s - time.monotonic() + began, 0.0)
            return self._intents.classify(text, left)

    def _question(self, text: str) -> tuple[_Asked, bool]:
        """The question about a text, and whether it is for us to ask."""
        now = self._now()
        with self._lock:
            while self._asked:
                oldest = next(iter(self._asked.values()))
                if now - oldest.at < self._fresh_s:
                    break
                self._asked.popitem(last=False)
            if (asked := self._asked.get(text)) is not None:
                return asked, False
            while len(self._asked) >= self._most:
                self._asked.popitem(last=False)
            asked = self._asked[text] = _Asked(now)
            return asked, True

    def _ask(self, text: str, asked: _Asked, within_s: float | None) -> IntentGuess:
        try:
            guess = self._intents.classify(text, within_s)
        except BaseException as error:
            with self._lock:
                if self._asked.get(text) is asked:
                    del self._asked[text]
            asked.answer.set_exception(error)
            raise
        asked.answer.set_result(guess)
        return guess
