"""What WeChat writes, and what those write who are not WeChat."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Malformed
from bot.xml import TEXT_LIMIT_BYTES, cdata, parse, text_reply

HEAD = (
    "<ToUserName><![CDATA[gh_yinling]]></ToUserName>"
    "<FromUserName><![CDATA[oWangFang_123-x]]></FromUserName>"
    "<CreateTime>1772600000</CreateTime>"
)


def document(body: str, head: str = HEAD) -> bytes:
    return f"<xml>{head}{body}</xml>".encode()


def text(content: str, msg_id: str = "24000000000000001") -> bytes:
    return document(
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>{msg_id}</MsgId>"
    )


def event(body: str) -> bytes:
    return document("<MsgType><![CDATA[event]]></MsgType>" + body)


# -- the kinds ---------------------------------------------------------------------------------


def test_the_daughter_writes_a_sentence():
    incoming = parse(text("明天中午给我妈订一份午餐😀"))
    assert incoming.kind == "text"
    assert incoming.text == "明天中午给我妈订一份午餐😀"
    assert incoming.openid == "oWangFang_123-x"
    assert incoming.to_user == "gh_yinling"
    assert incoming.source_id == "24000000000000001"
    assert incoming.created_at == datetime.fromtimestamp(1772600000, UTC)


def test_a_tap_on_a_menu_message_says_which_choice():
    incoming = parse(
        document(
            "<MsgType>text</MsgType><Content>好的</Content><MsgId>7</MsgId>"
            "<bizmsgmenuid>yes</bizmsgmenuid>"
        )
    )
    assert (incoming.text, incoming.menu_id) == ("好的", "yes")


def test_li_nainai_speaks_and_both_recordings_are_known():
    incoming = parse(
        document(
            "<MsgType>voice</MsgType><MediaId>m8</MediaId><MediaId16K>m16</MediaId16K>"
            "<Format>amr</Format><Recognition><![CDATA[]]></Recognition><MsgId>8</MsgId>"
        )
    )
    assert incoming.kind == "voice"
    assert (incoming.media_id, incoming.media_id_16k) == ("m8", "m16")
    assert incoming.media_format == "amr"
    assert incoming.recognition is None
    assert incoming.text == ""


def test_what_wechat_recognised_in_a_voice_message_counts_as_its_words():
    incoming = parse(
        document(
            "<MsgType>voice</MsgType><MediaId>m8</MediaId><Format>amr</Format>"
            "<Recognition><![CDATA[救命啊]]></Recognition><MsgId>8</MsgId>"
        )
    )
    assert (incoming.kind, incoming.text) == ("voice", "救命啊")


def test_the_nurse_sends_where_she_is():
    incoming = parse(
        document(
            "<MsgType>location</MsgType><Location_X>23.0207</Location_X>"
            "<Location_Y>113.7518</Location_Y><Scale>16</Scale><Label>莞城街道</Label>"
            "<MsgId>9</MsgId>"
        )
    )
    assert (incoming.latitude, incoming.longitude) == (23.0207, 113.7518)
    assert incoming.label == "莞城街道"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("image", "image"),
        ("video", "video"),
        ("shortvideo", "video"),
        ("link", "link"),
        ("sticker", "unknown"),
        ("TEXT", "unknown"),
    ],
)
def test_other_kinds_are_told_apart_and_strange_ones_are_kept_by_name(raw, kind):
    incoming = parse(document(f"<MsgType>{raw}</MsgType><MsgId>1</MsgId>"))
    assert (incoming.kind, incoming.raw_kind) == (kind, raw)


def test_a_newcomer_by_qr_and_a_follower_who_scans_have_the_same_scene():
    new = parse(event("<Event>subscribe</Event><EventKey>qrscene_p-17</EventKey>"))
    known = parse(event("<Event>SCAN</Event><EventKey>p-17</EventKey><Ticket>t</Ticket>"))
    assert new.scene == known.scene == "p-17"
    assert known.ticket == "t"
    assert parse(event("<Event>subscribe</Event><EventKey></EventKey>")).scene is None
    assert parse(event("<Event>CLICK</Event><EventKey>p-17</EventKey>")).scene is None


def test_the_outcome_of_a_template_message_names_the_message():
    incoming = parse(
        event(
            "<Event>TEMPLATESENDJOBFINISH</Event><MsgID>200163836</MsgID>"
            "<Status><![CDATA[failed:user block]]></Status>"
        )
    )
    assert incoming.template_msg_id == "200163836"
    assert incoming.status == "failed:user block"


def test_a_reported_place_is_an_event_with_a_place():
    incoming = parse(
        event(
            "<Event>LOCATION</Event><Latitude>23.1</Latitude>"
            "<Longitude>113.7</Longitude><Precision>65.0</Precision>"
        )
    )
    assert (incoming.kind, incoming.latitude, incoming.precision) == ("event", 23.1, 65.0)


# -- telling copies from new ones --------------------------------------------------------------


def test_events_have_no_id_so_who_when_and_what_make_one():
    click = "<Event>CLICK</Event><EventKey>MENU_TODAY</EventKey>"
    assert parse(event(click)).source_id == parse(event(click)).source_id
    other = parse(event("<Event>CLICK</Event><EventKey>BALANCE</EventKey>"))
    assert parse(event(click)).source_id != other.source_id


def test_two_template_outcomes_in_one_second_are_two():
    one, two = (
        parse(event(f"<Event>TEMPLATESENDJOBFINISH</Event><MsgID>{n}</MsgID>")).source_id
        for n in (1, 2)
    )
    assert one != two


def test_a_message_without_an_id_is_known_by_what_it_says():
    assert parse(text("一", "0")).source_id == parse(text("一", "0")).source_id
    assert parse(text("一", "0")).source_id != parse(text("二", "0")).source_id


# -- what is not let in ------------------------------------------------------------------------

BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "哈">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<xml><Content>&c;</Content></xml>"
)
READS_A_FILE = (
    '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'
)


@pytest.mark.parametrize(
    "body",
    [
        BILLION_LAUGHS.encode(),
        READS_A_FILE.encode(),
        b"<!DOCTYPE xml><xml></xml>",
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml></xml>',
        b"",
        b"hello",
        b"<xml><a></xml>",
        b"<xml></xml><xml></xml>",
        b"<html></html>",
        b"<xml>&undefined;</xml>",
        b"{}",
        "<xml><Content>你好</Content></xml>".encode("gb18030"),
        b'<?xml version="1.0" encoding="gb2312"?><xml></xml>',
        "<xml></xml>".encode("utf-16"),
        b"\x00\x01\x02",
        b"<xml>" + b"<a>" * 15000,
        b"<xml xmlns:a='x'><a:b/></y>",
    ],
)
def test_bombs_and_rubbish_are_malformed(body):
    with pytest.raises(Malformed):
        parse(body)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("oWangFang_123-x", ""),
        HEAD.replace("oWangFang_123-x", "o'; drop table"),
        HEAD.replace("oWangFang_123-x", "o" * 65),
        HEAD.replace("1772600000", ""),
        HEAD.replace("1772600000", "yesterday"),
        HEAD.replace("1772600000", "nan"),
        HEAD.replace("1772600000", "9" * 30),
    ],
)
def test_a_message_must_say_who_and_when(head):
    with pytest.raises(Malformed):
        parse(document("<MsgType>text</MsgType><MsgId>1</MsgId>", head))


def test_a_message_must_say_its_kind():
    with pytest.raises(Malformed):
        parse(document("<MsgId>1</MsgId>"))


@pytest.mark.parametrize(
    "place",
    [
        "<Location_X>91</Location_X><Location_Y>0</Location_Y>",
        "<Location_X>23</Location_X><Location_Y>-181</Location_Y>",
        "<Location_X>23</Location_X>",
        "<Location_X>here</Location_X><Location_Y>1</Location_Y>",
        "<Location_X>inf</Location_X><Location_Y>1</Location_Y>",
    ],
)
def test_a_place_must_be_on_the_globe(place):
    with pytest.raises(Malformed):
        parse(document(f"<MsgType>location</MsgType>{place}<MsgId>1</MsgId>"))


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(body):
    with pytest.raises(Malformed):
        parse(body)


# -- the words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("\x08救命\x00\x1f", "救命"),
        ("今天\u202e反着\u200b写", "今天反着写"),
        ("👨‍👩‍👧 ❤️ 🧓🏻", "👨‍👩‍👧 ❤️ 🧓🏻"),
        ("第一行\r\n第二行\t完", "第一行\n第二行\t完"),
        ("  两边空格  ", "两边空格"),
        ("a<b&c>d", "a<b&c>d"),
    ],
)
def test_control_characters_go_and_everything_readable_stays(sent, read):
    assert parse(text(sent)).text == read


def test_a_body_with_a_byte_order_mark_is_read():
    assert parse(b"\xef\xbb\xbf" + text("好")).text == "好"


# -- replies -----------------------------------------------------------------------------------

NOW = datetime(2026, 3, 4, 1, 20, tzinfo=UTC)


def test_a_reply_goes_back_to_the_one_who_wrote():
    reply = xmltodict.parse(text_reply(parse(text("你好")), "您好，请讲", NOW))["xml"]
    assert reply["ToUserName"] == "oWangFang_123-x"
    assert reply["FromUserName"] == "gh_yinling"
    assert reply["CreateTime"] == str(int(NOW.timestamp()))
    assert (reply["MsgType"], reply["Content"]) == ("text", "您好，请讲")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_words_break_out_of_their_cdata(words):
    inside = xmltodict.parse(f"<x>{cdata(words)}</x>", strip_whitespace=False)["x"] or ""
    assert inside == words.replace("\ufffe", "").replace("\uffff", "")


def test_the_end_of_a_cdata_section_can_be_said():
    reply = text_reply(parse(text("?")), "甲]]><Evil/>]]>乙", NOW)
    assert xmltodict.parse(reply)["xml"]["Content"] == "甲]]><Evil/>]]>乙"


@pytest.mark.parametrize("words", ["", "  \n", "长" * (TEXT_LIMIT_BYTES // 3 + 1)])
def test_a_reply_that_wechat_would_not_show_is_refused_here(words):
    with pytest.raises(ValueError, match="2048"):
        text_reply(parse(text("?")), words, NOW)


def test_the_longest_reply_passes():
    text_reply(parse(text("?")), "长" * (TEXT_LIMIT_BYTES // 3), NOW)
