"""The page to try a house on, and what its scripts ask for."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import structlog
from flask import Flask, Response, abort, jsonify, redirect, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from backend.console.safety import CHANGING, brings, dress, from_our_site
from bot.settings import LOOPBACK
from ivr.level import Pcm
from ivr.sound import LARGEST, decoded
from ivr.voice import Voice, VoiceError
from nlu.errors import UnreadableSound
from ops.ring import CannotRing
from ops.trying.news import News, stream
from ops.trying.people import People
from ops.trying.phone import Busy, NoCall, PhonePad
from ops.trying.sounds import narrowed
from tests.standin.wechat.amr import amr
from tests.standin.wechat.phone import Phone, Pushed
from tests.standin.wechat.server import WHOSE_BROWSER

log = structlog.get_logger()

AWAY = (httpx.HTTPError, SQLAlchemyError, AssertionError)
"""What people, the database or the stand-in (which a phone tells as an assertion) ends in, while
the house is not there."""
SPEED = 1.0
"""Of the voice that speaks what was typed: people who ring speak faster than the line."""
LONGEST = 300
"""Signs of one sentence."""
PAGES = "yinling_pages"
"""The cookie of the pages in WeChat: who opens one as somebody else is asked for anew."""


@dataclass(frozen=True)
class Trying:
    """What the page works with."""

    people: People
    news: News
    voice: Voice
    phone: PhonePad | None
    """None: there is no line."""
    standin_url: str
    web_url: str
    logins: tuple[tuple[str, str], ...] = ()
    """Login and role of those who may sign in at the console."""
    password: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def make_app(trying: Trying) -> Flask:
    """The process's WSGI application. Whoever reaches it plays anybody: for loopback only."""
    app = Flask(__name__, static_folder="assets", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 2 * LARGEST
    app.before_request(_guarded(trying))
    app.after_request(_dress)
    _page(app, trying)
    _chats(app, trying)
    _telephone(app, trying)
    return app


def _guarded(trying: Trying) -> Callable[[], None]:
    def guard() -> None:
        # A name that somebody else's page made point at this machine is none of ours.
        if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
            abort(400)
        if request.method in CHANGING and not (from_our_site() and brings(trying.key)):
            abort(400)

    return guard


def _dress(response: Response) -> Response:
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    return dress(response, lasts=False)


def _page(app: Flask, trying: Trying) -> None:
    @app.get("/")
    def begin() -> AnyResponse:
        return redirect("/try")

    @app.get("/healthz")
    def health() -> Response:
        return jsonify(ok=True)

    @app.get("/try")
    def show() -> tuple[str, int]:
        try:
            players, telephones = trying.people.bring_in(), trying.people.telephones()
        except AWAY as error:
            log.warning("house_away", error=type(error).__name__)
            players, telephones, away = [], [], True
        else:
            away = False
        whole = render_template(
            "try.html",
            away=away,
            players=players,
            telephones=telephones,
            menu=_menu(trying.standin_url),
            has_line=trying.phone is not None,
            web_url=trying.web_url,
            logins=trying.logins,
            password=trying.password,
            key=trying.key,
        )
        return whole, 503 if away else 200

    @app.get("/news")
    def news() -> Response:
        after = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
        if not after.isdecimal():
            abort(400)
        told = stream(trying.news, int(after), lambda one: json.dumps(one.data, ensure_ascii=False))
        return Response(told, mimetype="text/event-stream")

    @app.get("/go")
    def go() -> AnyResponse:
        """A page of ours, opened in the WeChat of one of them."""
        to = request.args.get("to", "")
        if not to.startswith(f"{trying.web_url}/"):
            abort(400)
        answer = redirect(to)
        # Cookies know hosts and no ports: WeChat's stand-in beside us gets this one.
        answer.set_cookie(WHOSE_BROWSER, _phone(trying, request.args.get("as", "")).openid)
        answer.delete_cookie(PAGES, path="/m")
        return answer


def _menu(standin_url: str) -> list[dict[str, object]]:
    """What WeChat shows under the chat."""
    try:
        answer = httpx.get(f"{standin_url}/_standin/menu", trust_env=False).raise_for_status()
        return list(answer.json()["button"])
    except (httpx.HTTPError, KeyError, ValueError):
        return []


def _phone(trying: Trying, openid: str) -> Phone:
    phone = trying.people.phones.get(openid)
    return phone if phone is not None else abort(404)


def _chats(app: Flask, trying: Trying) -> None:
    @app.post("/chat/<openid>/say")
    def say(openid: str) -> Response:
        return _done(_phone(trying, openid).say(_words()))

    @app.post("/chat/<openid>/choose")
    def choose(openid: str) -> Response:
        return _done(_phone(trying, openid).say(_words(), menu_id=_said("id")))

    @app.post("/chat/<openid>/tap")
    def tap(openid: str) -> Response:
        return _done(_phone(trying, openid).click(_said("key")))

    @app.post("/chat/<openid>/place")
    def place(openid: str) -> Response:
        home = trying.people.home() or abort(404)
        return _done(_phone(trying, openid).locate(*home))

    @app.post("/chat/<openid>/voice")
    def voice(openid: str) -> Response:
        phone = _phone(trying, openid)
        try:
            return _done(phone.voice(amr(_recording())))
        except UnreadableSound:
            return _refused("unreadable")

    def away(error: Exception) -> Response:
        log.warning("house_away", error=type(error).__name__)
        return _refused("away", 503)

    for kind in AWAY:
        app.register_error_handler(kind, away)


def _telephone(app: Flask, trying: Trying) -> None:
    def pad() -> PhonePad:
        return trying.phone if trying.phone is not None else abort(404)

    @app.post("/phone/ring")
    def ring() -> Response:
        try:
            return jsonify(call=pad().ring(_said("number") or None))
        except CannotRing:
            return _refused("number")

    @app.post("/phone/say")
    def speak() -> Response:
        words = _words()
        try:
            pcm = trying.voice.say(words, SPEED)
        except VoiceError:
            return _refused("unspeakable")
        pad().say(words, pcm, at_once=_said("now") == "1")
        return _well()

    @app.post("/phone/press")
    def press() -> Response:
        keys = _said("keys")
        if not keys or set(keys) - set("0123456789*#") or len(keys) > 20:
            abort(400)
        pad().press(keys)
        return _well()

    @app.post("/phone/microphone")
    def microphone() -> Response:
        pad().speak_into(request.data, request.args.get("rate", 0, int))
        return _well()

    @app.post("/phone/recording")
    def recording() -> Response:
        pad().say(request.args.get("name", "")[:80], _recording().tobytes())
        return _well()

    @app.post("/phone/hang-up")
    def hang_up() -> Response:
        pad().hang_up()
        return _well()

    @app.get("/phone/sound")
    def sound() -> Response:
        return Response(pad().sound(), mimetype="application/octet-stream")

    app.register_error_handler(Busy, lambda _: _refused("busy"))
    app.register_error_handler(NoCall, lambda _: _refused("no_call"))
    app.register_error_handler(UnreadableSound, lambda _: _refused("unreadable"))


def _recording() -> Pcm:
    """What was sent to be said: samples of a microphone at `rate`, else a file of any usual kind.
    Raises UnreadableSound."""
    rate = request.args.get("rate", 0, int)
    return narrowed(request.data, rate) if rate else decoded(request.data)


def _said(name: str) -> str:
    body = request.get_json(silent=True)
    said = body.get(name, "") if isinstance(body, dict) else ""
    return said if isinstance(said, str) else abort(400)


def _words() -> str:
    words = _said("text").strip()
    return words if 0 < len(words) <= LONGEST else abort(400)


def _done(pushed: Pushed) -> Response:
    """Whether the house took it; what it says to it comes with the news."""
    if 200 not in pushed.statuses:
        return _refused("away", 503)
    return _well()


def _well() -> Response:
    return jsonify(ok=True)


def _refused(why: str, status: int = 422) -> Response:
    """The page has words for each `why`."""
    answer = jsonify(trouble=why)
    answer.status_code = status
    return answer
