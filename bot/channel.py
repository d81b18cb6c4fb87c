"""Delivers notices in WeChat: as a chat message while the person's window is open, else as a
template message."""

from __future__ import annotations

from backend.jobs.delivery import Delivered, Letter, Undeliverable
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.settings import WeChatSettings
from bot.words import fitting
from nlu.prompts import render_notice
from nlu.prompts.templates import template_fields

GONE = frozenset({"blocked", "unknown_user"})
WINDOW = frozenset({"window_closed", "count_used_up"})


class WeChatChannel:
    """`backend.jobs.delivery.Channel` over WeChat."""

    def __init__(self, client: WeChatClient, settings: WeChatSettings) -> None:
        self._client = client
        self._templates = settings.templates

    def deliver(self, letter: Letter) -> Delivered:
        """Chat message first, template message when WeChat allows no chat. Raises
        Undeliverable, permanent when no way is left."""
        reply = render_notice(letter.kind, letter.data)
        try:
            self._client.send_text(letter.identifier, fitting(reply.text), letter.message_id)
        except TransportError as error:
            if error.kind == "duplicate":
                return Delivered("customer_service")
            if error.kind in WINDOW:
                return self._by_template(letter)
            raise _undeliverable(error) from error
        return Delivered("customer_service")

    def _by_template(self, letter: Letter) -> Delivered:
        template_id = self._templates.get(letter.kind)
        if template_id is None:
            raise Undeliverable(f"window closed, no template for {letter.kind}", permanent=True)
        try:
            receipt = self._client.send_template(
                letter.identifier,
                template_id,
                template_fields(letter.kind, letter.data),
                client_msg_id=letter.message_id,
            )
        except TransportError as error:
            if error.kind == "duplicate":
                return Delivered("template")
            raise _undeliverable(error) from error
        return Delivered("template", receipt)


def _undeliverable(error: TransportError) -> Undeliverable:
    return Undeliverable(
        f"{error.kind} {error.code}", permanent=error.permanent, gone=error.kind in GONE
    )
