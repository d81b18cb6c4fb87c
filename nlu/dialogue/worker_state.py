"""What a conversation remembers about the jobs of a worker between two messages."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, Field

ANSWER_WITHIN = timedelta(minutes=60)
"""A list or question older than this is forgotten; "1" then means nothing by itself."""


class JobAction(StrEnum):
    """What a worker can do with a job or an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    LIST = "list"
    DEPART = "depart"
    DELAY = "delay"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    WITHDRAW = "withdraw"


class Subject(StrEnum):
    """What the numbers of a list stand for."""

    OFFER = "offer"
    JOB = "job"


class Listed(BaseModel):
    """The numbered list shown last: what "1" or "第二个" points at."""

    subject: Subject
    ids: list[int]
    """Offer ids or order ids, in the order shown."""
    at: datetime


class Question(BaseModel):
    """The question that stands: what was asked for, and what is still missing.

    With a `listed` list beside it, the missing thing is which one; `order_id` set, it is the
    minutes, the code or the yes.
    """

    action: JobAction
    order_id: int | None = None
    minutes: int | None = None
    codes: list[str] = Field(default_factory=list)
    words: str = ""
    """The reason or note said with it."""
    at: datetime


class WorkerState(BaseModel):
    """The worker's side of a conversation."""

    listed: Listed | None = None
    question: Question | None = None
    misses: int = 0
    """Messages in a row that we could not make sense of."""

    def forget_stale(self, now: datetime) -> None:
        """Drop what was asked too long ago for a short answer to be about it."""
        if self.listed and now - self.listed.at > ANSWER_WITHIN:
            self.listed = None
        if self.question and now - self.question.at > ANSWER_WITHIN:
            self.question = None
