"""Settings: what a city may change. A form is first answered by the difference it makes; said why
and sent once more it stands, in every process, without a restart."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from sqlalchemy import or_, select

from backend.console.door import Door
from backend.console.forms import number, text, tried
from backend.console.setting_forms import setting_of, value_of
from backend.console.setting_lists import form_of, list_of
from backend.console.setting_told import called, differences, names
from backend.console.showing import is_part, page
from backend.console.words import refusal
from backend.db.models import Offering, Provider, ServiceItem
from backend.domain.errors import DomainError, NotFound
from backend.domain.offerings import price_bounds
from backend.domain.settings import Kind, Value
from backend.services.change_setting import change_setting, stands
from backend.services.kept_settings import checked
from backend.services.work import Work

NOT_AGAIN = frozenset({"form_key", "why", "sure"})


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("settings", __name__, url_prefix="/settings")

    @blueprint.get("")
    def show() -> str:
        return _list(Kind.SERVICE)

    @blueprint.get("/<kind>")
    def of_kind(kind: str) -> str:
        return _list(_kind(kind))

    @blueprint.get("/<kind>/one")
    def one(kind: str) -> str:
        with door.work() as work:
            return _form(work, _kind(kind), request.args.get("key", ""))

    @blueprint.post("/<kind>/one")
    def change(kind: str) -> Response:
        of, key = _kind(kind), text("key")
        if of is Kind.HELP:
            key = door.wording.plain_phrase(key)
        if not text("sure"):
            return _look_first(of, key)

        def carry_out(work: Work) -> None:
            seen, value = number("seen") or 0, value_of(work, of, key)
            change_setting(work, door.wording, setting_of(of, key), value, text("why", 400), seen)

        said = tried(door, carry_out)
        if said is not None:
            return _look_first(of, key, said)
        with door.work() as work:
            response = make_response(_form(work, of, key, done=True))
        response.headers["HX-Trigger"] = "settings-changed"
        return response

    def _list(kind: Kind) -> str:
        with door.work() as work:
            facts = list_of(work, kind, door.wording)
            template = f"parts/settings_{kind.value}" if is_part() else "settings"
            return page(template, kind=kind, **facts)

    def _form(work: Work, kind: Kind, key: str, said: str | None = None, done: bool = False) -> str:
        facts = form_of(work, kind, key, door.wording, typed=request.form if said else None)
        if facts is None:
            return page("parts/setting_gone", kind=kind)
        return page(f"parts/setting_{kind.value}", kind=kind, said=said, done=done, **facts)

    def _look_first(kind: Kind, key: str, said: str | None = None) -> Response:
        """The difference that the form makes, to be looked at and said why."""
        with door.work() as work:
            try:
                setting = setting_of(kind, key)
                value = checked(work, door.wording, kind, setting.key, value_of(work, kind, key))
            except NotFound:
                raise
            except DomainError as refused:
                return make_response(_form(work, kind, key, refusal(refused)), 422)
            before = stands(work, setting)
            shown = page(
                "parts/setting_sure",
                kind=kind,
                key=key,
                name=called(kind, setting.key, names(work)),
                changes=differences(kind, setting.key, before.value, value, door.wording),
                outside=_outside(work, key, value) if kind is Kind.SERVICE else (),
                lost=_lost(kind, key, value),
                again=[(n, v) for n, v in request.form.items() if n not in NOT_AGAIN],
                why=text("why"),
                said=said,
            )
            return make_response(shown, 422 if said else 200)

    def _lost(kind: Kind, key: str, value: Value | None) -> list[str]:
        if kind is not Kind.PROMPT or value is None:
            return []
        return list(door.wording.lost_facts(key, value["text"]))

    return blueprint


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise NotFound("not_found", what="setting", key=name) from None


def _outside(work: Work, code: str, value: Value | None) -> list[str]:
    """Who asks a price now that would be out of bounds."""
    assert value is not None
    bounds = price_bounds(
        value["base_price_fen"], value["least_price_fen"], value["most_price_fen"]
    )
    item = work.get(ServiceItem, code)
    had = price_bounds(item.base_price_fen, item.least_price_fen, item.most_price_fen)
    if bounds == had:
        return []
    return list(
        work.session.scalars(
            select(Provider.name)
            .join(Offering, Offering.provider_id == Provider.id)
            .where(
                Offering.code == code,
                Offering.is_open,
                or_(Offering.price_fen < bounds.least_fen, Offering.price_fen > bounds.most_fen),
            )
            .order_by(Provider.name)
        )
    )
