"""`yinling chat`: talk with Yinling in a terminal, as one of the made-up town's people.

The conversation, the use cases and the jobs are the real ones; only the medium is different,
so replies and notices are printed instead of sent.
"""

from __future__ import annotations

import threading
import uuid

import click
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from backend import clock
from backend.db.databases import Addresses
from backend.db.models import Account, Link
from backend.jobs.delivery import Delivered, Letter
from backend.jobs.tasks import make_app
from backend.seed.seeded import Seeded, find_seeded
from backend.seed.town import SMALL, seed_town
from backend.services.raise_incident import raise_incident
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work, actor_of
from nlu.dialogue.engine import respond, respond_silence
from nlu.dialogue.turns import Reply, Utterance
from nlu.errors import RasaUnavailable
from nlu.prompts import render_notice, say
from nlu.understand import Understander

CHANNEL = "terminal"


class Terminal:
    """`backend.jobs.delivery.Channel` that prints."""

    def deliver(self, letter: Letter) -> Delivered:
        """Print the notice with the name of whom it is for."""
        text = render_notice(letter.kind, letter.data).text
        click.secho(f"\n[通知 {letter.identifier}] {text}", fg="yellow")
        return Delivered(CHANNEL)


class Desk:
    """A terminal answers at once; nothing is ever held or pushed."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def answer_held(self, message_id: int) -> None:
        """Nothing to do."""

    def push_answer(self, message_id: int) -> None:
        """Nothing to do."""

    def raise_unanswered(self, account_id: int, source_id: str) -> None:
        """Silence is a yes here too."""
        with unit_of_work(self._sessions) as work:
            respond_silence(work, account_id, source_id)

    def end_lost_call(self, call_id: int) -> None:
        """Nothing to do."""


def talk(
    sessions: sessionmaker[Session], understander: Understander, role: str, addresses: Addresses
) -> None:
    """Read sentences until end of input; print the answers. An empty database is seeded."""
    with unit_of_work(sessions) as work:
        seeded = find_seeded(work.session) or seed_town(work.session, work.now, SMALL)
        account = _account(work, seeded, role)
    jobs = make_app(addresses.database_url, sessions, {CHANNEL: Terminal()}, Desk(sessions))
    threading.Thread(
        target=lambda: jobs.run_worker(install_signal_handlers=False), daemon=True
    ).start()
    click.echo(f"您是{account.name}。说吧(Ctrl-D 结束):")
    while True:
        try:
            text = input("> ")
        except (EOFError, KeyboardInterrupt):
            return
        if text.strip():
            for reply in _answer(sessions, understander, account.id, text):
                click.secho(reply.text, fg="green")
                if reply.choices:
                    click.secho(" / ".join(reply.choices), dim=True)


def _answer(
    sessions: sessionmaker[Session], understander: Understander, account_id: int, text: str
) -> tuple[Reply, ...]:
    source_id = f"{CHANNEL}:{uuid.uuid4()}"
    try:
        understanding = understander.understand(text, clock.now())
    except RasaUnavailable:
        return (say("message_held"),)
    if understanding.intent == "emergency" and not understanding.doubtful:
        with unit_of_work(sessions) as work:
            work.actor = actor_of(work.get(Account, account_id))
            raise_incident(work, text, source_id)
    with unit_of_work(sessions) as work:
        account = work.get(Account, account_id)
        work.actor = actor_of(account)
        return respond(work, account, Utterance(source_id, CHANNEL, text, understanding)).replies


def _account(work: Work, seeded: Seeded, role: str) -> Account:
    """The terminal's account in that role, made and bound when it is used first."""
    name = {"elder": "李桂兰", "family": "王芳", "worker": "陈敏"}[role]
    worker_id = seeded.chen_min if role == "worker" else None
    work.session.execute(
        insert(Account)
        .values(channel=CHANNEL, identifier=role, name=name, worker_id=worker_id)
        .on_conflict_do_nothing()
    )
    account = work.session.scalars(
        select(Account).where(Account.channel == CHANNEL, Account.identifier == role)
    ).one()
    bound = work.session.scalar(select(Link).where(Link.account_id == account.id))
    if role != "worker" and bound is None:
        relation = "self" if role == "elder" else "daughter"
        work.session.add(Link(account_id=account.id, elder_id=seeded.li_guilan, relation=relation))
    return account
