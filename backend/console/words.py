"""The console's words, and how money, times and people are written on its pages."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from backend import clock
from backend.domain.errors import DomainError
from backend.settings import TIMEZONE


@cache
def words() -> dict[str, Any]:
    """All of `words.yaml`."""
    found: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("words.yaml").read_text("utf-8")
    )
    return found


def word(kind: str, key: Any) -> Any:
    """The word for a state or kind; what has none is shown as it is."""
    table: Mapping[str, Any] = words()[kind]
    return table.get(str(getattr(key, "value", key)), key)


def refusal(error: DomainError) -> str:
    """Why not, in a sentence that helps."""
    said: Mapping[str, str] = words()["refusals"]
    try:
        return said.get(error.code, said["other"]).format(**error.facts)
    except KeyError:
        return said["other"]


def yuan(fen: int) -> str:
    """Fen as yuan, with two places only where there are fen."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    figure = f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"
    return str(words()["money"]).format(sign + figure)


def hour(moment: datetime) -> str:
    """09:05, local."""
    return f"{moment.astimezone(TIMEZONE):%H:%M}"


def day(moment: datetime) -> str:
    """Today, tomorrow, yesterday by these words, else the date; local."""
    local = moment.astimezone(TIMEZONE).date()
    away = (local - clock.now().astimezone(TIMEZONE).date()).days
    if (near := words()["days"].get(away)) is not None:
        return str(near)
    return dated(local)


def dated(local: date) -> str:
    """The date with its weekday, however near it is."""
    weekday = words()["weekdays"][local.weekday()]
    return str(words()["date"]).format(month=local.month, day=local.day, weekday=weekday)


def on(date_: date) -> str:
    """As `day`, of a local date."""
    return day(datetime.combine(date_, time(12), TIMEZONE))


def lasting(minutes: int) -> str:
    """So long, in hours and minutes."""
    hours, left = divmod(int(minutes), 60)
    form = "both" if hours and left else "hours" if hours else "minutes"
    return str(words()["lasting"][form]).format(hours=hours, minutes=left)


def when(moment: datetime) -> str:
    """The day and the hour."""
    return f"{day(moment)} {hour(moment)}"


def iso(moment: datetime) -> str:
    """For a script that counts."""
    return moment.astimezone(TIMEZONE).isoformat()


def teach(app: Flask) -> None:
    """Let an application's templates use these."""
    app.jinja_env.filters.update(
        yuan=yuan, hour=hour, day=day, on=on, dated=dated, lasting=lasting, when=when, iso=iso
    )
    app.jinja_env.globals.update(word=word, clock_now=clock.now)
