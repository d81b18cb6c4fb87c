"""What is kept about us: counts, a copy to take away, consents given and taken back. That of being
recorded is asked on the telephone, which is what it is about."""

from __future__ import annotations

import json

from flask import Blueprint, Response, url_for

from backend.db.models import Account
from backend.services.consents import standing_consent
from backend.services.kept_about import copy_of, kept_about
from backend.services.withdraw_consent import withdraw_consent
from backend.services.work import Work
from bot.pages.door import PageDoor, guest
from bot.pages.showing import page
from bot.pages.taps import Answer, take
from nlu.dialogue.learning import agree, may_agree
from nlu.prompts import say


def routes(door: PageDoor) -> Blueprint:
    blueprint = Blueprint("kept", __name__, url_prefix="/kept")

    @blueprint.get("/")
    def show() -> str:
        with door.work() as work:
            asks = _may_agree(work)
            words = say("learning.ask").text if asks else None
            return page("kept", kept=kept_about(work, guest().account_id), words=words)

    @blueprint.get("/copy")
    def copy() -> Response:
        with door.work() as work:
            written = json.dumps(copy_of(work, guest().account_id), ensure_ascii=False, indent=1)
        return Response(
            written,
            mimetype="application/json",
            headers={"Content-Disposition": "attachment; filename=yinling.json"},
        )

    @blueprint.post("/consents/learning/give")
    def give() -> Answer:
        here = url_for("pages.kept.show")

        def act(work: Work) -> str:
            if _may_agree(work):
                agree(work, guest().account_id)
            return here

        return take(door, act, here)

    @blueprint.post("/consents/<kind>/withdraw")
    def withdraw(kind: str) -> Answer:
        here = url_for("pages.kept.show")

        def act(work: Work) -> str:
            if standing_consent(work, guest().account_id, kind) is not None:
                withdraw_consent(work, guest().account_id, kind)
            return here

        return take(door, act, here)

    return blueprint


def _may_agree(work: Work) -> bool:
    account = work.session.get(Account, guest().account_id)  # a stranger's visit has none
    return account is not None and may_agree(work, account)
