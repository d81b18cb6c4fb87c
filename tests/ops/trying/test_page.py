"""The page as others may reach it, the telephone, the microphone; seen in Chromium."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.sound import decoded
from tests.browser import window
from tests.ops.trying.conftest import Tried
from tests.waiting import eventually

WANG_FANG, LI_GUILAN = "o-wang-fang", "o-li-gui-lan"


def get(url: str, **how: object) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=60, **how)  # type: ignore[arg-type]


def test_nobody_elses_page_can_use_it(tried: Tried) -> None:
    say = f"{tried.url}/chat/{WANG_FANG}/say"
    assert get(f"{tried.url}/try", headers={"Host": "evil.example"}).status_code == 400
    words = {"text": "你好"}
    assert httpx.post(say, json=words, trust_env=False).status_code == 400
    ours = {"X-Form-Key": tried.key}
    elsewhere = ours | {"Sec-Fetch-Site": "cross-site"}
    assert httpx.post(say, json=words, headers=elsewhere, trust_env=False).status_code == 400
    assert httpx.post(say, json=words, headers=ours, trust_env=False).status_code == 200
    policy = get(f"{tried.url}/try").headers
    assert "script-src 'self'" in policy["Content-Security-Policy"]
    assert "unsafe" not in policy["Content-Security-Policy"]
    assert "microphone=(self)" in policy["Permissions-Policy"]


def test_what_is_typed_and_tapped_reaches_the_house_as_wechat_sends_it(tried: Tried) -> None:
    tried.follow()
    tried.post(f"/chat/{WANG_FANG}/say", json={"text": "明天中午给我妈订一份午餐"})
    tried.post(f"/chat/{LI_GUILAN}/tap", json={"key": "HELP"})
    tried.post("/chat/o-liang-zhi-qiang/place", json={})
    said, tapped, sent = tried.pushed[-3:]
    assert (said["FromUserName"], said["MsgType"]) == (WANG_FANG, "text")
    assert said["Content"] == "明天中午给我妈订一份午餐"
    assert (tapped["FromUserName"], tapped["Event"], tapped["EventKey"]) == (
        LI_GUILAN, "CLICK", "HELP",
    )  # fmt: skip
    assert sent["MsgType"] == "location" and float(sent["Location_X"]) > 20
    eventually(lambda: tried.told("chat", openid=LI_GUILAN, text="[menu HELP]"))
    said_too = tried.told("chat", openid=WANG_FANG, via="sent")[-1]
    assert said_too["text"] == said["Content"] and "choices" not in said_too
    assert tried.post("/chat/o-nobody/say", json={"text": "喂"}).status_code == 404
    assert tried.post(f"/chat/{WANG_FANG}/say", json={"text": " "}).status_code == 400
    assert tried.post(f"/chat/{WANG_FANG}/say", content=b"[").status_code == 400


def test_a_house_that_does_not_answer_is_told_of(tried: Tried) -> None:
    tried.standin.callback = "http://127.0.0.1:1/wechat"
    answer = tried.post(f"/chat/{WANG_FANG}/say", json={"text": "你好"})
    assert (answer.status_code, answer.json()) == (503, {"trouble": "away"})


def test_a_file_becomes_a_voice_message(tried: Tried) -> None:
    silence = np.zeros(16_000, "<i2").tobytes()
    done = tried.post(f"/chat/{WANG_FANG}/voice", params={"rate": 16_000}, content=silence)
    assert done.status_code == 200
    assert (tried.pushed[-1]["MsgType"], tried.pushed[-1]["Format"]) == ("voice", "amr")
    bad = tried.post(f"/chat/{WANG_FANG}/voice", content=b"<html>no sound</html>")
    assert (bad.status_code, bad.json()) == (422, {"trouble": "unreadable"})


def test_only_pages_of_ours_are_opened_in_somebodys_wechat(tried: Tried) -> None:
    web = str(tried.standin.callback).removesuffix("/wechat")
    asked = {"as": WANG_FANG, "to": f"{web}/m/day"}
    opened = get(f"{tried.url}/go", params=asked)
    assert opened.headers["location"] == f"{web}/m/day"
    assert f"standin_openid={WANG_FANG}" in opened.headers["set-cookie"]
    for to in ("https://evil.example/", f"{web}.evil.example/", "//evil.example"):
        assert get(f"{tried.url}/go", params=asked | {"to": to}).status_code == 400
    assert get(f"{tried.url}/go", params=asked | {"as": "o-x"}).status_code == 404


def test_a_call_is_rung_spoken_into_and_heard(tried: Tried) -> None:
    tried.follow()
    for path in ("/phone/say", "/phone/press"):
        refused = tried.post(path, json={"text": "喂", "keys": "1"})
        assert refused.json() == {"trouble": "no_call"}
    assert tried.post("/phone/ring", json={"number": "13900139000"}).status_code == 200
    assert tried.post("/phone/ring", json={"number": ""}).json() == {"trouble": "busy"}
    eventually(lambda: tried.told("phone", state="talking"))
    assert "13900139000" in tried.line.callers[0]

    heard = b""
    with httpx.stream("GET", f"{tried.url}/phone/sound", trust_env=False, timeout=60) as sound:
        for piece in sound.iter_bytes():
            heard += piece
            if np.abs(np.frombuffer(heard[: len(heard) // 2 * 2], "<i2")).max() > 2000:
                break
    assert tried.post("/phone/say", json={"text": "明天中午送一份午餐"}).status_code == 200
    eventually(lambda: tried.line.loud_s() > 1)
    assert tried.told("phone", by="you")[0]["text"] == "明天中午送一份午餐"
    assert tried.post("/phone/press", json={"keys": "1#"}).status_code == 200
    eventually(lambda: tried.line.keys == ["1", "#"])
    assert tried.post("/phone/press", json={"keys": "A"}).status_code == 400

    tried.post("/phone/hang-up", json={})
    eventually(lambda: tried.told("phone", state="over"))
    eventually(lambda: tried.line.ended == 1)
    # And again: each call has a stack of its own.
    tried.post("/phone/ring", json={"number": ""})
    eventually(lambda: len(tried.told("phone", state="talking")) == 2)
    assert "13900139000" not in tried.line.callers[1]
    tried.post("/phone/hang-up", json={})
    eventually(lambda: tried.line.ended == 2)
    wrong = tried.post("/phone/ring", json={"number": "12"})
    assert wrong.json() == {"trouble": "number"}


@pytest.fixture
def opened(tried: Tried, chromium: Browser) -> Iterator[Page]:
    troubles: list[str] = []
    page = window(chromium, {"width": 1366, "height": 768}, troubles)
    page.goto(f"{tried.url}/try")
    yield page
    page.context.close()
    assert troubles == []


def test_a_microphone_speaks_into_the_call_and_into_a_chat(tried: Tried, opened: Page) -> None:
    page = opened
    phone = page.get_by_role("region", name="电话")
    phone.get_by_role("button", name="拨打").click()
    expect(page.locator("#call")).to_contain_text("通话中")
    before = tried.line.loud_s()
    microphone = phone.get_by_role("button", name="麦克风")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "true")
    eventually(lambda: tried.line.loud_s() > before + 0.2)
    phone.get_by_role("button", name="5", exact=True).click()
    eventually(lambda: tried.line.keys == ["5"])
    # The line was heard in the page.
    eventually(lambda: float(phone.get_attribute("data-heard") or 0) > 0.3)
    phone.get_by_role("button", name="挂断").click()
    expect(page.locator("#call")).to_contain_text("您挂断了")
    expect(microphone).to_have_attribute("aria-pressed", "false")

    family = page.get_by_role("region", name="家属的微信")
    record = family.get_by_role("button", name="语音消息")
    began = time.monotonic()
    record.click()
    expect(record).to_have_attribute("aria-pressed", "true")
    time.sleep(2.5)  # of sound
    record.click()
    took_s = time.monotonic() - began
    eventually(lambda: tried.pushed and tried.pushed[-1]["MsgType"] == "voice")
    sent = tried.pushed[-1]
    assert sent["FromUserName"] == WANG_FANG
    sound = get(f"{tried.standin.base_url}/_standin/media/{sent['MediaId']}").content
    assert sound.startswith(b"#!AMR\n")
    pcm = decoded(sound)
    assert 0.5 < len(pcm) / 8000 < took_s and np.abs(pcm).max() > 500
    expect(family.locator(".lines .sent").last).to_contain_text("语音消息")


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_is_wider_than_the_screen(tried: Tried, opened: Page, width: int) -> None:
    page = opened
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
