"""Answering offers, and looking at what one has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from backend.db.models import Offer, Order, ServiceItem
from backend.services.accept_offer import accept_offer
from backend.services.decline_offer import decline_offer
from nlu.dialogue.jobs_cards import JobCard, done_on
from nlu.dialogue.jobs_desk import Desk
from nlu.dialogue.worker_state import JobAction, Subject

LINES = 10
"""A list longer than this is cut; WeChat takes 2,048 bytes of text."""
LINES_SPOKEN = 3
"""A listener keeps no more in mind."""
LATELY = timedelta(hours=24)


def lines(desk: Desk) -> int:
    """How many of a list are told at once."""
    return LINES_SPOKEN if desk.talk.utterance.channel == "voice" else LINES


def accept(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """接: the offer meant, several if she says 都接; with several and none named, ask."""
    offers = _meant(desk, JobAction.ACCEPT, chosen)
    if offers is None:
        return True
    taken = []
    for offer in offers:
        if (order := desk.do(accept_offer, offer)) is not None:
            taken.append(desk.card(order))
    if len(taken) == 1:
        desk.talk.say("job_accepted", job=taken[0])
    elif taken:
        desk.remember_list(Subject.JOB, taken[: lines(desk)])
        rest = max(0, len(taken) - lines(desk))
        desk.talk.say(
            "job_accepted_many",
            jobs=taken[: lines(desk)],
            total=len(taken),
            rest=rest,
            left=len(desk.offers),
        )
    return True


def decline(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """不接: the offer goes to the next; a reason is kept, none is asked for."""
    offers = _meant(desk, JobAction.DECLINE, chosen)
    if offers is None:
        return True
    reason = desk.words.words
    gone = [offer for offer in offers if desk.do(decline_offer, offer, reason)]
    if len(gone) == 1:
        desk.talk.say("job_declined", job=gone[0], reason=reason, left=len(desk.offers))
    elif gone:
        desk.talk.say("job_declined_many", count=len(gone), reason=reason)
    return True


def ask_which_offer(desk: Desk, action: JobAction) -> None:
    """Number the standing offers and ask; for a single one, yes or no."""
    desk.remember_list(Subject.OFFER, desk.offers[: lines(desk)])
    if len(desk.offers) == 1:
        desk.talk.say("job_offer_waits", job=desk.offers[0])
        return
    desk.ask(action, None)
    desk.talk.say(
        "job_offers", offers=desk.offers[: lines(desk)], total=len(desk.offers), action=action.value
    )


def show_list(desk: Desk) -> bool:
    """我今天有哪些单: by time, with what one must know on the way."""
    day = _day(desk)
    jobs = [job for job in desk.jobs if day is None or job.start.date() == day]
    done, _ = done_on(desk.talk.work, desk.worker.id, day or desk.talk.today)
    if not jobs:
        later = [job for job in desk.jobs if day is not None and job.start.date() > day]
        if desk.offers:
            desk.remember_list(Subject.OFFER, desk.offers)
        desk.talk.say(
            "job_list_empty", day=day, done=done, next=next(iter(later), None), offers=desk.offers
        )
        return True
    desk.remember_list(Subject.JOB, jobs[: lines(desk)])
    desk.talk.say(
        "job_list",
        day=day,
        jobs=jobs[: lines(desk)],
        rest=max(0, len(jobs) - lines(desk)),
        total=len(jobs),
        done=done,
        offers=desk.offers,
    )
    return True


def show_card(desk: Desk, order_id: int) -> bool:
    """A number after a list of jobs: that job's card."""
    job = next((job for job in desk.jobs if job.order_id == order_id), None)
    if job is None:
        desk.talk.say("job_no_such")
    else:
        desk.talk.say("job_card", job=job)
    return True


def _meant(desk: Desk, action: JobAction, chosen: Sequence[JobCard] | None) -> list[JobCard] | None:
    """The offers to answer; None when there was something to say first."""
    if not desk.offers:
        _nothing_stands(desk)
        return None
    picked = list(chosen) if chosen is not None else desk.pick(desk.offers, action, Subject.OFFER)
    if picked is None:
        picked = desk.offers
    if not picked:
        desk.talk.say("job_no_such")
        ask_which_offer(desk, action)
        return None
    if len(picked) > 1 and not desk.words.everything:
        ask_which_offer(desk, action)
        return None
    return picked


def _nothing_stands(desk: Desk) -> None:
    """接 with nothing to accept: say what became of the last offer."""
    work = desk.talk.work
    last = work.session.execute(
        select(Offer, ServiceItem.name)
        .join(Order, Order.id == Offer.order_id)
        .join(ServiceItem, ServiceItem.code == Order.code)
        .where(Offer.worker_id == desk.worker.id, Offer.offered_at > work.now - LATELY)
        .order_by(Offer.id.desc())
        .limit(1)
    ).first()
    if last is None:
        desk.talk.say("job_no_offer", last="", item="")
        return
    offer, item = last
    # A standing one that is not listed has run out; its job just has not come round yet.
    state = "expired" if offer.state == "standing" else offer.state
    desk.talk.say("job_no_offer", last=state, item=item)


def _day(desk: Desk) -> date | None:
    if desk.u.date is not None:
        return desk.u.date
    for words, days in (("后天", 2), ("明天", 1), ("明日", 1), ("听日", 1), ("今", 0)):
        if words in desk.words.text:
            return desk.talk.today + timedelta(days=days)
    return None
