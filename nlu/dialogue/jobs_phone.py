"""A worker on the telephone: greeted with what waits, and rung with jobs from then on if asked."""

from __future__ import annotations

import re

from sqlalchemy import select

from backend.db.models import Account, Worker
from backend.domain.errors import DomainError
from backend.services.take_jobs_by_phone import take_jobs_by_phone
from nlu.dialogue import jobs_offers, jobs_words
from nlu.dialogue.jobs_desk import Desk
from nlu.dialogue.talk import Talk
from nlu.dialogue.worker_state import JobAction

_WISH = re.compile(
    "(?:以后|今后|往后|有(?:新|了)?[单活]|[新来派接]单|(?:没有?|不会用?|不用|唔识用|不懂)微信).{0,12}电话"
    "|电话.{0,6}(?:派单|接单|派活|告诉我.{0,4}单|通知.{0,4}[单活])"
)
_ONLY_PHONE = re.compile("(?:我|手机).{0,3}(?:没有?|不会用?|唔识用|不懂)微信")
_NO_WISH = re.compile(
    "没.{0,4}(?:给我)?打|(?:家里|家属|老人|奶奶|爷爷|阿姨|长者)|[吗?]|不要?打|别打|怎么|为什么"
)


def hears(desk: Desk) -> bool:
    """以后有单打电话告诉我; False for everything else."""
    text = desk.words.text
    if _NO_WISH.search(text) or not (_WISH.search(text) or _ONLY_PHONE.search(text)):
        return False
    talk = desk.talk
    try:
        with talk.attempt():
            account = take_jobs_by_phone(talk.work, desk.worker.id)
    except DomainError:
        talk.say("job_no_phone")
        return True
    talk.did("take_jobs_by_phone", desk.worker.id)
    talk.say("job_by_phone", phone=account.identifier, wechat=_writes(talk, desk.worker))
    return True


def greet(talk: Talk, worker: Worker) -> None:
    """What waits for an answer, else what is to be done."""
    desk = Desk(talk, worker, jobs_words.read(""))
    if desk.offers:
        jobs_offers.ask_which_offer(desk, JobAction.ACCEPT)
    else:
        jobs_offers.show_list(desk)


def _writes(talk: Talk, worker: Worker) -> bool:
    """Whether jobs go to the worker's WeChat, as they do while there is one."""
    query = select(Account.id).where(
        Account.worker_id == worker.id,
        Account.channel == "wechat",
        Account.unreachable_since.is_(None),
    )
    return talk.work.session.scalar(query.limit(1)) is not None
