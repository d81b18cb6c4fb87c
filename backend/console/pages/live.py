"""The live feed of the open pages, server-sent events."""

import time
from collections.abc import Callable, Iterator

import structlog
from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from backend.console.door import Door, visitor
from backend.console.feed import Feed, Full
from backend.services.answering import seen_at_console
from backend.services.unit_of_work import unit_of_work

SEEN_EVERY_S = 15.0

log = structlog.get_logger()


def routes(door: Door, feed: Feed) -> Blueprint:
    blueprint = Blueprint("live", __name__)

    @blueprint.get("/feed", endpoint="feed")
    def stream() -> Response:
        try:
            events = feed.events()
        except Full:
            # The browser tries again by itself; meanwhile its page asks every few seconds.
            return Response("", 503, {"Retry-After": "5"})
        user_id = visitor().id

        def seen() -> None:
            try:
                with unit_of_work(door.sessions) as work:
                    seen_at_console(work, user_id)
            except SQLAlchemyError as error:  # somebody rings less than they could, for once
                log.warning("not_seen_at_console", error=type(error).__name__)

        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return Response(_seen(events, seen), mimetype="text/event-stream", headers=headers)

    return blueprint


def _seen(events: Iterator[str], seen: Callable[[], None]) -> Iterator[str]:
    """The events, with a word now and then that somebody has them open."""
    again_at = 0.0
    for said in events:
        if time.monotonic() >= again_at:
            seen()
            again_at = time.monotonic() + SEEN_EVERY_S
        yield said
