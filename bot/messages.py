"""The rows behind the inbox: what is kept of a message, and what its answer waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.db.models import Account, Message
from backend.domain.matching import Place
from backend.services.work import Work, actor_of
from bot.xml import Incoming
from nlu.dialogue.turns import Alternative, Reply, Utterance
from nlu.understanding import Understanding

CHANNEL = "wechat"
LEASE = timedelta(seconds=10)
"""While an answer is on its way over the open connection nobody else sends it. Longer than
WeChat keeps that connection open (5 s)."""


def said_of(incoming: Incoming) -> dict[str, Any]:
    """What is kept of a message: enough to answer it later."""
    said: dict[str, Any] = {"kind": incoming.kind, "text": incoming.text.replace("\0", "")}
    if incoming.event is not None:
        said["event"] = incoming.event
        said["event_key"] = incoming.event_key
        said["scene"] = incoming.scene
    if incoming.latitude is not None and incoming.longitude is not None:
        said["lat"], said["lon"] = incoming.latitude, incoming.longitude
        said["label"] = incoming.label
    if incoming.media_id is not None:
        said["media_id"] = incoming.media_id_16k or incoming.media_id
    return said


def write_down(session: Session, incoming: Incoming, now: datetime) -> tuple[int, bool]:
    """The message's id, and whether this is its first copy. Whoever wrote is reachable again."""
    account = (
        insert(Account)
        .values(channel=CHANNEL, identifier=incoming.openid, last_spoke_at=now)
        .on_conflict_do_update(
            index_elements=["channel", "identifier"],
            set_={"last_spoke_at": now, "unreachable_since": None},
        )
        .returning(Account.id)
        .cte("account")
    )
    message = {
        "channel": CHANNEL,
        "source_id": incoming.source_id,
        "said": said_of(incoming),
        "received_at": now,
    }
    values = [literal(value, Message.__table__.c[name].type) for name, value in message.items()]
    message_id = session.scalar(
        insert(Message)
        .from_select(
            [*message, "account_id"],
            select(*values, account.c.id),
            include_defaults=False,  # the table's own are meant
        )
        .on_conflict_do_nothing()
        .returning(Message.id)
    )
    if message_id is not None:
        return message_id, True
    known = select(Message.id).where(
        Message.channel == CHANNEL, Message.source_id == incoming.source_id
    )
    return session.scalars(known).one(), False


def locked(work: Work, message_id: int) -> tuple[Message, Account]:
    """A message, locked, and whoever said it, who from here on is the one who acts."""
    message, account = (
        work.session.execute(
            select(Message, Account)
            .join(Account, Account.id == Message.account_id)
            .where(Message.id == message_id)
            .with_for_update(of=Message, key_share=True)
        )
        .tuples()
        .one()
    )
    work.actor = actor_of(account)
    return message, account


def waits(message: Message, now: datetime) -> bool:
    """Whether its answer is ready and nobody is sending it."""
    return (
        message.state == "answered"
        and message.sent_at is None
        and (message.answer_lease_until is None or message.answer_lease_until <= now)
    )


def keep_answer(message: Message, replies: list[Reply], now: datetime) -> None:
    """The answer is decided; for LEASE only the open connection may carry it."""
    message.answer = {
        "replies": [
            {"text": r.text, "speech": r.speech, "choices": list(r.choices)} for r in replies
        ]
    }
    message.state, message.answered_at = "answered", now
    message.answer_lease_until = now + LEASE


def utterance_of(message: Message, understanding: Understanding) -> Utterance:
    """The message as the dialogue wants it."""
    said = message.said
    place = Place(said["lat"], said["lon"]) if "lat" in said else None
    heard = heard_of(said)
    return Utterance(
        source_id=f"{message.channel}:{message.source_id}",
        channel=message.channel,
        text=understanding.text if heard else said.get("text", ""),
        understanding=understanding,
        place=place,
        event=_event(said),
        heard=heard,
    )


def heard_of(said: dict[str, Any]) -> tuple[Alternative, ...]:
    """What WeChat's recogniser heard in a voice message; empty for all else."""
    return (Alternative(said["text"]),) if said["kind"] == "voice" and said.get("text") else ()


def _event(said: dict[str, Any]) -> str | None:
    """The event's name for the dialogue; a kind that we cannot read is `unreadable:KIND`."""
    event = said.get("event")
    if event is None:
        readable = said["kind"] in ("text", "location") or heard_of(said)
        return None if readable else f"unreadable:{said['kind']}"
    if said.get("scene"):
        return f"scan:{said['scene']}"
    if event == "subscribe":
        return "follow"
    if event == "CLICK":
        return f"menu:{said.get('event_key') or ''}"
    return "other"
