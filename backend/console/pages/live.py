"""The live feed of the open pages, server-sent events."""

from flask import Blueprint, Response

from backend.console.feed import Feed, Full


def routes(feed: Feed) -> Blueprint:
    blueprint = Blueprint("live", __name__)

    @blueprint.get("/feed", endpoint="feed")
    def stream() -> Response:
        try:
            events = feed.events()
        except Full:
            # The browser tries again by itself; meanwhile its page asks every few seconds.
            return Response("", 503, {"Retry-After": "5"})
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return Response(events, mimetype="text/event-stream", headers=headers)

    return blueprint
