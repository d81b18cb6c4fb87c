"""One message and its answer, exactly once, whatever channel it came by.

1. `write_down`: the message's row (its own transaction); a second copy stops here.
2. `cry_for_help`: words that cry for help become an incident in a transaction of their own,
   before anything else can fail; doubtful ones become a question, and silence a yes.
3. `answer`: it is understood (Rasa, outside any transaction), then conversation, commands and
   answer are one transaction.
4. `hold` and `hand_over`: what cannot be answered now is tried again, and goes to a human in the
   end.

How an answer reaches the person, and how often that is tried, is the channel's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Account, Message
from backend.services.lookup import elders_of, incidents_told, is_on_duty, transcript
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.unit_of_work import unit_of_work
from backend.services.work import LOCK, SYSTEM, Work, actor_of
from nlu.dialogue.by_ear import expected_of
from nlu.dialogue.duty import as_on_duty
from nlu.dialogue.engine import respond, respond_by_rule, respond_silence, told_with_doubt
from nlu.dialogue.jobs import as_a_worker
from nlu.dialogue.messages import heard_of, locked, utterance_of, write_down
from nlu.dialogue.people import who
from nlu.dialogue.turns import Turn, Utterance
from nlu.errors import RasaUnavailable
from nlu.hearing import Understands, choose
from nlu.prompts import say
from nlu.rules import emergency
from nlu.understanding import Understanding

TRY_AGAIN = timedelta(seconds=5)
MAX_ATTEMPTS = 4
DATABASE_AWAY = (OperationalError, InterfaceError)

Kept = TypeVar("Kept")
Keep = Callable[[Work, Message, Utterance, Turn], Kept]
"""Keeps a turn as the message's answer, in the turn's own transaction."""
Did = TypeVar("Did")


class Exchange:
    """Writes messages down and answers them. Safe to share between threads."""

    def __init__(self, sessions: sessionmaker[Session], understander: Understands) -> None:
        self._sessions = sessions
        self._understander = understander

    def write_down(
        self, channel: str, identifier: str, source_id: str, said: dict[str, Any]
    ) -> tuple[int, bool]:
        """The message's id, and whether this is its first copy (see `messages.write_down`).
        Raises a DATABASE_AWAY error when nothing could be written down."""

        def write() -> tuple[int, bool]:
            with self._sessions() as session, session.begin():
                return write_down(session, channel, identifier, source_id, said, clock.now())

        return once_more(write)

    def cry_for_help(self, message_id: int, text: str) -> None:
        """Raise the incident of words that the rules take for a cry without doubt."""
        if emergency(text) is not None:
            cry = Understanding(text, "emergency", 1.0, source="rule")
            once_more(lambda: self._raise_incident(message_id, cry))

    def answer(self, message_id: int, said: dict[str, Any], keep: Keep[Kept]) -> Kept | None:
        """Understand and answer a message; None when it was answered already.

        Raises RasaUnavailable when no rule knows the words and Rasa is away.
        """
        try:
            understanding = self._understand(message_id, said, clock.now())
        except RasaUnavailable:
            return self._answer_by_rule(message_id, said["text"], keep)
        return self.answer_understood(message_id, understanding, keep)

    def answer_understood(
        self, message_id: int, understanding: Understanding, keep: Keep[Kept]
    ) -> Kept | None:
        """Answer a message whose meaning is known; None when it was answered already."""
        if understanding.intent == "emergency":
            understanding = self._raise_incident(message_id, understanding)
        with unit_of_work(self._sessions) as work:
            message, account = locked(work, message_id)
            if message.state == "answered":
                return None
            utterance = utterance_of(message, understanding)
            return keep(work, message, utterance, respond(work, account, utterance))

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Nobody answered whether somebody should come: silence is a yes, in any channel."""
        with unit_of_work(self._sessions) as work:
            respond_silence(work, account_id, source_id)

    def hold(
        self, message_id: int, give_up: Callable[[Work, Message], None], *, failed: bool = False
    ) -> None:
        """Keep a message for later; what fails for unknown reasons is given up in the end."""
        with unit_of_work(self._sessions) as work:
            message = work.session.get_one(Message, message_id, with_for_update=LOCK)
            if message.state == "answered":
                return
            message.state = "held"
            message.attempts += failed
            if message.attempts < MAX_ATTEMPTS:
                work.later("answer_message", at=work.now + TRY_AGAIN, message_id=message_id)
                return
            give_up(work, message)

    def _answer_by_rule(self, message_id: int, text: str, keep: Keep[Kept]) -> Kept | None:
        """Rasa is away: some words need no classifier. Raises RasaUnavailable for the others."""
        with unit_of_work(self._sessions) as work:
            message, account = locked(work, message_id)
            if message.state == "answered":
                return None
            unknown = Understanding(text, "out_of_scope", 0.0, source="rule")
            utterance = utterance_of(message, unknown)
            turn = respond_by_rule(work, account, utterance)
            if turn is None:
                raise RasaUnavailable("no rule knows these words")
            return keep(work, message, utterance, turn)

    def _understand(self, message_id: int, said: dict[str, Any], now: datetime) -> Understanding:
        if said["kind"] == "text":
            return self._understander.understand(said["text"], now)
        if heard := heard_of(said):
            with self._sessions() as session:
                message = session.get_one(Message, message_id)
                account_id, channel = message.account_id, message.channel
            expected = expected_of(self._sessions, account_id, now)
            return choose(heard, self._understander, now, channel, expected).understanding
        return Understanding(text=said.get("text", ""), intent="inform", confidence=1.0)

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
            key = incident_key(message.channel, message.source_id)
            raise_incident(work, words, key, elder_cried_for(work, account, words))
            return understanding


def hand_over(work: Work, message: Message) -> None:
    """A message that cannot be answered goes to a human, with all that was said before it."""
    work.actor = actor_of(work.session.get_one(Account, message.account_id))
    open_ticket(
        work,
        "handover",
        say("ticket.cannot_answer", said=message.said.get("text", "")[:60]).text,
        f"failed:{message.id}",
        transcript=transcript(work, message.account_id),
    )
    work.actor = SYSTEM


def once_more(act: Callable[[], Did]) -> Did:
    """A connection that the database has cut is found out by using it; the next one is new."""
    try:
        return act()
    except DATABASE_AWAY:
        return act()


def incident_key(channel: str, source_id: str) -> str:
    """One message is one call for help, whoever notices it first."""
    return f"{channel}:{source_id}"


def elder_cried_for(work: Work, account: Account, text: str) -> int | None:
    """The elder a cry is about: the one named, the account itself, or the only one there is."""
    links = elders_of(work, account.id)
    named = [link for link in links if link.elder.name in text]
    fitting_links = named or who(links, None)
    return fitting_links[0].elder_id if len(fitting_links) == 1 else None
