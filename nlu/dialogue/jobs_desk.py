"""The working table of one worker's turn: what she has, what she said, what we remember."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from backend.db.models import Order, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.services.lookup import jobs_of, standing_offers
from nlu.dialogue import jobs_pick
from nlu.dialogue.jobs_cards import JobCard, job_card, offer_card
from nlu.dialogue.jobs_words import JobWords
from nlu.dialogue.talk import Talk
from nlu.dialogue.worker_state import JobAction, Listed, Question, Subject, WorkerState
from nlu.prompts import prompt_ids
from nlu.understanding import Understanding

TO_BEGIN = frozenset({OrderState.ACCEPTED.value, OrderState.ON_THE_WAY.value})
STRICT = frozenset({JobAction.ACCEPT, JobAction.WITHDRAW, JobAction.DEPART, JobAction.DELAY})
"""A job named in these must be found; in a reason or a note a name may be anybody's."""


@dataclass
class Desk:
    """One worker's turn in the making. Handlers say and do things here."""

    talk: Talk
    worker: Worker
    words: JobWords

    @property
    def memory(self) -> WorkerState:
        """What the conversation remembers of her jobs."""
        return self.talk.state.worker

    @property
    def u(self) -> Understanding:
        """What was understood."""
        return self.talk.u

    @property
    def is_family_too(self) -> bool:
        """She is also bound to elders of her own."""
        return bool(self.talk.links)

    @cached_property
    def offers(self) -> list[JobCard]:
        """Offers that wait for her answer, oldest first."""
        work = self.talk.work
        return [offer_card(work, offer) for offer in standing_offers(work, self.worker.id)]

    @cached_property
    def jobs(self) -> list[JobCard]:
        """What she accepted and has not finished, by time."""
        return [self.card(order) for order in jobs_of(self.talk.work, self.worker.id)]

    @property
    def to_begin(self) -> list[JobCard]:
        """Jobs not checked in yet."""
        return [job for job in self.jobs if job.state in TO_BEGIN]

    @property
    def in_service(self) -> list[JobCard]:
        """Jobs checked in and not finished."""
        return [job for job in self.jobs if job.state == OrderState.IN_SERVICE.value]

    def in_state(self, state: OrderState) -> list[JobCard]:
        """Her jobs in one state."""
        return [job for job in self.jobs if job.state == state.value]

    def card(self, order: Order) -> JobCard:
        """The card of one of her jobs."""
        return job_card(self.talk.work, order, self.worker)

    def refresh(self) -> None:
        """Something was carried out: look at offers and jobs anew."""
        self.__dict__.pop("offers", None)
        self.__dict__.pop("jobs", None)

    # ---------------------------------------------------------------- which one

    def pick(
        self, cards: Sequence[JobCard], action: JobAction, subject: Subject
    ) -> list[JobCard] | None:
        """The cards the message names; None when it names none, [] when not one of these."""
        listed = self.memory.listed
        if listed is not None and listed.subject is not subject:
            listed = None
        return jobs_pick.named(cards, self.words, self.u, listed, strict=action in STRICT)

    def ask_which(self, cards: Sequence[JobCard], action: JobAction) -> None:
        """A numbered question; what was already said is kept for the answer."""
        shown = list(cards)[:10]
        self.remember_list(Subject.JOB, shown)
        self.ask(action, None)
        self.talk.say("job_which", action=action.value, jobs=shown)

    def ask(self, action: JobAction, job: JobCard | None) -> None:
        """Remember the question that stands."""
        self.memory.question = Question(
            action=action,
            order_id=job.order_id if job is not None else None,
            minutes=self.words.minutes,
            codes=list(self.words.codes),
            words=self.words.words,
            at=self.talk.work.now,
        )

    def remember_list(self, subject: Subject, cards: Sequence[JobCard]) -> None:
        """What the numbers shown stand for."""
        self.memory.listed = Listed(
            subject=subject, ids=[card.id for card in cards], at=self.talk.work.now
        )

    def carry_on(self, question: Question) -> None:
        """Put what was said with the question back beside the answer."""
        self.words = replace(
            self.words,
            action=question.action,
            minutes=question.minutes if question.minutes is not None else self.words.minutes,
            codes=tuple(question.codes) or self.words.codes,
            words=question.words,
        )

    # ---------------------------------------------------------------- doing

    def do(
        self, use_case: Callable[..., Order], card: JobCard, *args: Any, **kwargs: Any
    ) -> Order | None:
        """Carry out a use case on an offer or a job, in a savepoint; a refusal is explained and
        None comes back."""
        try:
            with self.talk.attempt():
                order = use_case(self.talk.work, card.id, *args, **kwargs)
        except DomainError as error:
            self.refresh()
            self.refuse(error, card)
            return None
        self.talk.did(use_case.__name__, order.id)
        self.refresh()
        return order

    def refuse(self, error: DomainError, job: JobCard | None, **facts: Any) -> None:
        """Explain a rule's no, kindly and with a way on."""
        prompt = f"job_refused.{error.code}"
        if prompt not in prompt_ids():
            prompt = "job_refused.other"
        known = {"state": "", "move": "", "why": "", "job": job}
        self.talk.say(prompt, **{**known, **error.facts, **facts})
        if self.talk.replies[-1] in self.talk.replies[:-1]:
            self.talk.replies.pop()  # the same no for every house of a round is said once
