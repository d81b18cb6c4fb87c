"""What a voice channel heard, made into an utterance that the conversation engine can answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account
from backend.services.unit_of_work import unit_of_work
from nlu.dialogue.expects import expectation
from nlu.dialogue.turns import Alternative, Utterance
from nlu.expected import Expected
from nlu.hearing import Understands, choose


def by_ear(
    sessions: sessionmaker[Session],
    understander: Understands,
    account_id: int,
    heard: Sequence[Alternative],
    now: datetime,
    *,
    source_id: str,
    channel: str = "voice",
) -> Utterance:
    """The utterance for `dialogue.engine.respond`: of the n-best list what makes sense at this
    point of the account's conversation.

    What is expected is read without a lock, and no transaction is open while Rasa is asked. If
    the conversation moves on meanwhile, the words are answered where it then stands.
    Raises nlu.errors.RasaUnavailable as `choose` does.
    """
    choice = choose(heard, understander, now, channel, expected_of(sessions, account_id, now))
    return Utterance(source_id, channel, choice.text, choice.understanding, heard=tuple(heard))


def expected_of(sessions: sessionmaker[Session], account_id: int, now: datetime) -> Expected:
    """What this account's conversation asks at `now` (aware); locks nothing."""
    with unit_of_work(sessions, now=now) as work:
        return expectation(work, work.get(Account, account_id))
