"""How the people of a story reach us. Everything that is WeChat's own is in here; another
channel (the telephone) needs only a class with the same methods."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from pypinyin import lazy_pinyin

from backend.domain.matching import Place
from ops.stage import Stage
from tests.standin.wechat.phone import Message, Phone, Pushed

SEND = "/cgi-bin/message/custom/send"
LATE_S = 60.0
_EVENTS = ("taps", "scans", "follows", "unfollows")
_SOUND = b"#!AMR\n" + bytes(64)
_LINK = {"Title": "养生", "Description": "一篇文章", "Url": "https://example.com/1"}


@dataclass(frozen=True)
class Told:
    """Something we told a person without being asked."""

    key: int
    text: str
    via: str


class Channel(Protocol):
    """A medium, as a story needs it. Deeds give back the answers that came, in order."""

    def medium(self, who: str) -> str:
        """What the person's account is an account of: wechat, phone."""

    def open(self, story: str, people: list[str]) -> None:
        """People of a story get their telephones."""

    def identifier(self, who: str) -> str:
        """By which we know the person in this medium."""

    def do(self, who: str, deed: str, what: Any, copies: int, expect_answer: bool) -> list[str]:
        """A deed of `script.DEEDS`; a place comes as a Place."""

    def told(self, who: str) -> list[Told]:
        """All that we told the person of our own accord, oldest first."""

    def fail(self, how: dict[str, Any]) -> None:
        """The medium's own servers fail as told."""

    def heal(self) -> None:
        """They work again."""

    def part(self) -> None:
        """Time goes by: nobody stays on the line so long."""

    def transcript(self) -> str:
        """Both sides of all that was said in the story."""


class WeChat:
    """Phones with WeChat, over the real callback."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._phones: dict[str, Phone] = {}
        self._answers: set[int] = set()
        self._begins = 0
        self._tapped: dict[str, int] = {}

    def open(self, story: str, people: list[str]) -> None:
        self.heal()
        self._answers.clear()
        self._begins = max((m.seq for m in Phone.everyone(self._stage.standin_url)), default=0)
        self._phones = {
            name: Phone.new(
                self._stage.standin_url,
                name=name,
                openid=f"o-{story}-{'-'.join(lazy_pinyin(name))}",
            )
            for name in people
        }

    def medium(self, who: str) -> str:
        return "wechat"

    def identifier(self, who: str) -> str:
        return self._phones[who].openid

    def do(self, who: str, deed: str, what: Any, copies: int, expect_answer: bool) -> list[str]:
        phone = self._phones[who]
        if deed in _EVENTS:
            self._not_in_one_second(who)
        before = max((m.seq for m in phone.inbox()), default=0)
        pushed = self._deeds(phone)[deed](what, copies)
        answers = pushed.replies
        if not answers and expect_answer:
            late = self._late_answer(phone, before)
            answers = [late.text]
        return answers

    def _not_in_one_second(self, who: str) -> None:
        """WeChat tells two taps of a person apart only by their second."""
        if self._tapped.get(who) == int(time.time()):
            time.sleep(1 - time.time() % 1)
        self._tapped[who] = int(time.time())

    def _deeds(self, phone: Phone) -> dict[str, Callable[[Any, int], Pushed]]:
        return {
            "says": lambda text, copies: phone.say(text, copies=copies),
            "scans": lambda code, copies: phone.scan(code, copies=copies),
            "follows": lambda code, copies: phone.follow(code or "", copies=copies),
            "unfollows": lambda _, copies: phone.unfollow(copies=copies),
            "taps": lambda key, copies: phone.click(key, copies=copies),
            "shares": lambda place, copies: self._share(phone, place, copies),
            "sends": lambda kind, copies: self._send(phone, kind, copies),
            "speaks": lambda heard, copies: phone.voice(_SOUND, recognised=heard, copies=copies),
        }

    @staticmethod
    def _share(phone: Phone, place: Place, copies: int) -> Pushed:
        return phone.locate(place.lat, place.lon, copies=copies)

    @staticmethod
    def _send(phone: Phone, kind: str, copies: int) -> Pushed:
        if kind == "voice":
            return phone.voice(_SOUND, copies=copies)
        if kind == "image":
            return phone.image(b"\xff\xd8\xff\xe0" + bytes(64), copies=copies)
        fields = _LINK if kind == "link" else {"MediaId": "m-1", "ThumbMediaId": "t-1"}
        return phone.push(kind, fields=fields, copies=copies)

    def _late_answer(self, phone: Phone, before: int) -> Message:
        """An answer that took longer than WeChat waits comes as a message of its own."""
        until = time.monotonic() + LATE_S
        while time.monotonic() < until:
            for message in phone.inbox(after=before):
                if message.via == "customer":
                    self._answers.add(message.seq)
                    return message
            time.sleep(0.05)
        raise AssertionError(f"{phone.name} got no answer")

    def told(self, who: str) -> list[Told]:
        return [
            Told(m.seq, m.text or " ".join(m.data.values()), m.via)
            for m in self._phones[who].inbox(after=self._begins)
            if m.via in ("customer", "template") and m.seq not in self._answers
        ]

    def fail(self, how: dict[str, Any]) -> None:
        self._post("fail", {"path": SEND, **how})

    def heal(self) -> None:
        self._post("heal", {})

    def part(self) -> None:
        pass

    def transcript(self) -> str:
        names = {phone.openid: name for name, phone in self._phones.items()}
        lines = []
        for m in Phone.everyone(self._stage.standin_url, after=self._begins):
            if m.openid in names:
                side = "▶" if m.via == "sent" else "◀"
                text = (m.text or " ".join(m.data.values())).replace("\n", "\n      ")
                lines.append(f"  {names[m.openid]} {side} ({m.via}) {text}")
        return "\n".join(lines)

    def _post(self, what: str, body: dict[str, Any]) -> None:
        url = f"{self._stage.standin_url}/_standin/{what}"
        httpx.post(url, json=body, trust_env=False).raise_for_status()
