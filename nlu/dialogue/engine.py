"""The conversation engine: one utterance in, one turn out, for everyone who talks to us.

An account is first of all someone who may be in danger; then whoever is on duty, a worker, an
elder or a family, in this order. The conversation's row is locked, so that two messages of one
person are answered one after the other, each knowing what the other did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Account, Conversation
from backend.services.lookup import worker_of
from backend.services.work import Work, actor_of
from nlu.dialogue import (
    binding,
    doubt,
    emergency,
    first_words,
    greetings,
    jobs_words,
    learning,
    listen,
    recording,
    resume,
    ringing,
)
from nlu.dialogue.duty import respond_duty
from nlu.dialogue.families import menu_key, respond_family
from nlu.dialogue.jobs import respond_at_the_door, respond_worker
from nlu.dialogue.small_talk import welcome
from nlu.dialogue.state import (
    DialogueState,
    DoubtTask,
    HelpTask,
    Task,
    dump_state,
    load_state,
)
from nlu.dialogue.talk import Talk
from nlu.dialogue.tasks import HANDLERS
from nlu.dialogue.turns import Turn, Utterance
from nlu.understanding import Understanding


def respond(work: Work, account: Account, utterance: Utterance) -> Turn:
    """Answer an utterance and remember it, in the caller's transaction.

    Always answers something. A refused use case is undone to a savepoint and explained; only
    faults of the house (the database is gone) are raised.
    """
    utterance = replace(utterance, text=listen.storable(utterance.text))
    turn = _remembered(work, account, utterance, _turn)
    assert turn is not None
    return turn


def respond_by_rule(work: Work, account: Account, utterance: Utterance) -> Turn | None:
    """Answer what needs no classifier: the short replies of people on duty and of workers, and
    a yes or no to whether somebody should come.

    For while Rasa is away; None for everything else, which then waits for it.
    """
    return _remembered(work, account, utterance, _turn_by_rule)


def respond_silence(work: Work, account_id: int, source_id: str) -> bool:
    """Nobody has answered whether somebody should come for the message `source_id`: the words
    become an incident. False when the question was answered. Safe to repeat."""
    account = work.get(Account, account_id)
    work.actor = actor_of(account)
    nothing = Understanding("", "emergency", 1.0, source="rule")
    silence = Utterance(source_id, account.channel, "", nothing)
    return _remembered(work, account, silence, _silence) is not None


def told_with_doubt(work: Work, account: Account, text: str) -> str:
    """The words to tell of a cry: with those we asked about, if it answers our question."""
    conversation = work.session.get(Conversation, account.id)
    return doubt.words_of(load_state(conversation.state if conversation else None), text)


def _remembered(
    work: Work,
    account: Account,
    utterance: Utterance,
    answer: Callable[[Work, Account, Utterance, DialogueState], Turn | None],
) -> Turn | None:
    conversation = _locked(work, account.id)
    state = load_state(conversation.state)
    turn = answer(work, account, utterance, state)
    if turn is None:
        return None
    state.remember(turn.replies, work.now)
    conversation.state = dump_state(state)
    conversation.updated_at = work.now
    work.session.flush()
    return turn


def _silence(
    work: Work, account: Account, utterance: Utterance, state: DialogueState
) -> Turn | None:
    task = state.task
    if not isinstance(task, DoubtTask) or task.source_id != utterance.source_id:
        return None
    talk = Talk(work, account, utterance, state)
    doubt.raise_unanswered(talk, task)
    return talk.turn()


def _turn_by_rule(
    work: Work, account: Account, utterance: Utterance, state: DialogueState
) -> Turn | None:
    talk = Talk(work, account, utterance, state)
    if learning.hears(talk) or recording.hears(talk):
        return talk.turn()
    if (turn := respond_duty(work, account, utterance, state)) is not None:
        return turn
    if isinstance(state.task, DoubtTask) and doubt.is_answered(talk):
        return _turn(work, account, utterance, state)
    worker = worker_of(work, account.id) if account.worker_id is not None else None
    if worker is None or jobs_words.read(utterance.text).action is None:
        return None
    return respond_worker(work, account, worker, utterance, state)


def _at_the_door(
    work: Work, account: Account, utterance: Utterance, state: DialogueState
) -> Turn | None:
    """A worker to whom nobody opens is not asked whether help is needed: those on duty are told."""
    worker = worker_of(work, account.id) if account.worker_id is not None else None
    if worker is None:
        return None
    return respond_at_the_door(work, account, worker, utterance, state)


def _locked(work: Work, account_id: int) -> Conversation:
    locked = (
        select(Conversation)
        .where(Conversation.account_id == account_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    known = work.session.scalar(locked)
    if known is not None:
        return known
    work.session.execute(
        insert(Conversation)
        .values(account_id=account_id, state={}, updated_at=work.now)
        .on_conflict_do_nothing()
    )
    return work.session.scalars(locked).one()


def _turn(work: Work, account: Account, utterance: Utterance, state: DialogueState) -> Turn:
    if not isinstance(state.task, DoubtTask) or utterance.event is not None:
        return _matter(work, account, utterance, state)
    talk = Talk(work, account, utterance, state)
    rest = doubt.settle(talk, state.task)
    learning.after(talk)
    if rest is None:
        return talk.turn()
    turn = _matter(work, account, rest, state)
    return Turn((*talk.replies, *turn.replies), turn.commands, turn.leaves)


def _go_on_with(talk: Talk, before: Task | None) -> None:
    """Something was said by the way: back to what was open."""
    if talk.state.task is None:
        resume.after(talk)
    elif talk.state.task is before and not isinstance(before, HelpTask):
        HANDLERS[before.kind].ask(talk, before)


def _matter(work: Work, account: Account, utterance: Utterance, state: DialogueState) -> Turn:
    talk = Talk(work, account, utterance, state)
    if utterance.understanding.intent == "emergency" and utterance.event is None:
        # "已派救护车" of someone on duty speaks of an alarm and is none.
        if (turn := respond_duty(work, account, utterance, state)) is not None:
            return turn
        if utterance.understanding.doubtful:
            if (turn := _at_the_door(work, account, utterance, state)) is not None:
                return turn
            doubt.ask_whether(talk)
        else:
            emergency.call(talk)
        learning.after(talk)
        return talk.turn()
    if learning.hears(talk):
        return talk.turn()
    open_before = state.task
    if recording.hears(talk):
        _go_on_with(talk, open_before)
        return talk.turn()
    event, _, detail = (utterance.event or "").partition(":")
    if event == "scan":
        binding.scan(talk, detail)
        return talk.turn()
    if event == "ring":
        ringing.pick_up(talk, detail)
        return talk.turn()
    if event == first_words.EVENT:
        first_words.begin(talk, int(detail))
        return talk.turn()
    if event == "follow":
        welcome(talk)
        return talk.turn()
    if event == "menu" and detail in ("HELP", "HUMAN"):
        # Whoever presses these wants a human, whatever else they are to us.
        menu_key(talk, detail)
        return talk.turn()
    if (turn := respond_duty(work, account, utterance, state)) is not None:
        return turn
    worker = worker_of(work, account.id) if account.worker_id is not None else None
    if worker is not None:
        turn = respond_worker(work, account, worker, utterance, state)
        if turn is not None:
            return turn
    if event == "menu":
        menu_key(talk, detail)
    elif greetings.hears(talk):
        _go_on_with(talk, open_before)
    else:
        respond_family(talk)
    if not talk.replies:
        talk.say("miss.first", known=bool(talk.links))
    learning.after(talk)
    recording.after(talk)
    return talk.turn()
