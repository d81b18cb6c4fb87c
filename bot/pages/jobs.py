"""For the worker: offers and jobs, the job's card with its steps, and the month's earnings.

What a card shows before and after acceptance is decided where the chat's cards are made.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from backend.console.pictures import LARGEST_UPLOAD
from backend.db.models import Offer, Order, Worker
from backend.domain.errors import DomainError, NotFound
from backend.domain.gcj02 import from_wgs84
from backend.domain.matching import Place
from backend.domain.orders import Move, may
from backend.services.accept_offer import accept_offer
from backend.services.check_in import NEAR_M, check_in, count_wrong_code
from backend.services.check_out import check_out
from backend.services.decline_offer import decline_offer
from backend.services.depart import depart
from backend.services.lookup import jobs_of, standing_offers
from backend.services.visit_photos import has_photo, keep_photo, photo_of
from backend.services.work import Work
from backend.services.worker_month import month_before, worker_month
from bot.pages.door import PageDoor, guest
from bot.pages.photos import small_jpeg
from bot.pages.showing import page
from bot.pages.taps import Answer, take
from nlu.dialogue.jobs_cards import done_on, job_card, offer_card

COUNTED = frozenset({"wrong_code"})
LONGEST_NOTE = 300


def routes(door: PageDoor) -> Blueprint:
    blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

    @blueprint.before_request
    def workers_only() -> None:
        if guest().worker_id is None:
            raise NotFound("not_found", what="Worker")

    @blueprint.before_request
    def room_for_a_photo() -> None:
        request.max_content_length = LARGEST_UPLOAD

    @blueprint.get("/")
    def show() -> str:
        with door.work() as work:
            worker = _worker(work)
            today = work.local_now.date()
            jobs = [job_card(work, order, worker) for order in jobs_of(work, worker.id)]
            done, earned_fen = done_on(work, worker.id, today)
            return page(
                "jobs",
                worker=worker,
                today=today,
                offers=[offer_card(work, offer) for offer in standing_offers(work, worker.id)],
                jobs=jobs,
                done=done,
                earned_fen=earned_fen,
            )

    @blueprint.get("/<int:order_id>")
    def card(order_id: int) -> str:
        with door.work() as work:
            worker = _worker(work)
            offer = _offer(work, order_id)
            if offer is not None:
                return page("job", card=offer_card(work, offer), offer=offer, order=None)
            order = _own(work, order_id)
            return page(
                "job",
                card=job_card(work, order, worker),
                offer=None,
                order=order,
                may_depart=may(order.state, Move.DEPART),
                may_check_in=may(order.state, Move.CHECK_IN),
                may_check_out=may(order.state, Move.CHECK_OUT),
                has_photo=has_photo(work, order.id),
            )

    @blueprint.get("/<int:order_id>/photo")
    def photo(order_id: int) -> Response:
        with door.work() as work:
            _own(work, order_id)
            return Response(photo_of(work, order_id), mimetype="image/jpeg")

    @blueprint.post("/offers/<int:offer_id>/accept")
    def accept(offer_id: int) -> Answer:
        return take(
            door, lambda work: _card_of(accept_offer(work, offer_id)), url_for("pages.jobs.show")
        )

    @blueprint.post("/offers/<int:offer_id>/decline")
    def decline(offer_id: int) -> Answer:
        reason = request.form.get("reason", "").strip()[:100]

        def act(work: Work) -> str:
            decline_offer(work, offer_id, reason)
            return url_for("pages.jobs.show")

        return take(door, act, url_for("pages.jobs.show"))

    @blueprint.post("/<int:order_id>/depart")
    def set_out(order_id: int) -> Answer:
        return take(door, lambda work: _card_of(depart(work, order_id)), _card(order_id))

    @blueprint.post("/<int:order_id>/check-in")
    def arrive(order_id: int) -> Answer:
        code = request.form.get("code", "").strip() or None

        def act(work: Work) -> str:
            return _card_of(check_in(work, order_id, code, None if code else _place()))

        def count(work: Work, refused: DomainError) -> None:
            count_wrong_code(work, order_id)

        return take(
            door,
            act,
            _card(order_id),
            COUNTED,
            count,
        )

    @blueprint.post("/<int:order_id>/finish")
    def finish(order_id: int) -> Answer:
        note = request.form.get("note", "").strip()[:LONGEST_NOTE]
        taken = request.files.get("photo")
        content = taken.read() if taken is not None else b""

        def act(work: Work) -> str:
            order = check_out(work, order_id, note)
            if content:
                keep_photo(work, order_id, small_jpeg(content))
            return _card_of(order)

        return take(door, act, _card(order_id))

    @blueprint.get("/earnings")
    def earnings() -> str:
        with door.work() as work:
            now = f"{work.local_now:%Y-%m}"
            month = request.args.get("month", now)
            try:
                found = worker_month(work, _worker(work).id, month)
            except ValueError:
                abort(404)
            return page(
                "earnings", found=found, before=month_before(month), now=now, is_now=month >= now
            )

    return blueprint


def _worker(work: Work) -> Worker:
    return work.get(Worker, guest().worker_id)


def _offer(work: Work, order_id: int) -> Offer | None:
    """The offer of this order that waits for the guest's answer."""
    standing = standing_offers(work, _worker(work).id)
    return next((offer for offer in standing if offer.order_id == order_id), None)


def _own(work: Work, order_id: int) -> Order:
    """Raises NotFound for a job that is not the guest's."""
    order = work.get(Order, order_id)
    if order.worker_id is None or order.worker_id != guest().worker_id:
        raise NotFound("not_found", what="Order", key=order_id)
    return order


def _place() -> Place | None:
    """Where the telephone says it is. Browsers speak WGS-84, also inside WeChat.

    Raises DomainError `place_unsure` where it hardly knows itself: that would prove nothing."""
    lat, lon = (request.form.get(name, type=float) for name in ("lat", "lon"))
    if request.form.get("accuracy", 0.0, type=float) > NEAR_M:
        raise DomainError("place_unsure")
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return from_wgs84(Place(lat, lon))


def _card(order_id: int) -> str:
    return url_for("pages.jobs.card", order_id=order_id)


def _card_of(order: Order) -> str:
    return _card(order.id)
