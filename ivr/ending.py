"""How calls end: properly, or because their process died. Nothing said in them is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Call, Message
from backend.domain.calls import CallSoFar, call_back_key, needs_call_back
from backend.services.keep_call_sound import keep_call_sound
from backend.services.lookup import elders_of, transcript
from backend.services.open_ticket import open_ticket
from backend.services.record_call import TurnRecord, end_call, outcome_of, record_turn, spoke
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work, actor_of
from ivr.keeping import CHANNEL
from ivr.writing import raise_bell
from nlu.dialogue.exchange import Exchange
from nlu.dialogue.messages import keep_answer
from nlu.prompts import say

HowEnded = Literal["caller", "us", "transferred", "failed", "lost"]

log = structlog.get_logger()


@dataclass(frozen=True)
class Ending:
    """The end of a call. `answered_at` (aware) None: it rang and was not answered. `sealed` is
    the caller's sound, as `ivr.sealing.seal` makes it, to be kept for `keep_for`."""

    how: HowEnded
    answered_at: datetime | None
    pace: float | None = None
    sealed: bytes | None = None
    keep_for: timedelta = timedelta(days=30)


class Endings:
    """Ends calls. `silence_of(call_id, account_id)` takes a question for help that nobody has
    answered for a yes."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        exchange: Exchange,
        silence_of: Callable[[int, int], bool],
    ) -> None:
        self._sessions = sessions
        self._exchange = exchange
        self._silence_of = silence_of

    def close(self, call_id: int, ending: Ending, turns: Iterable[TurnRecord]) -> None:
        """A call that its own process ends."""
        self._save_lives(call_id)
        with unit_of_work(self._sessions) as work:
            for turn in turns:
                record_turn(work, call_id, turn)
            call = end_call(work, call_id, ending.how, ending.answered_at)
            call.pace = ending.pace if ending.pace is not None else call.pace
            self._finish(work, call, lost=ending.how == "failed")
            if ending.sealed is not None:
                keep_call_sound(work, call_id, ending.sealed, ending.keep_for)

    def lose(self, call_id: int) -> None:
        """A call whose process has died; nothing happens if it has ended or lives after all."""
        if not self._is_lost(call_id):
            return
        log.warning("call_lost", call_id=call_id)
        self._save_lives(call_id)
        with unit_of_work(self._sessions) as work:
            call = work.get(Call, call_id, lock=True)
            if call.ended_at is not None:
                return
            call = end_call(work, call_id, "lost")
            self._finish(work, call, lost=True)

    def settle(self, call_id: int) -> None:
        """Turns of a call that were left unanswered: those of a call that is over."""
        with unit_of_work(self._sessions) as work:
            call = work.get(Call, call_id)
            over = call.ended_at is not None
        if not over:
            self.lose(call_id)
            return
        self._save_lives(call_id)
        with unit_of_work(self._sessions) as work:
            self._finish(work, work.get(Call, call_id, lock=True), lost=True)

    def _is_lost(self, call_id: int) -> bool:
        with unit_of_work(self._sessions) as work:
            call = work.get(Call, call_id)
            return call.ended_at is None and call.alive_until < work.now

    def _save_lives(self, call_id: int) -> None:
        """Each in its own transaction: cries that were not taken up, and the silence after the
        question whether somebody should come."""
        with unit_of_work(self._sessions) as work:
            account_id = work.get(Call, call_id).account_id
            cries = [(m.id, m.said["text"]) for m in _unanswered(work, call_id, account_id)]
        for message_id, text in cries:
            self._exchange.cry_for_help(message_id, text)
        self._silence_of(call_id, account_id)

    def _finish(self, work: Work, call: Call, *, lost: bool) -> None:
        """Settle what was not answered; ring back whoever was cut off."""
        left = _unanswered(work, call.id, call.account_id)
        for message in left:
            keep_answer(message, (), work.now)
            message.sent_at, message.sent_by = work.now, "nothing"
        if call.is_bell and not call.turns:  # it broke before we could ask whether to send help
            work.actor = actor_of(call.account)
            raise_bell(work, call)
        so_far = CallSoFar(
            incoming=call.direction == "in",
            answered=call.answered_at is not None or spoke(work, call.id),
            has_number=call.number is not None,
            lost=lost or bool(left),
            doing=call.doing is not None or bool(left),
            spoke=spoke(work, call.id),
            human=call.ticket_id is not None or call.incident_id is not None,
        )
        if needs_call_back(so_far):
            call.ticket_id = _call_back(work, call, [m.said["text"] for m in left])
            call.outcome = outcome_of(work, call)


def _unanswered(work: Work, call_id: int, account_id: int) -> list[Message]:
    """What was said in a call and is not answered, locked, in order."""
    return list(
        work.session.scalars(
            select(Message)
            .where(
                Message.account_id == account_id,
                Message.channel == CHANNEL,
                Message.state != "answered",
                Message.said["call"].as_integer() == call_id,
            )
            .order_by(Message.id)
            .with_for_update(key_share=True)
        )
    )


def _call_back(work: Work, call: Call, left: list[str]) -> int:
    names = [link.elder.name for link in elders_of(work, call.account_id)]
    work.actor = actor_of(call.account)
    prompt = "ticket.call_lost" if call.answered_at is not None else "line.summary"
    last = left[-1] if left else ""
    ticket = open_ticket(
        work,
        "call_back",
        say(prompt, phone=call.number, elders=names, said=last[:100]).text,
        call_back_key(call.ring_key),
        elder_id=call.elder_id,
        transcript={**transcript(work, call.account_id), "phone": call.number},
    )
    return ticket.id
