"""What is said follows what is written down; no sockets here."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.databases import make_engine, make_sessions
from backend.db.models import Account, Elder, Incident, Link, Ticket
from backend.seed.town import Seeded
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from ivr import line as line_module
from ivr.caller import number_of, who_rings
from ivr.endpoint import CallEnded
from ivr.health import is_well
from ivr.line import Line
from ivr.ring_back import NEWS
from ivr.settings import IvrSettings
from ivr.voice import Voice
from ivr.writing import Written, write_down
from nlu.prompts import prompt_ids, say
from ops.processes import free_port


class Aloud(Voice):
    """A voice whose PCM is the text itself."""

    def __init__(self) -> None:
        super().__init__(Path())

    def say(self, text: str) -> bytes:
        return text.encode()


class PaperCall:
    """A call on paper: keeps what was said; the caller may hang up after so many sentences."""

    def __init__(self, patience: int = 99) -> None:
        self.id, self.caller, self.keys = "call-1", "sip:13700137000@pbx", list[str]()
        self.said: list[str] = []
        self.hung_up = False
        self.breathing = threading.Event()
        self._patience = patience

    async def answer(self) -> None:
        pass

    async def play(self, pcm: bytes) -> None:
        if len(self.said) == self._patience:
            raise CallEnded
        self.said.append(pcm.decode())
        await asyncio.sleep(0.01)

    async def pause(self, seconds: float) -> None:
        self.breathing.set()
        await asyncio.sleep(0.15)

    async def hang_up(self) -> None:
        self.hung_up = True


def take(call: PaperCall, write: Callable[[str, str], Written]) -> None:
    asyncio.run(Line(Aloud(), write).take(call))  # type: ignore[arg-type]


@pytest.mark.parametrize("written", [Written.TICKET, Written.INCIDENT, Written.NO_NUMBER])
def test_the_news_is_said_twice_between_hello_and_goodbye(written: Written) -> None:
    call = PaperCall()
    take(call, lambda *_: written)
    news = say(NEWS[written]).speech
    assert call.said[1:-1] == [news, news]
    assert call.said[0] == say("line.greeting").speech
    assert call.hung_up


def test_nobody_is_promised_a_call_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_module, "RETRY_S", (0.01,))
    call, attempts = PaperCall(), list[str]()

    def write(call_id: str, _: str) -> Written:
        attempts.append(call_id)
        if len(attempts) == 1:
            raise ConnectionError("the database is away")
        assert call.breathing.wait(5)  # it is back between the first news and the second
        return Written.TICKET

    take(call, write)
    assert attempts == ["call-1", "call-1"]
    # Away when it was said first, back when it was said again.
    assert call.said[1:3] == [say("line.not_written").speech, say("line.ring_back").speech]


def test_a_caller_who_hangs_up_at_once_is_written_down_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_module, "RETRY_S", (0.01,))
    fates = [ConnectionError(), ConnectionError(), Written.TICKET]

    def write(*_: str) -> Written:
        fate = fates.pop(0)
        if isinstance(fate, Exception):
            raise fate
        return fate

    call = PaperCall(patience=0)
    take(call, write)
    assert fates == []
    assert call.said == []


def test_a_bell_is_written_down_even_if_the_telephone_itself_fails() -> None:
    class Broken(PaperCall):
        async def answer(self) -> None:
            raise RuntimeError("the stack is upset")

    rung: list[str] = []

    def write(call_id: str, _: str) -> Written:
        time.sleep(0.1)  # the telephone has failed by now
        rung.append(call_id)
        return Written.INCIDENT

    take(Broken(), write)
    assert rung == ["call-1"]


def test_danger_is_told_to_dial_120_and_every_state_has_words() -> None:
    assert set(NEWS) == set(Written)
    assert set(NEWS.values()) <= prompt_ids()
    for written in set(Written) - {Written.INCIDENT}:  # a bell cannot dial
        assert "幺二零" in say(NEWS[written]).speech


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("sip:13800138000@10.0.0.1:5060;user=phone", "13800138000"),
        ('"Wang" <sip:+8613800138000@trunk>', "13800138000"),
        ("<tel:+86-769-2211-2345>", "076922112345"),
        ("sip:008613800138000@pbx", "13800138000"),
        ("sip:8613800138000@pbx", "13800138000"),
        ("sip:%2B8613800138000@pbx", "13800138000"),
        ("sip:076922112345@pbx", "076922112345"),
        ("sip:+85221234567@pbx", "+85221234567"),
        ("sip:1001@pbx", "1001"),
        ("sip:anonymous@anonymous.invalid", None),
        ("sip:@pbx", None),
        ("", None),
    ],
)
def test_numbers_are_read_however_the_network_writes_them(address: str, number: str | None) -> None:
    assert number_of(address) == number


def test_the_elder_is_found_by_bell_contact_and_account(work: Work, seeded: Seeded) -> None:
    li = work.get(Elder, seeded.li_guilan)
    li.bell_number = "076912345678"
    account = Account(channel="phone", identifier="13600136000")
    work.session.add(account)
    work.session.flush()
    work.session.add(Link(account_id=account.id, elder_id=li.id, relation="self"))
    work.session.flush()

    assert who_rings(work, "076912345678").bell_of is li
    assert {elder.id for elder in who_rings(work, seeded.wang_fang_phone).elders} == {
        seeded.li_guilan,
        seeded.wang_jianguo,
    }
    herself = who_rings(work, "13600136000")
    assert herself.elders == (li,)
    assert herself.account is account
    stranger = who_rings(work, "13911112222")
    assert stranger.elders == ()
    assert stranger.bell_of is None


def test_a_call_is_written_once_and_a_bell_that_rings_again_joins_its_incident(
    own_database: Callable[[], str], seeded: Seeded
) -> None:
    engine = make_engine(own_database())
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as work:
        work.get(Elder, seeded.li_guilan).bell_number = "076912345678"
        account = Account(channel="phone", identifier="13600136000")
        work.session.add(account)
        work.session.flush()
        link = Link(account_id=account.id, elder_id=seeded.li_guilan, relation="self")
        work.session.add(link)

    for call_id in ("a", "a", "b"):
        assert write_down(sessions, call_id, "sip:076912345678@pbx") is Written.INCIDENT
        assert write_down(sessions, call_id, "sip:13600136000@pbx") is Written.TICKET
    assert write_down(sessions, "c", "sip:anonymous@pbx") is Written.NO_NUMBER

    with sessions() as session:
        incident = session.scalars(select(Incident)).one()
        assert [event.step for event in incident.events].count("said") == 1
        tickets = session.scalars(select(Ticket)).all()
        assert [ticket.elder_id for ticket in tickets] == [seeded.li_guilan] * 2
        assert {ticket.account_id for ticket in tickets} == {account.id}
    engine.dispose()


def test_a_line_that_is_not_there_is_not_well() -> None:
    nobody = IvrSettings(listen_host="127.0.0.1", sip_port=free_port())
    assert not is_well(nobody, patience_s=0.2)


def test_as_many_ports_as_calls_or_the_line_does_not_start() -> None:
    with pytest.raises(ValueError, match="need 120 RTP ports"):
        IvrSettings(max_calls=50, rtp_ports="10000-10118")
    with pytest.raises(ValueError, match="is written"):
        IvrSettings(rtp_ports="many")
    assert IvrSettings(registrar="").registrar is None
