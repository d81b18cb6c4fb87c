"""An order put aside: taken up at once after a digression, asked about after a long while."""

from __future__ import annotations

from datetime import timedelta

from backend.services.lookup import open_orders
from nlu.dialogue import listen, order
from nlu.dialogue.order_slots import item_names
from nlu.dialogue.state import OrderTask, ResumeTask
from nlu.dialogue.talk import Talk

STARTS_AGAIN_AFTER = timedelta(hours=1)
"""After so long a silence nobody knows any more what a bare 好 would agree to."""
FORGOTTEN_AFTER = timedelta(hours=24)


def wake(talk: Talk) -> None:
    """Put an old order aside before listening; drop what is too old to matter."""
    state = talk.state
    silence = talk.work.now - state.heard_at if state.heard_at is not None else timedelta(0)
    if silence <= STARTS_AGAIN_AFTER:
        return
    if isinstance(state.task, OrderTask) and state.task.items:
        state.paused = state.task
    elif isinstance(state.task, ResumeTask):
        state.paused = None
    state.task = None
    state.misses = 0
    state.paused_long = state.paused is not None
    if silence > FORGOTTEN_AFTER:
        state.paused, state.paused_long = None, False
    drop_past(talk)


def drop_past(talk: Talk) -> None:
    """Days that have gone by cannot be served any more."""
    paused = talk.state.paused
    if not isinstance(paused, OrderTask):
        return
    paused.items = [i for i in paused.items if i.date is None or i.date >= talk.today]
    if not paused.items:
        talk.state.paused, talk.state.paused_long = None, False


def offer(talk: Talk) -> bool:
    """Ask 刚才那份午餐还要吗 if an order lies aside. True if it was asked."""
    paused = talk.state.paused
    if not isinstance(paused, OrderTask) or not paused.items or talk.state.task is not None:
        return False
    talk.state.task = ResumeTask(asked="confirm")
    talk.say("order.still_wanted", items=item_names(talk, paused))
    return True


def drop(talk: Talk) -> bool:
    """晚饭先算了 about an order that lies aside: it is dropped. True if it was."""
    paused = talk.state.paused
    if not isinstance(paused, OrderTask) or listen.number_in(talk.text):
        return False
    if any(listen.is_one_of(table, talk.text) for table in ("declines", "no_change")):
        return False  # 不用了: nothing else just now, and no word about what waits
    ends = talk.u.intent in ("cancel_order", "deny") or listen.has("give_up", talk.text)
    named = {wish.code for wish in talk.u.services}
    if not ends or named - {item.code for item in paused.items} or talk.u.date is not None:
        return False
    if any(standing.code in named for standing in open_orders(talk.work, talk.elder_ids)):
        return False  # it may be the order that stands which is not wanted any more
    talk.state.paused, talk.state.paused_long = None, False
    talk.say("order.dropped")
    return True


def answer(talk: Talk, task: ResumeTask) -> bool:
    """Yes takes the order up where it was, with the price asked anew."""
    paused = talk.state.paused
    if not isinstance(paused, OrderTask):
        talk.finish()
        return False
    # Our own quick answer first, whatever the classifier makes of so short a word.
    wanted = talk.picked == 0 or listen.is_just("resume", talk.text)
    if not wanted and (talk.says_no or talk.picked == 1 or talk.gives_up):
        talk.finish()
        talk.state.paused, talk.state.paused_long = None, False
        talk.say("order.dropped")
        return True
    if wanted or talk.says_yes or listen.has("resume", talk.text):
        take_up(talk)
        return True
    return False


def ask(talk: Talk, task: ResumeTask) -> None:
    """The question once more."""
    paused = talk.state.paused
    if isinstance(paused, OrderTask):
        talk.say("order.still_wanted", items=item_names(talk, paused))


def take_up(talk: Talk) -> None:
    """Go on with the order that was put aside."""
    paused = talk.state.paused
    talk.state.paused, talk.state.paused_long = None, False
    talk.state.task = paused
    if not isinstance(paused, OrderTask):
        return
    # An old yes-question is never taken up as it stood: the price is read out again.
    paused.asked = None
    if talk.has_values and order.answer(talk, paused):
        return
    order.advance(talk, paused)


def after(talk: Talk) -> None:
    """The matter in between is settled: back to the order that waited."""
    if not isinstance(talk.state.paused, OrderTask) or talk.state.task is not None:
        return
    if talk.state.paused_long:
        offer(talk)
        return
    talk.say("order.back_to")
    take_up(talk)
