"""What a worker says to us: a message goes to one of the things she can do with her jobs.

Set phrases are recognised by rule (jobs_words), so that work goes on when the classifier is
unsure; its intents decide what the rules do not know. Whoever is also bound to elders of her
own orders for them in the same chat: such words are left to the family part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from backend.db.models import Account, Worker
from backend.services.lookup import open_review, transcript
from backend.services.open_ticket import open_ticket
from backend.services.work import Work
from nlu.dialogue import jobs_offers, jobs_phone, jobs_pick, jobs_visit, jobs_words
from nlu.dialogue.jobs_cards import JobCard
from nlu.dialogue.jobs_desk import Desk
from nlu.dialogue.state import DialogueState
from nlu.dialogue.talk import Talk
from nlu.dialogue.turns import Turn, Utterance
from nlu.dialogue.worker_state import JobAction, Question, Subject
from nlu.understanding import Understanding

NEVER_OURS = frozenset({"emergency", "transfer_agent", "bind_elder", "unbind_elder", "complain"})
"""The engine's business whoever speaks."""

BY_INTENT = {
    "job_list": JobAction.LIST,
    "job_accept": JobAction.ACCEPT,
    "job_decline": JobAction.DECLINE,
    "job_depart": JobAction.DEPART,
    "job_check_in": JobAction.CHECK_IN,
    "job_check_out": JobAction.CHECK_OUT,
    "job_delay": JobAction.DELAY,
}
SURE_ENOUGH = 0.5
"""Below this a job intent of the classifier is not acted upon: a wrong 接 binds someone."""

UNKNOWN = frozenset({"out_of_scope", "inform", "affirm", "deny", *BY_INTENT})
"""Intents that say nothing to the family part of someone without elders."""

_NOBODY_OPENS = re.compile(
    r"没人(?:开门|在家|应|理|回应)|敲.{0,8}没(?:人|反应|动静|应)|(?:不|没)开门|"
    r"(?:电话|门铃).{0,4}(?:打不通|没人接|没人应)|家里没人|联系不上"
)
_YES = re.compile(r"^(?:是|是的|对|对的|确认|确定|退|退吧|退了|嗯|好|好的|行|真的)$")
_NO = re.compile(
    r"^(?:不退|不用退|先不退|别退|照旧|不是|不|不了|算了|还是我?去|我还是去|能去|可以去)"
)
_READ_IT = re.compile(r"^(?:收到|知道了|看到了|看到)$")

_EXCUSED = frozenset({JobAction.DECLINE, JobAction.WITHDRAW, JobAction.DELAY})
"""What people give reasons for, and the reasons are often somebody's illness."""

_DO: dict[JobAction, Callable[..., bool]] = {
    JobAction.LIST: jobs_offers.show_list,
    JobAction.ACCEPT: jobs_offers.accept,
    JobAction.DECLINE: jobs_offers.decline,
    JobAction.DEPART: jobs_visit.set_out,
    JobAction.DELAY: jobs_visit.delay,
    JobAction.CHECK_IN: jobs_visit.arrive,
    JobAction.CHECK_OUT: jobs_visit.finish,
    JobAction.WITHDRAW: jobs_visit.give_back,
}


def as_a_worker(u: Understanding) -> Understanding:
    """What a worker's sentence says: 来不了了,孩子发烧 gives a job back and is no cry for help.

    Only where the classifier alone heard one; what the emergency rules hear stays one.
    """
    words = jobs_words.read(u.text)
    if u.intent != "emergency" or u.source != "rasa" or words.soft or words.action not in _EXCUSED:
        return u
    return replace(u, intent="job_delay" if words.action is JobAction.DELAY else "job_decline")


def respond_worker(
    work: Work, account: Account, worker: Worker, utterance: Utterance, state: DialogueState
) -> Turn | None:
    """The worker's turn; None when this is not a worker's matter and the family part answers.

    Changes `state.worker` and carries out use cases in the caller's transaction.
    """
    talk = Talk(work, account, utterance, state)
    desk = Desk(talk, worker, jobs_words.read(utterance.text))
    state.worker.forget_stale(work.now)
    if not _answer(desk):
        # They have moved on to something else: "2" is no longer about our question.
        state.worker.question = None
        return None
    return talk.turn()


def respond_at_the_door(
    work: Work, account: Account, worker: Worker, utterance: Utterance, state: DialogueState
) -> Turn | None:
    """The turn of a worker to whom nobody opens; None if it is another matter or no job is near."""
    desk = Desk(Talk(work, account, utterance, state), worker, jobs_words.read(utterance.text))
    return desk.talk.turn() if _nobody_opens(desk) else None


def _nobody_opens(desk: Desk) -> bool:
    return bool(_NOBODY_OPENS.search(desk.words.text)) and jobs_visit.nobody_opens(desk)


def _answer(desk: Desk) -> bool:
    talk = desk.talk
    if _is_not_ours(desk):
        return False
    if talk.utterance.place is not None:
        return jobs_visit.arrive_at(desk, talk.utterance.place)
    if talk.utterance.event is not None:
        return talk.utterance.event == "menu:JOBS" and jobs_offers.show_list(desk)
    question = desk.memory.question
    if (
        (question is not None and _answer_question(desk, question))
        or _nobody_opens(desk)
        or jobs_phone.hears(desk)
        or _understood(desk)
    ):
        desk.memory.misses = 0
        return True
    return _did_not_understand(desk)


def _is_not_ours(desk: Desk) -> bool:
    """A wild guess of the classifier's (敲门没人应: complain, 0.2) takes nothing from us, nor any
    guess a command with an order's number: to the classifier some figures sound like others."""
    u, words = desk.u, desk.words
    if u.source == "rasa" and words.action is not None and words.number is not None:
        return False
    sure = u.intent == "emergency" or u.source != "rasa" or u.confidence >= SURE_ENOUGH
    return u.intent in NEVER_OURS and sure


def _understood(desk: Desk) -> bool:
    action = _action(desk)
    if action is not None:
        desk.memory.question = None
        return _DO[action](desk)
    return _short_answer(desk)


def _action(desk: Desk) -> JobAction | None:
    """What is to be done, by rule or else by the classifier."""
    words, u = desk.words, desk.u
    ours = u.intent in BY_INTENT and u.confidence >= SURE_ENOUGH
    if words.action is not None:
        if desk.is_family_too and not ours and not _for_us(desk):
            return None
        if words.soft and not desk.offers:
            return None
        return words.action
    if not ours or words.is_question:
        return None
    action = BY_INTENT[u.intent]
    # A yes that binds someone needs an offer; nothing else is worth guessing.
    if action in (JobAction.ACCEPT, JobAction.DECLINE) and not desk.offers:
        return None
    return action


def _for_us(desk: Desk) -> bool:
    """Whether words by rule are a worker's, from someone who may also speak as family."""
    action = desk.words.action
    if desk.u.services or desk.u.intent.startswith("order_"):
        return False
    if action is JobAction.LIST:
        return desk.u.intent != "query_order"
    if action in (JobAction.ACCEPT, JobAction.DECLINE):
        return bool(desk.offers)
    return desk.words.anchored and bool(desk.jobs) or bool(desk.words.codes and desk.to_begin)


def _short_answer(desk: Desk) -> bool:
    """好的, 不行, 2: meaningful only beside what she was shown last."""
    talk, words = desk.talk, desk.words
    if talk.state.task is not None:
        return False  # the family part has asked something
    if words.bare and words.ordinal is not None:
        return _number(desk, words.ordinal)
    if words.number is not None and words.text == words.number:
        mine = [job for job in desk.jobs if job.number == words.number]
        return bool(mine) and jobs_offers.show_card(desk, mine[0].order_id)
    if desk.offers and _READ_IT.match(words.text):
        jobs_offers.ask_which_offer(desk, JobAction.ACCEPT)
        return True
    if desk.offers and talk.says_yes:
        return jobs_offers.accept(desk)
    if desk.offers and talk.says_no:
        return jobs_offers.decline(desk)
    if not desk.is_family_too and (talk.says_yes or _READ_IT.match(words.text)):
        talk.say("job_ok")
        return True
    if words.asks_help and not desk.is_family_too:
        talk.say("job_help")
        return True
    return False


def _number(desk: Desk, number: int) -> bool:
    """A lone number: a line of the list shown last, or the one offer that stands."""
    listed, offers = desk.memory.listed, desk.offers
    newest = max((offer.offered_at for offer in offers if offer.offered_at), default=None)
    if listed is not None and not (newest is not None and newest > listed.at):
        if not 1 <= number <= len(listed.ids):
            return False
        if listed.subject is Subject.JOB:
            return jobs_offers.show_card(desk, listed.ids[number - 1])
        return jobs_offers.accept(desk)
    if len(offers) == 1 and number == 1:
        return jobs_offers.accept(desk, offers)
    if offers:
        jobs_offers.ask_which_offer(desk, JobAction.ACCEPT)
        return True
    return False


def _answer_question(desk: Desk, question: Question) -> bool:
    """Take the message as the answer to what was asked; False when it is something else."""
    words, memory = desk.words, desk.memory
    if question.action is JobAction.WITHDRAW and question.order_id is not None:
        return _confirm(desk, question, question.order_id)
    if words.action not in (None, question.action):
        return False
    if question.order_id is not None:
        chosen = [job for job in desk.jobs if job.order_id == question.order_id]
        wanted = words.minutes if question.action is JobAction.DELAY else words.codes
        if not wanted or not chosen:
            return False
        if question.action is JobAction.CHECK_IN and words.codes[0] != chosen[0].visit_code:
            chosen = desk.to_begin  # perhaps the code of the house next door
        memory.question = None
        return _DO[question.action](desk, chosen)
    if question.action is JobAction.CHECK_IN and words.codes:
        memory.question = None
        return jobs_visit.arrive(desk)
    return _choose(desk, question)


def _choose(desk: Desk, question: Question) -> bool:
    """An answer to 哪一单."""
    memory = desk.memory
    about_offers = question.action in (JobAction.ACCEPT, JobAction.DECLINE)
    subject = Subject.OFFER if about_offers else Subject.JOB
    pool: list[JobCard] = desk.offers if about_offers else desk.jobs
    if memory.listed is not None and memory.listed.subject is subject:
        pool = [card for card in pool if card.id in memory.listed.ids] or pool
    picked = jobs_pick.named(pool, desk.words, desk.u, memory.listed)
    if not picked:
        return False
    memory.question = None
    desk.carry_on(question)
    return _DO[question.action](desk, picked)


def _confirm(desk: Desk, question: Question, order_id: int) -> bool:
    text, talk = desk.words.text, desk.talk
    no = _NO.match(text) is not None or talk.says_no
    yes = not no and (
        _YES.match(text) is not None or talk.says_yes or desk.words.action is JobAction.WITHDRAW
    )
    if not yes and not no:
        return False
    desk.memory.question = None
    return jobs_visit.confirm_giving_back(desk, order_id, question.words, yes)


def _did_not_understand(desk: Desk) -> bool:
    """Nothing fits. Someone who is only a worker is told what to say; twice, and a human comes."""
    talk, memory = desk.talk, desk.memory
    unknown = desk.u.intent in UNKNOWN or desk.u.confidence < SURE_ENOUGH
    if desk.is_family_too or not unknown or talk.state.task is not None:
        return False
    if desk.words.number is not None:
        return False  # perhaps a code that binds her to an elder
    if open_review(talk.work, talk.account.id) is not None:
        return False
    memory.misses += 1
    if memory.misses >= 2:
        memory.misses = 0
        said = transcript(talk.work, talk.account.id)
        ticket = open_ticket(
            talk.work,
            "handover",
            f"服务人员{desk.worker.name}({desk.worker.phone or '无电话'})的话没听懂,请联系:"
            f"{talk.text[:60]}",
            talk.key("handover"),
            transcript=said,
        )
        talk.did("open_ticket", ticket.id)
        talk.say("job_handed_over")
        return True
    near = jobs_pick.nearest(desk.jobs, talk.work.now)
    offer, job = next(iter(desk.offers), None), next(iter(near), None)
    talk.say("job_not_understood", offer=offer, job=job)
    return True
