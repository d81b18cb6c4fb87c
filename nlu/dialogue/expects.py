"""What a conversation asks right now, from its state and the names its answers are picked from.

One table says what each question of each task is after. Nothing is locked to find it out: an
expectation helps to hear and decides nothing, so one that has just grown old does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from backend.db.models import (
    Account,
    Conversation,
    Dish,
    Link,
    Provider,
    ServiceArea,
    ServiceItem,
)
from backend.services.lookup import elders_of, open_review, standing_offers
from backend.services.recognise_name import towns_in_care
from backend.services.work import Work
from nlu.dialogue.people import names_of
from nlu.dialogue.resume import STARTS_AGAIN_AFTER
from nlu.dialogue.state import DialogueState, OrderTask, Task, load_state
from nlu.dialogue.worker_state import ANSWER_WITHIN, JobAction, Question
from nlu.expected import Expected, Phrase, Slot, phrases
from nlu.prompts.wording import words
from nlu.rules import words_of

MENU_DAYS = 3
"""So many days' dishes, today's first, may be talked of."""
_ORDINALS = ("第一个", "第二个", "第三个", "第四个", "第五个")
_STARS = ("一星", "二星", "三星", "四星", "五星")


@dataclass(frozen=True)
class _Asks:
    slots: frozenset[Slot]
    closed: bool = False
    """Nobody answers this but with the words listed."""


def _asks(*slots: Slot, closed: bool = False) -> _Asks:
    return _Asks(frozenset(slots), closed)


_CHOICE = _asks(Slot.LISTED, closed=True)
_SURE = _asks(Slot.YES_NO, closed=True)
# At a read-back people also correct what they hear, so it is no closed question.
_READ_BACK = _asks(Slot.YES_NO)
_WHICH_ELDER = _asks(Slot.PERSON, closed=True)
_WHICH_ORDER = _asks(Slot.ORDER)
_VALUES = _asks(Slot.DATE, Slot.TIME, Slot.QUANTITY, Slot.DIET)

QUESTIONS: dict[str, _Asks] = {
    "order.elder": _WHICH_ELDER,
    "order.service": _asks(Slot.SERVICE),
    "order.which": _CHOICE,
    "order.date": _asks(Slot.DATE),
    "order.time": _asks(Slot.TIME),
    "order.quantity": _asks(Slot.QUANTITY),
    "order.what": _VALUES,
    "order.half": _READ_BACK,
    "order.part": _asks(Slot.LISTED, Slot.DATE, Slot.TIME),
    "order.proposal": _asks(Slot.YES_NO, Slot.DATE, Slot.TIME),
    "order.instead": _asks(Slot.DATE, Slot.TIME),
    "order.human": _asks(Slot.YES_NO, Slot.DATE, Slot.TIME),
    "order.confirm": _READ_BACK,
    "change.which": _WHICH_ORDER,
    "change.what": _VALUES,
    "change.confirm": _READ_BACK,
    "cancel.which": _WHICH_ORDER,
    "cancel.confirm": _SURE,
    "rate.stars": _asks(Slot.RATING),
    "complain.words": _asks(Slot.WORDS),
    "call_back.confirm": _SURE,
    "bind.code": _asks(Slot.CODE),
    "bind.relation": _CHOICE,
    "unbind.which": _WHICH_ELDER,
    "unbind.confirm": _SURE,
    "help.address": _asks(Slot.WORDS),
    "doubt.confirm": _READ_BACK,
    "who.elder": _asks(Slot.WORDS),
    "who.town": _asks(Slot.LISTED),
    "who.which": _WHICH_ELDER,
    "who.confirm": _SURE,
    "resume.confirm": _SURE,
    "called.fine": _READ_BACK,
    "called.how": _asks(Slot.WORDS),
    "greeting.which": _WHICH_ELDER,
    "greeting.hour": _asks(Slot.TIME),
    # Asked in passing: who says nothing to it has answered, and is not asked again.
    "consent.recording": _asks(),
}
"""What each question is after, by its task's kind and `asked`."""

_NO_QUESTION = _asks()
_OFFERED = _asks(Slot.YES_NO, Slot.LISTED)
_VISITED = _asks(Slot.RATING)


@dataclass(frozen=True)
class Around:
    """What answers are picked from, beside what the conversation remembers."""

    links: Sequence[Link] = ()
    services: Sequence[ServiceItem] = ()
    """Of the task's items, or of its kind of service."""
    dishes: Sequence[str] = ()
    """What the canteens that serve these elders cook in the next days."""
    works: bool = False
    offered: bool = False
    """An offer of a job waits for an answer."""
    towns: Sequence[str] = ()
    """Where elders are in care, while a caller is asked for the town."""
    to_rate: bool = False
    """Stars were asked for by the news of a finished visit."""


def expects(state: DialogueState, now: datetime, around: Around) -> Expected:
    """What the conversation asks at `now` (aware).

    A task's question goes before a worker's, and both before what news asked. After the silence
    that puts a task aside nothing of it is expected any more.
    """
    silence = now - state.heard_at if state.heard_at is not None else timedelta(0)
    fresh = silence <= STARTS_AGAIN_AFTER
    task = state.task if fresh else None
    asks, more = _question(state, task, now, around)
    listed = [
        *more,
        *(phrase for slot in sorted(asks.slots) for phrase in _listed(slot, task, around)),
        *(phrases(state.choices) if fresh else ()),
        *_dishes(state, task, around),
    ]
    once = {one.words: one for one in reversed(listed)}
    return Expected(
        slots=asks.slots,
        phrases=tuple(reversed(once.values())),
        is_closed=asks.closed,
        by_worker=around.works,
    )


def expectation(work: Work, account: Account) -> Expected:
    """What this account's conversation asks right now, read without locking anything."""
    kept = work.session.get(Conversation, account.id)
    state = load_state(kept.state if kept is not None else None)
    return expects(state, work.now, _around(work, account, state))


def _question(
    state: DialogueState, task: Task | None, now: datetime, around: Around
) -> tuple[_Asks, Sequence[Phrase]]:
    """What is asked, and the phrases that only this question has."""
    if task is not None and task.asked is not None:
        return QUESTIONS.get(f"{task.kind}.{task.asked}", _NO_QUESTION), _own(task, around)
    question = state.worker.question
    if question is not None and now - question.at <= ANSWER_WITHIN:
        return _asked_worker(question), ()
    if around.offered:
        return _OFFERED, (*phrases(["接", "接单"], "yes"), *phrases(["不接", "不接单"], "no"))
    return (_VISITED if around.to_rate and task is None else _NO_QUESTION), ()


def _own(task: Task, around: Around) -> Sequence[Phrase]:
    if task.kind == "bind" and task.asked == "relation":
        return [
            Phrase(said, relation)
            for relation, row in words()["relation_said"].items()
            for said in row
        ]
    if task.kind == "consent":
        return (*phrases(words_of("affirm"), "yes"), *phrases(words_of("deny"), "no"))
    if task.kind == "who":
        return phrases(around.towns) if task.asked == "town" else ()
    if task.kind == "order" and task.asked == "which":
        return list(_names_of_services(around))
    return ()


def _asked_worker(question: Question) -> _Asks:
    if question.order_id is None:
        return _WHICH_ORDER
    match question.action:
        case JobAction.DELAY:
            return _asks(Slot.MINUTES)
        case JobAction.CHECK_IN:
            return _asks(Slot.CODE)
    return _SURE


def _listed(slot: Slot, task: Task | None, around: Around) -> Iterator[Phrase]:
    """The words of those answers that are picked from a list."""
    match slot:
        case Slot.YES_NO:
            yield from phrases(words_of("affirm"), "yes")
            yield from phrases(words_of("deny"), "no")
        case Slot.PERSON:
            for link in around.links:
                if task is None or not task.options or link.elder_id in task.options:
                    yield from phrases(names_of(link), f"elder {link.elder_id}")
        case Slot.SERVICE:
            yield from _names_of_services(around)
        case Slot.ORDER:
            shown = len(task.options) if task is not None else len(_ORDINALS)
            yield from phrases(_ORDINALS[:shown])
        case Slot.RATING:
            yield from phrases(_STARS)


def _names_of_services(around: Around) -> Iterator[Phrase]:
    for item in around.services:
        yield from phrases([item.name, *item.synonyms], item.code)


def _dishes(state: DialogueState, task: Task | None, around: Around) -> Iterator[Phrase]:
    """Dishes are named while a meal is being ordered, and after they were read out."""
    meal = isinstance(task, OrderTask) and (
        task.category == "meal" or any(item.code.startswith("meal.") for item in task.items)
    )
    told = "".join(reply.text for reply in state.last_replies)
    yield from phrases(dish for dish in around.dishes if meal or dish in told)


def _around(work: Work, account: Account, state: DialogueState) -> Around:
    links = elders_of(work, account.id)
    task = state.task
    return Around(
        links=links,
        services=_services(work, task) if isinstance(task, OrderTask) else (),
        dishes=_cooked(work, links) if task is None or isinstance(task, OrderTask) else (),
        works=account.worker_id is not None,
        offered=account.worker_id is not None and bool(standing_offers(work, account.worker_id)),
        towns=towns_in_care(work) if task is not None and task.kind == "who" else (),
        to_rate=task is None and open_review(work, account.id) is not None,
    )


def _services(work: Work, task: OrderTask) -> Sequence[ServiceItem]:
    codes = [item.code for item in task.items]
    asked = task.asked == "service" and task.category is not None
    fits = ServiceItem.category == task.category if asked else ServiceItem.code.in_(codes)
    return work.session.scalars(select(ServiceItem).where(fits)).all()


def _cooked(work: Work, links: Sequence[Link]) -> Sequence[str]:
    if not links:
        return ()
    today = work.local_now.date()
    return work.session.scalars(
        select(Dish.name)
        .distinct()
        .join(Provider, Provider.id == Dish.provider_id)
        .join(ServiceArea, ServiceArea.provider_id == Provider.id)
        .where(
            ServiceArea.town.in_({link.elder.town for link in links}),
            Provider.is_open,
            Dish.day.between(today, today + timedelta(days=MENU_DAYS - 1)),
        )
    ).all()
