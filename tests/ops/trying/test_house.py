"""The page to try a house on: who may reach it, whom it plays, what it makes of sound."""

from __future__ import annotations

import io
import json
import re
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import make_engine, make_sessions
from backend.db.models import Account, BindCode, Duty, Link
from backend.seed.seeded import find_seeded
from backend.settings import Settings
from bot.settings import WeChatSettings
from bot.trying import trying_blueprint
from ivr.voice import Voice
from ops.ring import CannotRing
from ops.trying import house
from ops.trying.app import Trying, make_app
from ops.trying.house import trial_of
from ops.trying.news import Chats, News, stream
from ops.trying.people import People, openid_of
from ops.trying.phone import Heard, NoCall, PhonePad
from tests.standin.wechat import WeChatStandIn

HERE = "http://127.0.0.1:9"
STANDIN = {"app_id": "wx1", "app_secret": "s", "token": "t", "api_base_url": HERE}


@pytest.fixture(scope="module")
def standin() -> Iterator[WeChatStandIn]:
    with WeChatStandIn("http://127.0.0.1:9/wechat", retries=0) as running:
        yield running


@pytest.fixture
def sessions(own_database: Callable[[], str]) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(own_database())
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def trying(sessions: sessionmaker[Session], standin: WeChatStandIn, tmp_path: Path) -> Trying:
    people, news = People(sessions, standin.base_url), News()
    phone = PhonePad("sip:line@127.0.0.1:9", sessions, news)
    return Trying(
        people, news, Voice(tmp_path), phone, standin.base_url, HERE, (("linhe", "agent"),), "pass"
    )


@pytest.fixture
def site(trying: Trying) -> FlaskClient:
    return make_app(trying).test_client()


# Who may reach it


@pytest.mark.parametrize(
    ("wechat", "url", "status"),
    [
        (STANDIN, HERE, 302),
        ({**STANDIN, "api_base_url": "https://api.weixin.qq.com"}, HERE, 404),
        ({**STANDIN, "token": ""}, HERE, 404),
        (STANDIN, "", 404),
        (STANDIN, "https://example.org", 404),
    ],
)
def test_the_web_process_leads_there_in_development_only(
    wechat: dict[str, str], url: str, status: int
) -> None:
    app = Flask("web")
    app.register_blueprint(trying_blueprint(WeChatSettings(**wechat), url))
    answer = app.test_client().get("/try")
    assert answer.status_code == status
    if status == 302:
        assert answer.location == f"{HERE}/try"


@pytest.mark.parametrize(
    ("settings", "wechat", "is_one"),
    [
        ({}, {}, True),
        ({"secret_key": "a house's own"}, {}, False),
        ({"web_host": "0.0.0.0"}, {}, False),
        ({}, {**STANDIN, "api_base_url": "https://api.weixin.qq.com"}, False),
    ],
)
def test_a_house_is_tried_only_while_nobody_has_set_it_up(
    settings: dict[str, str], wechat: dict[str, str], is_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = trial_of(Settings(**settings), WeChatSettings(**wechat))
    assert (trial is not None) is is_one
    if trial is not None:
        spoken = trial.environment()
        for name, value in spoken.items():
            monkeypatch.setenv(name, value)
        read = WeChatSettings()
        assert read.speaks_with_standin
        assert read.safe_mode
        assert spoken["YINLING_TRYING_URL"] == trial.url


def test_without_the_sources_there_is_no_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "is_here", lambda: False)
    assert trial_of(Settings(), WeChatSettings()) is None


def test_nothing_is_done_for_another_site(site: FlaskClient, trying: Trying) -> None:
    say = f"/chat/{openid_of('王芳')}/say"
    assert site.get("/try").status_code == 200
    assert site.post(say, json={"text": "你好"}).status_code == 400
    key = {"X-Form-Key": trying.key}
    crossing = {**key, "Sec-Fetch-Site": "cross-site"}
    assert site.post(say, json={"text": "你好"}, headers=crossing).status_code == 400
    assert site.get("/try", headers={"Host": "evil.example:80"}).status_code == 400
    assert site.post("/phone/say", json={"text": "你好"}, headers=key).json == {
        "trouble": "no_call"
    }


def test_the_page_runs_no_script_of_others_and_may_use_the_microphone(site: FlaskClient) -> None:
    answer = site.get("/try")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert answer.headers["Permissions-Policy"].endswith("microphone=(self)")
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", answer.text)


# Whom it plays


def test_they_are_bound_once_by_codes_as_everybody_is(
    sessions: sessionmaker[Session], standin: WeChatStandIn
) -> None:
    people = People(sessions, standin.base_url)
    assert [one.role for one in people.bring_in()] == [
        "family", "elder", "worker", "worker", "worker", "duty",
    ]  # fmt: skip
    with sessions() as session, session.begin():
        # Nobody answers scans here; as if the house had: those are not bound again.
        assert session.scalar(select(func.count()).select_from(BindCode)) == 5
        seeded = find_seeded(session)
        assert seeded is not None
        for name, worker in (("梁志强", seeded.liang_zhiqiang), ("陈敏", seeded.chen_min)):
            session.add(Account(channel="wechat", identifier=openid_of(name), worker_id=worker))
    people.bring_in()
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(BindCode)) == 5 + 3
        assert session.scalar(select(func.count()).select_from(Duty)) == 1
        own = select(func.count()).select_from(Link).where(Link.relation == "self")
        assert session.scalar(own) == 5


def test_telephones_are_the_elders_their_bells_and_strangers(
    sessions: sessionmaker[Session], standin: WeChatStandIn
) -> None:
    people = People(sessions, standin.base_url)
    people.bring_in()
    kinds = [one.kind for one in people.telephones()]
    assert kinds.count("elder") == 5
    assert kinds.count("bell") >= 1
    assert people.telephones()[0].name == "李桂兰"
    assert people.telephones()[-1].number is None
    assert people.home() is not None


def test_a_page_opens_in_the_wechat_of_the_one_whose_chat_it_is(site: FlaskClient) -> None:
    site.get("/try")
    openid = openid_of("李桂兰")
    answer = site.get("/go", query_string={"as": openid, "to": f"{HERE}/m/day"})
    assert answer.location == f"{HERE}/m/day"
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(one.startswith(f"standin_openid={openid};") for one in cookies)
    assert any(one.startswith("yinling_pages=;") and "Path=/m" in one for one in cookies)
    elsewhere = {"as": openid, "to": "https://example.org/"}
    assert site.get("/go", query_string=elsewhere).status_code == 400


def test_what_the_house_does_not_take_is_said(site: FlaskClient, trying: Trying) -> None:
    site.get("/try")
    key = {"X-Form-Key": trying.key}
    openid = openid_of("王芳")
    away = site.post(f"/chat/{openid}/say", json={"text": "你好"}, headers=key)
    assert (away.status_code, away.json) == (503, {"trouble": "away"})
    for body in ({}, {"text": " "}, {"text": "长" * 301}, {"text": 7}):
        assert site.post(f"/chat/{openid}/say", json=body, headers=key).status_code == 400
    assert site.post("/chat/o-nobody/say", json={"text": "你好"}, headers=key).status_code == 404
    broken = site.post(f"/chat/{openid}/voice", data=b"no sound", headers=key)
    assert broken.json == {"trouble": "unreadable"}


# What happened


def test_every_line_of_every_chat_is_told_in_order(standin: WeChatStandIn) -> None:
    news = News()
    phone = standin.phone("赵军")
    Chats(standin.base_url, news).start()
    phone.say("第一句", wait=False)
    phone.say("第二句", wait=False)
    until, mine = time.monotonic() + 60, []
    while len(mine) < 2 and time.monotonic() < until:
        mine = [
            one
            for one in news.after(0, 1)
            if (one.data["via"], one.data["openid"]) == ("sent", phone.openid)
        ]
    assert [one.data["text"] for one in mine] == ["第一句", "第二句"]
    words = next(stream(news, mine[1].no - 1, lambda one: json.dumps(one.data)))
    assert words.startswith(f"id: {mine[1].no}\nevent: chat\ndata: ")


# Sound


def tone(rate: int, seconds: float) -> bytes:
    at = np.arange(int(rate * seconds)) / rate
    pcm: bytes = (9000 * np.sin(2 * np.pi * 440 * at)).astype("<i2").tobytes()
    return pcm


def test_a_recorded_voice_message_goes_out_as_amr(
    site: FlaskClient, trying: Trying, standin: WeChatStandIn
) -> None:
    site.get("/try")
    openid, key = openid_of("王芳"), {"X-Form-Key": trying.key}
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setparams((1, 2, 16_000, 0, "NONE", ""))
        made.writeframes(tone(16_000, 1.0))
    for query, sound in (("", file.getvalue()), ("?rate=48000", tone(48_000, 1.0))):
        site.post(f"/chat/{openid}/voice{query}", data=sound, headers=key)
    kept = [one.content for one in standin.account.materials._media.values()]
    assert len(kept) == 2
    assert all(one.startswith(b"#!AMR\n") for one in kept)


def test_the_telephone_says_why_it_does_not_ring(trying: Trying, site: FlaskClient) -> None:
    assert trying.phone is not None
    with pytest.raises(CannotRing):
        trying.phone.ring("no number")
    with pytest.raises(NoCall):
        trying.phone.press("1")
    trying.phone.hang_up()  # nothing to do
    assert trying.news.after(0, 0) == []
    key = {"X-Form-Key": trying.key}
    assert site.post("/phone/press", json={"keys": "9a"}, headers=key).status_code == 400


def test_what_the_line_says_reaches_those_who_listen_until_the_end() -> None:
    heard = Heard()
    for _ in range(100):
        heard.add(b"\1" * 320)
    listening = heard.stream()
    first = next(listening)
    assert len(first) == 50 * 320, "who comes later gets the last second"
    heard.add(b"\2" * 320)
    assert next(listening) == b"\2" * 320
    heard.end()
    assert list(listening) == []
