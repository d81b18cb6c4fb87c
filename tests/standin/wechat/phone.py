"""A person's phone with WeChat on it, worked over HTTP: the same from any process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

WIDE_SPEEX = "audio/x-speex-with-header-byte; rate=16000"
"""What WeChat calls its 16 kHz voices."""


@cache
def _http() -> httpx.Client:
    """One pool for all phones: making a client costs more than a message."""
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2)
    return httpx.Client(timeout=70, trust_env=False, verify=False, limits=limits)


@dataclass(frozen=True)
class Message:
    """A line on the phone's screen. ``via``: reply (passive), customer, template, system, sent."""

    seq: int
    at: float
    openid: str
    via: str
    msgtype: str
    text: str
    choices: list[dict[str, str]] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    url: str | None = None
    template_id: str | None = None
    media_id: str | None = None


@dataclass(frozen=True)
class Pushed:
    """What came of something the person did: one entry in ``tries`` per connection made."""

    msg_id: int | None
    tries: list[dict[str, Any]]
    fields: dict[str, Any]

    @property
    def replies(self) -> list[str]:
        """The passive replies, in order."""
        return [each["reply"] for each in self.tries if each["reply"] is not None]

    @property
    def reply(self) -> str | None:
        return self.replies[0] if self.replies else None

    @property
    def statuses(self) -> list[int]:
        return [each["status"] for each in self.tries]


class Phone:
    """``wait_for`` and ``unread`` read forward: each message is met once."""

    def __init__(self, base_url: str, openid: str, name: str = "") -> None:
        self.base_url, self.openid, self.name = base_url, openid, name
        self._read = 0

    def __repr__(self) -> str:
        return f"<Phone {self.name or self.openid}>"

    @classmethod
    def new(
        cls, base_url: str, *, name: str = "", openid: str | None = None, subscribed: bool = True
    ) -> Phone:
        """A person that WeChat knows; ``subscribed`` says whether they follow us already
        (without an event having told the bot so; :meth:`follow` tells it)."""
        wish = {"openid": openid, "name": name, "subscribed": subscribed}
        made = _http().post(f"{base_url}/_standin/users", json=wish).raise_for_status()
        return cls(base_url, made.json()["openid"], name)

    # -- doing -----------------------------------------------------------------------------

    def say(
        self,
        text: str,
        *,
        copies: int = 1,
        wait: bool = True,
        menu_id: str | None = None,
        again: Pushed | None = None,
    ) -> Pushed:
        """Sends a text. ``copies``: WeChat delivers it so many times at once. ``again``: the very
        same message a second time. ``wait`` False: do not wait for the bot's answer."""
        return self._act(
            "text",
            text=text,
            copies=copies,
            wait=wait,
            menu_id=menu_id,
            MsgId=again.msg_id if again else None,
        )

    def choose(self, message: Message, content: str) -> Pushed:
        """Taps a choice of a menu message."""
        choice = next(c for c in message.choices if c["content"] == content)
        return self.say(choice["content"], menu_id=choice["id"])

    def click(self, key: str, **how: Any) -> Pushed:
        """Taps a button of the account's menu."""
        return self._act("CLICK", key=key, **how)

    def follow(self, scene: str = "", **how: Any) -> Pushed:
        """Follows the account, perhaps by a QR code with ``scene``."""
        return self._act("subscribe", scene=scene, **how)

    def unfollow(self, **how: Any) -> Pushed:
        return self._act("unsubscribe", **how)

    def scan(self, scene: str, **how: Any) -> Pushed:
        """Scans a QR code: SCAN for a follower, else a follow with ``qrscene_``."""
        if not self._settings()["subscribed"]:
            return self.follow(scene, **how)
        return self._act("SCAN", scene=scene, **how)

    def scan_ticket(self, ticket: str, **how: Any) -> Pushed:
        """Scans the QR code that the ticket stands for."""
        found = _http().get(f"{self.base_url}/_standin/scene", params={"ticket": ticket}).json()
        if "errcode" in found:
            raise AssertionError(found["errmsg"])
        return self.scan(found["scene"], **how)

    def locate(self, lat: float, lon: float, label: str = "", **how: Any) -> Pushed:
        """Sends a place in the chat."""
        fields = {"Location_X": lat, "Location_Y": lon, "Scale": 16, "Label": label}
        return self._act("location", fields=fields, **how)

    def report_place(self, lat: float, lon: float, precision: float = 30.0) -> Pushed:
        """The LOCATION event that WeChat sends by itself where the person allowed it."""
        fields = {"Latitude": lat, "Longitude": lon, "Precision": precision}
        return self._act("LOCATION", fields=fields)

    def voice(
        self, amr: bytes, wide: bytes | None = None, recognised: str = "", **how: Any
    ) -> Pushed:
        """Speaks: AMR-NB, and where the phone has it the same in 16 kHz; `recognised` is what
        WeChat made of it, where the account lets it."""
        fields = {
            "MediaId": self._keep(amr, "audio/amr", "voice.amr"),
            "Format": "amr",
            "Recognition": recognised,
        }
        if wide is not None:
            fields["MediaId16K"] = self._keep(wide, WIDE_SPEEX, "voice.speex")
        return self._act("voice", fields=fields, **how)

    def image(self, content: bytes, **how: Any) -> Pushed:
        media_id = self._keep(content, "image/jpeg", "photo.jpg")
        fields = {"MediaId": media_id, "PicUrl": f"{self.base_url}/_standin/media/{media_id}"}
        return self._act("image", fields=fields, **how)

    def push(self, kind: str, **how: Any) -> Pushed:
        """Anything else: ``kind`` link, video, VIEW, or raw with any XML ``fields``."""
        return self._act(kind, **how)

    def authorise(self, url: str) -> str:
        """Opens an OAuth link in WeChat's browser; returns the address it sends us on to."""
        answer = _http().get(url, params=dict(httpx.URL(url).params) | {"_as": self.openid})
        if "location" not in answer.headers:
            raise AssertionError(f"no way on: {answer.text}")
        return answer.headers["location"]

    def change(self, **settings: bool) -> None:
        """``refuses_templates``, ``blocks``: the person's settings for our messages."""
        wish = {"openid": self.openid, "subscribed": False, **settings}
        _http().post(f"{self.base_url}/_standin/users", json=wish).raise_for_status()

    # -- seeing ----------------------------------------------------------------------------

    def inbox(self, *, sent: bool = False, after: int = 0, wait_s: float = 0) -> list[Message]:
        """Everything on the screen after line ``after``; ``sent``: own messages too."""
        query: dict[str, str | float] = {"after": after, "wait": wait_s, "sent": int(sent)}
        answer = _http().get(f"{self.base_url}/_standin/inbox/{self.openid}", params=query)
        answer.raise_for_status()
        return [Message(**line) for line in answer.json()["messages"]]

    @staticmethod
    def everyone(base_url: str, *, after: int = 0, wait_s: float = 0) -> list[Message]:
        """All chats of the account, both sides, in order: a transcript to follow along."""
        query: dict[str, str | float] = {"after": after, "wait": wait_s, "sent": 1}
        answer = _http().get(f"{base_url}/_standin/inbox", params=query).raise_for_status()
        return [Message(**line) for line in answer.json()["messages"]]

    def unread(self) -> list[Message]:
        """What came since the last look."""
        fresh = self.inbox(after=self._read)
        if fresh:
            self._read = fresh[-1].seq
        return fresh

    def wait_for(self, wanted: str | Callable[[Message], bool], timeout: float = 60) -> Message:
        """The next message that contains ``wanted`` (or satisfies it). Raises AssertionError
        with what did come."""
        matches = (lambda m: wanted in m.text) if isinstance(wanted, str) else wanted
        until, after = time.monotonic() + timeout, self._read
        while (left := until - time.monotonic()) > 0:
            for message in self.inbox(after=after, wait_s=min(left, 30)):
                after = message.seq
                if matches(message):
                    self._read = after
                    return message
        seen = "\n".join(f"  [{m.via}] {m.text}" for m in self.inbox())
        raise AssertionError(f"{self!r} waited {timeout} s for {wanted!r}; its screen:\n{seen}")

    # -- inside ----------------------------------------------------------------------------

    def _act(self, kind: str, **act: Any) -> Pushed:
        answer = _http().post(
            f"{self.base_url}/_standin/push", json={"openid": self.openid, "type": kind, **act}
        )
        answer.raise_for_status()
        body = answer.json()
        if "errcode" in body:
            raise AssertionError(body["errmsg"])
        return Pushed(body["msg_id"], body["tries"], body["fields"])

    def _keep(self, content: bytes, content_type: str, filename: str) -> str:
        answer = _http().post(
            f"{self.base_url}/_standin/media",
            params={"filename": filename},
            content=content,
            headers={"Content-Type": content_type},
        )
        return str(answer.raise_for_status().json()["media_id"])

    def _settings(self) -> dict[str, Any]:
        everyone = _http().get(f"{self.base_url}/_standin/users").raise_for_status().json()
        return next(user for user in everyone if user["openid"] == self.openid)
