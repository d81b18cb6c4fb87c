"""The telephone is picked up: the first words, by who rings and what lies open."""

from __future__ import annotations

from collections.abc import Sequence

from backend.db.models import Account, Elder, Link
from backend.services.lookup import standing_offers, worker_of
from nlu.dialogue import doubt, emergency, introduction, jobs_phone, resume
from nlu.dialogue.small_talk import part_of_day
from nlu.dialogue.state import ConsentTask, DoubtTask
from nlu.dialogue.talk import Talk
from nlu.dialogue.tasks import HANDLERS
from nlu.prompts.wording import words

BELL = "bell"
"""What an elder's bell rings as."""


def pick_up(talk: Talk, how: str) -> None:
    """Greet whoever rings; `how` is BELL for a bell, else empty.

    A bell is asked whether help is needed. Who has an alarm running hears that it runs. Who is
    not known is asked for whom it is; who left something unfinished in the last hour is taken
    back to it. A worker hears the offers that wait, or the jobs there are.
    """
    resume.wake(talk)
    emergency.notice_running(talk)
    if emergency.running(talk) is not None:
        talk.say("line.help_runs")
        return
    if how == BELL:
        doubt.ask_bell(talk)
        return
    if isinstance(talk.state.task, ConsentTask):
        talk.finish()  # asked once is asked enough
    if isinstance(talk.state.task, DoubtTask):
        doubt.ask(talk, talk.state.task)
        return
    part = part_of_day(talk.work.local_now.hour)
    if not talk.links and talk.account.worker_id is None:
        talk.say("line.hello_stranger", part=part)
        introduction.expect(talk)
        return
    talk.say("line.hello", name=greet_by(talk), part=part)
    task = talk.state.task
    worker = worker_of(talk.work, talk.account.id) if talk.account.worker_id else None
    if task is not None:
        talk.say("order.back_to")
        HANDLERS[task.kind].ask(talk, task)
    elif resume.offer(talk):
        return
    elif worker is not None and (not talk.links or standing_offers(talk.work, worker.id)):
        jobs_phone.greet(talk, worker)
    else:
        talk.say("line.what_for")


def greet_by(talk: Talk) -> str:
    """How whoever is on the line is called."""
    return greeted_as(talk.account, talk.links)


def greeted_as(account: Account, links: Sequence[Link]) -> str:
    """How whoever rings is called: 李奶奶 on her own telephone, a contact by name; else empty."""
    own = [link.elder for link in links if link.relation == "self"]
    if len(own) == 1:
        return titled(own[0])
    return account.name or ""


def titled(elder: Elder) -> str:
    """An elder's surname with the title people use: 李奶奶, 王爷爷."""
    titles = words()["titles"].get(elder.sex, ())
    return f"{elder.name[:1]}{titles[0]}" if titles else elder.name
