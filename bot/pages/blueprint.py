"""The pages in WeChat as one blueprint under /m, behind their door."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from backend.console.packed import shipped
from backend.console.words import teach
from backend.domain.errors import DomainError, NotFound
from bot.client import WeChatClient
from bot.pages import entry, family, jobs, kept, ordering
from bot.pages.door import PageDoor, guest, told, wants_json
from bot.pages.links import ROOT, Links
from bot.pages.showing import FILES, page, refusal
from bot.settings import WeChatSettings
from nlu.dialogue.exchange import DATABASE_AWAY

log = structlog.get_logger()

PAGES = (entry, family, ordering, jobs, kept)


def pages_blueprint(
    sessions: sessionmaker[Session],
    client: WeChatClient,
    wechat: WeChatSettings,
    links: Links,
    secret: str,
) -> Blueprint:
    """`secret` signs cookies; `links` those in messages."""
    pages = Blueprint("pages", __name__, url_prefix=ROOT, template_folder="templates")
    door = PageDoor(sessions, client, wechat, links, secret)
    door.guard(pages)
    for module in PAGES:
        pages.register_blueprint(module.routes(door))

    @pages.get("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Response:
        if filename not in FILES:
            abort(404)
        return shipped(filename)

    @pages.get("/")
    def home() -> AnyResponse:
        first = "pages.jobs.show" if guest().worker_id is not None else "pages.family.day"
        return redirect(url_for(first))

    pages.record_once(_teach)
    pages.register_error_handler(DomainError, _refused)
    pages.register_error_handler(HTTPException, _wrong)
    for error in (*DATABASE_AWAY, PoolExhausted, DBAPIError):
        pages.register_error_handler(error, _away)
    pages.register_error_handler(Exception, _broken)
    return pages


def _teach(state: BlueprintSetupState) -> None:
    teach(state.app)  # type: ignore[arg-type]


def _refused(error: DomainError) -> tuple[str, int]:
    return page("refused", said=refusal(error), back=f"{ROOT}/"), (
        404 if isinstance(error, NotFound) else 422
    )


def _wrong(error: HTTPException) -> Response | tuple[str, int]:
    return _trouble(error.code or 500)


def _away(error: Exception) -> Response | tuple[str, int]:
    log.error("pages_database_away", error=type(error).__name__)
    return _trouble(503)


def _broken(error: Exception) -> Response | tuple[str, int]:
    log.exception("page_failed", endpoint=request.endpoint)
    return _trouble(500)


def _trouble(status: int) -> Response | tuple[str, int]:
    if wants_json():
        return told(status)
    return page("trouble", status=status), status
