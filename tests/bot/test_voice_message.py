"""Somebody speaks into WeChat: fetched over HTTP, listened to, told back, answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from backend import clock
from backend.db.models import Account, Elder, Incident, Link, Message, Ticket
from backend.jobs.queue import URGENT
from bot.callback import callback_blueprint
from bot.client import WeChatClient
from bot.errors import TransportError
from bot.inbox import Inbox
from bot.lifeboat import Lifeboat
from bot.settings import WeChatSettings
from bot.voice_message import AT_ONCE, FETCH_FOR, VoiceMessages
from ivr.sound import decoded
from nlu.dialogue.turns import Alternative
from nlu.expected import Expected, Slot
from nlu.understand import Understander
from tests.ivr.lines import Guesses
from tests.standin.wechat import Phone, WeChatStandIn
from tests.standin.wechat.amr import amr, silent_speex

GET = "/cgi-bin/media/get"
SPOKEN = amr((3000 * np.sin(np.arange(2 * 8000) / 3)).astype("<i2"))


@dataclass
class ScriptedEars:
    """Reads the sound as the real ones do; hears what the story says."""

    hears: list[Alternative] = field(default_factory=list)
    lengths_s: list[float] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    breaks: bool = False

    def __call__(self, sound: bytes, expected: Expected) -> Sequence[Alternative]:
        self.lengths_s.append(round(len(decoded(sound)) / 8000, 1))
        self.expected.append(expected)
        if self.breaks:
            raise RuntimeError("the model is gone")
        return self.hears


@dataclass
class House:
    """The web process, and the jobs that the worker process would do."""

    wechat: WeChatStandIn
    sessions: sessionmaker[Session]
    inbox: Inbox
    ears: ScriptedEars
    guesses: Guesses

    def jobs(self) -> list[tuple[str, dict[str, Any], int]]:
        """Those not yet done: name, arguments, priority; whoever asks does them."""
        with self.sessions() as session, session.begin():
            rows = session.execute(
                text("DELETE FROM procrastinate_jobs RETURNING task_name, args, priority")
            )
            return [(name, args, priority) for name, args, priority in rows]

    def does_its_jobs(self) -> None:
        while jobs := [one for one in self.jobs() if one[0] in ("answer_message", "push_answer")]:
            for name, args, _ in jobs:
                do = {
                    "answer_message": self.inbox.answer_held,
                    "push_answer": self.inbox.push_answer,
                }
                do[name](**args)

    def message(self) -> Message:
        with self.sessions() as session:
            return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()

    def all(self, model: type[Any]) -> list[Any]:
        with self.sessions() as session:
            return list(session.scalars(select(model)))


@pytest.fixture
def wechat() -> Iterator[WeChatStandIn]:
    with WeChatStandIn() as standin:
        yield standin


@pytest.fixture
def house(engine: Engine, wechat: WeChatStandIn, tmp_path: Any) -> Iterator[House]:
    with engine.connect() as connection:
        connection.begin()
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint")
        settings = WeChatSettings(**wechat.settings())
        client, ears, guesses = WeChatClient(settings), ScriptedEars(), Guesses()
        inbox = Inbox(sessions, Understander(guesses), client, ears)
        app = Flask("web")
        app.register_blueprint(callback_blueprint(settings, inbox, client, Lifeboat(tmp_path)))
        server = make_server("127.0.0.1", 0, app)
        serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        wechat.callback = f"http://127.0.0.1:{server.server_port}/wechat"
        yield House(wechat, sessions, inbox, ears, guesses)
        server.shutdown()
        serving.join()
        server.server_close()
        client.close()


@pytest.fixture
def daughter(house: House) -> Phone:
    phone = house.wechat.phone("王芳")
    with house.sessions() as session, session.begin():
        account = Account(channel="wechat", identifier=phone.openid)
        session.add(account)
        session.flush()
        mother = session.scalars(select(Elder.id).where(Elder.name == "李桂兰").limit(1)).one()
        session.add(Link(account_id=account.id, elder_id=mother, relation="daughter"))
    return phone


def heard(*hearings: tuple[str, float]) -> list[Alternative]:
    return [Alternative(*one) for one in hearings]


def test_her_words_are_told_back_before_their_answer(house: House, daughter: Phone) -> None:
    house.ears.hears = heard(("我的补贴还剩多少", 0.7), ("我的不贴还剩多少", 0.3))
    pushed = daughter.voice(SPOKEN)
    assert pushed.statuses == [200] and pushed.reply is None
    house.does_its_jobs()
    answer = daughter.wait_for("听到")
    assert answer.text.startswith("听到：“我的补贴还剩多少”") and "元" in answer.text
    assert len(daughter.inbox()) == 1
    said = house.message().said
    assert said["text"] == "我的补贴还剩多少" and len(said["heard"]) == 2


def test_what_makes_sense_here_is_told_back_and_not_what_was_trusted_most(
    house: House, daughter: Phone
) -> None:
    house.ears.hears = heard(("查一下钉单", 0.5), ("查一下订单", 0.45))
    daughter.voice(SPOKEN)
    house.does_its_jobs()
    assert daughter.wait_for("听到").text.startswith("听到：“查一下订单”")
    assert house.message().said["text"] == "查一下订单"


def test_the_ears_know_what_was_asked(house: House, daughter: Phone) -> None:
    daughter.say("明天中午送一份午餐")
    house.ears.hears = heard(("好的", 1.0))
    daughter.voice(SPOKEN)
    house.does_its_jobs()
    (expected,) = house.ears.expected
    assert expected.is_question and Slot.YES_NO in expected.slots


def test_sixteen_kilohertz_goes_first_and_the_narrow_one_where_it_fails(
    house: House, daughter: Phone
) -> None:
    house.ears.hears = heard(("查一下订单", 1.0))
    daughter.voice(SPOKEN, wide=silent_speex(5.0))
    house.does_its_jobs()
    daughter.voice(SPOKEN, wide=b"of a kind we do not know")
    house.does_its_jobs()
    assert house.ears.lengths_s == [5.0, 2.0]
    assert len([one for one in daughter.inbox() if "查一下订单" in one.text]) == 2


def test_a_cry_for_help_rings_before_anything_is_answered(house: House, daughter: Phone) -> None:
    house.guesses.away = True
    house.ears.hears = heard(("救命啊", 0.9), ("就命啊", 0.1))
    daughter.voice(SPOKEN)
    ((name, args, priority),) = house.jobs()
    assert (name, priority) == ("answer_message", URGENT)
    house.inbox.answer_held(**args)
    (incident,) = house.all(Incident)
    assert "救命啊" in incident.words


def test_delivered_three_times_it_is_listened_to_once(house: House, daughter: Phone) -> None:
    house.ears.hears = heard(("查一下订单", 1.0))
    daughter.voice(SPOKEN, copies=3)
    house.does_its_jobs()
    house.inbox.answer_held(house.message().id)
    house.does_its_jobs()
    assert len(house.ears.lengths_s) == 1 and len(daughter.inbox()) == 1


def test_wechat_busy_for_a_while_loses_nothing(house: House, daughter: Phone) -> None:
    house.ears.hears = heard(("查一下订单", 1.0))
    house.wechat.fail(GET, http_status=502, times=3)
    daughter.voice(SPOKEN)
    ((_, args, _),) = house.jobs()
    with pytest.raises(TransportError):  # the job is tried again
        house.inbox.answer_held(**args)
    assert house.message().state == "received" and daughter.inbox() == []
    house.inbox.answer_held(**args)
    house.does_its_jobs()
    assert daughter.wait_for("查一下订单")


def test_rasa_away_is_waited_for_without_listening_twice(house: House, daughter: Phone) -> None:
    house.ears.hears = heard(("查一下订单", 1.0))
    house.guesses.away = True
    daughter.voice(SPOKEN)
    ((_, args, _),) = house.jobs()
    house.inbox.answer_held(**args)
    assert house.message().state == "held"
    house.guesses.away = False
    house.does_its_jobs()
    assert daughter.wait_for("查一下订单") and len(house.ears.lengths_s) == 1


def test_what_could_not_be_fetched_in_time_is_asked_for_again(
    house: House, daughter: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.wechat.fail(GET, http_status=502, times=30)
    daughter.voice(SPOKEN)
    late = datetime.now(UTC) + FETCH_FOR + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    house.does_its_jobs()
    assert "没听清" in daughter.wait_for("语音").text


@pytest.mark.parametrize("sound", [b"", b"#!AMR\n", b"#!SILK_V3", bytes(3_000_000)])
def test_what_cannot_be_heard_is_answered_with_a_way_on(
    house: House, daughter: Phone, sound: bytes
) -> None:
    daughter.voice(sound)
    house.does_its_jobs()
    answer = daughter.wait_for("没听清").text
    assert "没看到字" not in answer
    assert "打字" in answer and "人工" in answer
    assert house.ears.expected == []


def test_silence_is_answered_the_same_way(house: House, daughter: Phone) -> None:
    daughter.voice(SPOKEN)
    house.does_its_jobs()
    assert "没听清" in daughter.wait_for("语音").text


def test_after_three_days_the_sound_is_gone_and_she_is_asked_again(
    house: House, daughter: Phone
) -> None:
    daughter.voice(SPOKEN)
    house.wechat.advance(3 * 86400 + 1)
    house.wechat.account.users.open_by_message(house.wechat.account.users.get(daughter.openid))
    house.does_its_jobs()
    assert "没听清" in daughter.wait_for("语音").text


def test_broken_ears_bring_a_human(house: House, daughter: Phone) -> None:
    house.ears.breaks = True
    daughter.voice(SPOKEN)
    house.does_its_jobs()
    assert "同事" in daughter.wait_for("没办好").text
    assert [ticket.kind for ticket in house.all(Ticket)] == ["handover"]


def test_what_wechat_has_recognised_itself_is_answered_on_the_spot(
    house: House, daughter: Phone
) -> None:
    reply = daughter.voice(SPOKEN, recognised="查一下订单").reply
    assert reply is not None and "听到" not in reply
    assert house.ears.lengths_s == []


def test_without_ears_it_is_said_at_once_that_nothing_was_heard(
    house: House, daughter: Phone
) -> None:
    house.inbox._voices = VoiceMessages(house.inbox._client, None)
    reply = daughter.voice(SPOKEN).reply
    assert reply is not None and "人工" in reply


def test_only_so_many_are_listened_to_at_a_time_and_none_twice() -> None:
    voices = VoiceMessages(WeChatClient(WeChatSettings()), ScriptedEars())
    with voices.turn(1) as first, voices.turn(1) as again, voices.turn(2) as second:
        assert (first, again, second) == (True, False, True)
        assert AT_ONCE == 2
        with voices.turn(3) as third:
            assert not third
    with voices.turn(1) as later:
        assert later
