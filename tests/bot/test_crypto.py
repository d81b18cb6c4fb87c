"""Who may speak to us: signatures, freshness and encryption of WeChat's callbacks."""

from __future__ import annotations

import base64
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.crypto import CallbackCrypto, MessageKey, sign
from bot.errors import BadSignature, Malformed, Stale, TooLarge
from bot.settings import WeChatSettings

APP_ID = "wx0123456789abcdef"
TOKEN = "yinling-token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
NOW = 1_772_600_000
LI_NAINAI = "<xml><Content><![CDATA[我摔倒了😢]]></Content></xml>"


def crypto(aes: str | None = None, previous: str | None = None, **more: object) -> CallbackCrypto:
    settings = WeChatSettings(
        app_id=APP_ID,
        app_secret="s",
        token=TOKEN,
        encoding_aes_key=aes,
        previous_aes_key=previous,
        **more,
    )
    return CallbackCrypto(settings, now=lambda: NOW)


def plain_query(timestamp: str = str(NOW), token: str = TOKEN) -> dict[str, str]:
    return {
        "timestamp": timestamp,
        "nonce": "n1",
        "signature": sign(token, timestamp, "n1"),
    }


def sealed(
    text: str = LI_NAINAI, key: str = KEY, app_id: str = APP_ID, timestamp: str = str(NOW)
) -> tuple[dict[str, str], bytes]:
    """A callback in safe mode, made by wechatpy rather than by us."""
    document = WeChatCrypto(TOKEN, key, app_id).encrypt_message(text, "n1", timestamp)
    signature = document.split("<MsgSignature><![CDATA[")[1].split("]]")[0]
    query = {**plain_query(timestamp), "encrypt_type": "aes", "msg_signature": signature}
    return query, document.encode()


# -- plain mode --------------------------------------------------------------------------------


def test_a_plain_message_of_wechat_is_opened_as_it_is():
    opened = crypto().open(plain_query(), LI_NAINAI.encode())
    assert opened.xml.decode() == LI_NAINAI
    assert crypto().seal(opened, "<xml/>") == "<xml/>"


def test_the_visit_that_tries_our_address_out_is_verified():
    crypto().verify({**plain_query(), "echostr": "123"})


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_without_any_part_of_the_signature_nobody_enters(missing):
    query = plain_query()
    del query[missing]
    with pytest.raises(BadSignature):
        crypto().open(query, b"<xml/>")


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", "é"])
def test_a_wrong_signature_is_refused_whatever_its_letters(signature):
    with pytest.raises(BadSignature) as refusal:
        crypto().open({**plain_query(), "signature": signature}, b"<xml/>")
    assert refusal.value.status == 403


def test_a_signature_made_with_another_token_is_refused():
    with pytest.raises(BadSignature):
        crypto().open(plain_query(token="guess"), b"<xml/>")


def test_with_no_token_configured_nobody_can_sign():
    settings = WeChatSettings(app_id=APP_ID)
    with pytest.raises(BadSignature):
        CallbackCrypto(settings, now=lambda: NOW).verify(plain_query(token=""))


@pytest.mark.parametrize("age", [301, -301, 86400])
def test_an_old_recording_and_a_clock_from_the_future_are_stale(age):
    with pytest.raises(Stale) as refusal:
        crypto().open(plain_query(str(NOW - age)), b"<xml/>")
    assert refusal.value.status == 403


@pytest.mark.parametrize("age", [0, 299, -299])
def test_a_message_within_five_minutes_is_fresh(age):
    crypto().open(plain_query(str(NOW - age)), b"<xml/>")


@pytest.mark.parametrize("timestamp", ["soon", "-1", "1e9", "", "9" * 5000, "١٢٣"])
def test_a_signed_timestamp_that_is_no_number_is_stale(timestamp):
    with pytest.raises(Stale):
        crypto().open(plain_query(timestamp), b"<xml/>")


def test_a_copy_with_the_same_nonce_is_let_in_again_for_wechat_repeats_itself():
    gate = crypto()
    assert gate.open(plain_query(), b"<xml/>") == gate.open(plain_query(), b"<xml/>")


def test_a_giant_body_is_refused_before_anything_is_read():
    with pytest.raises(TooLarge) as refusal:
        crypto(max_body_bytes=2048).open({}, b"x" * 2049)
    assert refusal.value.status == 413


# -- safe mode ---------------------------------------------------------------------------------


def test_an_encrypted_message_is_opened_and_the_answer_encrypted_with_the_same_key():
    gate = crypto(KEY)
    opened = gate.open(*sealed())
    assert opened.xml.decode() == LI_NAINAI
    answer = gate.seal(opened, "<xml><Content>马上来人</Content></xml>")
    read = WeChatCrypto(TOKEN, KEY, APP_ID)
    fields = {
        name: answer.split(f"<{name}>")[1]
        .split(f"</{name}>")[0]
        .removeprefix("<![CDATA[")
        .removesuffix("]]>")
        for name in ("MsgSignature", "TimeStamp", "Nonce")
    }
    inner = read.decrypt_message(
        answer, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
    )
    assert "马上来人" in inner


def test_while_the_key_changes_both_are_understood_and_each_answered_in_its_own():
    gate = crypto(OTHER_KEY, previous=KEY)
    by_old, by_new = gate.open(*sealed(key=KEY)), gate.open(*sealed(key=OTHER_KEY))
    assert by_old.xml == by_new.xml
    old, new = (gate.seal(opened, "<xml>好</xml>") for opened in (by_old, by_new))
    encrypted = [each.split("<Encrypt><![CDATA[")[1].split("]]")[0] for each in (old, new)]
    assert MessageKey(KEY, APP_ID).decrypt(encrypted[0]) == "<xml>好</xml>".encode()
    assert MessageKey(OTHER_KEY, APP_ID).decrypt(encrypted[1]) == "<xml>好</xml>".encode()
    assert MessageKey(KEY, APP_ID).decrypt(encrypted[1]) is None


def test_after_the_change_the_old_key_opens_nothing():
    with pytest.raises(BadSignature):
        crypto(OTHER_KEY).open(*sealed(key=KEY))


def test_a_message_for_another_app_is_refused():
    with pytest.raises(BadSignature):
        crypto(KEY).open(*sealed(app_id="wxsomebodyelse"))


def test_a_changed_letter_in_the_encrypted_text_is_noticed():
    query, body = sealed()
    start = body.index(b"<Encrypt><![CDATA[") + 18
    swapped = b"A" if body[start : start + 1] != b"A" else b"B"
    with pytest.raises(BadSignature):
        crypto(KEY).open(query, body[:start] + swapped + body[start + 1 :])


def test_the_plain_signature_does_not_open_the_door_in_safe_mode():
    with pytest.raises(BadSignature):
        crypto(KEY).open(plain_query(), LI_NAINAI.encode())


def test_an_encrypted_message_without_a_key_of_ours_is_refused():
    with pytest.raises(BadSignature):
        crypto().open(*sealed())


def test_an_encrypted_message_must_be_fresh_too():
    with pytest.raises(Stale):
        crypto(KEY).open(*sealed(timestamp=str(NOW - 1000)))


@pytest.mark.parametrize(
    "body", [b"", b"<xml></xml>", b"<xml><Encrypt></Encrypt></xml>", b"not xml", b"\xff\xfe"]
)
def test_an_envelope_with_nothing_inside_is_malformed(body):
    query = {**plain_query(), "encrypt_type": "aes", "msg_signature": "x"}
    with pytest.raises(Malformed) as refusal:
        crypto(KEY).open(query, body)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "junk", ["", "====", "AAAA", "不是", base64.b64encode(bytes(32)).decode(), "A" * 64]
)
def test_junk_that_is_signed_is_still_not_a_message(junk):
    assert MessageKey(KEY, APP_ID).decrypt(junk) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_is_encrypted_comes_back(text):
    key = MessageKey(KEY, APP_ID)
    assert key.decrypt(key.encrypt(text)) == text.encode()


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decryption_stumble(raw):
    assert MessageKey(KEY, APP_ID).decrypt(base64.b64encode(raw).decode()) is None


def test_the_same_text_never_looks_the_same_twice():
    key = MessageKey(KEY, APP_ID)
    assert key.encrypt("你好") != key.encrypt("你好")


# -- settings ----------------------------------------------------------------------------------


def test_a_key_of_the_wrong_length_is_refused_at_the_start():
    with pytest.raises(ValueError, match="43"):
        WeChatSettings(encoding_aes_key=string.ascii_letters)


def test_secrets_do_not_show_when_settings_are_printed():
    shown = repr(
        WeChatSettings(app_id=APP_ID, app_secret="hush", token="hush", encoding_aes_key=KEY)
    )
    assert "hush" not in shown
    assert KEY not in shown


def test_one_address_stands_for_all_of_wechat_unless_it_is_wechats_own():
    assert WeChatSettings().oauth_base == "https://open.weixin.qq.com"
    spare = WeChatSettings(api_base_url="https://sh.api.weixin.qq.com/")
    assert spare.mp_base == "https://mp.weixin.qq.com"
    assert WeChatSettings(api_base_url="http://127.0.0.1:9/").oauth_base == "http://127.0.0.1:9"


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("YINLING_WECHAT_APP_ID", APP_ID)
    monkeypatch.setenv("YINLING_WECHAT_APP_SECRET", "s")
    monkeypatch.setenv("YINLING_WECHAT_TOKEN", "t")
    monkeypatch.setenv("YINLING_WECHAT_ENCODING_AES_KEY", "")
    monkeypatch.setenv("YINLING_WECHAT_TEMPLATES", '{"offer": "tpl-1"}')
    settings = WeChatSettings()
    assert settings.configured
    assert not settings.safe_mode
    assert settings.templates == {"offer": "tpl-1"}


def test_real_time_is_the_default_clock():
    settings = WeChatSettings(app_id=APP_ID, token=TOKEN)
    CallbackCrypto(settings).verify(plain_query(str(int(time.time()))))
