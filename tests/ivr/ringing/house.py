"""The theatre's house with a telephone line in it, and with people who can be rung."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Call, Elder, Incident, Link, Order, Ticket
from backend.domain.console import Role
from backend.services.answering import seen_at_console
from backend.services.console_users import make_console_user
from backend.services.manage_console_users import give_telephone
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from ivr.health import is_well
from ivr.settings import IvrSettings
from ivr.voice import Voice, open_voice
from nlu.dialogue.exchange import once_more
from ops.processes import Process, free_port, spawn
from tests.e2e.failing import Forward, Unreachable
from tests.ivr.peers import BaresipPhone, sip_port
from tests.ivr.ringing.caller import Caller, wait
from tests.scenarios.cast import elder_id_of, worker_id_of
from tests.scenarios.theatre import Theatre
from tests.standin.wechat.phone import Phone

Row = TypeVar("Row")
RTP_PORTS = "11000-11039"
CALLS, RESERVE = 6, 2
AGENT, CONSOLE, OWN_PHONE = "2001", "2002", "13600136000"
"""Numbers that nobody in the town has."""


@dataclass
class RingingHouse:
    """All that runs. The line reaches Rasa by a way that can be cut (`rasa`), and all whom it rings
    over one trunk, at whose end is one telephone: the agents' (`agent`), who always answer, and
    OWN_PHONE, which rings on."""

    theatre: Theatre
    line: Process
    port: int
    rasa: Forward
    agent: BaresipPhone
    folder: Path
    database_url: str
    _agent_rung: int = 0

    @cached_property
    def voice(self) -> Voice:
        """The line's, with what it has said already."""
        return open_voice(Path(self.theatre.stage.environment["YINLING_DATA_DIR"]) / "voice")

    @classmethod
    @contextmanager
    def open(
        cls, theatre: Theatre, rasa_url: str, model: Path, folder: Path
    ) -> Iterator[RingingHouse]:
        """Start the line, and wait until it takes calls."""
        port, rasa_port, trunk = free_port(), free_port(), sip_port()
        environment = {
            **theatre.stage.environment,
            "YINLING_RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "YINLING_VOSK_MODEL": str(model),
            "YINLING_IVR_LISTEN_HOST": "127.0.0.1",
            "YINLING_IVR_NET_INTERFACE": "127.0.0.1",
            "YINLING_IVR_SIP_PORT": str(port),
            "YINLING_IVR_RTP_PORTS": RTP_PORTS,
            "YINLING_IVR_MAX_CALLS": str(CALLS),
            "YINLING_IVR_ALARM_RESERVE": str(RESERVE),
            "YINLING_IVR_AGENTS": AGENT,
            "YINLING_IVR_OUTBOUND_PROXY": f"127.0.0.1:{trunk}",
        }
        here = IvrSettings(listen_host="127.0.0.1", sip_port=port)
        log = folder / "ivr.log"
        argv = [sys.executable, "-m", "yinling", "ivr"]
        line = Process("ivr", spawn(argv, log, environment), lambda: is_well(here, 0.3), log)
        agent = BaresipPhone(folder, AGENT, answers=True, port=trunk, also=[OWN_PHONE, CONSOLE])
        rasa = Forward(rasa_port, rasa_url)
        url = environment["DATABASE_URL"]
        opened = cls(theatre, line, port, rasa, agent, folder, url)
        with agent, rasa:
            try:
                opened.start_line()
                yield opened
            finally:
                line.kill()

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.theatre.sessions

    def start_line(self) -> None:
        """Start the line (again)."""
        self.line.up()
        wait(self.line.ready, self.line.last_words, 60)

    def begin(self, now: datetime) -> None:
        """A new story: the town as it was at first, at this moment (aware)."""
        self._start_again()  # who missed the database only when it was back
        # The line looks for calls to make meanwhile: emptying tables may lock each other out.
        once_more(lambda: self.theatre.set_up(now))
        self._agent_rung = self._rings()

    def rest(self) -> None:
        """Nobody talks or is rung any more, and every call has its record."""
        self.agent.command("hangup")
        wait(lambda: not self._on(), lambda: f"calls go on: {self._on()}\n{self.line.last_words()}")

    def _on(self) -> list[tuple[int, str | None]]:
        with self.sessions() as session:
            on = select(Call.id, Call.number).where(Call.ended_at.is_(None))
            return [(row.id, row.number) for row in session.execute(on)]

    @contextmanager
    def caller(self, number: str, folder: Path) -> Iterator[Caller]:
        """Somebody with a telephone of this number, in arm's reach of the line."""
        with BaresipPhone(folder, number) as phone:
            yield Caller(phone, f"sip:96993@127.0.0.1:{self.port}", self.sessions)

    def at_home(self, number: str = OWN_PHONE) -> Caller:
        """Somebody beside the telephone that the line rings."""
        return Caller(self.agent, "", self.sessions, number)

    def own_phone(self, elder: str, number: str = OWN_PHONE) -> str:
        """The elder (`李桂兰/莞城`) has a telephone of this number."""
        with self._work() as work:
            account = Account(channel="phone", identifier=number)
            work.session.add(account)
            work.session.flush()
            elder_id = elder_id_of(work.session, elder)
            work.session.add(
                Link(account_id=account.id, elder_id=elder_id, relation="self", may_see_health=True)
            )
        return number

    def bell_of(self, elder: str) -> str:
        """The number of an elder's bell."""
        with self.sessions() as session:
            number = session.get_one(Elder, elder_id_of(session, elder)).bell_number
        assert number is not None
        return number

    def agent_rings(self) -> None:
        """Until the agents' telephone rings, in this story."""
        wait(
            lambda: self._rings() > self._agent_rung,
            lambda: f"no agent is rung:\n{self.line.last_words()}",
        )

    def sits_at_console(self, name: str) -> None:
        """An agent has the centre open on the screen, and the telephone CONSOLE beside it."""
        with self._work() as work:
            user = make_console_user(work, "linhe", name, "a long enough word", Role.AGENT)
            give_telephone(work, user.login, CONSOLE)
            seen_at_console(work, user.id)

    def console_rings(self) -> None:
        """Until that telephone rings."""
        wait(
            lambda: any(
                CONSOLE in str(one.get("accountaor")) for one in self.agent.events("CALL_INCOMING")
            ),
            lambda: f"nobody at the console is rung:\n{self.line.last_words()}",
        )

    def _rings(self) -> int:
        rung = self.agent.events("CALL_ESTABLISHED")  # it answers by itself
        return sum(AGENT in str(one.get("accountaor")) for one in rung)

    # -- people, and what became of what they said -------------------------------------------------

    def worker(self, name: str) -> Phone:
        """A worker with WeChat."""
        phone = self.theatre.stage.phone(name)
        with self._work() as work:
            worker_id = worker_id_of(work.session, name)
            account = Account(channel="wechat", identifier=phone.openid, worker_id=worker_id)
            work.session.add(account)
        phone.say("你好")
        return phone

    def daughter(self, name: str, of: str) -> Phone:
        """An elder's daughter with WeChat."""
        phone = self.theatre.stage.phone(name)
        with self._work() as work:
            account = Account(channel="wechat", identifier=phone.openid, name=name)
            work.session.add(account)
            work.session.flush()
            elder_id = elder_id_of(work.session, of)
            work.session.add(Link(account_id=account.id, elder_id=elder_id, relation="daughter"))
        phone.say("你好")
        return phone

    def elder_id(self, name: str) -> int:
        with self.sessions() as session:
            return elder_id_of(session, name)

    def orders(self) -> list[Order]:
        """All, oldest first."""
        return self._all(Order)

    def incidents(self) -> list[Incident]:
        """All, oldest first."""
        return self._all(Incident)

    def tickets(self) -> list[str]:
        """Their kinds, oldest first."""
        return [ticket.kind for ticket in self._all(Ticket)]

    def sounds_of(self, speech: str) -> list[bytes]:
        """The line's own sound of a sentence, clause by clause, at its usual pace."""
        return [self.voice.say(clause) for clause in self.voice.clauses(speech)]

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """Nobody reaches the database meanwhile. Processes that cannot live without it are started
        again afterwards, as everywhere."""
        try:
            with Unreachable(self.database_url):
                yield
        finally:
            self._start_again()

    def _start_again(self) -> None:
        for process in self.theatre.stage.house.processes:
            if process.popen is not None and process.popen.poll() is not None:
                process.up()
        self.theatre.stage.house.wait()

    @contextmanager
    def without_rasa(self) -> Iterator[None]:
        """Nobody understands sentences meanwhile."""
        self.rasa.__exit__()
        try:
            yield
        finally:
            self.rasa.__enter__()

    def _all(self, model: type[Row]) -> list[Row]:
        with self.sessions() as session:
            return list(session.scalars(select(model).order_by(model.id)))  # type: ignore[attr-defined]

    def _work(self) -> AbstractContextManager[Work]:
        return unit_of_work(self.sessions, now=self.theatre.stage.now())
