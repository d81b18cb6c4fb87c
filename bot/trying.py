"""`/try`: the way to the page on which a house is tried. In development only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from bot.settings import LOOPBACK, WeChatSettings


def trying_blueprint(settings: WeChatSettings, url: str) -> Blueprint:
    """Leads to `url`, which must be on this machine, and only from a house whose WeChat is a
    stand-in: everywhere else there is nothing at `/try`."""
    trying = Blueprint("trying", __name__)
    leads = settings.speaks_with_standin and urlsplit(url).hostname in LOOPBACK

    @trying.get("/try")
    def lead() -> Response:
        if not leads:
            abort(404)
        return redirect(f"{url.rstrip('/')}/try")

    return trying
