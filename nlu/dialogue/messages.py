"""The rows behind an exchange: what is kept of a message and its answer, whatever its channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.db.models import Account, Message
from backend.domain.matching import Place
from backend.services.work import ACTS_THROUGH, Work, actor_of
from nlu.dialogue.turns import Alternative, Reply, Utterance
from nlu.understanding import Understanding

_ACCOUNTS_OF = {through: channel for channel, through in ACTS_THROUGH.items()}


def write_down(
    session: Session,
    channel: str,
    identifier: str,
    source_id: str,
    said: dict[str, Any],
    now: datetime,
) -> tuple[int, bool]:
    """The message's id, and whether this is its first copy. Whoever wrote is reachable again.

    `identifier` is whose message it is (an openid, a number); an account is made where none was.
    """
    account = (
        insert(Account)
        .values(
            channel=_ACCOUNTS_OF.get(channel, channel), identifier=identifier, last_spoke_at=now
        )
        .on_conflict_do_update(
            index_elements=["channel", "identifier"],
            set_={"last_spoke_at": now, "unreachable_since": None},
        )
        .returning(Account.id)
        .cte("account")
    )
    message = {"channel": channel, "source_id": source_id, "said": said, "received_at": now}
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
    known = select(Message.id).where(Message.channel == channel, Message.source_id == source_id)
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


def keep_answer(message: Message, replies: Sequence[Reply], now: datetime, **more: Any) -> None:
    """The answer is decided. `more`: what else a second copy of the message must be told."""
    message.answer = {
        "replies": [
            {"text": r.text, "speech": r.speech, "choices": list(r.choices)} for r in replies
        ],
        **more,
    }
    message.state, message.answered_at = "answered", now


def replies_of(message: Message) -> tuple[Reply, ...]:
    """The answer as it was kept."""
    kept = message.answer.get("replies", [])
    return tuple(Reply(one["text"], one["speech"], tuple(one["choices"])) for one in kept)


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
        unheard=bool(said.get("unheard")),
    )


def heard_of(said: dict[str, Any]) -> tuple[Alternative, ...]:
    """What a recogniser heard: the hearings kept, or the one text of a channel that gives no
    others; empty for all that was not spoken."""
    if said["kind"] != "voice":
        return ()
    if "heard" in said:
        return tuple(Alternative(one["text"], one["confidence"]) for one in said["heard"])
    return (Alternative(said["text"]),) if said.get("text") else ()


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
    if event in ("ring", "callout"):
        return f"{event}:{said.get('event_key') or ''}"
    return "other"
