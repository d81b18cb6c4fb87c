"""Plain text and the way back to what was typed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.values.text import mask, normalise, plain


def test_wechat_bytes_become_plain_words() -> None:
    assert plain("明天 中午，订２份👌 午飯！") == "明天中午,订2份午饭!"
    assert plain("PICC 换膜") == "picc换膜"
    assert plain("ok 123 abc") == "ok 123 abc"
    assert plain("第一行\n第二行") == "第一行,第二行"
    assert plain("①②\u200b") == "12"
    assert plain("   ") == ""


def test_words_are_given_back_as_written() -> None:
    source = normalise("給 我媽 訂飯")
    assert source.text == "给我妈订饭"
    assert source.verbatim(1, 3) == "我媽"
    assert source.verbatim(2, 2) == ""


def test_masked_spans_keep_their_length() -> None:
    assert mask("明天午饭", [(0, 2)]) == "\0\0午饭"
    assert mask("明天", []) == "明天"


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_plain_is_idempotent_and_traceable(text: str) -> None:
    source = normalise(text)
    assert len(source.origin) == len(source.text)
    assert plain(source.text) == source.text
    assert list(source.origin) == sorted(source.origin)
