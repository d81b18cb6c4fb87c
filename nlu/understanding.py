"""What the understanding makes of a sentence: plain records, no behaviour but their JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - the fields are named date and time
from datetime import datetime
from datetime import time as Time  # noqa: N812
from typing import Any


@dataclass(frozen=True)
class ServiceWish:
    """A service item's code and how many portions were said (1 when none was)."""

    code: str
    quantity: int = 1


@dataclass(frozen=True)
class Window:
    """A bookable stretch of time; both ends are aware, in Asia/Shanghai."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Want:
    """One service with what was said about it ("明天中午送饭,后天上午换药" holds two)."""

    service: ServiceWish
    date: Date | None = None
    time: Time | None = None
    part: str | None = None
    window: Window | None = None
    recurrence: str | None = None
    diet: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """A sentence understood. What was not said is None or empty.

    `date`, `time`, `part`, `window` and `recurrence` are those of the first want, or of the
    whole message when it names no service. `wants` keeps each service with the values of its
    own clause. `dishes` are those it asks for, by the part of the name said, whether or
    not a menu has them.
    `emergency_phrase` is the phrase that made a rule fire. `source` tells who
    decided the intent: "rasa", "rule" or "gazetteer". An emergency that is `doubtful` is asked
    about before it is raised; `instead` is what the sentence means if it is none.
    """

    text: str
    intent: str
    confidence: float
    services: tuple[ServiceWish, ...] = ()
    date: Date | None = None
    time: Time | None = None
    part: str | None = None
    window: Window | None = None
    recurrence: str | None = None
    person: str | None = None
    diet: tuple[str, ...] = ()
    rating: int | None = None
    order_ref: str | None = None
    wants: tuple[Want, ...] = ()
    dishes: tuple[str, ...] = ()
    emergency_phrase: str | None = None
    source: str = "rasa"
    doubtful: bool = False
    instead: Understanding | None = None

    def to_json(self) -> dict[str, Any]:
        """The understanding contract: exactly the public fields, ready for json.dumps."""
        return {
            "text": self.text,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "services": [{"code": s.code, "quantity": s.quantity} for s in self.services],
            "date": self.date.isoformat() if self.date else None,
            "time": self.time.strftime("%H:%M") if self.time is not None else None,
            "part": self.part,
            "window": _window_json(self.window),
            "recurrence": self.recurrence,
            "person": self.person,
            "diet": list(self.diet),
            "rating": self.rating,
            "order_ref": self.order_ref,
        }


def _window_json(window: Window | None) -> dict[str, str] | None:
    if window is None:
        return None
    return {
        "start": window.start.isoformat(timespec="minutes"),
        "end": window.end.isoformat(timespec="minutes"),
    }
