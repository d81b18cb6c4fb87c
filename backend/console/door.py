"""The console's door: who comes, may they, is the form ours; and what every answer carries."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Response as AnyResponse

from backend.console.permissions import OPEN, may
from backend.console.safety import CHANGING, brings, dress, from_our_site, is_secure
from backend.console.sessions import Sessions, Visitor
from backend.domain.wording import NoWording, Wording
from backend.services.address_tries import counted_as
from backend.services.unit_of_work import unit_of_work
from backend.services.work import SYSTEM, Work

COOKIE = "yinling_console"
ENTRY_COOKIE = "yinling_entry"
"""Before anybody is signed in: its value must come back with the sign-in form."""


@dataclass(frozen=True)
class Door:
    """What pages need to work: transactions of whoever is signed in."""

    sessions: sessionmaker[Session]
    signed_in: Sessions
    scan: Callable[[str, int], str | None] = lambda word, ttl_s: None
    """What a QR must say so that who scans it in WeChat brings us a word within so many seconds;
    None where WeChat cannot be asked."""
    wording: Wording = NoWording()
    """What the house says and listens for."""
    proxies: int = 0
    """How many proxies of ours stand before us: so far back in `X-Forwarded-For` an address is
    believed."""

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction of the visitor; of the house, before somebody is signed in."""
        visitor: Visitor | None = g.get("visitor")
        with unit_of_work(self.sessions, visitor.actor if visitor else SYSTEM) as work:
            yield work

    def address(self) -> str:
        """Where the visitor comes from, as `AddressTries` counts it."""
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if self.proxies and len(hops) >= self.proxies:
            return counted_as(hops[-self.proxies])
        return counted_as(request.remote_addr or "")

    def guard(self, blueprint: Blueprint) -> None:
        """Stand at the door of a blueprint and all that is in it."""
        blueprint.before_request(self._let_in)
        blueprint.after_request(_dress)

    def _let_in(self) -> AnyResponse | None:
        endpoint = request.endpoint or ""
        token = request.cookies.get(COOKIE, "")
        g.visitor = None
        if endpoint == "console.static":
            return None
        if token:
            with self.work() as work:
                g.visitor = self.signed_in.visitor(work, token)
        if request.method in CHANGING:
            _require_our_form()
        if endpoint in OPEN:
            return None
        if g.visitor is None:
            return _to_sign_in()
        if not may(g.visitor.role, endpoint):
            abort(403)
        return None


def visitor() -> Visitor:
    """Who is signed in; only behind the door."""
    found = g.visitor
    assert isinstance(found, Visitor)
    return found


def form_key() -> str:
    """What a form of ours must bring back."""
    if g.get("visitor") is not None:
        return visitor().form_key
    if "entry" not in g:
        g.entry = request.cookies.get(ENTRY_COOKIE) or secrets.token_urlsafe(24)
    return str(g.entry)


def _require_our_form() -> None:
    if not from_our_site():
        abort(400)
    if g.visitor is not None:
        expected = visitor().form_key
    else:
        expected = request.cookies.get(ENTRY_COOKIE, "")
    if not brings(expected):
        if g.visitor is None and request.endpoint not in OPEN:
            return  # signed out meanwhile: sent to the door, where a new key is given
        abort(400)


def _to_sign_in() -> AnyResponse:
    """To the door, and back to the page afterwards. A part of a page cannot show the door: the
    whole page goes there."""
    whole = request.headers.get("HX-Request") is None
    back = request.full_path.rstrip("?") if whole and request.method == "GET" else None
    door = url_for("console.sign_in.ask", back=back)
    if whole:
        return redirect(door)
    return Response("", 401, {"HX-Redirect": door})


def _dress(response: Response) -> Response:
    dress(response, lasts=request.endpoint == "console.static")
    if "entry" in g:
        response.set_cookie(
            ENTRY_COOKIE, g.entry, httponly=True, samesite="Lax", secure=is_secure(),
            path="/console",
        )  # fmt: skip
    return response
