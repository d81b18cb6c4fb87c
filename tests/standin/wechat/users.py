"""The people: whom we may write to, how often, and what their phones show.

Rules: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from __future__ import annotations

import secrets
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.standin.wechat.clock import Clock
from tests.standin.wechat.refusal import Refused

MESSAGE_GRANT = (5, 48 * 3600)
"""A message from the person: five of ours, within 48 hours."""
ACTION_GRANT = (3, 60)
"""A menu click, a follow, a scan, a tap on a menu message: three of ours, within a minute."""
DUPLICATE_S = 600


@dataclass
class Grant:
    left: int
    until: float


@dataclass
class User:
    openid: str
    name: str = ""
    subscribed: bool = False
    subscribed_at: int = 0
    scene: str = ""
    refuses_templates: bool = False
    """Template sends are refused with 43101."""
    blocks: bool = False
    """Template sends are taken, but end in ``failed:user block``."""
    message_grant: Grant | None = None
    action_grant: Grant | None = None
    client_msg_ids: dict[str, tuple[float, int]] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        return {
            "openid": self.openid,
            "name": self.name,
            "subscribed": self.subscribed,
            "refuses_templates": self.refuses_templates,
            "blocks": self.blocks,
        }


class Users:
    """Everyone and their screens. Thread-safe; waiting readers are woken by each new line."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._users: dict[str, User] = {}
        self._lines: list[dict[str, Any]] = []
        self._lines_of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._news = threading.Condition(threading.RLock())

    def create(self, openid: str | None = None, name: str = "", subscribed: bool = True) -> User:
        openid = openid or "o" + secrets.token_urlsafe(21)[:27]
        with self._news:
            user = self._users.setdefault(openid, User(openid))
            user.name = name or user.name
            if subscribed and not user.subscribed:
                self.follow(user)
            return user

    def get(self, openid: object) -> User:
        """Raises 40003."""
        with self._news:
            found = self._users.get(openid) if isinstance(openid, str) else None
        if found is None:
            raise Refused(40003)
        return found

    def all(self) -> list[User]:
        with self._news:
            return list(self._users.values())

    # -- what opens and closes the window --------------------------------------------------

    def follow(self, user: User, scene: str = "") -> None:
        with self._news:
            user.subscribed, user.scene = True, scene
            user.subscribed_at = int(time.time())

    def unfollow(self, user: User) -> None:
        with self._news:
            user.subscribed = False
            user.message_grant = user.action_grant = None

    def open_by_message(self, user: User) -> None:
        count, seconds = MESSAGE_GRANT
        with self._news:
            user.message_grant = Grant(count, self._clock.now() + seconds)

    def open_by_action(self, user: User) -> None:
        count, seconds = ACTION_GRANT
        with self._news:
            user.action_grant = Grant(count, self._clock.now() + seconds)

    def spend(self, user: User) -> None:
        """Takes one message from the person's allowance. Allowances do not add up: what may be
        sent is the larger of the two, so each send counts against both. Raises 45015, 45047."""
        with self._news:
            now = self._clock.now()
            open_now = [
                grant
                for grant in (user.message_grant, user.action_grant)
                if grant is not None and grant.until > now
            ]
            if not user.subscribed or not open_now:
                raise Refused(45015)
            if max(grant.left for grant in open_now) <= 0:
                raise Refused(45047)
            for grant in open_now:
                grant.left -= 1

    def repeated(self, user: User, client_msg_id: str, msg_id: int) -> int | None:
        """The earlier msgid if this client_msg_id came within ten minutes; else remembers it."""
        with self._news:
            now = self._clock.now()
            known = user.client_msg_ids.get(client_msg_id)
            if known and now - known[0] < DUPLICATE_S:
                return known[1]
            user.client_msg_ids[client_msg_id] = (now, msg_id)
            return None

    # -- the screens -----------------------------------------------------------------------

    def show(self, user: User, via: str, **line: Any) -> dict[str, Any]:
        """Adds a line to a person's chat. ``via``: reply, customer, template, system, or sent
        (what the person did themselves)."""
        with self._news:
            entry = {
                "seq": len(self._lines) + 1,
                "at": time.time(),
                "openid": user.openid,
                "via": via,
                **line,
            }
            self._lines.append(entry)
            self._lines_of[user.openid].append(entry)
            self._news.notify_all()
            return entry

    def lines(
        self, openid: str | None, after: int = 0, wait_s: float = 0, sent: bool = False
    ) -> list[dict[str, Any]]:
        """Lines with ``seq`` above ``after``, waiting up to ``wait_s`` for the first one.
        ``openid`` None: everybody's. ``sent``: the person's own lines as well."""

        def wanted() -> list[dict[str, Any]]:
            lines = self._lines if openid is None else self._lines_of[openid]
            start = bisect_right(lines, after, key=lambda line: line["seq"])
            return [line for line in lines[start:] if sent or line["via"] != "sent"]

        with self._news:
            if wait_s > 0:
                self._news.wait_for(wanted, wait_s)
            return wanted()
