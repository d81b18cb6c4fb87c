"""The turn of an elder or a family: the task under way, else a new matter, else a kind question."""

from __future__ import annotations

from typing import Any

from backend.db.models import Order
from backend.domain.learning import WhyKept
from backend.domain.orders import OrderState
from backend.services.lookup import open_orders, open_review
from nlu.dialogue import (
    binding,
    cancel,
    change,
    emergency,
    feedback,
    humans,
    introduction,
    left_by_phone,
    listen,
    order,
    resume,
    small_talk,
)
from nlu.dialogue.answers import ANSWERS
from nlu.dialogue.basket import wants_of
from nlu.dialogue.small_talk import SMALL_TALK, welcome
from nlu.dialogue.state import ComplainTask, HelpTask, OrderTask
from nlu.dialogue.talk import SURE, Talk
from nlu.dialogue.tasks import HANDLERS, ORDER_ANY, STARTERS
from nlu.dialogue.which_order import by_number

UNSURE = 0.3
"""Below this confidence, and without a value in it, a sentence counts as not understood."""
_BARE = frozenset({"affirm", "deny", "inform", "greet", "chitchat", "out_of_scope"})


def respond_family(talk: Talk) -> None:
    """Answer one utterance of an elder or a family."""
    if talk.utterance.place is not None and not talk.text.strip():
        _place(talk)
        return
    if talk.u.intent == "repeat_prompt" and talk.state.last_replies:
        talk.repeat_last()
        return
    resume.wake(talk)
    emergency.notice_running(talk)
    if talk.u.intent == "transfer_agent" and talk.u.confidence >= UNSURE:
        humans.hand_over(talk, "asked")
        return
    if introduction.refuses(talk):
        return
    if not isinstance(talk.state.task, HelpTask):
        if listen.has("anger", talk.text) and not isinstance(talk.state.task, ComplainTask):
            humans.hand_over(talk, "angry")
            return
        if problem := _unreadable(talk):
            if not humans.miss(talk):
                talk.say(f"miss.{problem}")
                _ask_again(talk)
            return
    if listen.has("not_meant", talk.text):
        talk.misunderstood_before = WhyKept.CORRECTED
    before = talk.state.task
    stood = before.model_dump() if before is not None else None
    if _answered_by_task(talk):
        _count_misses(talk, stood)
    elif _begun_anew(talk):
        _count_misses(talk, stood)
        if talk.u.source == "rasa" and talk.u.confidence < SURE:
            talk.misunderstood = WhyKept.UNSURE
    else:
        _missed(talk)


def _count_misses(talk: Talk, stood: dict[str, Any] | None) -> None:
    """Whatever we took a sentence for: if it brings nothing but the very question that `stood`
    before it, it was not understood. So nobody is asked the same for a third time: a human comes.
    """
    task = talk.state.task
    same = [one.text for one in talk.replies] == [one.text for one in talk.state.last_replies]
    stands = task is not None and task.model_dump() == stood
    if not (same and stands) or talk.utterance.event is not None or talk.utterance.unheard:
        talk.state.misses = 0
    elif talk.state.misses + 1 >= humans.MISSES_BEFORE_HUMAN:
        talk.replies.clear()
        humans.miss(talk)
    else:
        talk.state.misses += 1


def _place(talk: Talk) -> None:
    task = talk.state.task
    task = task if isinstance(task, HelpTask) else emergency.running(talk)
    if task is None:
        talk.say("small.place")
        _ask_again(talk)
        return
    emergency.add(talk, task)


def _unreadable(talk: Talk) -> str | None:
    if not talk.text.strip():
        return "empty"
    if len(talk.text) > listen.LONGEST:
        return "too_long"
    return None if listen.is_readable(talk.text) or talk.picked is not None else "foreign"


def _answered_by_task(talk: Talk) -> bool:
    task = talk.state.task
    if task is None:
        return False
    if not HANDLERS[task.kind].answer(talk, task):
        return False
    put_by = talk.state.paused is task
    if talk.state.task is None and not put_by and not isinstance(task, HelpTask):
        resume.after(talk)
    return True


def _begun_anew(talk: Talk) -> bool:
    """A new matter, or a question in between. False when nothing was understood."""
    before = talk.state.task
    if before is None and not introduction.is_known_by_name(talk) and _answers_notice(talk):
        return True
    if before is None and resume.drop(talk):
        return True
    if before is None and _answers_nothing(talk):
        return True
    intent = _intent(talk)
    if intent is None or intent == "out_of_scope":
        return False
    if introduction.is_needed(talk, intent):
        introduction.begin(talk)
        return True
    if introduction.refuses_to_begin(talk, intent):
        return True
    (ANSWERS.get(intent) or STARTERS[intent])(talk)
    if talk.state.task is before and intent != "goodbye":  # whoever leaves is asked no more
        _ask_again(talk)
    if talk.state.task is None:
        if talk.state.paused_long:
            resume.offer(talk)
        elif isinstance(before, OrderTask) and talk.state.paused is before:
            resume.after(talk)
    return True


def _intent(talk: Talk) -> str | None:
    """The matter to begin; None when we are not sure enough of any."""
    u = talk.u
    known = u.intent in ANSWERS or u.intent in STARTERS
    if wants_of(u) and (not known or (u.intent in SMALL_TALK and u.confidence < SURE)):
        return ORDER_ANY
    plain = listen.bare(talk.text)
    # Whatever a classifier makes of bare digits: six of them are a code or an order's number.
    number_alone = plain.isdecimal() or (u.intent == "inform" and len(plain) <= 12)
    if talk.state.task is None and number_alone and listen.bind_code(talk.text):
        return "query_order" if by_number(talk) is not None else "bind_elder"
    if u.intent == "inform" and talk.state.task is None and talk.has_values and talk.links:
        return ORDER_ANY
    if u.intent == "job_list" and talk.links:
        return "query_order"
    if isinstance(talk.state.task, OrderTask) and talk.state.task.items:
        # A doubtful order of nothing in particular is no new order while one is being made.
        known = known and not (
            u.intent in order.ORDER_INTENTS and not wants_of(u) and u.confidence < SURE
        )
    if not known or (u.source == "rasa" and u.confidence < UNSURE and not talk.has_values):
        return None
    return u.intent


def _answers_notice(talk: Talk) -> bool:
    """Short answers to news we sent: stars after a visit, 换时间 when nobody could come."""
    text = talk.text
    stars = talk.u.rating or listen.stars(text)
    if stars is not None and open_review(talk.work, talk.account.id) is not None:
        feedback.begin_rating(talk)
        return True
    waits, moves = listen.is_just("wait", text), listen.is_just("another_time", text)
    cancels = listen.is_just("give_up", text) and "取消" in text
    if not (waits or moves or cancels) or (stuck := _unassigned(talk)) is None:
        return False
    if waits:
        talk.say("wait.kept", number=stuck.number)
    elif moves:
        change.begin(talk, stuck)
    else:
        cancel.begin(talk, stuck)
    return True


def _unassigned(talk: Talk) -> Order | None:
    orders = open_orders(talk.work, talk.elder_ids) if talk.links else []
    return next((o for o in orders if o.state is OrderState.UNASSIGNED), None)


def _answers_nothing(talk: Talk) -> bool:
    """A bare yes, no or 继续 with no question standing."""
    if isinstance(talk.state.paused, OrderTask) and listen.is_just("resume", talk.text):
        resume.take_up(talk)
        return True
    if listen.is_just("resume", talk.text) and left_by_phone.take_over(talk):
        return True
    if talk.u.intent == "deny" and not talk.has_values:
        small_talk.nothing_more(talk)
        return True
    if talk.u.intent in _BARE and not wants_of(talk.u) and resume.offer(talk):
        return True
    if listen.is_just("noted", talk.text):
        talk.say("small.noted")
        return True
    bare_number = listen.bare(talk.text).isdecimal()
    if talk.u.intent == "affirm" and not (talk.has_values or bare_number):
        talk.say("small.nothing_open")
        return True
    return False


def _ask_again(talk: Talk) -> None:
    task = talk.state.task
    if task is not None:
        HANDLERS[task.kind].ask(talk, task)


def _missed(talk: Talk) -> None:
    if humans.miss(talk):
        return
    if talk.u.intent == "out_of_scope" and talk.u.confidence >= SURE and talk.state.task is None:
        # Understood, but nothing we can do; the second in a row brings a human as well. As an
        # answer to a question it is rather something misheard.
        small_talk.answer(talk)
    elif talk.misunderstood_before is not None and talk.state.task is None:
        # Nothing but 不是这个意思: the sentence to learn from is the one before.
        talk.misunderstood = None
        talk.say("miss.corrected")
    elif talk.state.task is not None:
        talk.say("miss.answer")
        _ask_again(talk)
    else:
        talk.say("miss.first", known=bool(talk.links))


def menu_key(talk: Talk, key: str) -> None:
    """A key of the WeChat menu."""
    match key:
        case "ORDER":
            order.begin(talk)
        case "ORDERS":
            ANSWERS["query_order"](talk)
        case "BALANCE":
            ANSWERS["query_balance"](talk)
        case "HUMAN":
            humans.hand_over(talk, "asked")
        case "HELP":
            emergency.call(talk, talk.text_of("help.button"))
        case "BIND":
            binding.begin(talk)
        case _:
            welcome(talk)
