"""Find an elder, and look at the file."""

from flask import Blueprint, request

from backend.console.door import Door, visitor
from backend.console.scope import elders_of, require_elder
from backend.console.showing import page
from backend.services.elder_file import age_on, elder_file
from backend.services.find_elders import find_elders


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("elders", __name__)

    @blueprint.get("/elders")
    def search() -> str:
        typed = request.args.get("typed", "").strip()[:40]
        with door.work() as work:
            found = find_elders(work, typed, elders_of(visitor()))
            today = work.local_now.date()
            rows = [(elder, age_on(today, elder.born_on)) for elder in found]
            part = request.headers.get("HX-Target") == "found"
            return page("parts/found" if part else "elders", rows=rows, typed=typed)

    @blueprint.get("/elders/<int:elder_id>")
    def show(elder_id: int) -> str:
        with door.work() as work:
            require_elder(work, visitor(), elder_id)
            file = elder_file(work, elder_id, "search")
            whole = request.headers.get("HX-Request") is None
            return page("elder" if whole else "parts/file", file=file)

    return blueprint
