"""A kitchen's menus: two weeks by day and meal, planned, copied, published."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from backend.console.days import day_or
from backend.console.door import Door, visitor
from backend.console.forms import text, tried
from backend.console.pictures import LARGEST_UPLOAD, small_webp
from backend.console.safety import LASTS
from backend.console.scope import provider_of
from backend.console.showing import is_part, page
from backend.db.models import Provider
from backend.domain.errors import DomainError, NotFound
from backend.domain.menus import DIETS, WEEK, MenuState, last_planned, monday_of
from backend.services.copy_week import copy_week
from backend.services.dish_pictures import drop_picture, keep_picture, pictures_of
from backend.services.dish_pictures import picture as kept_picture
from backend.services.draft_menu import add_dish, discard_draft, drop_dish
from backend.services.menu_weeks import menu_days, usual_dishes
from backend.services.publish_menus import publish_menus
from backend.services.work import Work

SHOWN = 2 * WEEK
UNPUBLISHED = (MenuState.DRAFT, MenuState.CHANGED)


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("menus", __name__, url_prefix="/provider/menus")

    @blueprint.get("")
    def show() -> str:
        with door.work() as work:
            return _weeks(work)

    @blueprint.post("/publish")
    def publish() -> str:
        provider_id = provider_of(visitor())
        with door.work() as work:
            first = _monday(work)
            last = first + SHOWN - timedelta(days=1)
            count = publish_menus(work, provider_id, first, last)
            return _weeks(work, published=count)

    @blueprint.post("/copy")
    def copy() -> str:
        provider_id = provider_of(visitor())
        with door.work() as work:
            into = monday_of(_day(text("into")))
            count = copy_week(work, provider_id, into)
            return _weeks(work, copied=count)

    @blueprint.get("/<day>/<code>")
    def meal(day: str, code: str) -> str:
        with door.work() as work:
            return _meal(work, _day(day), code)

    @blueprint.post("/<day>/<code>/add")
    def add(day: str, code: str) -> Response:
        def change(work: Work) -> None:
            diets = request.form.getlist("diets")
            add_dish(work, provider_of(visitor()), _day(day), code, text("name"), diets)

        return _changed(day, code, tried(door, change))

    @blueprint.post("/<day>/<code>/drop")
    def drop(day: str, code: str) -> Response:
        def change(work: Work) -> None:
            drop_dish(work, provider_of(visitor()), _day(day), code, text("name"))

        return _changed(day, code, tried(door, change))

    @blueprint.post("/<day>/<code>/discard")
    def discard(day: str, code: str) -> Response:
        def change(work: Work) -> None:
            discard_draft(work, provider_of(visitor()), _day(day), code)

        return _changed(day, code, tried(door, change))

    @blueprint.post("/<day>/<code>/publish")
    def publish_meal(day: str, code: str) -> Response:
        def change(work: Work) -> None:
            one = _day(day)
            publish_menus(work, provider_of(visitor()), one, one, code)

        return _changed(day, code, tried(door, change))

    @blueprint.get("/pictures/<digest>")
    def picture(digest: str) -> Response:
        with door.work() as work:
            webp = kept_picture(work, provider_of(visitor()), digest)
        return Response(webp, mimetype="image/webp", headers=LASTS)

    @blueprint.post("/<day>/<code>/picture", endpoint="keep_picture")
    def put_picture(day: str, code: str) -> Response:
        request.max_content_length = LARGEST_UPLOAD

        def change(work: Work) -> None:
            webp = small_webp(_sent_picture())
            keep_picture(work, provider_of(visitor()), _day(day), code, text("name"), webp)

        return _changed(day, code, tried(door, change))

    @blueprint.post("/<day>/<code>/picture/drop", endpoint="drop_picture")
    def take_picture_away(day: str, code: str) -> Response:
        def change(work: Work) -> None:
            drop_picture(work, provider_of(visitor()), text("name"))

        return _changed(day, code, tried(door, change))

    def _changed(day: str, code: str, said: str | None) -> Response:
        """The meal as it is now, and why it did not change if it did not."""
        with door.work() as work:
            response = make_response(_meal(work, _day(day), code, said))
        response.status_code = 422 if said else 200
        response.headers["HX-Trigger"] = "menus-changed"
        return response

    return blueprint


def _sent_picture() -> bytes:
    """Raises DomainError `no_photo`, `photo_too_large`."""
    try:
        sent = request.files.get("picture")
    except RequestEntityTooLarge as error:
        raise DomainError("photo_too_large", most_mb=LARGEST_UPLOAD // 2**20) from error
    content = sent.read() if sent is not None else b""
    if not content:
        raise DomainError("no_photo")
    return content


def _day(said: str) -> date:
    """The day of an address; 404 for none."""
    if (day := day_or(said, date.min)) == date.min:
        abort(404)
    return day


def _monday(work: Work) -> date:
    """The week asked for; this one without."""
    return monday_of(day_or(request.values.get("week"), work.local_now.date()))


def _weeks(work: Work, **done: int) -> str:
    provider_id = provider_of(visitor())
    monday = _monday(work)
    today = work.local_now.date()
    days = menu_days(work, provider_id, monday, SHOWN.days)
    return page(
        "parts/menu_weeks" if is_part() else "menus",
        provider=work.session.scalar(select(Provider.name).where(Provider.id == provider_id)),
        monday=monday,
        before=monday - WEEK,
        after=monday + WEEK,
        today=today,
        last=last_planned(today),
        weeks=[days[n : n + WEEK.days] for n in range(0, len(days), WEEK.days)],
        waiting=sum(meal.state in UNPUBLISHED for day in days for meal in day),
        done=done,
    )


def _meal(work: Work, day: date, code: str, said: str | None = None) -> str:
    provider_id = provider_of(visitor())
    meals = [one for of_day in menu_days(work, provider_id, day, 1) for one in of_day]
    meal = next((one for one in meals if one.code == code), None)
    if meal is None:
        raise NotFound("not_found", what="Menu", key=code)
    usual = usual_dishes(work, provider_id, code, [dish.name for dish in meal.dishes])
    kept = pictures_of(work, [provider_id])
    pictures = {dish: digest for (_, dish), digest in kept.items()}
    return page(
        "parts/menu_meal", meal=meal, usual=usual, diets=DIETS, said=said, pictures=pictures
    )
