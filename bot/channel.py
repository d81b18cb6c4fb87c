"""Delivers notices in WeChat: as a chat message while the person's window is open, else as a
template message."""

from __future__ import annotations

from backend.jobs.delivery import Delivered, Letter, Undeliverable
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.pages.links import Links
from bot.settings import WeChatSettings
from bot.words import fitting
from nlu.prompts import render_notice, say
from nlu.prompts.templates import template_fields

GONE = frozenset({"blocked", "unknown_user"})
_ORDER, _JOB = "/m/orders/{}", "/m/jobs/{}"
PAGES = {
    "order_accepted": _ORDER,
    "worker_departed": _ORDER,
    "worker_late": _ORDER,
    "order_finished": _ORDER,
    "no_worker": _ORDER,
    "order_changed": _ORDER,
    "looking_again": _ORDER,
    "order_missed": _ORDER,
    "offer": _JOB,
    "job_changed": _JOB,
}
"""Notices with a page that says more, and on which one can act."""
WINDOW = frozenset({"window_closed", "count_used_up"})


class WeChatChannel:
    """`backend.jobs.delivery.Channel` over WeChat."""

    def __init__(
        self, client: WeChatClient, settings: WeChatSettings, links: Links | None = None
    ) -> None:
        """`links`: to our pages, for notices that a page says more about."""
        self._client = client
        self._templates = settings.templates
        self._links = links

    def deliver(self, letter: Letter) -> Delivered:
        """Chat message first, template message when WeChat allows no chat. Raises
        Undeliverable, permanent when no way is left."""
        reply = render_notice(letter.kind, letter.data)
        text, url = reply.text, self._page_of(letter)
        if url is not None:
            link = f'<a href="{url}">{say("page_link").text}</a>'
            text = f"{fitting(text, len(link.encode()) + 1)}\n{link}"
        try:
            self._client.send_text(letter.identifier, fitting(text), letter.message_id)
        except TransportError as error:
            if error.kind == "duplicate":
                return Delivered("customer_service")
            if error.kind in WINDOW:
                return self._by_template(letter)
            raise _undeliverable(error) from error
        return Delivered("customer_service")

    def _page_of(self, letter: Letter) -> str | None:
        """The page about what a notice tells, for the one who gets it."""
        order_id = letter.data.get("order_id")
        shown_on = PAGES.get(letter.kind)
        if self._links is None or shown_on is None or order_id is None:
            return None
        return self._links.to(letter.identifier, shown_on.format(order_id))

    def _by_template(self, letter: Letter) -> Delivered:
        template_id = self._templates.get(letter.kind)
        if template_id is None:
            raise Undeliverable(f"window closed, no template for {letter.kind}", permanent=True)
        try:
            receipt = self._client.send_template(
                letter.identifier,
                template_id,
                template_fields(letter.kind, letter.data),
                url=self._page_of(letter),
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
