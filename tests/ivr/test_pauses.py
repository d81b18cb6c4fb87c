"""How long somebody is waited for: pauses of people, played as times."""

from __future__ import annotations

import pytest

from ivr.pauses import (
    BREATH_S,
    HANGING_S,
    LONG_S,
    LONGEST_S,
    ORDINARY_S,
    PATIENT_S,
    SHORT_S,
    WHOLE_S,
    Pauses,
    hangs,
)

FRAME_S = 0.02


class Caller:
    """Speaks and is silent for given times, until somebody takes it for the end."""

    def __init__(self) -> None:
        self.pauses = Pauses()
        self.at = 100.0

    def speaks(self, seconds: float) -> None:
        until = self.at + seconds
        while self.at < until:
            self.at += FRAME_S
            self.pauses.hear(self.at, True)

    def is_silent(
        self, seconds: float, so_far: str = "", complete: bool = False, whole: bool = False
    ) -> float | None:
        """Seconds until it was taken for the end; None if it was not."""
        began = self.at
        while self.at < began + seconds:
            self.at += FRAME_S
            self.pauses.hear(self.at, False)
            if self.pauses.over(self.at, so_far, complete, whole):
                return self.at - began
        return None

    def says(self, so_far: str, complete: bool = False, seconds: float = 1.0) -> float:
        """Speaks, then is waited for."""
        self.speaks(seconds)
        waited = self.is_silent(10, so_far, complete)
        assert waited is not None
        self.is_silent(3)
        return waited


def about(seconds: float) -> object:
    return pytest.approx(seconds, abs=2 * FRAME_S)


def test_a_bare_yes_never_waits() -> None:
    assert Caller().says("对", complete=True, seconds=0.2) == about(SHORT_S)


def test_an_ordinary_sentence_waits_as_people_do() -> None:
    assert Caller().says("明天中午给我订一份午餐") == about(ORDINARY_S)
    assert Caller().says("") == about(ORDINARY_S), "what nobody understood is no reason to wait"


@pytest.mark.parametrize(
    "words", ["我要", "那个", "嗯", "明天", "明天下午", "帮我订", "三七", "嗯,让我想想"]
)
def test_a_sentence_that_hangs_is_waited_for(words: str) -> None:
    assert Caller().says(words) == about(HANGING_S)


@pytest.mark.parametrize("words", ["", "不要", "三七零四", "…明天…", "好啊", "他不在"])
def test_a_sentence_that_stands_does_not_hang(words: str) -> None:
    assert not hangs(words)


@pytest.mark.parametrize("words", ["就这个", "就那个", "好,就这个吧", "我就要这个"])
def test_who_has_chosen_is_not_waited_for(words: str) -> None:
    assert Caller().says(words) == about(ORDINARY_S)


@pytest.mark.parametrize("words", ["就是那个", "我想要这个"])
def test_who_still_looks_for_the_word_is(words: str) -> None:
    assert Caller().says(words) == about(HANGING_S)


def test_the_answer_to_the_question_does_not_hang() -> None:
    assert Caller().says("明天", complete=True) == about(SHORT_S)


@pytest.mark.parametrize("words", ["明天中午来一份午餐", "星期四的晚饭来一份"])
def test_a_whole_order_is_answered_sooner_and_never_hangs(words: str) -> None:
    caller = Caller()
    caller.speaks(1.0)
    assert caller.is_silent(3, words, whole=True) == about(WHOLE_S)


def test_who_thinks_in_long_pauses_is_waited_for_also_after_a_whole_order() -> None:
    slow = Caller()
    slow.speaks(0.5)
    assert slow.is_silent(0.65, "我家的灯坏了") is None
    slow.speaks(0.5)
    waited = slow.is_silent(3, "明天上午来修一下", whole=True)
    assert waited is not None
    assert waited > 0.63


def test_an_end_that_was_seen_late_is_not_waited_for_once_more() -> None:
    caller = Caller()
    caller.speaks(1.0)
    caller.pauses.hear(caller.at, False, late_s=0.16)
    assert caller.is_silent(1.0, "对", complete=True) == pytest.approx(SHORT_S - 0.16, abs=0.03)


def test_nothing_ends_that_never_began() -> None:
    assert Caller().is_silent(30, "对", complete=True) is None


def test_an_end_is_told_once() -> None:
    caller = Caller()
    caller.says("好的")
    assert caller.is_silent(10, "好的", complete=True) is None


def test_who_pauses_in_the_middle_is_waited_for_longer_ever_after() -> None:
    caller = Caller()
    caller.speaks(0.5)
    assert caller.is_silent(0.6, "我家的灯") is None
    assert caller.says("我家的灯坏了要修") == about(0.8)
    assert caller.says("要快一点", complete=False) > ORDINARY_S
    assert caller.says("对", complete=True) == about(SHORT_S), "a yes is a yes"


def test_who_was_cut_off_is_not_cut_off_again() -> None:
    slow = Caller()
    slow.speaks(0.5)
    assert slow.is_silent(ORDINARY_S + 0.1, "家里的灯") == about(ORDINARY_S)
    slow.is_silent(0.4)
    assert slow.says("坏了") > 1.2
    assert slow.pauses.patience_s <= PATIENT_S


def test_patience_has_an_end_and_calms_down() -> None:
    caller = Caller()
    for _ in range(20):
        caller.speaks(0.5)
        caller.is_silent(ORDINARY_S + 1.0, "家里的灯")
    assert caller.pauses.patience_s <= PATIENT_S
    for _ in range(20):
        caller.says("家里的灯坏了")
    assert caller.pauses.patience_s == pytest.approx(ORDINARY_S, abs=0.05)


def test_thinking_behind_a_hanging_word_is_no_habit() -> None:
    caller = Caller()
    caller.speaks(0.5)
    assert caller.is_silent(1.5, "我要") is None
    assert caller.says("我要一份午餐") == about(ORDINARY_S)


def test_after_a_long_speech_the_next_breath_is_the_end() -> None:
    assert Caller().says("我跟你说", seconds=LONG_S + 1) == about(BREATH_S)


def test_a_radio_that_never_breathes_is_cut() -> None:
    pauses, at = Pauses(), 0.0
    while not pauses.over(at, "", False):
        at += FRAME_S
        pauses.hear(at, True)
        assert at < LONGEST_S + 1
    assert at > LONGEST_S
