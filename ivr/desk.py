"""The desk behind a call: who rings, what is answered, exactly once, and what is written down.

Everything here blocks and is called from threads; each method is a few short transactions, none
of them open while Rasa is asked. The database away: a DATABASE_AWAY error, and nothing is half
done; the same call again goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.models import Account, Call, Conversation, Message
from backend.services.answering import telephones_for
from backend.services.close_ticket import close_ticket
from backend.services.keep_call_sound import may_keep_sound
from backend.services.lookup import elders_of, is_on_duty, transcript
from backend.services.open_call import Ring, open_call
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.record_call import TurnRecord, record_turn, still_on
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work, actor_of
from ivr import keys as key_pad
from ivr.ending import Ending, Endings
from ivr.facts import Answered, OpenCall, answered_of
from ivr.keeping import CHANNEL, keep_turn, running_incident
from nlu.dialogue.basket import is_whole
from nlu.dialogue.by_ear import expected_of
from nlu.dialogue.exchange import DATABASE_AWAY, Exchange, elder_cried_for, incident_key
from nlu.dialogue.expects import expectation
from nlu.dialogue.messages import keep_answer, locked, replies_of
from nlu.dialogue.ringing import BELL, greeted_as
from nlu.dialogue.state import DoubtTask, load_state
from nlu.dialogue.turns import Alternative
from nlu.errors import RasaUnavailable
from nlu.expected import Expected
from nlu.hearing import Understands, choose, foresee
from nlu.prompts import say
from nlu.understanding import Understanding

__all__ = ["DATABASE_AWAY", "Answered", "Desk", "Ending", "OpenCall", "Ring", "TurnRecord"]

OPENING = 0
"""The turn of our first words; the caller's are counted from 1."""

log = structlog.get_logger()


class Desk:
    """One for all calls of a process. Safe to share between threads."""

    def __init__(self, sessions: sessionmaker[Session], understander: Understands) -> None:
        self._sessions = sessions
        self._understander = understander
        self._exchange = Exchange(sessions, understander)
        self._endings = Endings(sessions, self._exchange, self._silence_of)

    # -- a call begins ------------------------------------------------------------------------

    def open_call(self, ring: Ring) -> OpenCall:
        """Write the call down at its first ring, and say who rings. The same ring twice gives the
        same call. A bell's alarm clock runs from here on, whatever becomes of this process."""
        with unit_of_work(self._sessions) as work:
            call = open_call(work, ring)
            call_id, bell = call.id, call.is_bell
            identifier = call.account.identifier
        how = BELL if bell else ""
        opening = self._begin(call_id, identifier, "ring", how) if ring.incoming else None
        with unit_of_work(self._sessions) as work:
            return _known(work, call_id, opening)

    def begin_callout(self, call: OpenCall, callout_id: int) -> Answered:
        """Our first words in a call that we made and that was just picked up."""
        return self._begin(call.id, call.identifier, "callout", str(callout_id))

    def expected(self, account_id: int) -> Expected:
        """What this caller's conversation asks right now; locks nothing."""
        return expected_of(self._sessions, account_id, clock.now())

    def still_on(self, call_ids: Iterable[int]) -> None:
        """These calls go on; to be said at least once a minute, also while nobody speaks."""
        with unit_of_work(self._sessions) as work:
            still_on(work, call_ids)

    def was_answered(self, call: OpenCall, at: datetime) -> None:
        """The call was taken (aware time)."""
        with unit_of_work(self._sessions) as work:
            work.get(Call, call.id, lock=True).answered_at = at

    # -- words --------------------------------------------------------------------------------

    def utter(
        self,
        call: OpenCall,
        no: int,
        heard: Sequence[Alternative] = (),
        keys: str = "",
        unheard: bool = False,
    ) -> Answered:
        """Answer what was heard (or pressed, which goes before) in turn `no`, counted from 1.
        `unheard`: they spoke before they could hear the answer to the turn before.

        The same turn twice has the same answer and changes nothing. What cannot be answered,
        because Rasa is away or something broke, is answered with the keys, and a human rings back.
        """
        meant = key_pad.understood(keys, self.expected(call.account_id)) if keys else None
        hearings = [{"text": one.text, "confidence": one.confidence} for one in heard]
        text = meant.text if meant is not None else heard[0].text if heard else ""
        said = {"kind": "voice", "text": text, "heard": hearings, "keys": keys, "call": call.id}
        if meant is not None:
            said["kind"] = "text"
        if unheard:
            said["unheard"] = True
        message_id, fresh = self._exchange.write_down(
            CHANNEL, call.identifier, f"{call.id}:{no}", said
        )
        if not fresh and (kept := self._kept(message_id)) is not None:
            return kept
        self._exchange.cry_for_help(message_id, text)
        keep = partial(keep_turn, call.id, no)
        try:
            if meant is not None:
                answered = self._exchange.answer_understood(message_id, meant, keep)
            else:
                answered = self._exchange.answer(message_id, said, keep)
        except RasaUnavailable:
            log.warning("turn_without_rasa", call_id=call.id, no=no)
            answered = self._stuck(message_id, call, no, "line.cannot_follow")
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("turn_failed", call_id=call.id, no=no)
            answered = self._stuck(message_id, call, no, "line.no_words")
        if answered is None:  # another thread was quicker with the same turn
            answered = self._kept(message_id)
            assert answered is not None
        return answered

    def foresee(self, heard: Sequence[Alternative], expected: Expected) -> bool:
        """Somebody pauses, perhaps at an end: have classified what was heard so far, where
        `expected` was asked, so that the turn need not wait for it. Writes nothing and, Rasa
        being away, is nothing. True where it is a whole order, to which seldom more is said."""
        with suppress(RasaUnavailable):
            foresee(heard, self._understander, expected)
            choice = choose(heard, self._understander, clock.now(), "voice", expected)
            return is_whole(choice.understanding)
        return False

    def cry(self, call: OpenCall, words: str, no: int) -> bool:
        """Words of turn `no` that cry for help, while they are still being spoken (or noise where
        a bell asked): an incident at once. Once a turn; the turn's own words join it later.

        False for workers and people on duty, who speak of alarms without raising one: with them
        the whole turn decides.
        """
        with unit_of_work(self._sessions) as work:
            account = work.get(Account, call.account_id)
            if account.worker_id is not None or is_on_duty(work, account.id):
                return False
            work.actor = actor_of(account)
            key = incident_key(CHANNEL, f"{call.id}:{no}")
            incident = raise_incident(work, words, key, elder_cried_for(work, account, words))
            work.get(Call, call.id, lock=True).incident_id = incident.id
            return True

    def nobody_answers(self, call: OpenCall) -> bool:
        """Silence (or noise) after the question whether somebody should come: a yes. False when
        no such question stands. The same happens by itself a minute after it was asked."""
        return self._silence_of(call.id, call.account_id)

    def note(self, call: OpenCall, turn: TurnRecord) -> None:
        """Add to the record of a turn: its moments, or words the line said by itself."""
        with unit_of_work(self._sessions) as work:
            record_turn(work, call.id, turn)

    # -- humans -------------------------------------------------------------------------------

    def hand_over(self, call: OpenCall, why: str, words: str = "") -> int:
        """A human's ticket with the transcript, one a call; its id. `why`: asked, misunderstood,
        angry, silence, failed."""
        with unit_of_work(self._sessions) as work:
            row = work.get(Call, call.id, lock=True)
            row.human_wanted_at = row.human_wanted_at or work.now
            if row.ticket_id is None:
                work.actor = actor_of(work.get(Account, call.account_id))
                ticket = open_ticket(
                    work,
                    "handover",
                    say("ticket.call_handover", why=why, said=words[:100], phone=call.number).text,
                    f"call:{call.id}:handover",
                    elder_id=row.elder_id,
                    transcript={**transcript(work, call.account_id), "phone": call.number},
                )
                row.ticket_id = ticket.id
            return row.ticket_id

    def human_came(self, call: OpenCall, at: datetime, telephone: str) -> None:
        """A human picked up `telephone` for the caller (aware time)."""
        with unit_of_work(self._sessions) as work:
            row = work.get(Call, call.id, lock=True)
            row.human_at, row.human_telephone = at, telephone

    def telephones_for(self, sip_id: str) -> list[str]:
        """Whose telephones ring for a caller, by SIP's Call-ID, beside those of the settings: of
        agents who have the console open."""
        with unit_of_work(self._sessions) as work:
            return telephones_for(work, sip_id)

    def reached_human(self, call: OpenCall, outcome: str) -> None:
        """A human has talked with the caller: nobody need ring back. `outcome` is for the
        ticket."""
        with unit_of_work(self._sessions) as work:
            ticket_id = work.get(Call, call.id).ticket_id
            if ticket_id is not None:
                close_ticket(work, ticket_id, outcome)

    # -- the end ------------------------------------------------------------------------------

    def close_call(self, call: OpenCall, ending: Ending, turns: Iterable[TurnRecord] = ()) -> None:
        """The call is over: its record is completed, whoever was cut off is rung back. Safe to
        repeat."""
        self._endings.close(call.id, ending, turns)

    def end_lost_call(self, call_id: int) -> None:
        """A call whose process has died: cries in it are raised, and a human takes up what was
        left undone. Nothing is ordered by it: nobody hears the answer."""
        self._endings.lose(call_id)

    def answer_held(self, message_id: int) -> None:
        """A turn that was written down and never answered (a job). Its call being over, it is
        settled as `end_lost_call` does; while it is on, the call itself goes on trying."""
        with self._sessions() as session:
            call_id = session.get_one(Message, message_id).said["call"]
        self._endings.settle(call_id)

    def push_answer(self, message_id: int) -> None:
        """What was said in a call is not sent after it."""

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Nobody answered whether somebody should come (a job)."""
        self._exchange.raise_unanswered(account_id, source_id)

    # -- steps --------------------------------------------------------------------------------

    def _begin(self, call_id: int, identifier: str, event: str, about: str) -> Answered:
        said = {
            "kind": "event",
            "event": event,
            "event_key": about,
            "text": say(f"line.{event}").text,
            "call": call_id,
        }
        message_id, _ = self._exchange.write_down(CHANNEL, identifier, f"{call_id}:{OPENING}", said)
        ringing = Understanding("", "greet", 1.0, source="rule")
        keep = partial(keep_turn, call_id, OPENING)
        answered = self._exchange.answer_understood(message_id, ringing, keep)
        answered = answered or self._kept(message_id)
        assert answered is not None
        return answered

    def _kept(self, message_id: int) -> Answered | None:
        with unit_of_work(self._sessions) as work:
            message = work.get(Message, message_id)
            if message.state != "answered":
                return None
            account = work.get(Account, message.account_id)
            expected = expectation(work, account)
            return answered_of(message.answer["turn"], replies_of(message), expected)

    def _stuck(self, message_id: int, call: OpenCall, no: int, prompt: str) -> Answered | None:
        """The turn is answered with a way on, and a human is called, once a call."""
        with unit_of_work(self._sessions) as work:
            message, account = locked(work, message_id)
            if message.state == "answered":
                return None
            answered = Answered(
                no, message.said["text"], (say(prompt),), expectation(work, account), human=True
            )
            keep_answer(message, answered.replies, work.now, turn=answered.kept())
            message.sent_at, message.sent_by = work.now, CHANNEL
            record = TurnRecord(
                no,
                tuple(message.said["heard"]),
                message.said["keys"],
                answered.text,
                said=answered.speech,
            )
            record_turn(work, call.id, record)
        self.hand_over(call, "failed", answered.text)
        return answered

    def _silence_of(self, call_id: int, account_id: int) -> bool:
        with self._sessions() as session:
            kept = session.get(Conversation, account_id)
            task = load_state(kept.state if kept is not None else None).task
        if not isinstance(task, DoubtTask):
            return False
        self._exchange.raise_unanswered(account_id, task.source_id)
        with unit_of_work(self._sessions) as work:
            work.get(Call, call_id, lock=True).incident_id = running_incident(work, account_id)
        return True


def _known(work: Work, call_id: int, opening: Answered | None) -> OpenCall:
    call = work.get(Call, call_id)
    links = elders_of(work, call.account_id)
    elder = links[0].elder if len(links) == 1 else None
    return OpenCall(
        id=call.id,
        number=call.number,
        account_id=call.account_id,
        identifier=call.account.identifier,
        elder_ids=tuple(link.elder_id for link in links),
        greet_by=greeted_as(call.account, links),
        is_bell=call.is_bell,
        incident_id=running_incident(work, call.account_id),
        dialect=elder.dialect if elder is not None else None,
        pace=_last_pace(work, call),
        keeps_sound=may_keep_sound(work, call.account_id) is not None,
        opening=opening,
    )


def _last_pace(work: Work, call: Call) -> float | None:
    mine = (Call.account_id == call.account_id) & (Call.id < call.id) & Call.pace.is_not(None)
    return work.session.scalar(select(Call.pace).where(mine).order_by(Call.id.desc()).limit(1))
