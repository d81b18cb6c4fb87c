"""WeChat's callback XML: read with distrust, written with care.

Reading: https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html
and …/Receiving_event_pushes.html. Writing: …/Passive_user_reply_message.html.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as DefusedTree

from bot.errors import Malformed

SUCCESS = "success"
"""The answer that says: received, nothing to show now."""

TEXT_LIMIT_BYTES = 2048
"""Longest text of one message, in bytes of UTF-8 (a Han character takes three)."""

MessageKind = Literal["text", "image", "voice", "video", "location", "link", "event", "unknown"]
_KINDS: dict[str, MessageKind] = {
    "text": "text",
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
    "event": "event",
}

_DECLARED_ENCODING = re.compile(r"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
# Outside XML 1.0's Char production (section 2.2); some phones do send them inside CDATA.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Controls, and the invisible marks that turn text around or hide in it. Kept: newline, tab,
# ZERO WIDTH JOINER and VARIATION SELECTOR-16, which hold emoji together.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_OPENID = re.compile(r"[A-Za-z0-9_\-@.]{1,64}")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One callback. Fields that its kind does not have are None (``text``: empty).

    ``source_id`` is what makes a second copy recognisable: the MsgId of a message; an event has
    none, so it is made of who, when, what (and the template message reported on).
    ``latitude``/``longitude`` are degrees, GCJ-02, as WeChat gives them.
    """

    source_id: str
    openid: str
    to_user: str
    created_at: datetime
    kind: MessageKind
    raw_kind: str
    text: str = ""
    event: str | None = None
    event_key: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: float | None = None
    label: str | None = None
    media_id: str | None = None
    media_id_16k: str | None = None
    media_format: str | None = None
    thumb_media_id: str | None = None
    recognition: str | None = None
    pic_url: str | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None
    menu_id: str | None = None
    """Which choice of a menu message was tapped (bizmsgmenuid)."""
    ticket: str | None = None
    status: str | None = None
    """Outcome of a template message: success, failed:user block, failed:system failed."""
    template_msg_id: str | None = None

    @property
    def scene(self) -> str | None:
        """The scene of the QR code that was scanned, for a follower and a newcomer alike."""
        if self.event == "SCAN":
            return self.event_key
        if self.event == "subscribe" and self.event_key:
            return self.event_key.removeprefix("qrscene_")
        return None


def parse_document(body: bytes | str) -> Element:
    """The root of WeChat's XML. Raises Malformed for anything but plain UTF-8 ``<xml>…</xml>``:
    DTDs, entities, other encodings and other roots are refused unread."""
    if isinstance(body, bytes):
        try:
            body = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Malformed("the body is not UTF-8") from None
    declared = _DECLARED_ENCODING.match(body)
    if declared and declared[1].lower().replace("-", "") != "utf8":
        raise Malformed("the body declares an encoding other than UTF-8")
    try:
        root: Element = DefusedTree.fromstring(_NOT_XML.sub("", body), forbid_dtd=True)
    except DefusedXmlException as refused:
        raise Malformed(f"the body carries {type(refused).__name__}") from None
    except (ParseError, ValueError):
        raise Malformed("the body is not well-formed XML") from None
    if root.tag != "xml":
        raise Malformed("the body's root is not <xml>")
    return root


def parse(body: bytes | str) -> Incoming:
    """Reads one (decrypted) callback. Raises Malformed."""
    return _Reader(parse_document(body)).incoming()


class _Reader:
    def __init__(self, root: Element) -> None:
        self._root = root

    def get(self, name: str) -> str | None:
        found = self._root.findtext(name)
        if found is None:
            return None
        return _INVISIBLE.sub("", found.replace("\r\n", "\n")).strip() or None

    def number(self, name: str) -> float | None:
        found = self.get(name)
        if found is None:
            return None
        try:
            value = float(found)
        except ValueError:
            raise Malformed(f"{name} is not a number") from None
        if not math.isfinite(value):
            raise Malformed(f"{name} is not a number")
        return value

    def place(self, latitude: str, longitude: str) -> tuple[float | None, float | None]:
        lat, lon = self.number(latitude), self.number(longitude)
        if (lat is None) != (lon is None):
            raise Malformed("half a place")
        if lat is not None and lon is not None and not (abs(lat) <= 90 and abs(lon) <= 180):
            raise Malformed("a place off the globe")
        return lat, lon

    def incoming(self) -> Incoming:
        openid, raw_kind = self.get("FromUserName"), self.get("MsgType")
        if openid is None or not _OPENID.fullmatch(openid):
            raise Malformed("FromUserName is missing or strange")
        if raw_kind is None:
            raise Malformed("MsgType is missing")
        created_at = self._created_at()
        kind = _KINDS.get(raw_kind, "unknown")
        if kind == "event":
            lat, lon = self.place("Latitude", "Longitude")
        else:
            lat, lon = self.place("Location_X", "Location_Y")
        return Incoming(
            source_id=self._source_id(openid, created_at, kind),
            openid=openid,
            to_user=self.get("ToUserName") or "",
            created_at=created_at,
            kind=kind,
            raw_kind=raw_kind,
            # What WeChat's own recogniser made of a voice message counts as its words.
            text=self.get("Content") or self.get("Recognition") or "",
            event=self.get("Event"),
            event_key=self.get("EventKey"),
            latitude=lat,
            longitude=lon,
            precision=self.number("Precision"),
            label=self.get("Label"),
            media_id=self.get("MediaId"),
            media_id_16k=self.get("MediaId16K"),
            media_format=self.get("Format"),
            thumb_media_id=self.get("ThumbMediaId"),
            recognition=self.get("Recognition"),
            pic_url=self.get("PicUrl"),
            title=self.get("Title"),
            description=self.get("Description"),
            url=self.get("Url"),
            menu_id=self.get("bizmsgmenuid"),
            ticket=self.get("Ticket"),
            status=self.get("Status"),
            template_msg_id=self.get("MsgID"),
        )

    def _created_at(self) -> datetime:
        seconds = self.number("CreateTime")
        try:
            return datetime.fromtimestamp(int(seconds), UTC)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, OSError):
            raise Malformed("CreateTime is missing or strange") from None

    def _source_id(self, openid: str, created_at: datetime, kind: MessageKind) -> str:
        when = str(int(created_at.timestamp()))
        if kind == "event":
            # Two template messages may end in one second, hence MsgID.
            what = [self.get(name) or "" for name in ("Event", "EventKey", "MsgID")]
            return ":".join((openid, when, *what))[:255]
        msg_id = self.get("MsgId")
        if msg_id and msg_id != "0":
            return msg_id[:255]
        content = "\n".join(f"{child.tag}={child.text}" for child in self._root)
        return f"{openid}:{when}:{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def cdata(text: str) -> str:
    """``text`` as a CDATA section that it cannot break out of; what XML forbids is dropped."""
    return "<![CDATA[" + _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def text_reply(incoming: Incoming, text: str, now: datetime) -> str:
    """The XML that answers ``incoming`` with ``text`` on the same connection (被动回复).

    Raises ValueError if the text is empty or longer than TEXT_LIMIT_BYTES: WeChat would tell the
    person that our service is out of order.
    """
    if not text.strip() or len(text.encode()) > TEXT_LIMIT_BYTES:
        raise ValueError("a reply has between 1 and 2048 bytes")
    return (
        "<xml>"
        f"<ToUserName>{cdata(incoming.openid)}</ToUserName>"
        f"<FromUserName>{cdata(incoming.to_user)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(text)}</Content>"
        "</xml>"
    )
