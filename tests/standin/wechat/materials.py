"""Media that live three days, and QR codes with a scene."""

from __future__ import annotations

import io
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import segno

from tests.standin.wechat.clock import Clock
from tests.standin.wechat.refusal import Refused

MEDIA_LIFETIME_S = 3 * 86400
QR_LIFETIME_S = 30 * 86400


@dataclass(frozen=True)
class Medium:
    content: bytes
    content_type: str
    filename: str
    until: float


class Materials:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._media: dict[str, Medium] = {}
        self._tickets: dict[str, tuple[str, str, float]] = {}

    def keep(self, content: bytes, content_type: str, filename: str) -> str:
        media_id = secrets.token_urlsafe(48)
        with self._lock:
            self._media[media_id] = Medium(
                content, content_type, filename, self._clock.now() + MEDIA_LIFETIME_S
            )
        return media_id

    def medium(self, media_id: object) -> Medium:
        """Raises 40007 when unknown or too old."""
        with self._lock:
            found = self._media.get(media_id) if isinstance(media_id, str) else None
        if found is None or found.until < self._clock.now():
            raise Refused(40007)
        return found

    def make_qr(self, wish: dict[str, Any]) -> dict[str, object]:
        """https://developers.weixin.qq.com/doc/service/api/qrcode/qrcodes/api_createqrcode"""
        action = wish.get("action_name")
        info = wish.get("action_info")
        scene = info.get("scene") if isinstance(info, dict) else None
        scene = scene if isinstance(scene, dict) else {}
        if action in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
            value = scene.get("scene_str")
            if not isinstance(value, str) or not 1 <= len(value) <= 64:
                raise Refused(40053)
        elif action in ("QR_SCENE", "QR_LIMIT_SCENE"):
            value = scene.get("scene_id")
            if not isinstance(value, int) or value <= 0:
                raise Refused(40053)
        else:
            raise Refused(40053)
        answer: dict[str, object] = {}
        lasts = float("inf")
        if not str(action).startswith("QR_LIMIT"):
            lasts = min(int(wish.get("expire_seconds", 60)), QR_LIFETIME_S)
            answer["expire_seconds"] = lasts
        ticket = secrets.token_urlsafe(60)
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(16)}"
        with self._lock:
            self._tickets[ticket] = (str(value), url, self._clock.now() + lasts)
        return {"ticket": ticket, "url": url, **answer}

    def scene(self, ticket: str) -> str:
        """What a phone reads from a QR code. Raises 40053 when it is unknown or expired."""
        with self._lock:
            scene, _, until = self._tickets.get(ticket, ("", "", 0.0))
        if until < self._clock.now():
            raise Refused(40053)
        return scene

    def picture(self, ticket: str) -> bytes | None:
        with self._lock:
            found = self._tickets.get(ticket)
        if found is None:
            return None
        out = io.BytesIO()
        segno.make(found[1]).save(out, kind="png", scale=8)
        return out.getvalue()
