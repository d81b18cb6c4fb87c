"""What a visitor's towns let them see, as conditions of a query.

What belongs to nobody known (an alarm from a stranger, a call without a number) is everybody's:
better seen twice than by nobody.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, false, or_, select, true

from backend.console.sessions import Visitor
from backend.db.models import Call, Elder, Incident, Order, ServiceArea, Ticket, Worker
from backend.domain.console import Role
from backend.domain.errors import NotFound
from backend.domain.incidents import IncidentState
from backend.services.work import Work


def elders_of(visitor: Visitor) -> ColumnElement[bool]:
    """Elders of the visitor's towns. A provider's people see orders, not files."""
    if visitor.role is Role.PROVIDER:
        return false()
    return Elder.town.in_(visitor.towns) if visitor.towns else true()


def incidents_of(visitor: Visitor) -> ColumnElement[bool]:
    """Alarms of the visitor's towns; and, once nobody there has answered for a round, of all."""
    if not visitor.towns:
        return true()
    return or_(
        Incident.elder_id.is_(None), Incident.elder.has(elders_of(visitor)), Incident.round > 0
    )


def calls_of(visitor: Visitor) -> ColumnElement[bool]:
    if not visitor.towns:
        return true()
    return or_(Call.elder_id.is_(None), Call.elder_id.in_(_elder_ids(visitor)))


def tickets_of(visitor: Visitor) -> ColumnElement[bool]:
    if not visitor.towns:
        return true()
    return or_(Ticket.elder_id.is_(None), Ticket.elder_id.in_(_elder_ids(visitor)))


def orders_of(visitor: Visitor) -> ColumnElement[bool]:
    """Orders of the visitor's towns, or of its provider."""
    if visitor.role is Role.PROVIDER:
        return Order.provider_id == visitor.provider_id
    return Order.elder.has(elders_of(visitor)) if visitor.towns else true()


def workers_of(visitor: Visitor) -> ColumnElement[bool]:
    """Workers of the visitor's own provider, or of those that serve the visitor's towns."""
    if visitor.role is Role.PROVIDER:
        return Worker.provider_id == visitor.provider_id
    if not visitor.towns:
        return true()
    serve = select(ServiceArea.provider_id).where(ServiceArea.town.in_(visitor.towns))
    return Worker.provider_id.in_(serve)


def provider_of(visitor: Visitor) -> int:
    """The one provider whose people the visitor is of. Raises NotFound for everybody else."""
    if visitor.provider_id is None:
        raise NotFound("not_found", what="Provider", key=None)
    return visitor.provider_id


def _elder_ids(visitor: Visitor) -> ScalarSelect[int]:
    return select(Elder.id).where(elders_of(visitor)).scalar_subquery()


def require_elder(work: Work, visitor: Visitor, elder_id: int) -> None:
    """Raises NotFound for an elder that the visitor must not see: other towns' elders do not
    exist for them, unless one of them calls for help and nobody there answers."""
    seen = select(Elder.id).where(Elder.id == elder_id, elders_of(visitor))
    calling = select(Incident.id).where(
        Incident.elder_id == elder_id,
        Incident.state != IncidentState.RESOLVED,
        incidents_of(visitor),
    )
    if work.session.scalar(seen) is None and work.session.scalar(calling.limit(1)) is None:
        raise NotFound("not_found", what="Elder", key=elder_id)
