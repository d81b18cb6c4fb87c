"""Who sits at the console: listed, made, changed, locked; and who came to the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, request

from backend.console.door import Door, visitor
from backend.console.forms import number, text, tried
from backend.console.setting_told import people
from backend.console.showing import is_part, page
from backend.domain.console import Role
from backend.domain.errors import DomainError, NotFound
from backend.services.address_tries import open_address, shut_addresses
from backend.services.console_staff import all_providers, all_towns, came_to_the_door, seats
from backend.services.console_users import make_console_user
from backend.services.manage_console_users import (
    change_console_user,
    give_password,
    give_telephone,
    lock_console_user,
    unlock_console_user,
)
from backend.services.passwords import of_chance
from backend.services.work import Work

A_PAGE = 40
LAST = 10


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("users", __name__, url_prefix="/users")

    @blueprint.get("")
    def show() -> str:
        with door.work() as work:
            template = "parts/users" if is_part() else "users"
            return page(template, seats=seats(work), shut=shut_addresses(work), now=work.now)

    @blueprint.get("/door")
    def came() -> str:
        before_id = request.args.get("before", type=int)
        with door.work() as work:
            found = came_to_the_door(work, before_id=before_id, most=A_PAGE + 1)
            return page(
                "at_the_door",
                rows=found[:A_PAGE],
                more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
                is_first=before_id is None,
                who=people(work),
                shut=shut_addresses(work),
            )

    @blueprint.post("/door/open")
    def let_address_in() -> Response:
        tried(door, lambda work: open_address(work, text("address")))
        return Response("", 204, {"HX-Refresh": "true"})

    @blueprint.get("/new")
    def ask() -> str:
        with door.work() as work:
            return page("parts/user_new", said=None, typed=None, **_choices(work))

    @blueprint.post("/new")
    def make() -> Response:
        password = of_chance()

        def change(work: Work) -> None:
            name, role, towns, provider_id = _who()
            make_console_user(work, text("login"), name, password, role, towns, provider_id)

        said = tried(door, change)
        if said is None:
            return _shown(text("login").lower(), password=password)
        with door.work() as work:
            shown = page("parts/user_new", said=said, typed=request.form, **_choices(work))
        return make_response(shown, 422)

    @blueprint.get("/<login>")
    def card(login: str) -> str:
        with door.work() as work:
            return _card(work, login)

    @blueprint.post("/<login>")
    def change(login: str) -> Response:
        return _changed(login, lambda work: change_console_user(work, login, *_who()))

    @blueprint.post("/<login>/lock")
    def lock(login: str) -> Response:
        return _changed(login, lambda work: lock_console_user(work, login))

    @blueprint.post("/<login>/unlock")
    def unlock(login: str) -> Response:
        return _changed(login, lambda work: unlock_console_user(work, login))

    @blueprint.post("/<login>/telephone")
    def telephone(login: str) -> Response:
        return _changed(login, lambda work: give_telephone(work, login, text("telephone")))

    @blueprint.post("/<login>/password")
    def password(login: str) -> Response:
        given: list[str] = []
        said = tried(door, lambda work: given.append(give_password(work, login)))
        return _shown(login, said, given[0] if given and said is None else None)

    def _changed(login: str, change: Callable[[Work], object]) -> Response:
        return _shown(login, tried(door, change))

    def _shown(login: str, said: str | None = None, password: str | None = None) -> Response:
        with door.work() as work:
            response = make_response(_card(work, login, said, password), 422 if said else 200)
        response.headers["HX-Trigger"] = "users-changed"
        return response

    return blueprint


def _card(work: Work, login: str, said: str | None = None, password: str | None = None) -> str:
    found = seats(work, login)
    if not found:
        raise NotFound("not_found", what="ConsoleUser", key=login)
    return page(
        "parts/user",
        seat=found[0],
        is_me=found[0].user.id == visitor().id,
        history=came_to_the_door(work, found[0].user.id, most=LAST),
        who=people(work),
        now=work.now,
        said=said,
        password=password,
        typed=request.form if said and "role" in request.form else None,
        **_choices(work),
    )


def _choices(work: Work) -> dict[str, Any]:
    return {"roles": list(Role), "all_towns": all_towns(work), "providers": all_providers(work)}


def _who() -> tuple[str, Role, list[str], int | None]:
    """What the form says of somebody. Towns are for those who are of no provider, and the provider
    for those who are."""
    try:
        role = Role(text("role"))
    except ValueError:
        raise DomainError("wrong_binding") from None
    if role is Role.PROVIDER:
        return text("name"), role, [], number("provider")
    return text("name"), role, request.form.getlist("towns"), None
