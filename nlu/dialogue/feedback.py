"""What people think of a visit: stars, words, complaints."""

from __future__ import annotations

from backend.db.models import Order
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.services.lookup import open_review, recent_orders, transcript
from backend.services.open_ticket import open_ticket
from backend.services.review_order import UNHAPPY, review_order
from nlu.dialogue import limits, listen
from nlu.dialogue.state import ComplainTask, RateTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.which_order import by_number, described, narrowed
from nlu.values.numbers import find_rating


def order_to_rate(talk: Talk) -> Order | None:
    """The finished order that waits for this account's stars."""
    asked = open_review(talk.work, talk.account.id)
    if asked is not None or not talk.links:
        return asked
    done = [
        order
        for order in recent_orders(talk.work, talk.elder_ids)
        if order.state in (OrderState.FINISHED, OrderState.REVIEWED)
    ]
    fitting = narrowed(talk, done, by_date=False) or done
    return fitting[0] if fitting else None


def begin_rating(talk: Talk) -> None:
    """Take the stars if they were said, else ask for them."""
    order = by_number(talk) or order_to_rate(talk)
    if order is None:
        talk.say("rate.none")
        return
    figure = listen.stars(talk.text)
    stars = talk.u.rating or figure or find_rating(talk.text, words=True)
    if stars is not None:
        _rate(talk, order, stars, talk.text if figure is None else "")
        return
    task = RateTask(order_id=order.id, words=talk.text, asked="stars")
    talk.start(task)
    ask_rating(talk, task)


def answer_rating(talk: Talk, task: RateTask) -> bool:
    """Stars as a figure, a tap or in words; a no leaves the visit unrated."""
    if talk.gives_up or talk.says_no:
        talk.finish()
        talk.say("rate.left_open")
        return True
    said = (5, 3, 1)[talk.tapped] if talk.tapped is not None else None
    figure = listen.stars(talk.text)
    stars = said or figure or talk.u.rating or find_rating(talk.text, words=True)
    if stars is None:
        return False
    talk.finish()
    words = task.words if talk.tapped is not None or figure else talk.text
    _rate(talk, talk.work.get(Order, task.order_id), stars, words)
    return True


def ask_rating(talk: Talk, task: RateTask) -> None:
    """Ask for the stars."""
    talk.say("rate.ask", **described(talk, talk.work.get(Order, task.order_id)))


def _rate(talk: Talk, order: Order, stars: int, words: str) -> None:
    try:
        with talk.attempt():
            review_order(talk.work, order.id, stars, words[:500])
    except DomainError as refusal:
        limits.explain(talk, refusal, **described(talk, order))
        return
    talk.did("review_order", order.id)
    happy = "rate.sorry" if stars <= UNHAPPY else "rate.thanks"
    talk.say(happy, stars=stars, **described(talk, order))


def begin_complaint(talk: Talk) -> None:
    """Take the complaint down at once if it says what happened, else ask."""
    order = by_number(talk) or _order_meant(talk)
    task = ComplainTask(order_id=order.id if order is not None else None)
    if listen.is_just("complain_bare", talk.text):
        task.asked = "words"
        talk.start(task)
        ask_complaint(talk, task)
        return
    _complain(talk, task, talk.text)


def answer_complaint(talk: Talk, task: ComplainTask) -> bool:
    """Whatever is said now is what happened."""
    if talk.gives_up:
        talk.finish()
        talk.say("complain.dropped")
        return True
    if task.order_id is None and (order := _order_meant(talk)) is not None:
        task.order_id = order.id
    talk.finish()
    _complain(talk, task, talk.text)
    return True


def ask_complaint(talk: Talk, task: ComplainTask) -> None:
    """Ask what happened."""
    talk.say("complain.ask")


def _complain(talk: Talk, task: ComplainTask, words: str) -> None:
    order = talk.work.get(Order, task.order_id) if task.order_id is not None else None
    elder_id = order.elder_id if order is not None else None
    if elder_id is None and len(talk.links) == 1:
        elder_id = talk.links[0].elder_id
    ticket = open_ticket(
        talk.work,
        "complaint",
        words[:500],
        talk.key("complaint"),
        elder_id=elder_id,
        order_id=task.order_id,
        transcript=transcript(talk.work, talk.account.id),
    )
    talk.did("open_ticket", ticket.id)
    about = described(talk, order) if order is not None else None
    talk.say("complain.taken", ticket=ticket.id, about=about)


def _order_meant(talk: Talk) -> Order | None:
    """The recent order a complaint is clearly about; None when it could be several."""
    if not talk.links:
        return None
    recent = [
        order
        for order in recent_orders(talk.work, talk.elder_ids)
        if abs((order.service_day - talk.today).days) <= 7
        and order.state is not OrderState.CANCELLED
        and order.service_day <= talk.today
    ]
    fitting = narrowed(talk, recent)
    return fitting[0] if len(fitting) == 1 else None
