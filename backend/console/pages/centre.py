"""The centre: alarms on top, calls and the queue beside, one elder in the middle."""

from flask import Blueprint

from backend.console.door import Door
from backend.console.pages.calls import call_elders, current_calls
from backend.console.pages.incidents import running_incidents
from backend.console.pages.tickets import ticket_queue
from backend.console.showing import page


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("centre", __name__)

    @blueprint.get("/centre")
    def show() -> str:
        with door.work() as work:
            return page(
                "centre",
                running=running_incidents(work),
                calls=current_calls(work),
                call_elders=call_elders(work),
                queue=ticket_queue(work),
            )

    return blueprint
