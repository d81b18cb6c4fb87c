"""The people of a story in the database, and the names by which a story speaks of things."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.db.models import Account, Address, Elder, Incident, Link, Order, Ticket, Worker
from backend.domain import ledger
from backend.domain.matching import Place
from backend.seed.duty import OnDuty, put_on_duty
from backend.services.allowance import month_of
from backend.services.bind import FAMILY_CODE_TTL, make_family_code, make_worker_code
from backend.services.ledger import post
from backend.services.lookup import balance
from backend.services.work import Work
from tests.scenarios.script import BadScript, Part, Scenario

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
METRES_PER_DEGREE = 111_320


def elder_id_of(session: Session, name: str) -> int:
    """`王建国`, or where several share a name `李桂兰/东城`, `陈惠芳/北隅社区`."""
    name, _, place = name.partition("/")
    query = select(Elder.id).where(Elder.name == name)
    if place:
        lives = select(Address.elder_id).where(
            or_(Address.town == place, Address.community == place), Address.is_default
        )
        query = query.where(Elder.id.in_(lives))
    return _the_one(session, query, name)


def worker_id_of(session: Session, name: str) -> int:
    """A worker by name, who must be the only one so called."""
    return _the_one(session, select(Worker.id).where(Worker.name == name), name)


def _the_one(session: Session, query: Any, name: str) -> int:
    found = session.scalars(query).all()
    if len(found) != 1:
        raise BadScript(f"{len(found)} people are called {name}")
    return int(found[0])


def bring_in(work: Work, scenario: Scenario, accounts: dict[str, tuple[str, str]]) -> None:
    """Make the accounts (each a channel and what we know the person by there), links and duties of
    the people, and what is given."""
    for name, part in scenario.people.items():
        channel, identifier = accounts[name]
        if part.duty:
            town = part.town
            put_on_duty(
                work.session, work.now, [OnDuty(channel, identifier, name, part.duty, town)]
            )
        elif part.known:
            _bring(work, part, Account(channel=channel, identifier=identifier, name=name))
    for fact, of in scenario.given.items():
        if fact != "allowance left":
            raise BadScript(f"unknown {fact!r} under given")
        for elder, left_fen in of.items():
            _use_allowance(work, elder_id_of(work.session, elder), left_fen)


def _bring(work: Work, part: Part, account: Account) -> None:
    if part.worker:
        account.worker_id = worker_id_of(work.session, part.worker)
    work.session.add(account)
    work.session.flush()
    for elder, how in part.family.items():
        how = how if isinstance(how, dict) else {"as": how}
        work.session.add(
            Link(
                account_id=account.id,
                elder_id=elder_id_of(work.session, elder),
                relation=how["as"],
                may_order=how.get("may order", True),
                may_see_health=how.get("may see health", how["as"] == "self"),
            )
        )
    work.session.flush()


def _use_allowance(work: Work, elder_id: int, left_fen: int) -> None:
    """As if orders before the story had used the month's allowance up to `left_fen`."""
    month = month_of(work.local_now.date())
    available = balance(work, elder_id, month).available_fen
    used = ledger.reserve(elder_id, month, available - left_fen)
    post(work, used, f"before the story:{elder_id}")


class Names:
    """What `{…}` in a story stands for."""

    def __init__(self, unit: Callable[[], AbstractContextManager[Work]]) -> None:
        self._unit = unit
        self._made: dict[str, str] = {}

    def keep(self, name: str, text: str) -> None:
        """From now on `{name}` is `text`."""
        self._made[name] = text

    def fill(self, value: Any) -> Any:
        """`value` with every `{…}` in it replaced."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if not isinstance(value, str):
            return value
        return _PLACEHOLDER.sub(lambda found: self._lookup(found[1].strip()), value)

    def _lookup(self, name: str) -> str:
        if name in self._made:
            return self._made[name]
        what, _, of = name.partition(" of ")
        with self._unit() as work:
            match what:
                case "family code" | "another family code" | "expired family code":
                    if what.startswith("expired"):
                        work.now -= 2 * FAMILY_CODE_TTL
                    code = make_family_code(work, elder_id_of(work.session, of))
                    return self._made.setdefault(name, code)
                case "worker code":
                    code = make_worker_code(work, worker_id_of(work.session, of))
                    return self._made.setdefault(name, code)
                case "visit code" | "number":
                    order = _newest_order(work.session, of)
                    return order.visit_code if what == "visit code" else order.number
                case "wrong code":
                    right = int(_newest_order(work.session, of).visit_code)
                    return f"{(right + 1) % 10_000:04d}"
                case "incident":
                    return str(_newest(work.session, Incident))
                case "ticket":
                    return str(_newest(work.session, Ticket))
        raise BadScript(f"what is {{{name}}}?")

    def place(self, what: Any) -> Place:
        """`home of X`, or `{near: X, metres: 2000}`: north of X's home."""
        elder, metres = (what["near"], what["metres"]) if isinstance(what, dict) else (what[8:], 15)
        with self._unit() as work:
            home = work.session.scalars(
                select(Address).where(
                    Address.elder_id == elder_id_of(work.session, elder), Address.is_default
                )
            ).one()
        if home.lat is None or home.lon is None:
            raise BadScript(f"nobody knows where {elder} lives")
        return Place(home.lat + metres / METRES_PER_DEGREE, home.lon)


def _newest_order(session: Session, code: str) -> Order:
    query = select(Order).order_by(Order.id.desc()).limit(1)
    if code:
        query = query.where(Order.code == code)
    return session.scalars(query).one()


def _newest(session: Session, model: Any) -> int:
    return int(session.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one())
