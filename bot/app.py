"""The web process: WeChat's callback, and what watches over it."""

from __future__ import annotations

import threading
import time

import structlog
from flask import Blueprint, Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account
from backend.services.notices import on_duty
from backend.services.unit_of_work import unit_of_work
from bot.at_once import AtOnce
from bot.callback import callback_blueprint
from bot.client import WeChatClient
from bot.inbox import Inbox
from bot.lifeboat import Lifeboat
from bot.messages import CHANNEL
from bot.settings import WeChatSettings
from nlu.dialogue.exchange import DATABASE_AWAY
from nlu.prompts import prompt_ids

log = structlog.get_logger()

LOOK_EVERY_S = 2.0


def make_web(
    settings: WeChatSettings,
    sessions: sessionmaker[Session],
    inbox: Inbox,
    client: WeChatClient,
    lifeboat: Lifeboat,
    console: Blueprint | None = None,
    at_once: int = 8,
    pages: Blueprint | None = None,
) -> Flask:
    """The Flask application. `/healthz` is 200 while the database answers.

    `console`: the pages of people at desks, with their live feed; beside its streams, `at_once`
    requests are worked on at a time. `pages`: those that people open inside WeChat.
    """
    prompt_ids()  # compiles all wording now, not in front of the first person
    app = Flask("yinling")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.register_blueprint(callback_blueprint(settings, inbox, client, lifeboat))

    @app.get("/healthz")
    def health() -> tuple[dict[str, str], int]:
        try:
            with sessions() as session:
                session.execute(text("SELECT 1"))
        except DATABASE_AWAY:
            return {"database": "away"}, 503
        return {"database": "ok"}, 200

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)

    if console is not None:
        app.register_blueprint(console)
    if pages is not None:
        app.register_blueprint(pages)
    app.wsgi_app = AtOnce(app.wsgi_app, at_once, "/console/feed")  # type: ignore[assignment,method-assign]
    return app


def man_lifeboat(
    sessions: sessionmaker[Session], inbox: Inbox, lifeboat: Lifeboat
) -> threading.Thread:
    """Start the thread that brings kept messages in when the database is back, and writes down
    who is on duty while it is there."""
    thread = threading.Thread(
        target=_watch, args=(sessions, inbox, lifeboat), name="lifeboat", daemon=True
    )
    thread.start()
    return thread


def _watch(sessions: sessionmaker[Session], inbox: Inbox, lifeboat: Lifeboat) -> None:
    while True:
        try:
            with unit_of_work(sessions) as work:
                openids = work.session.scalars(
                    select(Account.identifier)
                    .where(Account.id.in_(on_duty(work, None)), Account.channel == CHANNEL)
                    .order_by(Account.id)
                ).all()
            lifeboat.remember_duty(list(openids))
            for path, incoming in lifeboat.kept():
                # An answer is pushed: the connection it came on is long closed.
                try:
                    inbox.receive(incoming, deadline=0.0)
                except DATABASE_AWAY:
                    raise
                except Exception:
                    log.exception("lifeboat_message_failed")
                    lifeboat.set_aside(path)
                else:
                    path.unlink(missing_ok=True)
        except DATABASE_AWAY:
            log.info("database_still_away")
        except Exception:
            log.exception("lifeboat_failed")
        time.sleep(LOOK_EVERY_S)
