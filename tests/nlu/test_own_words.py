"""A city's own words: laid over ours, never in their way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.domain.errors import DomainError
from backend.services.setting_versions import Overrides
from nlu.alarms import Certainty
from nlu.help import Help, vote
from nlu.own_words import OwnWords, consent_version, lay_over
from nlu.prompts import fixed_speech, say
from nlu.rasa_client import IntentGuess
from nlu.rules import danger, emergency, maybe_emergency

WORDS = OwnWords()


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    lay_over(Overrides())


def prompts(**texts: str) -> Overrides:
    return Overrides(1, {name: {"text": text, "speech": None} for name, text in texts.items()})


def test_every_prompt_of_ours_would_pass_the_check_for_others() -> None:
    for name, one in WORDS.prompts().items():
        WORDS.require_prompt(name, one.text, one.speech)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("您好,{{ nobody }}", "unknown_fact"),
        ("您好{% if hotline %}", "bad_words"),
        ("{{ hotline | shout }}", "bad_words"),
        ("{{ hotline.__class__ }}", "bad_words"),
        ("{{ hotline.format('x') }}", "bad_words"),
        ("{% for i in range(9) %}好{% endfor %}", "bad_words"),
        ("{% include 'x' %}", "bad_words"),
        ("  ", "bad_length"),
        ("好" * 1501, "bad_length"),
    ],
)
def test_words_that_would_fail_are_refused_when_they_are_written(text: str, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        WORDS.require_prompt("message_held", text, None)


def test_a_consent_may_lose_none_of_its_facts() -> None:
    with pytest.raises(DomainError, match="lost_fact"):
        WORDS.require_prompt("recording.ask", "录音,好不好?", None)
    shipped = WORDS.prompts()["recording.ask"].text
    WORDS.require_prompt("recording.ask", shipped + "谢谢。", None)


def test_others_words_are_said_and_heard_and_ours_come_back() -> None:
    ours = say("message_held")
    lay_over(prompts(message_held="好嘞,急事打{{ hotline }}。"))
    said = say("message_held")
    assert said.text == "好嘞，急事打96993。" and "九六九九三" in said.speech
    assert fixed_speech()["message_held"] == said.speech
    lay_over(Overrides())
    assert say("message_held") == ours


def test_where_others_words_fail_ours_are_said() -> None:
    ours = say("message_held")
    lay_over(prompts(message_held="{{ nobody }}", no_such_prompt="x"))
    assert say("message_held") == ours
    lay_over(prompts(message_held="{% if %}"))
    assert say("message_held") == ours


def test_which_words_were_agreed_to_is_told_by_their_version() -> None:
    assert consent_version("learning.ask", "1") == "1"
    lay_over(Overrides(7, consents={"learning.ask": 7}))
    assert consent_version("learning.ask", "1") == "1+7"


def test_added_phrases_ring_or_ask_and_keep_our_guards() -> None:
    assert danger("手环亮红灯了").certainty is Certainty.NONE
    lay_over(Overrides(1, phrases={"手环亮红灯": "alarm", "脚扭着了": "ask"}))
    assert emergency("我妈的手环亮红灯了,怎么办") == "手环亮红灯"
    assert maybe_emergency("脚扭着了") == "脚扭着了"
    assert danger("没有手环亮红灯").certainty is Certainty.NONE
    assert danger("手环亮红灯要多少钱").certainty is Certainty.NONE
    assert emergency("我摔倒了") == "摔倒", "what is shipped stays"


def test_no_classifier_takes_an_added_phrase_back() -> None:
    lay_over(Overrides(1, phrases={"手环亮红灯": "alarm"}))
    never = IntentGuess("chitchat", 0.99, (("chitchat", 0.99), ("emergency", 0.0001)))
    assert vote(danger("手环亮红灯"), never) is Help.ALARM


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("好", "bad_phrase"),
        ("手环,亮了", "bad_phrase"),
        ("一二三四五六七八九十一二三", "bad_phrase"),
        ("12", "bad_phrase"),
        ("摔倒了", "heard_already"),
        ("明天", "everyday_phrase"),
    ],
)
def test_phrases_that_would_do_harm_or_nothing_are_refused(phrase: str, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        WORDS.require_phrase(phrase, "alarm")


def test_a_phrase_is_one_however_it_is_written() -> None:
    assert WORDS.plain_phrase(" 手环,亮红灯! ") == "手环亮红灯"
    WORDS.require_phrase("手环亮红灯", "alarm")
