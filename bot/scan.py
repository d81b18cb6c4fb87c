"""What a QR must say so that whoever scans it in WeChat comes to us with a word of ours."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bot.client import WeChatClient
from bot.errors import TransportError
from bot.settings import WeChatSettings

log = structlog.get_logger()


def scanner(client: WeChatClient, settings: WeChatSettings) -> Callable[[str, int], str | None]:
    """Asks WeChat for the address behind a QR: for a word (the scene) and how many seconds it is
    to hold. None where WeChat is not set up or cannot be asked now."""

    def address(scene: str, ttl_s: int) -> str | None:
        if not settings.configured:
            return None
        try:
            return client.create_qr(scene, ttl_s).url
        except TransportError as error:
            log.warning("qr_not_made", kind=error.kind, code=error.code)
            return None

    return address
