"""One's own account: who one is here, and a new password."""

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from backend.console.door import COOKIE, Door, visitor
from backend.console.showing import page
from backend.console.words import refusal
from backend.db.models import Provider
from backend.domain.errors import DomainError
from backend.services.console_users import change_password


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("account", __name__)

    @blueprint.get("/account")
    def show() -> str:
        return page("account", provider=_provider(door), trouble=None)

    @blueprint.post("/account/password")
    def change() -> Response | tuple[str, int]:
        me = visitor()
        try:
            with door.work() as work:
                change_password(
                    work, me.id, request.form.get("old", ""), request.form.get("new", "")
                )
        except DomainError as refused:
            said = refusal(refused)
            return page("account", provider=_provider(door), trouble=said), 422
        door.signed_in.ended(request.cookies[COOKIE])
        return redirect(url_for("console.sign_in.ask"))

    return blueprint


def _provider(door: Door) -> str | None:
    with door.work() as work:
        found = select(Provider.name).where(Provider.id == visitor().provider_id)
        return work.session.scalar(found)
