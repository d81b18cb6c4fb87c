"""The stand-in keeps WeChat's rules, or what we prove against it would prove nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from bot import xml
from bot.crypto import CallbackCrypto
from bot.errors import CallbackRefused
from bot.settings import WeChatSettings
from bot.xml import Incoming
from tests.standin.wechat import Phone, WeChatStandIn
from tests.standin.wechat.delivery import OUT_OF_ORDER
from tests.standin.wechat.limits import FIELD_RULES, check_menu, check_template_data
from tests.standin.wechat.refusal import Refused
from tests.waiting import eventually

HTTP = httpx.Client(trust_env=False, verify=False)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class EchoBot:
    """The smallest bot: keeps what it is told, and answers with ``answer(incoming)``."""

    def __init__(self, wechat: WeChatStandIn) -> None:
        self.heard: list[Incoming] = []
        self.answer: Callable[[Incoming], str | None] = lambda incoming: f"听到：{incoming.text}"
        self.refusals: list[str] = []
        self._crypto = CallbackCrypto(WeChatSettings(**wechat.settings()))
        app = Flask("echo")
        app.add_url_rule("/wechat", view_func=self._verify, methods=["GET"])
        app.add_url_rule("/wechat", "take", self._take, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/wechat"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self, name: str) -> list[Incoming]:
        return [incoming for incoming in self.heard if incoming.event == name]

    def _verify(self) -> str:
        self._crypto.verify(request.args)
        return request.args["echostr"]

    def _take(self) -> Response:
        try:
            opened = self._crypto.open(request.args, request.get_data())
            incoming = xml.parse(opened.xml)
        except CallbackRefused as refusal:
            self.refusals.append(str(refusal))
            return Response("", refusal.status)
        self.heard.append(incoming)
        words = None if incoming.event == "TEMPLATESENDJOBFINISH" else self.answer(incoming)
        if words is None:
            return Response(xml.SUCCESS)
        reply = xml.text_reply(incoming, words, datetime.now(UTC))
        return Response(self._crypto.seal(opened, reply), content_type="text/xml")


@pytest.fixture(params=[None, AES_KEY], ids=["plain", "safe"])
def wechat(request: pytest.FixtureRequest) -> Iterator[WeChatStandIn]:
    with WeChatStandIn(aes_key=request.param, retry_pause_s=0.05) as standin:
        yield standin


@pytest.fixture
def bot(wechat: WeChatStandIn) -> Iterator[EchoBot]:
    echo = EchoBot(wechat)
    wechat.callback = echo.url
    yield echo
    echo.close()


@pytest.fixture
def daughter(wechat: WeChatStandIn) -> Phone:
    return wechat.phone("王芳")


def call(wechat: WeChatStandIn, path: str, body: dict | None = None, **query: str) -> dict:
    query.setdefault("access_token", token(wechat))
    url = wechat.base_url + path
    if body is None:
        return HTTP.get(url, params=query).json()
    content = json.dumps(body, ensure_ascii=False).encode()
    return HTTP.post(url, params=query, content=content).json()


def token(wechat: WeChatStandIn, **more: object) -> str:
    return stable(wechat, **more)["access_token"]


def stable(wechat: WeChatStandIn, **more: object) -> dict:
    wish = {"grant_type": "client_credential", "appid": wechat.app_id, "secret": wechat.secret}
    url = f"{wechat.base_url}/cgi-bin/stable_token"
    return HTTP.post(url, json=wish | more).json()


def send_text(wechat: WeChatStandIn, openid: str, text: str = "您好", **query: str) -> int:
    message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    return call(wechat, "/cgi-bin/message/custom/send", message, **query)["errcode"]


def send_template(wechat: WeChatStandIn, openid: str, **more: object) -> dict:
    message = {"touser": openid, "template_id": "t1", "data": {"thing1": {"value": "午餐"}}}
    return call(wechat, "/cgi-bin/message/template/send", message | more)


# -- what people do ----------------------------------------------------------------------------


def test_a_sentence_reaches_the_bot_and_the_answer_the_phone(bot, daughter):
    pushed = daughter.say("明天中午给我妈订一份午餐😀")
    assert pushed.reply == "听到：明天中午给我妈订一份午餐😀"
    (message,) = daughter.inbox()
    assert (message.via, message.text) == ("reply", pushed.reply)
    assert bot.heard[0].source_id == str(pushed.msg_id)


def test_the_address_is_tried_out_when_it_is_entered(bot, wechat):
    assert wechat.account.delivery.verify_url()


def test_everything_a_person_can_do_arrives_as_what_it_is(bot, daughter):
    bot.answer = lambda _: None
    daughter.click("MENU_TODAY")
    daughter.locate(23.02, 113.75, "莞城街道")
    daughter.report_place(23.0, 113.7)
    daughter.voice(b"#!AMR\n", wide=b"speex")
    daughter.image(b"jpeg")
    daughter.push("link", fields={"Title": "新闻", "Url": "http://x.example"})
    daughter.scan("provider-17")
    daughter.unfollow()
    daughter.scan("provider-17")
    assert [heard.event or heard.kind for heard in bot.heard] == [
        "CLICK",
        "location",
        "LOCATION",
        "voice",
        "image",
        "link",
        "SCAN",
        "unsubscribe",
        "subscribe",
    ]
    assert bot.heard[0].event_key == "MENU_TODAY"
    assert (bot.heard[1].latitude, bot.heard[1].label) == (23.02, "莞城街道")
    assert bot.heard[3].media_id != bot.heard[3].media_id_16k
    assert bot.heard[6].event_key == "provider-17"
    assert bot.heard[8].event_key == "qrscene_provider-17"
    assert bot.heard[6].scene == bot.heard[8].scene


def test_a_kind_that_nobody_knows_yet_can_be_sent(bot, daughter):
    daughter.push("raw", fields={"MsgType": "hologram"})
    assert bot.heard[0].kind == "unknown"


def test_the_same_message_again_has_the_same_id(bot, daughter):
    first = daughter.say("订午餐")
    second = daughter.say("订午餐", again=first)
    assert first.msg_id == second.msg_id
    assert bot.heard[0].source_id == bot.heard[1].source_id


def test_copies_arrive_at_the_same_moment(bot, daughter):
    meeting = threading.Barrier(3)

    def together(_: Incoming) -> None:
        meeting.wait(10)

    bot.answer = together
    pushed = daughter.say("订午餐", copies=3)
    assert pushed.statuses == [200, 200, 200]
    assert len({heard.source_id for heard in bot.heard}) == 1


def test_many_people_speak_at_once_and_each_is_answered(bot, wechat):
    wechat.cut_after_s = 20
    phones = [wechat.phone(f"{number}号") for number in range(40)]
    with ThreadPoolExecutor(40) as pool:
        pushed = list(pool.map(lambda phone: phone.say("您好", copies=3), phones))
    assert [each.statuses for each in pushed] == [[200] * 3] * 40
    assert len({each.msg_id for each in pushed}) == 40
    assert all(len(phone.inbox()) == 3 for phone in phones)


def test_a_slow_bot_is_cut_off_and_told_again(bot, wechat, daughter):
    wechat.cut_after_s = 0.5

    def slow_at_first(incoming: Incoming) -> str:
        if len(bot.heard) == 2:
            wechat.cut_after_s = 60  # for the third
        if len(bot.heard) < 3:
            time.sleep(1)
        return "来了"

    bot.answer = slow_at_first
    pushed = daughter.say("在吗")
    assert pushed.statuses == [0, 0, 200]
    assert [message.text for message in daughter.inbox()] == ["来了"]
    assert len({heard.source_id for heard in bot.heard}) == 1


def test_a_bot_that_never_answers_is_asked_four_times_then_the_person_is_told(
    bot, wechat, daughter
):
    wechat.cut_after_s = 0.3
    bot.answer = lambda _: time.sleep(0.8)
    pushed = daughter.say("在吗")
    assert pushed.statuses == [0, 0, 0, 0]
    assert [message.text for message in daughter.inbox()] == [OUT_OF_ORDER]


def test_when_no_bot_runs_the_person_is_told_too(wechat, daughter):
    wechat.callback = "http://127.0.0.1:1/wechat"
    assert daughter.say("在吗").statuses == [0] * 4
    assert daughter.inbox()[0].via == "system"


@pytest.mark.parametrize(
    "answer",
    [
        "<xml>",
        "<xml><ToUserName>somebody else</ToUserName></xml>",
        "ok",
        "{}",
    ],
)
def test_an_answer_that_is_no_reply_is_out_of_order(answer, wechat, daughter):
    app = Flask("wrong")
    app.add_url_rule("/", view_func=lambda: answer, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    wechat.callback = f"http://127.0.0.1:{server.server_port}/"
    assert daughter.say("在吗").reply is None
    assert [message.text for message in daughter.inbox()] == [OUT_OF_ORDER]
    server.shutdown()
    server.server_close()


def test_a_bot_with_another_token_refuses_us(bot, wechat, daughter):
    wechat.account.delivery._token = "wrong"
    assert daughter.say("在吗").statuses == [403]
    assert bot.heard == []


# -- what the phone shows ----------------------------------------------------------------------


def test_waiting_ends_when_the_message_comes(bot, wechat, daughter):
    daughter.say("订午餐")
    daughter.unread()
    began = time.monotonic()
    threading.Timer(0.3, send_text, (wechat, daughter.openid, "食堂接单了")).start()
    assert daughter.wait_for("接单").via == "customer"
    assert 0.3 <= time.monotonic() - began < 30


def test_waiting_in_vain_says_what_came_instead(bot, daughter):
    daughter.say("订午餐")
    with pytest.raises(AssertionError, match="听到：订午餐"):
        daughter.wait_for("派单", timeout=0.2)


def test_messages_are_met_once_and_in_order(bot, wechat, daughter):
    daughter.say("一")
    daughter.say("二")
    assert daughter.wait_for("听到").text == "听到：一"
    assert [message.text for message in daughter.unread()] == ["听到：二"]
    assert daughter.unread() == []


def test_the_transcript_has_both_sides(bot, daughter):
    daughter.say("一")
    assert [(m.via, m.text) for m in daughter.inbox(sent=True)] == [
        ("sent", "一"),
        ("reply", "听到：一"),
    ]


def test_one_may_follow_all_chats(bot, wechat, daughter):
    daughter.say("一")
    wechat.phone("陈护士").say("二")
    lines = Phone.everyone(wechat.base_url)
    assert [line.text for line in lines] == ["一", "听到：一", "二", "听到：二"]
    assert Phone.everyone(wechat.base_url, after=lines[2].seq)[0].text == "听到：二"


def test_phones_do_not_see_each_other_s_messages(bot, wechat, daughter):
    nurse = wechat.phone("陈护士")
    daughter.say("一")
    assert nurse.inbox() == []


# -- windows, as other code than ours meets them -----------------------------------------------


def test_a_tap_on_a_menu_message_opens_only_a_minute(bot, wechat, daughter):
    daughter.say("好")
    menu = {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}]}
    message = {"touser": daughter.openid, "msgtype": "msgmenu", "msgmenu": menu}
    call(wechat, "/cgi-bin/message/custom/send", message)
    wechat.advance(48 * 3600 + 1)
    bot.answer = lambda _: None
    daughter.choose(daughter.wait_for("满意吗"), "满意")
    assert (bot.heard[-1].text, bot.heard[-1].menu_id) == ("满意", "1")
    assert send_text(wechat, daughter.openid) == 0
    wechat.advance(61)
    assert send_text(wechat, daughter.openid) == 45015


def test_a_follow_opens_three_and_an_unfollow_closes_all(bot, wechat):
    bot.answer = lambda _: None
    phone = wechat.phone("新用户", subscribed=False)
    assert send_text(wechat, phone.openid) == 45015
    phone.follow()
    assert [send_text(wechat, phone.openid) for _ in range(4)] == [0, 0, 0, 45047]
    phone.say("你好")
    phone.unfollow()
    assert send_text(wechat, phone.openid) == 45015


def test_a_passive_reply_does_not_count(bot, wechat, daughter):
    daughter.say("一")
    assert [send_text(wechat, daughter.openid) for _ in range(6)] == [0] * 5 + [45047]


# -- templates ---------------------------------------------------------------------------------


def test_the_bot_hears_what_became_of_a_template_message(bot, wechat, daughter):
    wechat.add_template("t1")
    sent = send_template(wechat, daughter.openid)
    daughter.change(blocks=True)
    blocked = send_template(wechat, daughter.openid)
    eventually(lambda: len(bot.events("TEMPLATESENDJOBFINISH")) == 2)
    outcome = {e.template_msg_id: e.status for e in bot.events("TEMPLATESENDJOBFINISH")}
    assert outcome == {
        str(sent["msgid"]): "success",
        str(blocked["msgid"]): "failed:user block",
    }
    assert len(daughter.inbox()) == 1


def test_a_client_msg_id_holds_for_ten_minutes_and_one_person(wechat, daughter):
    wechat.add_template("t1")
    nurse = wechat.phone("陈护士")
    for phone in (daughter, daughter, nurse):
        assert send_template(wechat, phone.openid, client_msg_id="n-1")["errcode"] == 0
    assert (len(daughter.inbox()), len(nurse.inbox())) == (1, 1)
    wechat.advance(601)
    send_template(wechat, daughter.openid, client_msg_id="n-1")
    assert len(daughter.inbox()) == 2


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("thing", "二十个以内的字，符号也算，123。", "一" * 21),
        ("phrase", "已接单", "已接单1"),
        ("phrase", "一二三四五", "一二三四五六"),
        ("character_string", "YL-20260304-007", "单号7"),
        ("character_string", "A" * 32, "A" * 33),
        ("number", "12.5", "十二"),
        ("letter", "ABC", "A1"),
        ("symbol", "!?", "a"),
        ("time", "15:01", "下午三点"),
        ("time", "2026年3月5日 11:30~12:30", "2026年"),
        ("date", "2026年3月5日", "明天"),
        ("date", "2026-03-05 11:30", "三月"),
        ("amount", "¥18.50", "十八块"),
        ("amount", "18元", "12345678901"),
        ("phone_number", "+86-0769-22112211", "请致电"),
        ("car_number", "粤S8Z888挂", "粤S8Z888挂挂挂"),
        ("name", "李奶奶", "一二三四五六七八九十一"),
        ("const", "送餐", "一" * 21),
        ("short_thing", "午餐", "一二三四五六"),
    ],
)
def test_every_field_type_has_its_limit(field, good, bad):
    assert field in FIELD_RULES
    assert check_template_data({f"{field}1": {"value": good}}, None) == {f"{field}1": good}
    with pytest.raises(Refused) as refusal:
        check_template_data({f"{field}1": {"value": bad}}, None)
    assert refusal.value.code == 47003


@pytest.mark.parametrize("value", ["", " ", None, 5, "两\n行"])
def test_no_field_is_empty_or_has_two_lines(value):
    with pytest.raises(Refused):
        check_template_data({"thing1": {"value": value}}, ["thing1"])


def test_first_and_remark_vanish_without_a_word(wechat, daughter):
    wechat.add_template("t1", "提醒", ["thing1"])
    data = {name: {"value": name} for name in ("first", "thing1", "remark", "thing9")}
    assert send_template(wechat, daughter.openid, data=data)["errcode"] == 0
    assert daughter.inbox()[0].text == "提醒\nthing1"


# -- tokens ------------------------------------------------------------------------------------


def test_asking_again_gives_the_same_token_until_the_last_five_minutes(wechat):
    first = token(wechat)
    wechat.advance(7200 - 310)
    assert token(wechat) == first
    wechat.advance(20)
    second = token(wechat)
    assert second != first
    assert call(wechat, "/cgi-bin/menu/get", access_token=first)["errcode"] == 46003
    wechat.advance(300)
    assert call(wechat, "/cgi-bin/menu/get", access_token=first)["errcode"] == 42001


def test_a_forced_refresh_kills_the_old_token_and_works_every_30_seconds(wechat):
    first = token(wechat)
    second = token(wechat, force_refresh=True)
    assert call(wechat, "/cgi-bin/menu/get", access_token=first)["errcode"] == 40001
    assert token(wechat, force_refresh=True) == second
    wechat.advance(31)
    assert token(wechat, force_refresh=True) != second


def test_twenty_forced_refreshes_a_day(wechat):
    for _ in range(20):
        assert "access_token" in stable(wechat, force_refresh=True)
        wechat.advance(31)
    assert stable(wechat, force_refresh=True)["errcode"] == 45009


def test_the_older_token_interface_leaves_the_former_token_five_minutes(wechat):
    query = {"appid": wechat.app_id, "secret": wechat.secret, "grant_type": "client_credential"}
    first, second = (
        call(wechat, "/cgi-bin/token", access_token="", **query)["access_token"] for _ in range(2)
    )
    for each in (first, second):
        assert call(wechat, "/cgi-bin/menu/get", access_token=each)["errcode"] == 46003
    wechat.advance(301)
    assert call(wechat, "/cgi-bin/menu/get", access_token=first)["errcode"] == 42001
    assert call(wechat, "/cgi-bin/menu/get", access_token=second)["errcode"] == 46003


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"appid": "wxother"}, 40013),
        ({"secret": "guess"}, 40125),
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
    ],
)
def test_a_token_is_given_to_the_owner_only(wish, code, wechat):
    assert stable(wechat, **wish)["errcode"] == code


@pytest.mark.parametrize(("given", "code"), [("", 41001), ("made-up", 40001), ("x" * 513, 40014)])
def test_a_call_needs_a_token(given, code, wechat, daughter):
    assert send_text(wechat, daughter.openid, access_token=given) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        (b'{"touser": "\\u4f60"}', 40033),
        (b'{"touser": "nobody"}', 40003),
        ("{'a': '你'}".encode("gb18030"), 47001),
    ],
)
def test_a_body_must_be_plain_utf_8_json(body, code, wechat):
    url = f"{wechat.base_url}/cgi-bin/message/custom/send"
    query = {"access_token": token(wechat)}
    answer = HTTP.post(url, params=query, content=body).json()
    assert answer["errcode"] == code
    assert "rid: " in answer["errmsg"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"msgtype": "dance"}, 40008),
        ({"msgtype": "text"}, 47001),
        ({"msgtype": "text", "text": {"content": " "}}, 44004),
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 47001),
        ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1"}]}}, 47001),
    ],
)
def test_a_customer_message_must_be_whole(message, code, bot, wechat, daughter):
    daughter.say("你好")
    body = {"touser": daughter.openid, **message}
    assert call(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == code


def test_a_picture_is_uploaded_and_shown(bot, wechat, daughter):
    daughter.say("你好")
    url = f"{wechat.base_url}/cgi-bin/media/upload"
    query = {"access_token": token(wechat), "type": "image"}
    files = {"media": ("a.jpg", b"jpeg", "image/jpeg")}
    media_id = HTTP.post(url, params=query, files=files).json()["media_id"]
    body = {"touser": daughter.openid, "msgtype": "image", "image": {"media_id": media_id}}
    assert call(wechat, "/cgi-bin/message/custom/send", body)["errcode"] == 0
    assert daughter.inbox()[-1].media_id == media_id


BUTTON = {"type": "click", "name": "订餐", "key": "MEAL"}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([BUTTON] * 4, 40016),
        ([BUTTON | {"name": "六个汉字的名"}], 40018),
        ([BUTTON | {"key": ""}], 40019),
        ([BUTTON | {"type": "view"}], 40020),
        ([BUTTON | {"type": "shout"}], 40017),
        ([{"name": "更多", "sub_button": [BUTTON] * 6}], 40023),
    ],
)
def test_a_menu_has_limits(buttons, code):
    with pytest.raises(Refused) as refusal:
        check_menu({"button": buttons})
    assert refusal.value.code == code


def test_a_menu_may_have_three_buttons_with_five_below():
    check_menu({"button": [BUTTON, BUTTON, {"name": "更多", "sub_button": [BUTTON] * 5}]})


def test_a_menu_is_put_up_shown_and_taken_down(wechat):
    assert call(wechat, "/cgi-bin/menu/create", {"button": [BUTTON]})["errcode"] == 0
    assert call(wechat, "/cgi-bin/menu/get")["menu"] == {"button": [BUTTON]}
    assert call(wechat, "/cgi-bin/menu/delete")["errcode"] == 0
    assert call(wechat, "/cgi-bin/menu/get")["errcode"] == 46003


def test_a_scanned_code_leads_to_its_scene_until_it_expires(bot, wechat, daughter):
    wish = {
        "expire_seconds": 600,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "elder-3"}},
    }
    ticket = call(wechat, "/cgi-bin/qrcode/create", wish)["ticket"]
    daughter.scan_ticket(ticket)
    assert bot.events("SCAN")[0].scene == "elder-3"
    wechat.advance(601)
    with pytest.raises(AssertionError, match="action info"):
        daughter.scan_ticket(ticket)


# -- failing on command ------------------------------------------------------------------------


def test_a_fault_strikes_as_often_as_it_was_told_to(bot, wechat, daughter):
    daughter.say("你好")
    HTTP.post(
        f"{wechat.base_url}/_standin/fail",
        json={"path": "/cgi-bin/message/custom/send", "errcode": -1, "times": 2},
    ).raise_for_status()
    assert [send_text(wechat, daughter.openid) for _ in range(3)] == [-1, -1, 0]


def test_healing_ends_all_faults(bot, wechat, daughter):
    daughter.say("你好")
    wechat.fail("/cgi-bin/message/custom/send", errcode=40164, times=99)
    assert send_text(wechat, daughter.openid) == 40164
    wechat.heal()
    assert send_text(wechat, daughter.openid) == 0


def test_everything_can_be_commanded_over_http(bot, wechat, daughter):
    def command(name: str, **body: object) -> dict:
        answer = HTTP.post(f"{wechat.base_url}/_standin/{name}", json=body or {})
        return answer.raise_for_status().json()

    assert command("callback", url=bot.url, verify=True) == {"verified": True}
    command("callback", retries=0)
    HTTP.post(f"{wechat.base_url}/_standin/templates", json=[{"id": "t1", "fields": ["thing1"]}])
    HTTP.post(f"{wechat.base_url}/_standin/say", json={"openid": daughter.openid, "text": "你好"})
    assert daughter.wait_for("听到：你好")
    command("quota", path="/cgi-bin/message/template/send", limit=1)
    assert [send_template(wechat, daughter.openid)["errcode"] for _ in "12"] == [0, 45009]
    command("heal")
    assert send_template(wechat, daughter.openid)["errcode"] == 0
    assert command("clock", advance_s=48 * 3600 + 1)["offset_s"] > 48 * 3600
    assert send_text(wechat, daughter.openid) == 45015
    held = token(wechat)
    command("tokens", action="expire")
    assert call(wechat, "/cgi-bin/menu/get", access_token=held)["errcode"] == 42001
    command("tokens", action="revoke")
    assert call(wechat, "/cgi-bin/menu/get", access_token=held)["errcode"] == 40001
    calls = HTTP.get(f"{wechat.base_url}/_standin/calls").json()
    assert calls["/cgi-bin/message/template/send"] == 3
    openids = [user["openid"] for user in HTTP.get(f"{wechat.base_url}/_standin/users").json()]
    assert openids == [daughter.openid]


# -- as a process of its own -------------------------------------------------------------------


def test_it_runs_as_a_process_and_phones_reach_it_from_here():
    command = [sys.executable, "-m", "tests.standin.wechat", "--app-id", "wx1", "--secret", "s"]
    command += ["--token", "t", "--template", "t1=派单提醒:thing1,time2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        base_url = found[0]
        phone = Phone.new(base_url, name="李奶奶")
        wish = {"grant_type": "client_credential", "appid": "wx1", "secret": "s"}
        made = HTTP.post(f"{base_url}/cgi-bin/stable_token", json=wish).json()
        data = {"thing1": {"value": "午餐"}, "time2": {"value": "11:30"}}
        sent = HTTP.post(
            f"{base_url}/cgi-bin/message/template/send",
            params={"access_token": made["access_token"]},
            content=json.dumps(
                {"touser": phone.openid, "template_id": "t1", "data": data}, ensure_ascii=False
            ).encode(),
        ).json()
        assert sent["errcode"] == 0
        assert phone.wait_for("派单提醒").data == {"thing1": "午餐", "time2": "11:30"}
    finally:
        process.terminate()
        assert process.wait(10) == 0
