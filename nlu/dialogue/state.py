"""What a conversation remembers between two messages. Stored as JSON in `Conversation.state`.

At any time there is at most one task under way and one that was put aside; a task knows what
it has asked (`asked`) and keeps what was answered so far.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - the fields are named date and time
from datetime import datetime
from datetime import time as Time  # noqa: N812
from typing import Annotated, Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.dialogue.memory import LearningState, Remembered
from nlu.dialogue.turns import Reply
from nlu.dialogue.worker_state import WorkerState
from nlu.understanding import Understanding

log = structlog.get_logger()


class _Kept(BaseModel):
    model_config = ConfigDict(validate_assignment=True)


class Item(_Kept):
    """One service of a basket, with what was said about it so far."""

    code: str
    quantity: int = 1
    date: Date | None = None
    time: Time | None = None
    part: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    recurrence: str | None = None
    """A rhythm's code, or the words of one that has none (每周两次)."""
    diet: list[str] = Field(default_factory=list)
    note: str = ""
    dishes: list[str] = Field(default_factory=list)
    """As they were named with it, whether or not a menu has them."""
    not_served: list[str] = Field(default_factory=list)
    """Of these: told that nobody cooks them that day."""


class Said(_Kept):
    """Values said without telling which item they are for."""

    quantity: int | None = None
    date: Date | None = None
    time: Time | None = None
    part: str | None = None
    diet: list[str] = Field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.quantity or self.date or self.time or self.part or self.diet)


class _Task(_Kept):
    asked: str | None = None
    """The question that stands: a slot's name, `confirm`, `which`, …"""
    options: list[int] = Field(default_factory=list)
    """What the numbered answers stand for (ids), in the order shown."""


class OrderTask(_Task):
    """Placing orders: a basket for one elder, read back together, one yes."""

    kind: Literal["order"] = "order"
    elder_id: int | None = None
    person: str | None = None
    """The word for the elder, as said."""
    stranger: bool = False
    """That word fits nobody this account is bound to."""
    others: list[int] = Field(default_factory=list)
    """爸妈: the elders for whom the same is ordered afterwards."""
    address_id: int | None = None
    category: str | None = None
    """The kind of service, while the service itself is not known."""
    items: list[Item] = Field(default_factory=list)
    said: Said = Field(default_factory=Said)
    """Said before we knew of which service."""
    unclear: dict[str, str] = Field(default_factory=dict)
    """Times as they were said that cannot be booked, until a question has named them: `past`
    (昨天下午三点), `day` (过两天), `hour` (吃完饭那会儿)."""
    proposal_start: datetime | None = None
    proposal_end: datetime | None = None
    """The nearest possible window that we offered for the item at `proposed_for`."""
    proposed_for: int | None = None
    refusal: str | None = None
    """The prompt that explained why the wished time cannot be had."""
    refused: int = 0
    """Proposals of ours in a row that were turned down."""
    refused_wish: str | None = None
    """What was read back and turned down, so that it is not read back again."""
    parted: bool = False
    """Which part of it is wrong was asked already."""
    promised_fen: int | None = None
    """The self-pay that was read out: the yes is for this, not for more."""


class ChangeTask(_Task):
    """Changing an order that stands."""

    kind: Literal["change"] = "change"
    order_id: int | None = None
    said: Said = Field(default_factory=Said)
    window_start: datetime | None = None
    window_end: datetime | None = None
    promised_fen: int | None = None


class CancelTask(_Task):
    """Cancelling an order that stands."""

    kind: Literal["cancel"] = "cancel"
    order_id: int | None = None
    reason: str = ""


class RateTask(_Task):
    """Rating a finished visit."""

    kind: Literal["rate"] = "rate"
    order_id: int
    words: str = ""


class ComplainTask(_Task):
    """Taking a complaint down."""

    kind: Literal["complain"] = "complain"
    order_id: int | None = None
    words: str = ""


class CallBackTask(_Task):
    """Offering that a human rings back; a yes opens a ticket."""

    kind: Literal["call_back"] = "call_back"
    elder_id: int | None = None
    ticket_kind: str = "call_back"
    summary: str = ""


class BindTask(_Task):
    """Binding the account to an elder by a six-digit code."""

    kind: Literal["bind"] = "bind"
    tries: int = 0
    code: str | None = None
    """A good code that waits for the answer to 您是长者的什么人."""
    relation: str | None = None


class UnbindTask(_Task):
    """Ending a binding."""

    kind: Literal["unbind"] = "unbind"
    elder_id: int | None = None


class HelpTask(_Task):
    """A call for help was raised; what is said now goes to those who answer it."""

    kind: Literal["help"] = "help"
    incident_id: int
    elder_id: int | None = None


class DoubtTask(_Task):
    """Asking whether somebody should come; no answer in a minute is a yes."""

    kind: Literal["doubt"] = "doubt"
    words: str
    """What was said that may be a call for help."""
    source_id: str
    """The message that said it: it keys the incident."""
    elder_id: int | None = None
    before: Task | None = None
    """The task that waits for the answer."""
    instead: Understanding | None = None
    """What the words mean if nobody need come."""


class WhoTask(_Task):
    """Asking somebody who rings from a number we do not know for whom it is."""

    kind: Literal["who"] = "who"
    said: str = ""
    """What was said about name and town so far."""
    elder_id: int | None = None
    """Whom it seems to be, until the caller has said yes."""
    tries: int = 0
    strayed: int = 0
    """Answers that were neither name nor town."""
    words: str = ""
    """What was wanted before we asked …"""
    wanted: Understanding | None = None
    """… and what it means."""


class ResumeTask(_Task):
    """Asking whether the order put aside is still wanted."""

    kind: Literal["resume"] = "resume"


class CalledTask(_Task):
    """We rang and asked: `fine` (is the changed order all right) or `how` (how are you)."""

    kind: Literal["called"] = "called"
    callout_id: int
    order_id: int | None = None


class ConsentTask(_Task):
    """Asking for a consent; `asked` is its kind."""

    kind: Literal["consent"] = "consent"


class GreetingTask(_Task):
    """Asking for whom, and at what hour, we shall ring each day."""

    kind: Literal["greeting"] = "greeting"
    elder_id: int | None = None
    at: Time | None = None


Task = Annotated[
    OrderTask
    | ChangeTask
    | CancelTask
    | RateTask
    | ComplainTask
    | CallBackTask
    | BindTask
    | UnbindTask
    | HelpTask
    | DoubtTask
    | WhoTask
    | ResumeTask
    | CalledTask
    | ConsentTask
    | GreetingTask,
    Field(discriminator="kind"),
]


DoubtTask.model_rebuild()


class DialogueState(_Kept):
    """Everything one conversation remembers."""

    version: int = 1
    task: Task | None = None
    paused: Task | None = None
    paused_long: bool = False
    """It lies aside for more than an hour: asked about before it goes on."""
    help_id: int | None = None
    """The incident this conversation knows of."""
    misses: int = 0
    """Messages in a row that we could not make sense of."""
    last_replies: list[Remembered] = Field(default_factory=list)
    heard_at: datetime | None = None
    worker: WorkerState = Field(default_factory=WorkerState)
    learning: LearningState = Field(default_factory=LearningState)

    @property
    def choices(self) -> tuple[str, ...]:
        """The quick answers shown last: a tap sends one of these texts."""
        return tuple(self.last_replies[-1].choices) if self.last_replies else ()

    def remember(self, replies: tuple[Reply, ...], now: datetime) -> None:
        """Keep what was said, and when."""
        self.last_replies = [
            Remembered(text=r.text, speech=r.speech, choices=list(r.choices)) for r in replies
        ]
        self.heard_at = now


def load_state(stored: dict[str, Any] | None) -> DialogueState:
    """The state from its row; a fresh one when the row is empty or not readable any more.

    What was agreed is in orders and tickets, so an unreadable memory loses no promise: the
    person is asked again.
    """
    if not stored:
        return DialogueState()
    try:
        return DialogueState.model_validate(stored)
    except ValidationError as error:
        log.warning("dialogue.state_unreadable", problems=error.error_count())
        return DialogueState()


def dump_state(state: DialogueState) -> dict[str, Any]:
    """The state as JSON for its row."""
    return state.model_dump(mode="json")
