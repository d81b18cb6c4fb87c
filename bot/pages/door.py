"""The door of the pages in WeChat: who is there says WeChat (snsapi_base), and a signed cookie
remembers it for some hours. What may be seen is decided anew with every request."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Response as AnyResponse

from backend.console.safety import CHANGING, brings, dress, from_our_site, is_secure
from backend.db.models import Account
from backend.services.lookup import account_for
from backend.services.unit_of_work import unit_of_work
from backend.services.work import SYSTEM, Work, actor_of
from bot.client import WeChatClient
from bot.messages import CHANNEL
from bot.pages.links import ROOT, Links, signer, whose
from bot.settings import WeChatSettings

COOKIE = "yinling_pages"
ASKED_COOKIE = "yinling_asked"
"""While WeChat is asked: where to go on, for whom it was meant, and the word that comes back."""
REMEMBERED_FOR_S = 12 * 3600
ASKED_FOR_S = 600
OPEN = frozenset({"pages.static", "pages.entry.by_link", "pages.entry.back"})
"""For whoever is not known yet."""


@dataclass(frozen=True)
class Guest:
    """Who is there."""

    account_id: int
    worker_id: int | None
    whose: str
    form_key: str


@dataclass(frozen=True)
class PageDoor:
    """What pages need: transactions of whoever is there, and the way to ask WeChat who that is."""

    sessions: sessionmaker[Session]
    client: WeChatClient
    wechat: WeChatSettings
    links: Links
    secret: str = field(repr=False)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction of the guest; of the house, before it is known who is there."""
        account: Account | None = g.get("account")
        actor = actor_of(account) if account is not None else SYSTEM
        with unit_of_work(self.sessions, actor) as work:
            yield work

    def guard(self, blueprint: Blueprint) -> None:
        """Stand at the door of a blueprint and all that is in it."""
        blueprint.before_request(self._let_in)
        blueprint.after_request(_dress)

    def ask_wechat(self, path: str, whom: str | None = None) -> AnyResponse:
        """To WeChat, which says who is there and sends them back to `path`; `whom`: only for this
        one."""
        if not self.wechat.configured:
            abort(503)
        word = secrets.token_hex(16)
        address = f"{self.wechat.public_base_url}{url_for('pages.entry.back')}"
        answer = redirect(self.client.oauth_url(address, word))
        asked: Any = self._asked.dumps([word, path, whom])
        _set_cookie(answer, ASKED_COOKIE, asked)
        return answer

    def asked(self) -> tuple[str, str | None] | None:
        """Where this browser wanted to go when WeChat was asked, and for whom that was meant; None
        if it was not us who asked."""
        try:
            word, path, whom = self._asked.loads(
                request.cookies.get(ASKED_COOKIE, ""), max_age=ASKED_FOR_S
            )
        except (BadSignature, ValueError, TypeError):
            return None
        if not secrets.compare_digest(str(word), request.args.get("state", "")):
            return None
        return str(path), whom

    def welcome(self, openid: str, answer: AnyResponse) -> None:
        """Remember who is there."""
        known: Any = self._known.dumps([openid, secrets.token_urlsafe(18)])
        _set_cookie(answer, COOKIE, known)
        answer.delete_cookie(ASKED_COOKIE, path=ROOT)

    @property
    def _asked(self) -> URLSafeTimedSerializer:
        return signer(self.secret, "asked")

    @property
    def _known(self) -> URLSafeTimedSerializer:
        return signer(self.secret, "known")

    def _let_in(self) -> AnyResponse | None:
        g.account = g.guest = None
        if request.endpoint == "pages.static":
            return None
        self._recognise()
        if request.method in CHANGING and not from_our_site():
            abort(400)
        if request.endpoint in OPEN:
            return None
        if g.guest is None:
            if request.method in CHANGING:
                # WeChat cannot be asked in the middle of a form: the page is opened anew first.
                return Response(status=401) if wants_json() else abort(401)
            return self.ask_wechat(request.full_path.rstrip("?"))
        if request.method in CHANGING and not brings(guest().form_key):
            abort(400)
        return None

    def _recognise(self) -> None:
        try:
            openid, form_key = self._known.loads(
                request.cookies.get(COOKIE, ""), max_age=REMEMBERED_FOR_S
            )
        except (BadSignature, ValueError, TypeError):
            return
        with unit_of_work(self.sessions) as work:
            account = account_for(work, CHANNEL, openid)
            if account is None:
                # Somebody who never wrote to us: there is nothing of theirs to show yet.
                g.guest = Guest(0, None, whose(openid), form_key)
                g.account = Account(id=0, channel=CHANNEL, identifier=openid)
                return
            g.guest = Guest(account.id, account.worker_id, whose(openid), form_key)
            work.session.expunge(account)
            g.account = account


def guest() -> Guest:
    """Who is there; only behind the door."""
    found = g.guest
    assert isinstance(found, Guest)
    return found


def wants_json() -> bool:
    """Whether a tap was sent by our script, which shows the outcome itself."""
    return request.headers.get("X-Tap") is not None


def told(status: int, **said: Any) -> Response:
    """The outcome of a tap, for our script."""
    answer = jsonify(**said)
    answer.status_code = status
    return answer


def _set_cookie(answer: AnyResponse, name: str, value: str) -> None:
    # Lax: WeChat sends the browser back to us from its own site.
    answer.set_cookie(
        name, value, httponly=True, samesite="Lax", secure=is_secure(), path=ROOT
    )  # fmt: skip


def _dress(response: Response) -> Response:
    # A worker's telephone may say where it is; nothing else.
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(self), microphone=()"
    return dress(response, lasts=request.endpoint == "pages.static")
