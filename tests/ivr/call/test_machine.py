"""Calls as people make them, told to the machine second by second."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ivr.call.actions import (
    Action,
    Ask,
    Cry,
    HandOver,
    HangUp,
    Hush,
    NobodyAnswers,
    Resume,
    Speak,
    Want,
)
from ivr.call.events import Noise, Partial, SpeechBegan
from ivr.call.happened import (
    Answer,
    Event,
    Failed,
    Gone,
    Handed,
    Heard,
    Joined,
    Key,
    Spoken,
    Tick,
    Up,
)
from ivr.call.machine import AT_A_LOSS_S, DOUBT_S, THINKING_S, WITH_YOU_S, Machine
from ivr.call.parting import RINGING_S
from ivr.call.patience import NOTHING_MORE_S, SILENCE_S
from ivr.call.phase import Phase
from ivr.facts import Answered
from nlu.dialogue.turns import Alternative, Reply
from nlu.expected import NOTHING_ASKED, Expected, Slot
from nlu.prompts import say

ASKS_DAY = Expected(frozenset({Slot.DATE}))
ASKS_CODE = Expected(frozenset({Slot.CODE}))
ASKS_YES = Expected(frozenset({Slot.YES_NO}))


def answered(text: str, expected: Expected = NOTHING_ASKED, **more: bool) -> Answered:
    return Answered(1, "", (Reply(text, text),), expected, **more)


class Told:
    """A call that is told to a machine; `said` collects what it says."""

    def __init__(self, opening: Answered | None = None) -> None:
        self.at = 100.0
        self.machine = Machine(opening or answered("李奶奶您好,要办什么?", ASKS_DAY))
        self.said: list[str] = []
        self.speeds: list[float] = []

    def happens(self, *events: Event) -> list[Action]:
        done: list[Action] = []
        for event in events:
            done += self.machine.on(event)
        for action in done:
            if isinstance(action, Speak):
                self.said += [reply.text for reply in action.replies]
                self.speeds.append(action.manner.speed)
        return done

    def begins(self) -> list[Action]:
        return self.happens(Up(self.at), Spoken(self.later(2)))

    def says(self, *words: str) -> list[Action]:
        hearings = tuple(Alternative(one) for one in words)
        return self.happens(SpeechBegan(self.later(0.5)), Heard(self.later(1), hearings))

    def hears(self, what: Answered) -> list[Action]:
        """The desk answers, and we say it to its end."""
        done = self.happens(Answer(self.later(0.2), what))
        return done + self.happens(Spoken(self.later(2)))

    def waits(self, seconds: float) -> list[Action]:
        done: list[Action] = []
        for _ in range(int(seconds * 10)):
            done += self.happens(Tick(self.later(0.1)))
        return done

    def later(self, seconds: float) -> float:
        self.at += seconds
        return self.at


def kinds(actions: Sequence[Action]) -> list[type[Action]]:
    told = Ask | Cry | Want | HandOver | HangUp | Hush
    return [type(one) for one in actions if isinstance(one, told)]


def text(prompt: str) -> str:
    return say(prompt).text


def test_an_order_in_three_sentences_ends_with_goodbye() -> None:
    call = Told()
    call.begins()
    assert call.says("明天中午送个饭") == [Ask((Alternative("明天中午送个饭"),))]
    call.hears(answered("明天午餐一份,对不对?", ASKS_YES))
    assert kinds(call.says("对")) == [Ask]
    call.hears(answered("订好了。"))
    call.waits(NOTHING_MORE_S[0] + 0.2)
    call.happens(Spoken(call.later(1)))
    done = call.waits(NOTHING_MORE_S[1] + 0.2)
    done += call.happens(Spoken(call.later(1)))
    assert call.said[-2:] == [text("line.anything_else"), text("line.goodbye")]
    assert done[-1] == HangUp()
    assert call.machine.phase is Phase.OVER
    assert call.says("喂") == []


def test_whoever_says_nothing_is_asked_slower_then_shown_the_keys_then_given_a_human() -> None:
    call = Told()
    call.begins()
    call.waits(SILENCE_S[0] + 0.2)
    assert call.said[-2:] == [text("line.still_there"), "李奶奶您好,要办什么?"]
    assert call.speeds[-1] < call.speeds[0]
    call.happens(Spoken(call.later(3)))
    call.waits(SILENCE_S[1] + 0.2)
    assert call.said[-2] == text("line.other_keys")
    call.happens(Spoken(call.later(3)))
    call.waits(SILENCE_S[2] + 0.2)
    assert call.said[-1] == text("line.human_silent")
    assert call.happens(Spoken(call.later(2))) == [HandOver("silence")]


def test_an_answer_after_a_long_silence_counts_as_any_other() -> None:
    call = Told()
    call.begins()
    call.waits(SILENCE_S[0] + 0.2)
    call.happens(Spoken(call.later(3)))
    assert kinds(call.says("明天")) == [Ask]
    call.hears(answered("几点?", ASKS_DAY))
    assert kinds(call.waits(SILENCE_S[0] - 0.5)) == []


def test_we_fall_silent_as_soon_as_somebody_speaks_and_hear_them_out() -> None:
    call = Told()
    call.happens(Up(call.at))
    assert call.happens(SpeechBegan(call.later(0.5))) == [Hush()]
    assert call.happens(Heard(call.later(1), (Alternative("订饭"),))) == [
        Ask((Alternative("订饭"),))
    ]


@pytest.mark.parametrize("sound", ["words_of_none", "noise"])
def test_a_cough_in_our_sentence_lets_us_go_on_with_it(sound: str) -> None:
    call = Told()
    call.happens(Up(call.at), SpeechBegan(call.later(0.5)))
    cough = Noise(call.later(0.5)) if sound == "noise" else Heard(call.later(0.5), ())
    assert call.happens(cough) == [Resume()]
    call.happens(Spoken(call.later(1)))
    assert call.machine.phase is Phase.LISTENING


def test_a_mumble_is_asked_about_then_keys_then_a_human() -> None:
    call = Told()
    call.begins()
    call.says()
    assert call.said[-1] == text("line.not_caught")
    call.happens(Spoken(call.later(1)))
    call.says()
    assert text("line.other_keys") in call.said[-2:]
    call.happens(Spoken(call.later(1)))
    call.says()
    assert call.happens(Spoken(call.later(1))) == [HandOver("misunderstood")]


def test_a_cry_is_told_while_it_is_still_being_spoken_and_once() -> None:
    call = Told()
    call.begins()
    call.happens(SpeechBegan(call.later(0.5)))
    assert call.happens(Partial(call.later(0.5), "救命")) == [Cry("救命")]
    assert call.happens(Partial(call.later(0.5), "救命啊我摔倒了")) == []
    assert kinds(call.happens(Heard(call.later(0.5), (Alternative("救命啊我摔倒了"),)))) == [Ask]


def test_a_cry_is_heard_also_while_we_think_or_take_leave() -> None:
    call = Told()
    call.begins()
    call.says("再见")
    assert call.happens(Partial(call.later(0.2), "救命啊")) == [Cry("救命啊")]


def test_a_cry_of_which_nothing_is_left_in_the_end_is_answered_all_the_same() -> None:
    call = Told()
    call.begins()
    call.happens(SpeechBegan(call.later(0.5)), Partial(call.later(0.5), "救命"))
    assert call.happens(Heard(call.later(0.5), ())) == [Ask((Alternative("救命"),))]


def test_humans_are_rung_for_an_alarm_while_it_is_still_being_answered() -> None:
    call = Told()
    call.begins()
    call.says("我摔倒了起不来")
    done = call.happens(Answer(call.later(0.2), answered("正在叫人。", alarm=True)))
    assert kinds(done) == [HandOver]
    assert call.said[-1] == "正在叫人。"
    call.happens(Handed(call.later(1), reached=False), Spoken(call.later(5)))
    assert call.said[-1] == text("line.with_you")
    call.happens(Spoken(call.later(3)))
    assert kinds(call.says("腿疼")) == [Ask]


def test_an_agent_picks_up_in_the_middle_of_our_sentence_and_we_are_out_of_it() -> None:
    call = Told()
    call.begins()
    call.says("救命")
    assert call.happens(Joined(call.later(0.5))) == []
    assert call.happens(Answer(call.later(0.1), answered("正在叫人。", alarm=True))) == []
    assert call.says("我在厨房") == []
    assert call.waits(60) == []
    call.happens(Handed(call.later(1), reached=True))
    assert call.machine.phase is Phase.OVER


def test_a_cry_stands_in_the_record_also_when_an_agent_comes_before_its_end() -> None:
    call = Told()
    call.begins()
    call.happens(SpeechBegan(call.later(0.5)), Partial(call.later(0.5), "救命啊"))
    assert call.happens(Joined(call.later(0.5))) == [Ask((Alternative("救命啊"),))]


def test_whoever_waits_for_help_is_never_hung_up_on_nor_left_in_silence() -> None:
    call = Told()
    call.begins()
    call.says("我摔倒了起不来")
    call.hears(answered("正在叫人。", alarm=True))
    call.waits(RINGING_S + 0.2)  # it still rings
    for _ in range(10):
        assert call.said[-1] == text("line.with_you")
        call.said.clear()
        call.happens(Spoken(call.later(3)))
        assert kinds(call.waits(WITH_YOU_S + 0.2)) == []
    assert call.machine.phase is not Phase.OVER


def test_while_an_agent_is_rung_the_caller_hears_that_somebody_is_there() -> None:
    call = Told()
    call.begins()
    call.says("转人工")
    call.hears(answered("好,马上。", human=True))
    call.waits(RINGING_S + 0.2)
    call.happens(Spoken(call.later(1)))
    call.waits(RINGING_S + 0.2)
    assert call.said[-2:] == [text("line.one_moment")] * 2


def test_a_bell_at_which_nobody_speaks_is_an_alarm() -> None:
    call = Told(answered("您是不是需要帮忙?", ASKS_YES, doubt=True))
    call.begins()
    done = call.waits(DOUBT_S + 0.2)
    assert NobodyAnswers() in done
    assert kinds(done) == [HandOver]
    assert call.said[-1] == text("line.alarm")


def test_at_a_bell_somebody_orders_lunch() -> None:
    call = Told(answered("您是不是需要帮忙?", ASKS_YES, doubt=True))
    call.begins()
    assert kinds(call.says("没事,我要订午饭")) == [Ask]
    call.hears(answered("哪一天?", ASKS_DAY))
    assert NobodyAnswers() not in call.waits(DOUBT_S + 0.2)


def test_whoever_reaches_a_human_is_let_go() -> None:
    call = Told()
    call.begins()
    call.says("转人工")
    assert call.hears(answered("好,马上。", human=True))[-1] == HandOver("asked")
    call.happens(Handed(call.later(5), reached=True))
    assert call.machine.phase is Phase.OVER


def test_nobody_free_is_said_and_the_talk_goes_on() -> None:
    call = Told()
    call.begins()
    call.says("转人工")
    call.hears(answered("好,马上。", human=True))
    call.happens(Handed(call.later(5), reached=False))
    assert call.said[-1] == text("line.nobody_free")
    call.happens(Spoken(call.later(3)))
    assert kinds(call.says("那订个饭")) == [Ask]


def test_slower_and_louder_are_not_a_turn() -> None:
    call = Told()
    call.begins()
    first = call.speeds[-1]
    call.says("你说慢一点")
    assert call.said[-1] == "李奶奶您好,要办什么?"
    assert call.speeds[-1] < first
    call.happens(Spoken(call.later(3)))
    call.says("大声点,听不见")
    assert call.machine.manner.louder_db == 0  # two wishes in one are for the conversation
    call.happens(Answer(call.later(1), answered("好", ASKS_DAY)), Spoken(call.later(1)))
    call.says("大声一点")
    assert call.machine.manner.louder_db > 0


def test_what_is_said_while_we_think_is_answered_next() -> None:
    call = Told()
    call.begins()
    call.says("明天送饭")
    call.happens(SpeechBegan(call.later(0.1)), Heard(call.later(0.8), (Alternative("要软的"),)))
    done = call.happens(Answer(call.later(0.1), answered("明天午餐。", ASKS_YES)))
    assert done[-1] == Ask((Alternative("明天送饭要软的"),), unheard=True)
    assert "明天午餐。" not in call.said


def test_nobody_is_talked_over_by_an_answer() -> None:
    call = Told()
    call.begins()
    call.says("明天中午")
    call.happens(SpeechBegan(call.later(0.1)))
    assert call.happens(Answer(call.later(0.1), answered("要什么?", ASKS_DAY))) == []
    done = call.happens(Heard(call.later(1), (Alternative("送个饭"),)))
    assert done[-1] == Ask((Alternative("明天中午送个饭"),), unheard=True)
    call.hears(answered("明天午餐。", ASKS_YES))
    call.says("对")
    call.happens(SpeechBegan(call.later(0.1)))
    call.happens(Answer(call.later(0.1), answered("订好了。")))
    call.happens(Heard(call.later(0.4), ()))  # a cough
    assert call.said[-1] == "订好了。"


def test_a_pause_of_thought_does_not_cut_a_sentence_in_two() -> None:
    call = Told()
    call.begins()
    call.says("明天中午")
    call.happens(Answer(call.later(0.3), answered("明天中午要什么?", ASKS_DAY)))
    assert call.happens(SpeechBegan(call.later(0.5))) == [Hush()]
    done = call.happens(Heard(call.later(1), (Alternative("送个饭"),)))
    assert done == [Ask((Alternative("明天中午送个饭"),), unheard=True)]
    said = len(call.said)
    call.hears(answered("明天午餐,对不对?", ASKS_YES))
    assert call.said[said:] == ["明天午餐,对不对?"]


def test_a_sentence_may_come_in_three_pieces_of_which_each_was_heard_in_two_ways() -> None:
    call = Told()
    call.begins()
    call.happens(SpeechBegan(call.later(0.5)))
    two = (Alternative("明天中午", 0.6), Alternative("明天总务", 0.4))
    call.happens(Heard(call.later(1), two))
    call.happens(SpeechBegan(call.later(0.4)), Heard(call.later(1), (Alternative("送个饭"),)))
    call.happens(SpeechBegan(call.later(0.4)), Heard(call.later(1), (Alternative("要软的"),)))
    (*_, asked) = call.happens(Answer(call.later(0.1), answered("明天中午要什么?", ASKS_DAY)))
    assert asked == Ask(
        (Alternative("明天中午送个饭要软的", 0.6), Alternative("明天总务送个饭要软的", 0.4)),
        unheard=True,
    )


def test_what_answers_our_first_words_is_a_sentence_of_its_own() -> None:
    call = Told()
    call.begins()
    call.says("明天中午")
    call.happens(Answer(call.later(0.2), answered("送什么?", ASKS_DAY)))
    call.happens(SpeechBegan(call.later(1.0)))
    assert call.happens(Heard(call.later(1), (Alternative("送饭"),))) == [
        Ask((Alternative("送饭"),))
    ]


def test_after_a_while_it_is_the_next_sentence() -> None:
    call = Told()
    call.begins()
    call.says("明天中午送个饭")
    call.happens(SpeechBegan(call.later(2)), Heard(call.later(1), (Alternative("多少钱"),)))
    done = call.happens(Answer(call.later(0.1), answered("明天午餐,对不对?", ASKS_YES)))
    assert done[-1] == Ask((Alternative("多少钱"),), unheard=True)


def test_nothing_is_added_to_a_yes_nor_to_what_was_ordered() -> None:
    for word in ("对", "就要这些"):
        call = Told(answered("明天午餐,对不对?", ASKS_YES))
        call.begins()
        call.says(word)
        call.happens(SpeechBegan(call.later(0.3)), Heard(call.later(1), (Alternative("要软的"),)))
        done = call.happens(Answer(call.later(0.1), answered("订好了。", placed=True)))
        assert done[-1] == Ask((Alternative("要软的"),), unheard=True)


def test_a_cough_behind_the_pause_joins_nothing_later() -> None:
    call = Told()
    call.begins()
    call.says("明天中午")
    call.happens(SpeechBegan(call.later(0.2)), Heard(call.later(0.3), ()))
    call.hears(answered("要什么?", ASKS_DAY))
    assert call.says("送个饭") == [Ask((Alternative("送个饭"),))]


def test_a_cry_behind_the_pause_stands_alone() -> None:
    call = Told()
    call.begins()
    call.says("我没有")
    call.happens(SpeechBegan(call.later(0.3)))
    assert Cry("救命") in call.happens(Heard(call.later(1), (Alternative("救命"),)))
    done = call.happens(Answer(call.later(0.1), answered("什么?", ASKS_DAY)))
    assert done[-1] == Ask((Alternative("救命"),), unheard=True)


def test_how_we_speak_is_not_part_of_the_sentence_before_it() -> None:
    call = Told()
    call.begins()
    call.says("明天中午")
    call.happens(Answer(call.later(0.2), answered("要什么?", ASKS_DAY)))
    call.happens(SpeechBegan(call.later(0.3)))
    assert kinds(call.happens(Heard(call.later(1), (Alternative("大声一点"),)))) == []
    assert call.said[-1] == "要什么?"


def test_a_second_of_thinking_is_filled_once() -> None:
    call = Told()
    call.begins()
    call.says("明天送饭")
    call.waits(THINKING_S * 3)
    assert call.said.count(text("line.one_moment")) == 1


def test_keys_answer_yes_no_at_once_and_figures_when_they_are_complete() -> None:
    call = Told(answered("对不对?", ASKS_YES))
    call.begins()
    assert call.happens(Key(call.later(1), "1")) == [Ask(keys="1")]
    call = Told(answered("请按四位码。", ASKS_CODE))
    call.begins()
    for figure in "120":
        assert kinds(call.happens(Key(call.later(0.4), figure))) == []
    assert call.happens(Key(call.later(0.4), "#")) == [Ask(keys="120")]


def test_figures_without_a_hash_are_complete_after_a_while() -> None:
    call = Told(answered("请按四位码。", ASKS_CODE))
    call.happens(Up(call.at))
    assert call.happens(Key(call.later(0.4), "7")) == [Hush()]
    call.happens(Key(call.later(0.4), "0"))
    assert Ask(keys="70") in call.waits(3.3)


def test_zero_brings_a_human_even_where_a_number_is_asked() -> None:
    call = Told(answered("请按四位码。", ASKS_CODE))
    call.begins()
    assert call.happens(Key(call.later(1), "0")) == [Ask(keys="0")]


def test_nine_says_it_again() -> None:
    call = Told(answered("对不对?", ASKS_YES))
    call.begins()
    call.happens(Key(call.later(1), "9"))
    assert call.said == ["对不对?", "对不对?"]


def test_with_the_database_away_a_human_is_wanted_and_rung_before_our_words_are_out() -> None:
    call = Told()
    call.begins()
    call.says("明天送饭")
    assert kinds(call.happens(Failed(call.later(1)))) == [Want, HandOver]
    assert call.said[-1] == text("line.not_written")


def test_with_the_database_away_a_yes_to_the_bells_question_may_be_a_cry() -> None:
    call = Told(answered("您是不是需要帮忙?", ASKS_YES, doubt=True))
    call.begins()
    call.says("需要")
    assert HandOver("alarm") in call.happens(Failed(call.later(1)))


def test_a_desk_that_never_answers_is_given_up() -> None:
    call = Told()
    call.begins()
    call.says("明天送饭")
    assert kinds(call.waits(AT_A_LOSS_S + 0.2)) == [Want, HandOver]
    late = Answer(call.later(0.1), answered("明天午餐。", ASKS_YES))
    assert call.happens(late) == []


def test_second_thoughts_at_the_goodbye() -> None:
    call = Told()
    call.begins()
    call.says("再见")
    call.happens(Answer(call.later(0.2), answered("再见。", farewell=True)))
    assert call.happens(SpeechBegan(call.later(0.2))) == [Hush()]
    assert kinds(call.happens(Heard(call.later(1), (Alternative("等等,还要一份"),)))) == [Ask]


def test_after_they_hung_up_nothing_is_done_any_more() -> None:
    call = Told()
    call.begins()
    call.happens(Gone(call.later(1)))
    assert call.waits(60) == []
    assert call.machine.phase is Phase.OVER
