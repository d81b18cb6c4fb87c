"""The ways in: a link from a message, and the way back from WeChat."""

from __future__ import annotations

import structlog
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.errors import TransportError
from bot.pages.door import PageDoor
from bot.pages.links import ROOT, LinkBad, LinkExpired, whose
from bot.pages.showing import page

log = structlog.get_logger()

Answer = AnyResponse | tuple[str, int]


def routes(door: PageDoor) -> Blueprint:
    blueprint = Blueprint("entry", __name__)

    @blueprint.get("/e/<token>")
    def by_link(token: str) -> Answer:
        try:
            opened = door.links.open(token)
        except LinkExpired:
            return page("shut", why="expired"), 410
        except LinkBad:
            return page("shut", why="bad"), 404
        # Asked each time, though somebody is remembered: a telephone may hold two accounts.
        return door.ask_wechat(opened.path, opened.whose)

    @blueprint.get("/back")
    def back() -> Answer:
        asked = door.asked()
        if asked is None:
            return page("shut", why="lost"), 400
        path, whom = asked
        try:
            openid = door.client.exchange_code(request.args.get("code", ""))
        except TransportError as error:
            log.warning("page_visitor_unknown", kind=error.kind, code=error.code)
            return page("shut", why="unknown", again=path), 502
        if whom is not None and whom != whose(openid):
            return page("shut", why="not_yours"), 403
        answer = redirect(path if path.startswith(f"{ROOT}/") else f"{ROOT}/")
        door.welcome(openid, answer)
        return answer

    return blueprint
