"""What must stand in the database: small tables, of which a story names what it cares for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import func, select

from backend.db.models import (
    Account,
    Consent,
    Incident,
    IncidentEvent,
    Link,
    Message,
    Misunderstanding,
    Notice,
    Offer,
    Order,
    OrderEvent,
    Review,
    Ticket,
    Visit,
    Worker,
)
from backend.services.ledger import is_balanced
from backend.services.lookup import balance
from backend.services.work import Work
from backend.settings import TIMEZONE
from tests.scenarios.cast import elder_id_of
from tests.scenarios.script import BadScript

Row = dict[str, Any]


def check(work: Work, expected: dict[str, Any]) -> None:
    """Raises AssertionError saying what stands there instead."""
    for what, wish in expected.items():
        if what in TABLES:
            _same_rows(what, TABLES[what](work), wish)
        elif what in FACTS:
            FACTS[what](work, wish)
        else:
            raise BadScript(f"nobody can look at {what!r}")


def check_always(work: Work) -> None:
    """What must be true at the end of every story."""
    assert is_balanced(work), "the ledger is out of balance"
    waiting = work.session.scalars(select(Message.said).where(Message.state != "answered")).all()
    assert not waiting, f"never answered: {waiting}"
    assert not unsent(work), f"answered, but never sent: {unsent(work)}"
    undelivered = work.session.execute(
        select(Notice.kind, Notice.state, Notice.error).where(
            (Notice.state == "pending") & (Notice.due_at <= work.now)
        )
    ).all()
    assert not undelivered, f"never delivered: {undelivered}"


def unsent(work: Work) -> list[Row]:
    """Messages whose answers have not left."""
    query = select(Message.said).where(Message.sent_at.is_(None), Message.state == "answered")
    return list(work.session.scalars(query))


def _same_rows(what: str, rows: list[Row], wish: list[Row]) -> None:
    if rows and wish and (unknown := set().union(*wish) - set(rows[0])):
        raise BadScript(f"{what} have no {sorted(unknown)}, only {sorted(rows[0])}")
    columns = set().union(*wish)
    shown = "\n".join(f"    {_of(row, columns or set(row))}" for row in rows) or "    none"
    same = len(rows) == len(wish) and all(
        row[column] == value
        for row, one in zip(rows, wish, strict=False)
        for column, value in one.items()
    )
    assert same, f"expected {what} {wish}, there are:\n{shown}"


def _of(row: Row, columns: Iterable[str]) -> Row:
    return {column: row[column] for column in sorted(columns)}


# -- tables, oldest first ---------------------------------------------------------------------


def _orders(work: Work) -> list[Row]:
    rows = []
    for order in work.session.scalars(select(Order).order_by(Order.id)):
        start, end = (t.astimezone(TIMEZONE) for t in (order.window_start, order.window_end))
        placer = work.session.get(Account, order.placed_by_account_id or 0)
        rows.append(
            {
                "code": order.code,
                "state": order.state.value,
                "elder": order.elder.name,
                "town": order.address.town,
                "day": f"{order.service_day}",
                "start": f"{start:%H:%M}",
                "end": f"{end:%H:%M}",
                "quantity": order.lines[0].quantity,
                "total": order.total_fen,
                "subsidy": order.subsidy_fen,
                "self pay": order.self_pay_fen,
                "worker": order.worker.name if order.worker else None,
                "diet": sorted(order.diet),
                "by": placer.name if placer else None,
                "channel": order.channel,
            }
        )
    return rows


def _offers(work: Work) -> list[Row]:
    query = (
        select(Offer, Worker.name, Order.code)
        .join(Worker, Worker.id == Offer.worker_id)
        .join(Order, Order.id == Offer.order_id)
        .order_by(Offer.id)
    )
    return [
        {"worker": name, "code": code, "state": o.state, "reason": o.decline_reason}
        for o, name, code in work.session.execute(query).tuples()
    ]


def _visits(work: Work) -> list[Row]:
    query = (
        select(Visit, Worker.name)
        .join(Worker, Worker.id == Visit.worker_id)
        .order_by(Visit.order_id)
    )
    return [
        {
            "worker": name,
            "proof": v.check_in_proof,
            "wrong codes": v.wrong_codes,
            "late minutes": v.late_minutes,
            "note": v.check_out_note,
        }
        for v, name in work.session.execute(query).tuples()
    ]


def _reviews(work: Work) -> list[Row]:
    query = (
        select(Review, Order.code)
        .join(Order, Order.id == Review.order_id)
        .order_by(Review.order_id)
    )
    return [
        {"code": code, "stars": r.stars, "words": r.words}
        for r, code in work.session.execute(query).tuples()
    ]


def _tickets(work: Work) -> list[Row]:
    rows = []
    for ticket in work.session.scalars(select(Ticket).order_by(Ticket.id)):
        turns = ticket.transcript.get("turns", [])
        rows.append(
            {
                "kind": ticket.kind,
                "state": ticket.state,
                "summary": ticket.summary,
                "outcome": ticket.outcome,
                "said": [turn["text"] for turn in turns if turn["who"] == "person"],
            }
        )
    return rows


def _incidents(work: Work) -> list[Row]:
    return [
        {
            "state": i.state.value,
            "elder": i.elder.name if i.elder else None,
            "round": i.round,
            "words": i.words,
            "outcome": i.outcome,
            "place": sorted(i.place),
        }
        for i in work.session.scalars(select(Incident).order_by(Incident.id))
    ]


def _links(work: Work) -> list[Row]:
    query = select(Link).order_by(Link.id)
    return [
        {
            "who": link.account.name,
            "elder": link.elder.name,
            "town": link.elder.town,
            "relation": link.relation,
            "live": link.ended_at is None,
        }
        for link in work.session.scalars(query)
    ]


def _consents(work: Work) -> list[Row]:
    return [
        {
            "who": consent.account.name,
            "kind": consent.kind,
            "through": consent.asked_through,
            "state": "withdrawn"
            if consent.withdrawn_at
            else ("given" if consent.given_at else "refused" if consent.refused_at else "asked"),
        }
        for consent in work.session.scalars(select(Consent).order_by(Consent.id))
    ]


def _misunderstandings(work: Work) -> list[Row]:
    """What was masked is <name>, <phone>: braces are the stories' own."""
    query = select(Misunderstanding).order_by(Misunderstanding.id)
    return [
        {
            "text": row.text.replace("{", "<").replace("}", ">"),
            "why": row.why.value,
            "expected": row.expected,
        }
        for row in work.session.scalars(query)
    ]


TABLES: dict[str, Callable[[Work], list[Row]]] = {
    "orders": _orders,
    "offers": _offers,
    "visits": _visits,
    "reviews": _reviews,
    "tickets": _tickets,
    "incidents": _incidents,
    "links": _links,
    "consents": _consents,
    "misunderstandings": _misunderstandings,
}


# -- single facts -----------------------------------------------------------------------------


def _balances(work: Work, wish: dict[str, Row]) -> None:
    """Elder -> available, reserved, spent of this month, in fen."""
    for elder, columns in wish.items():
        now = balance(work, elder_id_of(work.session, elder))
        found = {column: getattr(now, f"{column}_fen") for column in columns}
        assert found == columns, f"balance of {elder}: {found}, expected {columns}"


def _moves(work: Work, wish: dict[str, list[str]]) -> None:
    """Service code -> every move of the newest such order, without its placing."""
    for code, moves in wish.items():
        newest = select(func.max(Order.id)).where(Order.code == code).scalar_subquery()
        query = select(OrderEvent.move).where(OrderEvent.order_id == newest)
        found = list(work.session.scalars(query.order_by(OrderEvent.id)))
        found = [one for one in found if one != "place"]
        assert found == moves, f"moves of {code}: {found}"


def _timeline(work: Work, wish: list[str]) -> None:
    """Steps of the newest incident that must have come in this order, others between them."""
    newest = select(func.max(Incident.id)).scalar_subquery()
    query = select(IncidentEvent.step).where(IncidentEvent.incident_id == newest)
    found = list(work.session.scalars(query.order_by(IncidentEvent.id)))
    steps = iter(found)
    missing = [one for one in wish if one not in steps]
    assert not missing, f"no {missing} in its place on the timeline {found}"


def _notices(work: Work, wish: dict[str, int]) -> None:
    """Kind -> how many were written."""
    for kind, count in wish.items():
        found = work.session.scalar(
            select(func.count()).select_from(Notice).where(Notice.kind == kind)
        )
        assert found == count, f"{found} notices of {kind}"


FACTS: dict[str, Callable[[Work, Any], None]] = {
    "balance": _balances,
    "moves": _moves,
    "timeline": _timeline,
    "notices": _notices,
}
