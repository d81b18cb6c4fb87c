"""Learning from use: keep what we misunderstood, with consent; ask for it, once, at a good moment.

Wherever a turn goes wrong it only says so (`Talk.misunderstood`, `Talk.misunderstood_before`);
what follows from that is decided here, once, when the turn is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import select

from backend.db.models import Account, Elder, Link, Misunderstanding, Order, Worker
from backend.domain.learning import WhyKept
from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.consents import asked_before, standing_consent
from backend.services.keep_misunderstanding import (
    LEARNING,
    Misunderstood,
    keep_misunderstanding,
)
from backend.services.lookup import is_on_duty
from backend.services.withdraw_consent import withdraw_consent
from backend.services.work import Work
from nlu.dialogue import emergency, listen
from nlu.dialogue.memory import LastSaid
from nlu.dialogue.talk import Talk
from nlu.masking import SLOT, mask
from nlu.own_words import consent_version
from nlu.prompts import say
from nlu.prompts.wording import word

TEXT_VERSION = "1"
"""Of the prompt `learning.ask` as shipped: which words a consent was given to."""
ASKED_IN = "wechat"
"""Where the question can be read twice; on the telephone nobody is asked."""
SHOWN = 3
_SETTLED = frozenset({"place_order", "change_order", "bind_account"})
_LEAVING = frozenset({"thanks", "goodbye"})


def hears(talk: Talk) -> bool:
    """Answer what is said about being learnt from, at any time; False for everything else."""
    if talk.utterance.event is not None or not talk.text.strip():
        return False
    asked = _was_just_asked(talk)
    if listen.has("learning_stop", talk.text):
        _stop(talk)
    elif listen.has("learning_what", talk.text):
        _tell(talk)
    elif asked and (talk.tapped == 0 or listen.is_just("learning_agree", talk.text)):
        _agree(talk)
    elif asked and (talk.tapped == 1 or talk.says_no):
        answer_consent(talk.work, talk.account.id, LEARNING, agrees=False)
        talk.did("refuse_consent", None)
        talk.say("learning.refused")
    elif asked and talk.says_yes:
        # 好 may be about the order above the question: consent is given in words of its own.
        talk.say("learning.say_agree")
    elif talk.utterance.channel == ASKED_IN and listen.has("learning_offer", talk.text):
        _ask(talk)
    else:
        return False
    talk.state.misses = 0
    return True


def after(talk: Talk) -> None:
    """The turn is over: keep what went wrong in it, if we may; if not, perhaps ask."""
    memory = talk.state.learning
    if talk.misunderstood is WhyKept.HANDED_OVER:
        memory.stumbled = False  # someone who had to be handed over is asked for nothing
    elif talk.misunderstood is not None or talk.misunderstood_before is not None:
        memory.stumbled = True
    went_wrong = talk.misunderstood is not None or talk.misunderstood_before is not None
    if not memory.learns and went_wrong:  # the consent may have been given on the page
        memory.learns = standing_consent(talk.work, talk.account.id, LEARNING) is not None
    if memory.learns:
        _keep(talk)
    elif memory.stumbled and _is_good_moment(talk):
        memory.stumbled = False
        if not asked_before(talk.work, talk.account.id, LEARNING):
            _ask(talk)


# ---- consent


def may_agree(work: Work, account: Account) -> bool:
    """Whether the account could be asked and has not agreed: never workers or people on duty."""
    return (
        account.worker_id is None
        and not is_on_duty(work, account.id)
        and standing_consent(work, account.id, LEARNING) is None
    )


def agree(work: Work, account_id: int) -> None:
    """A yes given below the words themselves (a page): asked and answered at once."""
    ask_consent(work, account_id, LEARNING, consent_version("learning.ask", TEXT_VERSION))
    answer_consent(work, account_id, LEARNING, agrees=True)


@lru_cache(maxsize=1)
def _answers() -> tuple[str, ...]:
    return say("learning.ask").choices


def _was_just_asked(talk: Talk) -> bool:
    """Whether the question for consent was the last thing we said; a later 同意 is for others."""
    return talk.state.choices == _answers()


def _ask(talk: Talk) -> None:
    if standing_consent(talk.work, talk.account.id, LEARNING) is not None:
        talk.state.learning.learns = True
        talk.say("learning.given_before")
        return
    ask_consent(talk.work, talk.account.id, LEARNING, consent_version("learning.ask", TEXT_VERSION))
    talk.say("learning.ask")


def _agree(talk: Talk) -> None:
    consent = answer_consent(talk.work, talk.account.id, LEARNING, agrees=True)
    talk.state.learning.learns = True
    talk.did("give_consent", consent.id)
    talk.say("learning.given")


def _stop(talk: Talk) -> None:
    talk.state.learning.learns, talk.state.learning.last_said = False, None
    deleted = withdraw_consent(talk.work, talk.account.id, LEARNING)
    if deleted is None:
        if _was_just_asked(talk):
            answer_consent(talk.work, talk.account.id, LEARNING, agrees=False)
        talk.say("learning.nothing_to_stop")
        return
    talk.did("withdraw_consent", None)
    talk.say("learning.withdrawn", deleted=deleted)


def _tell(talk: Talk) -> None:
    consent = standing_consent(talk.work, talk.account.id, LEARNING)
    if consent is None:
        talk.say("learning.nothing_kept")
        return
    kept = talk.work.session.scalars(
        select(Misunderstanding.text)
        .where(Misunderstanding.consent_id == consent.id)
        .order_by(Misunderstanding.id.desc())
    ).all()
    shown = [SLOT.sub(lambda slot: word("masked", slot[0][1:-1]), text) for text in kept[:SHOWN]]
    talk.say("learning.kept", since=consent.given_at, count=len(kept), sentences=shown)


def _is_good_moment(talk: Talk) -> bool:
    """Something was settled or somebody is leaving, nothing is open, nobody is in need, and who
    talks is an elder or a family in WeChat."""
    state = talk.state
    did = {command.name for command in talk.commands}
    settled = did <= _SETTLED if did else talk.u.intent in _LEAVING
    return (
        settled
        and talk.misunderstood is None
        and talk.utterance.channel == ASKED_IN
        and talk.account.worker_id is None
        and state.task is None
        and state.paused is None
        and bool(talk.links)
        and bool(talk.replies)
        and not talk.replies[-1].choices
        and emergency.running(talk) is None
        and not is_on_duty(talk.work, talk.account.id)
    )


# ---- keeping


def _keep(talk: Talk) -> None:
    memory = talk.state.learning
    this = LastSaid(
        message=talk.utterance.source_id,
        text=talk.text,
        intent=talk.u.intent,
        confidence=talk.u.confidence,
        expected=talk.expected,
        said_at=talk.work.now,
        alternatives=[one.text for one in talk.utterance.heard if one.text != talk.text],
    )
    if talk.misunderstood_before is not None and memory.last_said is not None:
        _keep_one(talk, memory.last_said, talk.misunderstood_before)
    if talk.misunderstood is not None:
        _keep_one(talk, this, talk.misunderstood)
    memory.last_said = this if _is_sentence(talk.text) else None


def _keep_one(talk: Talk, said: LastSaid, why: WhyKept) -> None:
    if not _is_sentence(said.text):
        return
    names, places = list(_names_around(talk)), list(_places_around(talk))
    kept = keep_misunderstanding(
        talk.work,
        talk.account.id,
        Misunderstood(
            message=said.message,
            text=mask(said.text, names, places),
            channel=talk.utterance.channel,
            intent=said.intent,
            confidence=said.confidence,
            expected=said.expected,
            why=why,
            said_at=said.said_at,
            alternatives=tuple(mask(one, names, places) for one in said.alternatives),
        ),
    )
    talk.state.learning.learns = kept


def _is_sentence(text: str) -> bool:
    """Whether somebody could label it: not a picture, not a novel."""
    return 0 < len(text.strip()) <= listen.LONGEST and listen.is_readable(text)


def _names_around(talk: Talk) -> Iterator[str]:
    """Everyone the account may speak of whose name we know: itself, its elders and all their
    people, and the workers who were sent to them."""
    yield talk.account.name or ""
    for link in talk.links:
        yield link.elder.name
        yield from (contact.name for contact in link.elder.contacts)
    session, elder_ids = talk.work.session, talk.elder_ids
    yield from session.scalars(
        select(Account.name)
        .join(Link)
        .where(Link.elder_id.in_(elder_ids), Account.name.is_not(None))
        .distinct()
    )  # type: ignore[misc]
    yield from session.scalars(
        select(Worker.name)
        .join(Order, Order.worker_id == Worker.id)
        .where(Order.elder_id.in_(elder_ids))
        .distinct()
    )


def _places_around(talk: Talk) -> Iterator[str]:
    for link in talk.links:
        elder: Elder = link.elder
        for address in elder.addresses:
            yield from (address.street, address.community)
