"""The door: name and password in, and out again."""

from __future__ import annotations

from math import ceil
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend import clock
from backend.console.door import COOKIE, ENTRY_COOKIE, Door, visitor
from backend.console.safety import is_secure
from backend.console.showing import page
from backend.domain.console import SIGNED_IN_FOR
from backend.services.sign_in import ShutOut, SignedIn, sign_in, sign_out


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("sign_in", __name__)

    @blueprint.get("/sign-in")
    def ask() -> str:
        return page("sign_in", login="", trouble=None, back=_ours(request.args.get("back")))

    @blueprint.post("/sign-in")
    def enter() -> Response | tuple[str, int]:
        login, back = request.form.get("login", ""), _ours(request.form.get("back"))
        with door.work() as work:
            came = sign_in(work, login, request.form.get("password", ""), door.address())
        if isinstance(came, SignedIn):
            door.signed_in.began(came, clock.now())
            response = redirect(back or url_for("console.home.go"))
            response.set_cookie(
                COOKIE, came.token, max_age=int(SIGNED_IN_FOR.total_seconds()), httponly=True,
                samesite="Lax", secure=is_secure(), path="/console",
            )  # fmt: skip
            response.delete_cookie(ENTRY_COOKIE, path="/console")
            return response
        if isinstance(came, ShutOut):
            minutes = ceil((came.until - clock.now()).total_seconds() / 60)
            trouble = page("parts/shut_out", minutes=minutes)
            return page("sign_in", login=login, trouble=trouble, back=back), 429
        trouble = page("parts/not_let_in")
        return page("sign_in", login=login, trouble=trouble, back=back), 401

    @blueprint.post("/sign-out")
    def leave() -> Response:
        token = request.cookies[COOKIE]
        with door.work() as work:
            sign_out(work, token, visitor().id)
        door.signed_in.ended(token)
        response = make_response(redirect(url_for("console.sign_in.ask")))
        response.delete_cookie(COOKIE, path="/console")
        return response

    return blueprint


def _ours(address: str | None) -> str | None:
    """A page of the console to go back to; another site's address leads nowhere."""
    parts = urlsplit(address or "")
    if parts.scheme or parts.netloc or not parts.path.startswith("/console/"):
        return None
    return address if "\\" not in parts.path else None
