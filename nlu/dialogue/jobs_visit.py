"""The visit by short replies: set out, late, there, done; and giving a job back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.db.models import Order
from backend.domain.errors import DomainError
from backend.domain.matching import Place
from backend.domain.orders import OrderState
from backend.services.check_in import check_in, count_wrong_code
from backend.services.check_out import check_out
from backend.services.depart import depart
from backend.services.open_ticket import open_ticket
from backend.services.report_delay import report_delay
from backend.services.withdraw_job import withdraw_job
from nlu.dialogue import jobs_offers, jobs_pick
from nlu.dialogue.jobs_cards import JobCard, done_on, minutes_taken
from nlu.dialogue.jobs_desk import Desk
from nlu.dialogue.worker_state import JobAction, Subject

EARLIEST_DEPARTURE = timedelta(hours=4)
"""Setting out this long before the window is a word about another job, or a slip."""
AROUND_NOW = timedelta(hours=3)


def set_out(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """出发了. On a meal round one word is for all the houses of that window."""
    on_the_way = desk.in_state(OrderState.ON_THE_WAY)
    if desk.words.nearly and on_the_way:
        desk.talk.say("job_nearly", job=jobs_pick.nearest(on_the_way, desk.talk.work.now)[0])
        return True
    ready = desk.in_state(OrderState.ACCEPTED)
    if not ready:
        busy = next(iter(on_the_way or desk.in_service), None)
        if busy is None:
            return _nothing(desk, JobAction.DEPART)
        desk.refuse(DomainError("illegal_move", state=busy.state, move="depart"), busy)
        return True
    jobs = _meant(desk, ready, JobAction.DEPART, chosen)
    if jobs is None:
        return True
    work = desk.talk.work
    if all(job.start - work.now > EARLIEST_DEPARTURE for job in jobs):
        desk.talk.say("job_too_soon", job=jobs[0])
        return True
    gone = [job for job in jobs if desk.do(depart, job)]
    if len(gone) == 1:
        desk.talk.say("job_departed", job=gone[0])
    elif gone:
        desk.talk.say("job_departed_many", jobs=gone)
    return True


def delay(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """晚到20分钟; asks how many minutes when she did not say."""
    jobs = _meant(desk, desk.to_begin, JobAction.DELAY, chosen)
    if jobs is None:
        return True
    minutes = desk.words.minutes
    if minutes is None:
        desk.ask(JobAction.DELAY, jobs[0])
        desk.talk.say("job_delay_ask", job=jobs[0])
        return True
    told = [job for job in jobs if desk.do(report_delay, job, minutes)]
    if told:
        desk.talk.say("job_delayed", jobs=told, minutes=minutes)
    return True


def arrive(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """到了 3721. The code itself tells which house it is."""
    waiting = desk.to_begin
    if not waiting:
        if desk.in_service and "送" in desk.words.text:
            return finish(desk)
        busy = next(iter(desk.in_service), None)
        if busy is None:
            return _nothing(desk, JobAction.CHECK_IN)
        desk.refuse(DomainError("illegal_move", state=busy.state, move="check_in"), busy)
        return True
    named = chosen if chosen is not None else desk.pick(waiting, JobAction.CHECK_IN, Subject.JOB)
    around = list(named or waiting)
    if not desk.words.codes:
        job = around[0] if len(around) == 1 else jobs_pick.nearest(around, desk.talk.work.now)[0]
        desk.ask(JobAction.CHECK_IN, job if len(around) == 1 else None)
        desk.talk.say("job_ask_code", job=job if len(around) == 1 else None)
        return True
    for code in desk.words.codes:
        _check_in_by_code(desk, code, around)
    return True


def arrive_at(desk: Desk, place: Place) -> bool:
    """A shared location: the house nearest to it. Not ours when she has nothing to begin."""
    waiting = desk.to_begin
    if not waiting:
        return False
    here = jobs_pick.at_place(waiting, place)
    due = jobs_pick.nearest(here or waiting, desk.talk.work.now)
    # A couple's two lunches arrive together; of other visits one begins at a time.
    jobs = due if here and jobs_pick.is_one_round(due) else due[:1]
    begun = [job for job in jobs if desk.do(check_in, job, place=place)]
    for job in begun:
        desk.memory.question = None
        desk.talk.say("job_checked_in", job=job, at=desk.talk.work.now)
    return True


def finish(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """完事了,伤口挺好: what remains of the sentence is the note."""
    if not desk.in_service:
        waiting = jobs_pick.nearest(desk.to_begin, desk.talk.work.now)
        return _nothing(desk, JobAction.CHECK_OUT, waiting=waiting[0] if waiting else None)
    jobs = _meant(desk, desk.in_service, JobAction.CHECK_OUT, chosen)
    if jobs is None:
        return True
    work = desk.talk.work
    note = desk.words.words
    finished = [job for job in jobs if desk.do(check_out, job, note)]
    if not finished:
        return True
    done, earned = done_on(work, desk.worker.id, desk.talk.today)
    facts = {
        "note": note,
        "done": done,
        "sum_fen": earned,
        "month": finished[-1].start.month,
        "next": next(iter(desk.to_begin), None),
    }
    if len(finished) == 1:
        job = finished[0]
        minutes = minutes_taken(work, job.order_id)
        desk.talk.say("job_finished", job=job, minutes=minutes, **facts)
    else:
        desk.talk.say("job_finished_many", jobs=finished, **facts)
    return True


def give_back(desk: Desk, chosen: Sequence[JobCard] | None = None) -> bool:
    """来不了了: asked once more, for a family counts on it."""
    jobs = desk.to_begin
    if not jobs and desk.offers:
        return jobs_offers.decline(desk)
    if not jobs and desk.in_service:
        busy = desk.in_service[0]
        desk.refuse(DomainError("already_started", state=busy.state, number=busy.number), busy)
        return True
    picked = (
        list(chosen) if chosen is not None else desk.pick(jobs, JobAction.WITHDRAW, Subject.JOB)
    )
    if not jobs:
        return _nothing(desk, JobAction.WITHDRAW)
    if picked == []:
        desk.talk.say("job_no_such")
        return True
    picked = picked or jobs
    if len(picked) > 1:
        desk.ask_which(picked, JobAction.WITHDRAW)
        return True
    desk.ask(JobAction.WITHDRAW, picked[0])
    desk.talk.say("job_withdraw_ask", job=picked[0])
    return True


def confirm_giving_back(desk: Desk, order_id: int, reason: str, yes: bool) -> bool:
    """Her answer to 真的去不了吗."""
    job = next((job for job in desk.jobs if job.order_id == order_id), None)
    if job is None:
        desk.talk.say("job_no_such")
        return True
    if not yes:
        desk.talk.say("job_withdraw_kept", job=job)
        return True
    if desk.do(withdraw_job, job, reason) is not None:
        desk.talk.say("job_withdrawn", job=job, reason=reason)
    return True


def nobody_opens(desk: Desk) -> bool:
    """敲门没人应: an elder who expects a visit and does not open may lie on the floor."""
    now = desk.talk.work.now
    around = [job for job in desk.to_begin if abs(job.start - now) < AROUND_NOW]
    if not around:
        return False
    job = jobs_pick.nearest(around, now)[0]
    ticket = open_ticket(
        desk.talk.work,
        "call_back",
        f"{desk.worker.name}({desk.worker.phone or '无电话'})到了{job.elder}家,敲门没人应,"
        f"单号{job.number},请马上联系家里:{desk.talk.text[:60]}",
        desk.talk.key("nobody_opens"),
        elder_id=desk.talk.work.get(Order, job.order_id).elder_id,
        order_id=job.order_id,
    )
    desk.talk.did("open_ticket", ticket.id)
    desk.talk.say("job_nobody_home", job=job)
    return True


def _check_in_by_code(desk: Desk, code: str, around: Sequence[JobCard]) -> None:
    work = desk.talk.work
    fitting = [job for job in around if job.visit_code == code]
    job = jobs_pick.nearest(fitting or around, work.now)[0]
    order_id = job.order_id
    try:
        with desk.talk.attempt():
            order = check_in(work, order_id, code=code)
    except DomainError as error:
        desk.refresh()
        if error.code == "wrong_code":
            # Counted outside the savepoint: a wrong code must not be forgotten.
            left = count_wrong_code(work, order_id)
            desk.ask(JobAction.CHECK_IN, job)
            desk.refuse(error, job, left=left)
        else:
            desk.refuse(error, job)
        return
    desk.refresh()
    desk.memory.question = None
    desk.talk.did("check_in", order.id)
    desk.talk.say("job_checked_in", job=job, at=work.now)


def _meant(
    desk: Desk,
    jobs: Sequence[JobCard],
    action: JobAction,
    chosen: Sequence[JobCard] | None,
) -> list[JobCard] | None:
    """The jobs meant; None when there was something to say or ask first."""
    if not jobs:
        _nothing(desk, action)
        return None
    picked = list(chosen) if chosen is not None else desk.pick(jobs, action, Subject.JOB)
    if picked == []:
        desk.talk.say("job_no_such")
        return None
    picked = picked or jobs_pick.nearest(jobs, desk.talk.work.now)
    if len(picked) > 1 and not (desk.words.everything or jobs_pick.is_one_round(picked)):
        desk.ask_which(picked, action)
        return None
    return picked


def _nothing(desk: Desk, action: JobAction, waiting: JobCard | None = None) -> bool:
    desk.talk.say("job_none", action=action.value, waiting=waiting)
    return True
