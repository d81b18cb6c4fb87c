"""王芳, her parents and others with a telephone in their hand: conversations for the stories.

Sentences go through the real Understander; only the classifier's guess at the intent is
scripted, by what the story says the sentence is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from sqlalchemy import select

from backend.db.models import Account, Address, Link, Order, Ticket
from backend.domain.matching import Place
from backend.services.work import Work, actor_of
from ivr import keys as key_pad
from nlu.dialogue.engine import respond
from nlu.dialogue.expects import expectation
from nlu.dialogue.state import DialogueState, load_state
from nlu.dialogue.turns import Reply, Turn, Utterance
from nlu.rasa_client import IntentGuess
from nlu.understand import Understander
from nlu.understanding import Understanding
from nlu.values.text import normalise

_numbers = count(1)


class Scripted:
    """A classifier that guesses what it is told."""

    def __init__(self) -> None:
        self.guess = ("out_of_scope", 0.2)

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        return IntentGuess(*self.guess, (self.guess,))


SCRIPT = Scripted()
UNDERSTANDER = Understander(SCRIPT)


class Chat:
    """One account's conversation, with the clock of the moment."""

    channel, account_channel = "wechat", "wechat"

    def __init__(self, work: Work, name: str = "王芳", /, **links: int) -> None:
        """`links`: relation=elder_id, e.g. daughter=…; a second of the same kind as daughter2."""
        self.account = Account(
            channel=self.account_channel, identifier=self.identifier(), name=name
        )
        work.session.add(self.account)
        work.session.flush()
        for relation, elder_id in links.items():
            self.bind(work, relation.rstrip("0123456789"), elder_id)
        self.work = Work(work.session, actor_of(self.account), work.now)
        self.turn = Turn(())

    def identifier(self) -> str:
        return f"chat-{next(_numbers)}"

    def bind(self, work: Work, relation: str, elder_id: int, may_order: bool = True) -> None:
        """Link the account to an elder."""
        work.session.add(
            Link(
                account_id=self.account.id,
                elder_id=elder_id,
                relation=relation,
                may_order=may_order,
            )
        )
        work.session.flush()

    def wait(self, **lapse: int) -> None:
        """Let time go by: wait(hours=2)."""
        self.work.now += timedelta(**lapse)

    def says(
        self,
        text: str,
        intent: str = "inform",
        confidence: float = 0.9,
        place: Place | None = None,
        source_id: str | None = None,
    ) -> str:
        """Say something; returns all that is answered."""
        SCRIPT.guess = (intent, confidence)
        if normalise(text).text.strip():
            understanding = UNDERSTANDER.understand(text, self.work.local_now)
        else:  # there is nothing to understand in a picture or a blank
            understanding = Understanding(text, "out_of_scope", 0.0)
        return self._send(text, understanding, place=place, source_id=source_id)

    def does(self, event: str) -> str:
        """Follow, scan or press a menu key."""
        return self._send("", Understanding("", "out_of_scope", 0.0), event=event)

    def shares(self, lat: float, lon: float) -> str:
        """Send a location."""
        nothing = Understanding("", "inform", 0.0)
        return self._send("", nothing, place=Place(lat, lon))

    def _send(
        self,
        text: str,
        understanding: Understanding,
        *,
        place: Place | None = None,
        event: str | None = None,
        source_id: str | None = None,
    ) -> str:
        source = source_id or f"m{next(_numbers)}"
        utterance = Utterance(source, self.channel, text, understanding, place, event)
        self.turn = respond(self.work, self.account, utterance)
        return "\n".join(reply.text for reply in self.turn.replies)

    @property
    def choices(self) -> tuple[str, ...]:
        return self.turn.replies[-1].choices

    @property
    def last(self) -> Reply:
        return self.turn.replies[-1]

    @property
    def spoken(self) -> str:
        return "".join(reply.speech for reply in self.turn.replies)

    @property
    def commands(self) -> list[str]:
        return [command.name for command in self.turn.commands]

    @property
    def state(self) -> DialogueState:
        from backend.db.models import Conversation

        row = self.work.session.get(Conversation, self.account.id)
        assert row is not None
        return load_state(row.state)

    def orders(self) -> list[Order]:
        """What this account has placed, in order."""
        mine = Order.placed_by_account_id == self.account.id
        return list(self.work.session.scalars(select(Order).where(mine).order_by(Order.id)))

    def tickets(self) -> list[Ticket]:
        """What this account has brought to humans."""
        mine = Ticket.account_id == self.account.id
        return list(self.work.session.scalars(select(Ticket).where(mine).order_by(Ticket.id)))


class Caller(Chat):
    """Somebody on the telephone, from a number of their own."""

    channel, account_channel = "voice", "phone"

    def identifier(self) -> str:
        return f"1390000{next(_numbers):04}"

    def presses(self, keys: str) -> str:
        """Press keys, then wait."""
        expected = expectation(self.work, self.account)
        meant = key_pad.understood(keys, expected)
        return self._send(meant.text, meant)

    @property
    def heard(self) -> str:
        return "".join(speeches(self.turn))


def second_home(work: Work, elder_id: int, label: str, town: str = "莞城") -> Address:
    """Another address of an elder."""
    address = Address(
        elder_id=elder_id,
        label=label,
        town=town,
        community="",
        street="光明路9号",
        is_default=False,
    )
    work.session.add(address)
    work.session.flush()
    return address


def speeches(turn: Turn) -> Iterator[str]:
    """What is heard."""
    return (reply.speech for reply in turn.replies)
