"""A provider's people: who they are, what they do, which papers they hold until when."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from flask import Blueprint, Response, make_response, request
from sqlalchemy import select

from backend.console import forms
from backend.console.door import Door, visitor
from backend.console.forms import day, text, tried
from backend.console.scope import provider_of, workers_of
from backend.console.showing import is_part, page
from backend.db.models import Offering, ServiceItem
from backend.domain.errors import DomainError, NotFound
from backend.domain.qualification import PAPERS, WARN_DAYS, PaperState
from backend.services.elder_file import service_names
from backend.services.hire_worker import Person, change_worker, hire_worker, let_worker_go
from backend.services.keep_paper import end_paper, keep_paper
from backend.services.staff import Member, staff
from backend.services.work import Work

LANGUAGES = 6
A_PAGE = 60


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("workers", __name__, url_prefix="/provider/workers")

    @blueprint.get("")
    def show() -> str:
        gone = "gone" in request.args
        number = max(request.args.get("page", 1, type=int), 1)
        with door.work() as work:
            people = staff(work, workers_of(visitor()), gone=gone)
            shown = people[(number - 1) * A_PAGE : number * A_PAGE]
            return page(
                "parts/workers" if is_part() else "workers",
                people=shown,
                count=len(people),
                number=number,
                more=len(people) > number * A_PAGE,
                gone=gone,
                warn_days=WARN_DAYS,
                expired=sum(one.worst is PaperState.EXPIRED for one in people),
                expiring=sum(one.worst is PaperState.EXPIRING for one in people),
                names=service_names(work),
            )

    @blueprint.get("/new")
    def ask() -> str:
        with door.work() as work:
            return page("parts/worker_new", services=_services(work), said=None, typed={})

    @blueprint.post("/new")
    def hire() -> Response:
        hired: list[int] = []

        def change(work: Work) -> None:
            hired.append(hire_worker(work, provider_of(visitor()), _person()).id)

        said = tried(door, change)
        with door.work() as work:
            if said is not None:
                typed = request.form
                shown = page("parts/worker_new", services=_services(work), said=said, typed=typed)
                return make_response(shown, 422)
            return _told(make_response(_card(work, hired[0])))

    @blueprint.get("/<int:worker_id>")
    def card(worker_id: int) -> str:
        with door.work() as work:
            return _card(work, worker_id)

    @blueprint.post("/<int:worker_id>")
    def change(worker_id: int) -> Response:
        return _changed(worker_id, lambda work: change_worker(work, worker_id, _person()))

    @blueprint.post("/<int:worker_id>/papers")
    def add_paper(worker_id: int) -> Response:
        return _changed(
            worker_id,
            lambda work: keep_paper(
                work, worker_id, text("kind"), text("number"), day("issued_on"),
                day("valid_until"),
            ),
        )  # fmt: skip

    @blueprint.post("/<int:worker_id>/papers/<int:paper_id>/end")
    def finish_paper(worker_id: int, paper_id: int) -> Response:
        return _changed(worker_id, lambda work: end_paper(work, worker_id, paper_id))

    @blueprint.post("/<int:worker_id>/end")
    def end(worker_id: int) -> Response:
        return _changed(worker_id, lambda work: let_worker_go(work, worker_id))

    def _changed(worker_id: int, change: Callable[[Work], object]) -> Response:
        """Carry out a change of one of the visitor's own people; their card as it is now."""
        with door.work() as work:
            seen_member(work, worker_id)
        said = tried(door, change)
        with door.work() as work:
            response = make_response(_card(work, worker_id, said), 422 if said else 200)
        return _told(response)

    return blueprint


def _told(response: Response) -> Response:
    response.headers["HX-Trigger"] = "workers-changed"
    return response


def seen_member(work: Work, worker_id: int) -> Member:
    """Raises NotFound for other providers' people."""
    found = staff(work, workers_of(visitor()), worker_id=worker_id)
    if not found:
        raise NotFound("not_found", what="Worker", key=worker_id)
    return found[0]


def _card(work: Work, worker_id: int, said: str | None = None) -> str:
    member = seen_member(work, worker_id)
    history = sorted(member.worker.qualifications, key=lambda one: one.valid_until, reverse=True)
    current = {one.paper.id for one in member.papers}
    return page(
        "parts/worker",
        member=member,
        former=[paper for paper in history if paper.id not in current],
        services=_services(work),
        names=service_names(work),
        kinds=PAPERS,
        today=work.local_now.date(),
        said=said,
    )


def _person() -> Person:
    languages = text("languages").replace("，", "、").replace(",", "、").split("、")
    visits = forms.number("max_visits_a_day")
    if visits is None:
        raise DomainError("bad_number")
    return Person(
        text("name"),
        text("sex"),
        "".join(text("phone").split()),
        tuple(dict.fromkeys(one.strip() for one in languages if one.strip()))[:LANGUAGES],
        visits,
        frozenset(request.form.getlist("codes")),
    )


def _services(work: Work) -> list[tuple[str, list[ServiceItem]]]:
    """The city's services by category, those first of whose categories the provider offers
    something."""
    provider_id = provider_of(visitor())
    own = set(
        work.session.scalars(
            select(ServiceItem.category)
            .join(Offering, Offering.code == ServiceItem.code)
            .where(Offering.provider_id == provider_id)
            .distinct()
        )
    )
    items = work.session.scalars(
        select(ServiceItem).order_by(
            ServiceItem.category.not_in(own), ServiceItem.category, ServiceItem.hours_from,
            ServiceItem.code,
        )
    )  # fmt: skip
    return [(name, list(of_one)) for name, of_one in groupby(items, lambda one: one.category)]
