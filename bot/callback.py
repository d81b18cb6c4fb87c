"""WeChat's callback: opened with distrust, answered within its five seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bot.at_once import arrived_at
from bot.client import WeChatClient
from bot.crypto import CallbackCrypto, Opened
from bot.errors import CallbackRefused, TransportError
from bot.inbox import Answer, Inbox
from bot.lifeboat import Lifeboat
from bot.settings import WeChatSettings
from bot.xml import SUCCESS, Incoming, parse, text_reply
from nlu.dialogue.exchange import DATABASE_AWAY
from nlu.prompts import say
from nlu.rules import emergency

log = structlog.get_logger()

WECHAT_CUTS_AFTER_S = 4.7
"""WeChat waits five seconds, the way there and back included: what leaves us later may reach
nobody, and an answer read twice is better than one not read."""


def callback_blueprint(
    settings: WeChatSettings, inbox: Inbox, client: WeChatClient, lifeboat: Lifeboat
) -> Blueprint:
    """`GET /wechat` proves that the address is ours; `POST /wechat` takes a message."""
    blueprint = Blueprint("wechat", __name__)
    crypto = CallbackCrypto(settings)

    @blueprint.get("/wechat")
    def verify() -> Response:
        crypto.verify(request.args)
        return Response(request.args.get("echostr", ""), mimetype="text/plain")

    @blueprint.post("/wechat")
    def receive() -> Response:
        arrived = arrived_at(request.environ)
        length = request.content_length
        if length is not None and length > settings.max_body_bytes:
            raise RequestEntityTooLarge
        body = request.stream.read(settings.max_body_bytes + 1)
        opened = crypto.open(request.args, body)
        incoming = parse(opened.xml)
        try:
            answer = inbox.receive(incoming, arrived + settings.answer_within_s)
        except DATABASE_AWAY as error:
            log.error("database_away", error=type(error).__name__)
            answer = Answer(None, _without_database(incoming, client, lifeboat))
        return _reply(crypto, opened, incoming, answer, inbox, arrived)

    @blueprint.errorhandler(CallbackRefused)
    def refuse(error: CallbackRefused) -> tuple[str, int]:
        log.warning("callback_refused", why=type(error).__name__, status=error.status)
        return "", error.status

    @blueprint.errorhandler(HTTPException)
    def fail(error: HTTPException) -> tuple[str, int]:
        return "", error.code or 500

    return blueprint


def _reply(
    crypto: CallbackCrypto,
    opened: Opened,
    incoming: Incoming,
    answer: Answer,
    inbox: Inbox,
    arrived: float,
) -> Response:
    if answer.text is None:
        return Response(SUCCESS, mimetype="text/plain")
    xml = text_reply(incoming, answer.text, datetime.now(UTC))
    response = Response(crypto.seal(opened, xml), mimetype="application/xml")
    if answer.message_id is not None:
        response.call_on_close(_marker(inbox, answer.message_id, arrived))
    return response


def _marker(inbox: Inbox, message_id: int, arrived: float) -> Callable[[], None]:
    """Marks the answer as sent once its bytes have left. Dying before that sends it again,
    which is better than never."""

    def mark() -> None:
        try:
            if time.monotonic() - arrived < WECHAT_CUTS_AFTER_S:
                inbox.mark_sent(message_id, "passive")
            else:
                inbox.missed_the_line(message_id)
        except DATABASE_AWAY:
            log.warning("answer_not_marked", message_id=message_id)

    return mark


def _without_database(incoming: Incoming, client: WeChatClient, lifeboat: Lifeboat) -> str | None:
    """Nothing can be looked up or written: keep the message on disk, say so, and let a cry for
    help reach the people who were on duty when the database could last say."""
    if incoming.kind == "event" and incoming.event != "CLICK":
        lifeboat.keep(incoming)
        return None
    new = lifeboat.keep(incoming)
    if emergency(incoming.text) is None:
        return say("database_away").text
    if new:
        for openid in lifeboat.duty():
            try:
                client.send_text(
                    openid, say("alarm_without_database", said=incoming.text).text, None
                )
            except TransportError as error:
                log.error("alarm_not_delivered", kind=error.kind)
    return say("emergency_database_away").text
