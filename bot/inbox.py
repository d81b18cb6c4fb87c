"""One message from WeChat, from its arrival to its answer, exactly once.

1. The message is written down (its own transaction); a second copy stops here.
2. A cry for help becomes an incident in a transaction of its own, before anything else can fail;
   a doubtful one becomes a question, and silence a yes.
3. It is understood (Rasa, outside any transaction); out of reach means held, not lost.
4. The dialogue answers: conversation, commands and answer are one transaction.
5. The answer goes out on the open connection, or is pushed when that is too late or cut.

The row in `messages` is the truth; jobs and a sweep take up whatever a dead process left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Account, Message, Notice
from backend.services.lookup import elders_of, incidents_told, is_on_duty, transcript
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.unit_of_work import unit_of_work
from backend.services.work import LOCK, SYSTEM, Work, actor_of
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.messages import (
    CHANNEL,
    LEASE,
    heard_of,
    keep_answer,
    locked,
    said_of,
    utterance_of,
    waits,
    write_down,
)
from bot.words import as_text
from bot.xml import Incoming
from nlu.dialogue.by_ear import expected_of
from nlu.dialogue.duty import as_on_duty
from nlu.dialogue.engine import respond, respond_by_rule, respond_silence, told_with_doubt
from nlu.dialogue.jobs import as_a_worker
from nlu.dialogue.people import who
from nlu.dialogue.turns import Turn
from nlu.errors import RasaUnavailable
from nlu.hearing import choose
from nlu.prompts import say
from nlu.rules import emergency
from nlu.understand import Understander
from nlu.understanding import Understanding

log = structlog.get_logger()

TRY_AGAIN = timedelta(seconds=5)
MAX_ATTEMPTS = 4
DATABASE_AWAY = (OperationalError, InterfaceError)
SILENT_EVENTS = frozenset({"LOCATION", "VIEW", "VIEW_MINIPROGRAM"})
"""Reports of WeChat's that no person is waiting to be answered."""


@dataclass(frozen=True)
class Answer:
    """What to send back now. `message_id` None: nothing was written down (or nothing waits)."""

    message_id: int | None
    text: str | None


NOTHING = Answer(None, None)
Did = TypeVar("Did")


class Inbox:
    """Takes messages in and answers them. Safe to share between threads."""

    def __init__(
        self, sessions: sessionmaker[Session], understander: Understander, client: WeChatClient
    ) -> None:
        self._sessions = sessions
        self._understander = understander
        self._client = client

    def receive(self, incoming: Incoming, deadline: float | None = None) -> Answer:
        """Answer a message that just came. `deadline` (time.monotonic): later than that the
        answer is pushed instead of returned. Raises a DATABASE_AWAY error when nothing could be
        written down."""
        if self._is_report(incoming):
            return NOTHING
        message_id, fresh = _once_more(lambda: self._write_down(incoming))
        if not fresh:
            return self._second_copy(message_id)
        _once_more(lambda: self._cry_for_help(message_id, incoming.text))
        try:
            return self._answer(message_id, said_of(incoming), deadline)
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
            self._answer(message_id, said, deadline=0.0)
        except RasaUnavailable:
            self._hold(message_id)
        except DATABASE_AWAY:
            raise  # the job is tried again
        except Exception:
            log.exception("message_failed", message_id=message_id)
            self._hold(message_id, failed=True)

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Nobody answered whether somebody should come: silence is a yes, in any channel."""
        with unit_of_work(self._sessions) as work:
            respond_silence(work, account_id, source_id)

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

    def _write_down(self, incoming: Incoming) -> tuple[int, bool]:
        with self._sessions() as session, session.begin():
            return write_down(session, incoming, clock.now())

    def _second_copy(self, message_id: int) -> Answer:
        """WeChat sends again what it got no answer to. If the first copy's answer is ready and
        nobody is sending it, this copy carries it; else there is nothing to add."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if not waits(message, work.now):
                return NOTHING
            message.answer_lease_until = work.now + LEASE
            return Answer(message_id, as_text(message.answer.get("replies", [])) or None)

    def _cry_for_help(self, message_id: int, text: str) -> None:
        if emergency(text) is not None:
            self._raise_incident(message_id, Understanding(text, "emergency", 1.0, source="rule"))

    def _raise_incident(self, message_id: int, understanding: Understanding) -> Understanding:
        """In a transaction of its own, unless who says it makes something else of it: a worker
        who cannot come, or someone on duty who speaks of a ticket or an alarm under way."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id)
            account = work.session.get_one(Account, message.account_id)
            work.actor = actor_of(account)
            if account.worker_id is not None:
                understanding = as_a_worker(understanding)
            on_duty = is_on_duty(work, account.id)
            if on_duty:
                understanding = as_on_duty(understanding)
            if (
                understanding.intent != "emergency"
                or understanding.doubtful
                or (on_duty and incidents_told(work, account.id))
            ):
                return understanding
            words = told_with_doubt(work, account, understanding.text)
            raise_incident(
                work, words, incident_key(message.source_id), _about(work, account, words)
            )
            return understanding

    def _answer(self, message_id: int, said: dict[str, Any], deadline: float | None) -> Answer:
        try:
            understanding = self._understand(message_id, said, clock.now())
        except RasaUnavailable:
            return self._answer_by_rule(message_id, said["text"], deadline)
        if understanding.intent == "emergency":
            understanding = self._raise_incident(message_id, understanding)
        with unit_of_work(self._sessions) as work:
            message, account = locked(work, message_id)
            if message.state == "answered":
                return NOTHING
            turn = respond(work, account, utterance_of(message, understanding))
            return _answered(work, message, turn, deadline)

    def _answer_by_rule(self, message_id: int, text: str, deadline: float | None) -> Answer:
        """Rasa is away: some words need no classifier. Raises RasaUnavailable for the others."""
        with unit_of_work(self._sessions) as work:
            message, account = locked(work, message_id)
            if message.state == "answered":
                return NOTHING
            unknown = Understanding(text, "out_of_scope", 0.0, source="rule")
            turn = respond_by_rule(work, account, utterance_of(message, unknown))
            if turn is None:
                raise RasaUnavailable("no rule knows these words")
            return _answered(work, message, turn, deadline)

    def _understand(self, message_id: int, said: dict[str, Any], now: datetime) -> Understanding:
        if said["kind"] == "text":
            return self._understander.understand(said["text"], now)
        if heard := heard_of(said):
            with self._sessions() as session:
                account_id = session.get_one(Message, message_id).account_id
            expected = expected_of(self._sessions, account_id, now)
            return choose(heard, self._understander, now, CHANNEL, expected).understanding
        return Understanding(text=said.get("text", ""), intent="inform", confidence=1.0)

    def _hold(self, message_id: int, *, failed: bool = False) -> None:
        """Keep a message for later; what fails for unknown reasons goes to a human in the end."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if message.state == "answered":
                return
            message.state = "held"
            message.attempts += failed
            if message.attempts < MAX_ATTEMPTS:
                work.later("answer_message", at=work.now + TRY_AGAIN, message_id=message_id)
                return
            self._hand_over(work, message)

    def _hand_over(self, work: Work, message: Message) -> None:
        work.actor = actor_of(work.session.get_one(Account, message.account_id))
        open_ticket(
            work,
            "handover",
            f"系统答不上来的一句话:{message.said.get('text', '')[:60]}",
            f"failed:{message.id}",
            transcript=transcript(work, message.account_id),
        )
        work.actor = SYSTEM
        keep_answer(message, [say("message_failed")], work.now)
        message.answer_lease_until = work.now
        work.later("push_answer", message_id=message.id)


def _once_more(act: Callable[[], Did]) -> Did:
    """A connection that the database has cut is found out by using it; the next one is new."""
    try:
        return act()
    except DATABASE_AWAY:
        return act()


def incident_key(source_id: str) -> str:
    """One message is one call for help, whoever notices it first."""
    return f"{CHANNEL}:{source_id}"


def _about(work: Work, account: Account, text: str) -> int | None:
    """The elder a cry is about: the one named, the account itself, or the only one there is."""
    links = elders_of(work, account.id)
    named = [link for link in links if link.elder.name in text]
    fitting_links = named or who(links, None)
    return fitting_links[0].elder_id if len(fitting_links) == 1 else None


def _answered(work: Work, message: Message, turn: Turn, deadline: float | None) -> Answer:
    """Keep a turn as the message's answer; what goes back on the open connection."""
    # The turn may have waited for its conversation: the lease counts from here.
    keep_answer(message, list(turn.replies), clock.now())
    text = as_text(message.answer["replies"])
    if not text:
        message.sent_at, message.sent_by = work.now, "nothing"
        return NOTHING
    if deadline is not None and time.monotonic() > deadline:
        message.answer_lease_until = work.now
        work.later("push_answer", message_id=message.id)
        return NOTHING
    return Answer(message.id, text)
