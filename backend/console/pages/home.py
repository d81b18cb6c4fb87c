"""Where everybody begins: at the page of what they are there for."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from backend.console.door import Door, visitor
from backend.console.permissions import FIRST_PAGE


def routes(_: Door) -> Blueprint:
    blueprint = Blueprint("home", __name__)

    @blueprint.get("/")
    def go() -> Response:
        return redirect(url_for(FIRST_PAGE[visitor().role]))

    return blueprint
