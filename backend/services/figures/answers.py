"""How soon calls for help were taken up, and how soon telephone calls were answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select, true, tuple_

from backend.db.models import Call, Elder, Incident
from backend.services.figures.slice import UNKNOWN, By, Slice
from backend.services.work import Work

FIRST_S, SECOND_S = 60, 180
"""The clocks of telecare: nearly all within the first, all within the second."""
RINGS_S = 15
"""Three rings."""

_local: ColumnElement[str] = literal_column("'Asia/Shanghai'")
_month: ColumnElement[str] = literal_column("'YYYY-MM'")
_town = func.coalesce(Elder.town, literal_column(f"'{UNKNOWN}'"))


def _took(begun: Any, answered: Any) -> ColumnElement[Any]:
    return func.extract("epoch", answered - begun)


_alarm_s = _took(Incident.raised_at, Incident.acknowledged_at)
_call_s = _took(Call.rang_at, Call.answered_at)
_human_s = _took(Call.human_wanted_at, Call.human_at)

ALARM_PARTS: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "first": _alarm_s <= FIRST_S,
    "second": and_(_alarm_s > FIRST_S, _alarm_s <= SECOND_S),
    "later": _alarm_s > SECOND_S,
    "unanswered": Incident.acknowledged_at.is_(None),
}
_in = Call.direction == "in"
CALL_PARTS: dict[str, ColumnElement[bool]] = {
    "all": _in,
    "soon": and_(_in, _call_s <= RINGS_S),
    "slow": and_(_in, _call_s > RINGS_S),
    "unanswered": and_(_in, Call.answered_at.is_(None)),
    "human": and_(_in, Call.human_wanted_at.is_not(None)),
    "joined": and_(_in, Call.human_wanted_at.is_not(None), Call.human_at.is_not(None)),
    "rung_back": and_(_in, Call.human_wanted_at.is_not(None), Call.human_at.is_(None)),
}


@dataclass(frozen=True)
class AlarmFigures:
    """Calls for help by the day they were raised. `key` None: the whole slice; by town, UNKNOWN:
    of elders who are not known."""

    key: str | None
    alarms: int
    first: int
    """A human had it within FIRST_S of its being raised."""
    second: int
    """Later, but within SECOND_S."""
    later: int
    unanswered: int
    """No human has taken it up so far."""
    median_s: float | None
    p95_s: float | None
    """Of those taken up: 95 of 100 were by then."""


@dataclass(frozen=True)
class CallFigures:
    """Calls to us by the day they rang. `key` as with alarms."""

    key: str | None
    calls: int
    soon: int
    """Answered, by the line or a human, within RINGS_S of the first ring."""
    slow: int
    unanswered: int
    """Rang off, or we did not pick up."""
    human: int
    """A human was wanted in them."""
    joined: int
    """Of those, one picked up while the caller was there."""
    rung_back: int
    """The others."""
    median_s: float | None
    """From the first ring until answered."""
    p95_s: float | None
    human_median_s: float | None
    """From the wish for a human until one was there, of those whom one reached."""
    human_p95_s: float | None

    @property
    def joined_share(self) -> float | None:
        """Of the callers who wanted a human: whom one reached in the call."""
        return self.joined / self.human if self.human else None


def alarm_figures(
    work: Work, of: Slice, by: By, ours: ColumnElement[bool]
) -> tuple[AlarmFigures, list[AlarmFigures]]:
    """The whole, and its groups: towns, else months (alarms are of no service). `ours`: a
    condition on incidents."""
    key = _town if by is By.TOWN else _month_of(Incident.raised_at)
    rows = _grouped(work, key, ALARM_PARTS, [_alarm_s], _alarms(of), ours, Incident)
    made = [AlarmFigures(*row) for row in rows]
    return made[0], made[1:]


def call_figures(
    work: Work, of: Slice, by: By, ours: ColumnElement[bool]
) -> tuple[CallFigures, list[CallFigures]]:
    """The whole, and its groups: towns, else months. `ours`: a condition on calls."""
    key = _town if by is By.TOWN else _month_of(Call.rang_at)
    rows = _grouped(work, key, CALL_PARTS, [_call_s, _human_s], [*_calls(of), _in], ours, Call)
    made = [CallFigures(*row) for row in rows]
    return made[0], made[1:]


def alarms_behind(of: Slice, part: str, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The alarms of a part, the newest first, with what a list shows of each. Raises KeyError."""
    return (
        select(
            Incident.id.label("id"),
            Incident.raised_at.label("at"),
            Elder.name.label("elder"),
            Elder.town.label("town"),
            Incident.channel.label("channel"),
            Incident.state.label("state"),
            Incident.acknowledged_at.label("answered_at"),
            _alarm_s.label("seconds"),
            Incident.outcome.label("outcome"),
        )
        .outerjoin(Elder, Elder.id == Incident.elder_id)
        .where(*_alarms(of), ALARM_PARTS[part], ours)
        .order_by(Incident.raised_at.desc(), Incident.id.desc())
    )


def calls_behind(of: Slice, part: str, ours: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The calls of a part, the newest first, with what a list shows of each. Raises KeyError."""
    return (
        select(
            Call.id.label("id"),
            Call.rang_at.label("at"),
            Elder.name.label("elder"),
            Elder.town.label("town"),
            Call.answered_at.label("answered_at"),
            _call_s.label("seconds"),
            Call.human_wanted_at.label("human_wanted_at"),
            _human_s.label("human_s"),
            Call.ended_at.label("ended_at"),
            Call.outcome.label("outcome"),
        )
        .outerjoin(Elder, Elder.id == Call.elder_id)
        .where(*_calls(of), CALL_PARTS[part], ours)
        .order_by(Call.rang_at.desc(), Call.id.desc())
    )


def _grouped(
    work: Work,
    key: ColumnElement[str],
    parts: dict[str, ColumnElement[bool]],
    took: Sequence[ColumnElement[Any]],
    wanted: list[ColumnElement[bool]],
    ours: ColumnElement[bool],
    model: type[Incident] | type[Call],
) -> list[Any]:
    """Key, how many of each part, median and 95th percentile of each time: the whole first,
    then each group."""
    sorted_out = [func.percentile_cont(at).within_group(one) for one in took for at in (0.5, 0.95)]
    rows = work.session.execute(
        select(key, *(func.count().filter(of) for of in parts.values()), *sorted_out)
        .select_from(model)
        .outerjoin(Elder, Elder.id == model.elder_id)
        .where(*wanted, ours)
        .group_by(func.grouping_sets(tuple_(key), literal_column("()")))
        .order_by(func.grouping(key).desc(), key)
    )
    return list(rows)


def _alarms(of: Slice) -> list[ColumnElement[bool]]:
    return _within(of, Incident.raised_at)


def _calls(of: Slice) -> list[ColumnElement[bool]]:
    return _within(of, Call.rang_at)


def _within(of: Slice, at: Any) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [at >= of.begins, at < of.ends]
    if of.town is not None:
        wanted.append(_town == of.town)
    return wanted


def _month_of(at: Any) -> ColumnElement[str]:
    return func.to_char(func.timezone(_local, at), _month)
