"""The console as one blueprint under `/console`, behind its door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
import structlog
from flask import Blueprint, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import HTTPException

from backend.console.door import Door
from backend.console.feed import Feed
from backend.console.packed import packed
from backend.console.pages import (
    account,
    audits,
    board,
    calls,
    centre,
    changes,
    codes,
    elders,
    figures,
    giving,
    home,
    incidents,
    jobs,
    live,
    map,
    meals,
    menus,
    month,
    offerings,
    ordering,
    settings,
    shifts,
    sign_in,
    tickets,
    timeline,
    users,
    workers,
)
from backend.console.sessions import Sessions
from backend.console.showing import STATIC, is_part, page
from backend.console.words import refusal, teach
from backend.domain.errors import DomainError, NotFound
from backend.domain.wording import NoWording, Wording

log = structlog.get_logger()

PAGES = (
    home, sign_in, account, centre, incidents, calls, tickets, elders, ordering, board,
    timeline, map, giving, meals, figures, audits, codes,
    jobs, menus, offerings, workers, shifts, month,
    settings, changes, users,
)  # fmt: skip


def console_blueprint(
    sessions: sessionmaker[Session],
    memory: redis.Redis[Any],
    feed: Feed,
    scan: Callable[[str, int], str | None] = lambda word, ttl_s: None,
    wording: Wording | None = None,
    proxies: int = 0,
) -> Blueprint:
    """`memory` is Redis; the blueprint of a process with its own `feed`. `scan`, `wording`,
    `proxies` as in `Door`."""
    console = Blueprint(
        "console",
        __name__,
        url_prefix="/console",
        template_folder="templates",
        static_folder=str(STATIC),
        static_url_path="/static",
    )
    door = Door(sessions, Sessions(memory), scan, wording or NoWording(), proxies)
    door.guard(console)
    console.before_request(packed)
    for module in PAGES:
        console.register_blueprint(module.routes(door))
    console.register_blueprint(live.routes(door, feed))
    console.record_once(_teach)
    console.register_error_handler(DomainError, _refused)
    console.register_error_handler(HTTPException, _wrong)
    for error in (OperationalError, InterfaceError, PoolExhausted, DBAPIError):
        console.register_error_handler(error, _away)
    console.register_error_handler(Exception, _broken)
    return console


def _teach(state: BlueprintSetupState) -> None:
    teach(state.app)  # type: ignore[arg-type]


def _refused(error: DomainError) -> tuple[str, int]:
    status = 404 if isinstance(error, NotFound) else 422
    if is_part():
        return page("parts/refused", said=refusal(error)), status
    return page("trouble", status=status, said=refusal(error)), status


def _wrong(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    return _trouble(status), status


def _away(error: Exception) -> tuple[str, int]:
    log.error("console_database_away", error=type(error).__name__)
    return _trouble(503), 503


def _broken(error: Exception) -> tuple[str, int]:
    log.exception("console_failed", endpoint=request.endpoint)
    return _trouble(500), 500


def _trouble(status: int) -> str:
    return page("parts/trouble" if is_part() else "trouble", status=status, said=None)
