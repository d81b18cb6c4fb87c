"""One message from WeChat, from its arrival to its answer, exactly once.

1. The message is written down (its own transaction); a second copy stops here.
2. A cry for help becomes an incident in a transaction of its own, before anything else can fail;
   a doubtful one becomes a question, and silence a yes.
3. It is understood (Rasa, outside any transaction); out of reach means held, not lost.
4. The dialogue answers: conversation, commands and answer are one transaction.
5. The answer goes out on the open connection, or is pushed when that is too late or cut.

A voice message is listened to after 1, in a job (bot.voice_message); its answer is pushed.

The row in `messages` is the truth; jobs and a sweep take up whatever a dead process left.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Account, Message, Notice
from backend.jobs.queue import URGENT
from backend.services.unit_of_work import unit_of_work
from backend.services.work import LOCK, Work
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.messages import CHANNEL, LEASE, said_of, waits
from bot.voice_message import (
    FETCH_FOR,
    NEXT_LOOK,
    Hears,
    VoiceMessages,
    heard_back,
    with_words,
)
from bot.words import as_text
from bot.xml import Incoming
from nlu.dialogue.by_ear import expected_of
from nlu.dialogue.exchange import DATABASE_AWAY, Exchange, hand_over
from nlu.dialogue.messages import keep_answer
from nlu.dialogue.turns import Alternative, Reply, Turn, Utterance
from nlu.errors import RasaUnavailable
from nlu.prompts import say
from nlu.understand import Understander

log = structlog.get_logger()

SILENT_EVENTS = frozenset({"LOCATION", "VIEW", "VIEW_MINIPROGRAM"})
"""Reports of WeChat's that no person is waiting to be answered."""


@dataclass(frozen=True)
class Answer:
    """What to send back now. `message_id` None: nothing was written down (or nothing waits)."""

    message_id: int | None
    text: str | None


NOTHING = Answer(None, None)


class Inbox:
    """Takes messages in and answers them. Safe to share between threads."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        understander: Understander,
        client: WeChatClient,
        hears: Hears | None = None,
    ) -> None:
        self._sessions = sessions
        self._exchange = Exchange(sessions, understander)
        self._client = client
        self._voices = VoiceMessages(client, hears)

    def receive(self, incoming: Incoming, deadline: float | None = None) -> Answer:
        """Answer a message that just came. `deadline` (time.monotonic): later than that the
        answer is pushed instead of returned. Raises a DATABASE_AWAY error when nothing could be
        written down."""
        if self._is_report(incoming):
            return NOTHING
        said = said_of(incoming)
        message_id, fresh = self._exchange.write_down(
            CHANNEL, incoming.openid, incoming.source_id, said
        )
        if not fresh:
            return self._second_copy(message_id)
        self._exchange.cry_for_help(message_id, incoming.text)
        try:
            if self._voices.wait_for_ears(said):
                self._listen_later(message_id)
                return NOTHING
            return self._answer(message_id, said, deadline)
        except (RasaUnavailable, *DATABASE_AWAY) as error:
            why = type(getattr(error, "orig", None) or error).__name__
            log.warning("message_held", message_id=message_id, why=why)
            self._hold(message_id)
            return Answer(None, say("message_held").text)
        except Exception:
            log.exception("message_failed", message_id=message_id)
            self._hold(message_id, failed=True)
            return Answer(None, say("message_held").text)

    def answer_held(self, message_id: int) -> None:
        """Answer, later, a message that was held or that a dead process left; then push it."""
        try:
            with self._sessions() as session:
                said = session.get_one(Message, message_id).said
            if self._voices.wait_for_ears(said):
                with self._voices.turn(message_id) as mine:
                    if not mine:
                        self._listen_later(message_id, NEXT_LOOK)
                        return
                    said = self._listen(message_id, said)
                self._exchange.cry_for_help(message_id, said["text"])
            self._answer(message_id, said, deadline=0.0)
        except RasaUnavailable:
            self._hold(message_id)
        except (TransportError, *DATABASE_AWAY):
            raise  # the job is tried again
        except Exception:
            log.exception("message_failed", message_id=message_id)
            self._hold(message_id, failed=True)

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Nobody answered whether somebody should come: silence is a yes, in any channel."""
        self._exchange.raise_unanswered(account_id, source_id)

    def end_lost_call(self, call_id: int) -> None:
        """WeChat has no calls."""

    def push_answer(self, message_id: int) -> None:
        """Send an answer as a chat message, if nobody else has sent it or is about to."""
        with unit_of_work(self._sessions) as work:
            message = work.session.scalar(
                select(Message)
                .where(Message.id == message_id)
                .with_for_update(skip_locked=True, key_share=True)
            )
            if message is None or not waits(message, work.now):
                return
            message.answer_lease_until = work.now + LEASE * 2
            openid = work.session.get_one(Account, message.account_id).identifier
            text = as_text(message.answer.get("replies", []))
            client_msg_id = f"a{message_id}-{round(message.received_at.timestamp() * 1000):x}"
        if text:
            try:
                self._client.send_text(openid, text, client_msg_id)
            except TransportError as error:
                if error.kind != "duplicate":
                    if not error.permanent:
                        raise
                    log.warning("answer_undeliverable", message_id=message_id, kind=error.kind)
        self.mark_sent(message_id, "push")

    def missed_the_line(self, message_id: int) -> None:
        """The answer left us after WeChat had cut the connection: it is pushed instead."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if message.sent_at is None:
                message.answer_lease_until = work.now
                work.later("push_answer", message_id=message_id)

    def mark_sent(self, message_id: int, by: str) -> None:
        """The answer has left us."""
        with self._sessions() as session, session.begin():
            session.execute(
                update(Message)
                .where(Message.id == message_id, Message.sent_at.is_(None))
                .values(sent_at=clock.now(), sent_by=by)
            )

    # -- the steps ---------------------------------------------------------------------------

    def _is_report(self, incoming: Incoming) -> bool:
        """WeChat's reports about people, which are noted and not answered."""
        if incoming.event == "TEMPLATESENDJOBFINISH":
            with self._sessions() as session, session.begin():
                session.execute(
                    update(Notice)
                    .where(Notice.receipt == incoming.template_msg_id)
                    .values(delivered=incoming.status == "success", error=incoming.status)
                )
            return True
        if incoming.event == "unsubscribe":
            with self._sessions() as session, session.begin():
                session.execute(
                    update(Account)
                    .where(Account.channel == CHANNEL, Account.identifier == incoming.openid)
                    .values(unreachable_since=clock.now())
                )
            return True
        return incoming.event in SILENT_EVENTS

    def _second_copy(self, message_id: int) -> Answer:
        """WeChat sends again what it got no answer to. If the first copy's answer is ready and
        nobody is sending it, this copy carries it; else there is nothing to add."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if not waits(message, work.now):
                return NOTHING
            message.answer_lease_until = work.now + LEASE
            return Answer(message_id, as_text(message.answer.get("replies", [])) or None)

    def _answer(self, message_id: int, said: dict[str, Any], deadline: float | None) -> Answer:
        def keep(work: Work, message: Message, utterance: Utterance, turn: Turn) -> Answer:
            if "heard" in message.said:
                message.said = {**message.said, "text": utterance.text}
            replies = heard_back(message.said, utterance, turn.replies)
            return _answered(work, message, replies, deadline)

        return self._exchange.answer(message_id, said, keep) or NOTHING

    def _listen_later(self, message_id: int, wait: timedelta | None = None) -> None:
        """The words may be a cry for help, so it goes before everything else."""
        with unit_of_work(self._sessions) as work:
            at = work.now + wait if wait is not None else None
            work.later("answer_message", at, URGENT, message_id=message_id)

    def _listen(self, message_id: int, said: dict[str, Any]) -> dict[str, Any]:
        """Keep the words of a voice message with it. Raises TransportError while WeChat is out of
        reach, but not for ever."""
        with self._sessions() as session:
            message = session.get_one(Message, message_id)
            account_id, waited = message.account_id, clock.now() - message.received_at
        heard: tuple[Alternative, ...] = ()
        try:
            heard = self._voices.listen(said, expected_of(self._sessions, account_id, clock.now()))
        except TransportError as error:
            if waited < FETCH_FOR:
                raise
            log.error("voice_not_fetched", message_id=message_id, kind=error.kind)
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if "heard" not in message.said:
                message.said = with_words(message.said, heard)
            return message.said

    def _hold(self, message_id: int, *, failed: bool = False) -> None:
        self._exchange.hold(message_id, _given_up, failed=failed)


def _given_up(work: Work, message: Message) -> None:
    hand_over(work, message)
    _keep(message, [say("message_failed")], work.now)
    message.answer_lease_until = work.now
    work.later("push_answer", message_id=message.id)


def _keep(message: Message, replies: Sequence[Reply], now: datetime) -> None:
    """The answer is decided; for LEASE only the open connection may carry it."""
    keep_answer(message, replies, now)
    message.answer_lease_until = now + LEASE


def _answered(
    work: Work, message: Message, replies: Sequence[Reply], deadline: float | None
) -> Answer:
    """Keep a turn's replies as the message's answer; what goes back on the open connection."""
    # The turn may have waited for its conversation: the lease counts from here.
    _keep(message, replies, clock.now())
    text = as_text(message.answer["replies"])
    if not text:
        message.sent_at, message.sent_by = work.now, "nothing"
        return NOTHING
    if deadline is not None and time.monotonic() > deadline:
        message.answer_lease_until = work.now
        work.later("push_answer", message_id=message.id)
        return NOTHING
    return Answer(message.id, text)
