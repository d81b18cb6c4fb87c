"""A worker on the telephone: greeted with what waits, and rung with jobs from then on if asked."""

from __future__ import annotations

import re

from backend.db.models import Worker
from backend.domain.errors import DomainError
from backend.services.notices import writes_to
from backend.services.take_jobs_by_phone import take_jobs_by_phone
from backend.services.take_jobs_in_wechat import take_jobs_in_wechat
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


_ALONE = re.compile("(?:只|光)(?:要|用)?打(?:我)?电话|(?:别|不要|不用|不必)再?(?:给我)?发微信")
_IN_WECHAT = re.compile("微信上?(?:说|通知|告诉我|发)?(?:一声)?(?:就行|就好|就可以|就得|就够)")
_RING_NO_MORE = re.compile(
    "(?:别|不要|不用|不必)再?(?:给我)?打(?:我的?)?电话|电话(?:别|不要|不用)打"
)
_OTHERS = re.compile("家里|家属|老人|奶奶|爷爷|阿姨|长者|[吗?]|怎么|为什么")


def hears(desk: Desk) -> bool:
    """以后有单打电话告诉我, 只打电话, 微信就行; False for everything else."""
    text = desk.words.text
    if not _OTHERS.search(text):
        if _ALONE.search(text):
            return _ring(desk, alone=True)
        if _IN_WECHAT.search(text):
            return _write(desk)
        if _RING_NO_MORE.search(text) and _writes(desk):
            return _write(desk)
    if _NO_WISH.search(text) or not (_WISH.search(text) or _ONLY_PHONE.search(text)):
        return False
    return _ring(desk, alone=False)


def _ring(desk: Desk, *, alone: bool) -> bool:
    talk = desk.talk
    try:
        with talk.attempt():
            account = take_jobs_by_phone(talk.work, desk.worker.id, alone=alone)
    except DomainError:
        talk.say("job_no_phone")
        return True
    talk.did("take_jobs_by_phone", desk.worker.id)
    as_well = _writes(desk) and not alone
    talk.say("job_by_phone", phone=account.identifier, wechat=as_well)
    return True


def _write(desk: Desk) -> bool:
    talk = desk.talk
    try:
        with talk.attempt():
            take_jobs_in_wechat(talk.work, desk.worker.id)
    except DomainError:
        talk.say("job_no_wechat")
        return True
    talk.did("take_jobs_in_wechat", desk.worker.id)
    talk.say("job_in_wechat")
    return True


def _writes(desk: Desk) -> bool:
    return writes_to(desk.talk.work, desk.worker.id)


def greet(talk: Talk, worker: Worker) -> None:
    """What waits for an answer, else what is to be done."""
    desk = Desk(talk, worker, jobs_words.read(""))
    if desk.offers:
        jobs_offers.ask_which_offer(desk, JobAction.ACCEPT)
    else:
        jobs_offers.show_list(desk)
