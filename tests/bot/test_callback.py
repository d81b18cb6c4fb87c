"""Whoever knocks at our callback: WeChat is let in, everyone else is refused with the right
status, and no refusal is logged with anything a person wrote."""

import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from bot.at_once import AtOnce
from bot.callback import callback_blueprint
from bot.errors import TransportError
from bot.inbox import NOTHING, Answer
from bot.lifeboat import Lifeboat
from bot.settings import WeChatSettings
from bot.xml import Incoming
from tests.standin.wechat.delivery import signature, to_xml

TOKEN = "yinling"
WORDS = "明天中午给我妈订一份午餐"


class Desk:
    """Takes messages in the inbox's place and remembers them."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.answer: Answer | Exception = Answer(7, "好的")
        self.marked: list[tuple[int, str]] = []
        self.missed: list[int] = []
        self.left_s = 0.0

    def receive(self, incoming: Incoming, deadline: float) -> Answer:
        self.taken.append(incoming)
        self.left_s = deadline - time.monotonic()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def mark_sent(self, message_id: int, by: str) -> None:
        self.marked.append((message_id, by))

    def missed_the_line(self, message_id: int) -> None:
        self.missed.append(message_id)


class Messenger:
    """Carries customer-service messages, or fails to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send_text(self, openid: str, text: str, client_msg_id: str | None = None) -> None:
        if openid == "o-gone":
            raise TransportError(43004, "unfollowed")
        self.sent.append((openid, text))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def messenger() -> Messenger:
    return Messenger()


@pytest.fixture
def lifeboat(tmp_path: Path) -> Lifeboat:
    return Lifeboat(tmp_path)


@pytest.fixture
def web(desk: Desk, messenger: Messenger, lifeboat: Lifeboat) -> FlaskClient:
    app = Flask("callback")
    settings = WeChatSettings(app_id="wx1", app_secret="s", token=TOKEN)
    app.register_blueprint(callback_blueprint(settings, desk, messenger, lifeboat))
    return app.test_client()


def signed(**changes: str) -> dict[str, str]:
    query = {"timestamp": str(int(time.time())), "nonce": "n1", **changes}
    query.setdefault("signature", signature(TOKEN, query["timestamp"], query["nonce"]))
    return query


def message(text: str = WORDS, msg_id: int = 1) -> str:
    return to_xml(
        {
            "ToUserName": "gh_1",
            "FromUserName": "o-wang-fang",
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": text,
            "MsgId": msg_id,
        }
    )


def test_wechat_tries_our_address_out(web: FlaskClient) -> None:
    answer = web.get("/wechat", query_string={**signed(), "echostr": "31415"})
    assert (answer.status_code, answer.text) == (200, "31415")
    assert web.get("/wechat", query_string=signed(signature="0" * 40)).status_code == 403


def test_a_message_is_answered_on_the_same_connection_and_then_marked(
    web: FlaskClient, desk: Desk
) -> None:
    answer = web.post("/wechat", query_string=signed(), data=message())
    assert answer.status_code == 200 and "好的" in answer.text
    assert desk.marked == []
    answer.close()  # the bytes have left
    assert desk.taken[0].text == WORDS and desk.marked == [(7, "passive")]
    assert desk.left_s > 0 and desk.missed == []


def test_a_message_that_waited_its_turn_for_long_is_not_taken_for_answered(
    web: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic

    class Queue:
        """Everybody before us takes ten seconds together."""

        def __enter__(self) -> None:
            monkeypatch.setattr(time, "monotonic", lambda: now() + 10)

        def __exit__(self, *_: object) -> None:
            pass

    busy = AtOnce(web.application.wsgi_app, 1, "/feed")
    busy._turns = Queue()
    web.application.wsgi_app = busy
    web.post("/wechat", query_string=signed(), data=message()).close()
    assert desk.left_s < 0, "its answer is pushed"
    assert desk.missed == [7] and desk.marked == []


def test_nothing_to_say_is_success(web: FlaskClient, desk: Desk) -> None:
    desk.answer = NOTHING
    assert web.post("/wechat", query_string=signed(), data=message()).text == "success"
    assert desk.marked == []


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    "<xml><FromUserName>&b;</FromUserName></xml>"
)


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ({"signature": "0" * 40}, message(), 403),
        ({"signature": ""}, message(), 403),
        ({"timestamp": str(int(time.time()) - 3600)}, message(), 403),
        ({"timestamp": "soon"}, message(), 403),
        ({}, "<xml><unfinished", 400),
        ({}, "", 400),
        ({}, "<xml></xml>", 400),
        ({}, BOMB, 400),
        ({}, message("好" * 70_000), 413),
    ],
)
def test_whoever_is_not_wechat_is_refused_in_silence(
    web: FlaskClient,
    desk: Desk,
    capfd: pytest.CaptureFixture[str],
    query: dict[str, str],
    body: str,
    status: int,
) -> None:
    answer = web.post("/wechat", query_string=signed(**query), data=body.encode())
    assert (answer.status_code, answer.text) == (status, "")
    assert desk.taken == []
    out, err = capfd.readouterr()
    assert WORDS not in out + err and "wang-fang" not in out + err


def test_without_the_database_words_are_kept_and_a_cry_reaches_those_on_duty(
    web: FlaskClient, desk: Desk, messenger: Messenger, lifeboat: Lifeboat
) -> None:
    desk.answer = OperationalError("INSERT", {}, Exception("the server is gone"))
    lifeboat.remember_duty(["o-gone", "o-agent"])
    assert "维护" in web.post("/wechat", query_string=signed(), data=message()).text
    cry = message("救命啊我摔倒了", msg_id=2)
    for _ in range(3):  # WeChat sends it again; it rings once
        assert "120" in web.post("/wechat", query_string=signed(), data=cry).text
    assert [openid for openid, _ in messenger.sent] == ["o-agent"]
    assert [incoming.text for _, incoming in lifeboat.kept()] == [WORDS, "救命啊我摔倒了"]


def test_the_lifeboat_keeps_each_message_once_and_whole(lifeboat: Lifeboat, web, desk) -> None:
    web.post("/wechat", query_string=signed(), data=message("带\U0001f642表情"))
    incoming = desk.taken[0]
    assert lifeboat.keep(incoming) and not lifeboat.keep(incoming)
    ((path, kept),) = lifeboat.kept()
    assert kept == incoming
    path.unlink()
    assert list(lifeboat.kept()) == []
    assert lifeboat.duty() == []


def test_a_file_that_cannot_be_read_keeps_nobody_waiting(
    lifeboat: Lifeboat, web: FlaskClient, desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "messages"
    (folder / "00000000000000-torn.json").write_text("{torn")
    (folder / "00000000000001-old.json").write_text('{"source_id": "from an older version"}')
    web.post("/wechat", query_string=signed(), data=message())
    lifeboat.keep(desk.taken[0])
    assert [incoming.text for _, incoming in lifeboat.kept()] == [WORDS]
    assert len(list(folder.glob("*.aside"))) == 2
