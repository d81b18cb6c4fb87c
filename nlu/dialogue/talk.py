"""One turn in the making: what was said, what we remember, and what we are going to answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select

from backend.db.models import Account, Elder, Link, ServiceItem
from backend.domain.learning import WhyKept
from backend.services.lookup import elders_of
from backend.services.work import Work
from nlu.dialogue import listen
from nlu.dialogue.state import DialogueState, DoubtTask, OrderTask, Task
from nlu.dialogue.turns import Command, Reply, Turn, Utterance
from nlu.prompts import say
from nlu.understanding import Understanding
from nlu.values.numbers import find_quantity

SURE = 0.6
"""From here on the classifier's guess is taken at its word."""


@dataclass
class Talk:
    """The engine's working table for one turn."""

    work: Work
    account: Account
    utterance: Utterance
    state: DialogueState
    replies: list[Reply] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    misunderstood: WhyKept | None = None
    """What went wrong with this sentence, if we noticed."""
    misunderstood_before: WhyKept | None = None
    """What this sentence tells us went wrong with the one before."""
    leaves: bool = False
    """They have told us that there is nothing more."""
    expected: str = field(init=False)
    """What stood open when the sentence came, e.g. `order:date`; empty for nothing."""

    def __post_init__(self) -> None:
        task = self.state.task
        self.expected = f"{task.kind}:{task.asked or ''}".rstrip(":") if task is not None else ""

    @property
    def u(self) -> Understanding:
        """What was understood."""
        return self.utterance.understanding

    @property
    def text(self) -> str:
        """The words as they came."""
        return self.utterance.text

    @property
    def today(self) -> date:
        """The local day."""
        return self.work.local_now.date()

    @cached_property
    def links(self) -> list[Link]:
        """The account's live bindings, elders loaded."""
        return list(elders_of(self.work, self.account.id))

    @property
    def elder_ids(self) -> list[int]:
        """Everyone this account is bound to."""
        return [link.elder_id for link in self.links]

    @cached_property
    def tapped(self) -> int | None:
        """Which quick answer of ours these very words are, if any."""
        return listen.picked(self.text, self.state.choices)

    @cached_property
    def picked(self) -> int | None:
        """Which quick answer is meant: by its words, or by its number."""
        if self.tapped is not None:
            return self.tapped
        return listen.counted(self.text, self.state.choices)

    @property
    def says_yes(self) -> bool:
        """A plain yes: by rule, or one the classifier is sure of (money hangs on it). To a question
        that was not heard nobody has said yes, but to whether somebody should come."""
        if self.utterance.unheard and not isinstance(self.state.task, DoubtTask):
            return False
        sure = self.u.source == "rule" or self.u.confidence >= SURE
        return self.u.intent == "affirm" and sure

    @property
    def says_no(self) -> bool:
        """A plain no."""
        return self.u.intent == "deny"

    @property
    def gives_up(self) -> bool:
        """算了, 不订了: the whole matter is off, unless another value is said instead."""
        if listen.has("keep", self.text):
            return False
        if self.has_values or self.u.order_ref or listen.number_in(self.text):
            return False
        return listen.is_just("give_up", self.text) or (
            self.u.intent in ("deny", "cancel_order") and listen.has("give_up", self.text)
        )

    @property
    def has_values(self) -> bool:
        """Whether the sentence carries anything that fills a slot."""
        u = self.u
        said = u.services or u.date or u.time or u.part or u.diet or u.person or u.recurrence
        return bool(said or find_quantity(self.text))

    def say(self, prompt_id: str, /, **facts: Any) -> None:
        """Add a reply."""
        self.replies.append(say(prompt_id, **{"now": self.work.now, **facts}))

    def repeat_last(self) -> None:
        """Give the last replies once more, word for word."""
        self.replies += [
            Reply(kept.text, kept.speech, tuple(kept.choices)) for kept in self.state.last_replies
        ]

    def text_of(self, prompt_id: str, /, **facts: Any) -> str:
        """Words for humans inside the house (a ticket's summary), from the same prompts."""
        return say(prompt_id, **{"now": self.work.now, **facts}).text

    def did(self, name: str, subject_id: int | None) -> None:
        """Note that a use case was carried out."""
        self.commands.append(Command(name, subject_id))

    def key(self, suffix: str | int) -> str:
        """An idempotency key from the message itself: its second copy causes nothing new."""
        return f"{self.utterance.channel}:{self.utterance.source_id}:{suffix}"

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: a refusal inside undoes what was begun, the turn goes on."""
        with self.work.session.begin_nested():
            yield

    def start(self, task: Task) -> None:
        """Begin a task; an unfinished order steps aside and is taken up again afterwards."""
        running = self.state.task
        if isinstance(running, OrderTask) and running is not task and running.items:
            self.state.paused = running
        self.state.task = task

    def finish(self) -> None:
        """The task is done or dropped."""
        self.state.task = None

    def item(self, code: str) -> ServiceItem | None:
        """A line of the catalogue."""
        return self.work.session.get(ServiceItem, code)

    def items_of(self, category: str) -> list[ServiceItem]:
        """The catalogue's lines of a category."""
        query = select(ServiceItem).where(ServiceItem.category == category)
        return list(self.work.session.scalars(query.order_by(ServiceItem.code)))

    def link_to(self, elder_id: int) -> Link | None:
        """The binding to an elder."""
        return next((link for link in self.links if link.elder_id == elder_id), None)

    def called(self, elder: Elder) -> str:
        """How we name the elder to this account: by name, or 您."""
        link = self.link_to(elder.id)
        return "您" if link is not None and link.relation == "self" else elder.name

    def turn(self) -> Turn:
        """The finished turn."""
        return Turn(tuple(self.replies), tuple(self.commands), self.leaves)
