"""Stories of what a recogniser heard, and what must have been said here.

The classifier is scripted by the hearings of each story; Rasa itself is tested elsewhere.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.dialogue.turns import Alternative
from nlu.errors import RasaUnavailable
from nlu.expected import NOTHING_ASKED, Expected, Phrase, Slot, phrases
from nlu.hearing import MOST, Choice, Why, choose, hearings_of
from nlu.rasa_client import IntentGuess
from nlu.rules import words_of
from nlu.understand import Understander, make_gazetteer
from tests.nlu.saying import NOW, any_text

GAZETTEER = make_gazetteer()
DAY = Expected(frozenset({Slot.DATE}), phrases(["今天", "明天", "后天"]))
SURE = Expected(
    frozenset({Slot.YES_NO}),
    (*phrases(words_of("affirm"), "yes"), *phrases(words_of("deny"), "no")),
    is_closed=True,
)
MENU = Expected(phrases=phrases(["红烧肉", "清蒸鱼", "番茄炒蛋", "白切鸡"]))
WHO = Expected(
    frozenset({Slot.PERSON}),
    (*phrases(["王建国", "建国"], "elder 1"), *phrases(["李桂兰", "桂兰"], "elder 2")),
)


class Rasa:
    """Guesses what the story says of a text, else that it is nothing we do; counts."""

    def __init__(self, **guesses: tuple[str, float]) -> None:
        self.guesses = guesses
        self.asked: list[str] = []

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        self.asked.append(text)
        intent, confidence = self.guesses.get(text, ("out_of_scope", 0.4))
        return IntentGuess(intent, confidence, ((intent, confidence),))


class Dead:
    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        raise RasaUnavailable("down")


def heard(
    *hearings: str | tuple[str, float],
    expected: Expected = NOTHING_ASKED,
    rasa: Rasa | Dead | None = None,
) -> Choice:
    """What is made of these hearings; trust falls from one to the next unless it is given."""
    alternatives = [
        Alternative(one, 0.6**place) if isinstance(one, str) else Alternative(*one)
        for place, one in enumerate(hearings)
    ]
    understander = Understander(Rasa() if rasa is None else rasa, GAZETTEER)
    return choose(alternatives, understander, NOW, expected=expected)


# ------------------------------------------------------------------ what was asked


def test_asked_which_day_tomorrow_is_heard_in_three_spellings() -> None:
    rasa = Rasa(明天=("inform", 0.9))
    choice = heard("名天", "明天", "明添", expected=DAY, rasa=rasa)
    assert choice.text == "明天"
    assert choice.understanding.date is not None
    assert choice.understanding.date.isoformat() == "2026-03-05"
    assert rasa.asked == ["明天"]  # three spellings of one answer are one parse


def test_asked_which_day_a_day_is_likelier_than_a_name() -> None:
    rasa = Rasa(大厚田=("chitchat", 0.7), 大后天=("inform", 0.8))
    choice = heard(("大厚田", 0.6), ("大后天", 0.4), expected=DAY, rasa=rasa)
    assert (choice.text, choice.why) == ("大后天", Why.MAKES_SENSE)


@pytest.mark.parametrize("hearings", [("是得", "十的"), ("十的", "是得"), ("世的",)])
def test_asked_to_confirm_what_sounds_like_yes_is_one(hearings: tuple[str, ...]) -> None:
    choice = heard(*hearings, expected=SURE, rasa=Dead())
    assert choice.understanding.intent == "affirm"


def test_asked_to_confirm_a_no_heard_first_is_never_turned_into_a_yes() -> None:
    assert heard("不是", "不四", "是", expected=SURE).understanding.intent == "deny"


def test_asked_to_confirm_a_figure_stays_a_figure() -> None:
    """四 sounds like 是 to southern ears, but may correct the number of portions."""
    assert heard("四", expected=SURE, rasa=Rasa(四=("inform", 0.7))).text == "四"


def test_the_answer_to_a_question_goes_before_a_likelier_sentence_about_nothing() -> None:
    rasa = Rasa(药里面有吗=("query_menu", 0.5), 要两份=("inform", 0.7))
    asked = Expected(frozenset({Slot.QUANTITY}))
    choice = heard(("药里面有吗", 0.55), ("要两份", 0.45), expected=asked, rasa=rasa)
    assert choice.text == "要两份"


def test_another_matter_clearly_heard_is_not_bent_into_an_answer() -> None:
    rasa = Rasa(补贴还有多少=("query_balance", 0.98), 不贴还有多少=("query_balance", 0.7))
    choice = heard(("补贴还有多少", 0.9), ("不行", 0.05), expected=SURE, rasa=rasa)
    assert choice.understanding.intent == "query_balance"


# ------------------------------------------------------------------ closed lists by sound


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("红烧楼", "红烧肉"),  # r and l, all the rest right
        ("我要红烧楼吧", "我要红烧肉吧"),
        ("番茄炒淡", "番茄炒蛋"),
        ("红烧肉", "红烧肉"),
        ("红烧茄子", "红烧茄子"),
        ("青菜", "青菜"),
        ("白菜汤", "白菜汤"),
    ],
)
def test_a_dish_misheard_is_the_one_on_the_menu(said: str, meant: str) -> None:
    assert heard(said, expected=MENU).text == meant


def test_without_the_menu_the_dish_stays_as_heard() -> None:
    assert heard("红烧楼").text == "红烧楼"


def test_an_elder_is_known_by_the_sound_of_the_name() -> None:
    assert heard("给王见国的", expected=WHO).text == "给王建国的"
    assert heard("贵兰", expected=WHO).text == "桂兰"


def test_two_elders_who_sound_alike_are_not_guessed_at() -> None:
    alike = Expected(frozenset({Slot.PERSON}), (Phrase("王建国", "1"), Phrase("王建果", "2")))
    assert heard("王见郭", expected=alike).text == "王见郭"
    assert heard("王建郭", expected=alike).text == "王建郭"
    assert heard("王建果", expected=alike).text == "王建果"


def test_one_syllable_needs_its_tone() -> None:
    """药 is 要; but 冷 is no 能, whoever confuses n and l: an order hangs on it."""
    assert heard("药", expected=SURE).understanding.intent == "affirm"
    assert heard("冷", expected=SURE).understanding.intent != "affirm"


# ------------------------------------------------------------------ nothing was asked


def test_unasked_the_hearing_that_says_more_wins() -> None:
    said = "明天中午给我妈订一份午餐"
    rasa = Rasa(明天钟五给我妈顶一份无餐=("order_meal", 0.8), **{said: ("order_meal", 0.9)})
    choice = heard("明天钟五给我妈顶一份无餐", said, rasa=rasa)
    assert choice.text == said


def test_unasked_a_sentence_goes_before_a_stray_yes() -> None:
    assert heard(
        ("对", 0.55), ("我想退订", 0.45), rasa=Rasa(我想退订=("cancel_order", 0.8))
    ).text == ("我想退订")


def test_talk_of_jobs_is_a_workers() -> None:
    rasa = Rasa(单子有吗=("job_list", 0.6), 蛋汁有吗=("query_menu", 0.6))
    hearings = (("单子有吗", 0.5), ("蛋汁有吗", 0.5))
    assert heard(*hearings, rasa=rasa).understanding.intent == "query_menu"
    worker = Expected(by_worker=True)
    assert heard(*hearings, expected=worker, rasa=rasa).understanding.intent == "job_list"


def test_equals_keep_the_recognisers_order() -> None:
    rasa = Rasa(补贴多少=("query_balance", 0.8), 补贴多小=("query_balance", 0.8))
    first, second = ("补贴多少", 0.5), ("补贴多小", 0.5)
    assert heard(first, second, rasa=rasa).text == "补贴多少"
    choice = heard(second, first, rasa=rasa)
    assert (choice.text, choice.why) == ("补贴多小", Why.TRUSTED)


# ------------------------------------------------------------------ cries for help


def test_a_cry_in_the_second_hearing_is_asked_about() -> None:
    rasa = Rasa(我爹到琴行来=("chitchat", 0.5))
    choice = heard(("我爹到琴行来", 0.8), ("我跌倒了起不来", 0.2), rasa=rasa)
    assert choice.why is Why.CRY
    assert choice.understanding.intent == "emergency"
    assert choice.understanding.doubtful
    assert choice.understanding.instead is not None
    assert choice.understanding.instead.text == "我爹到琴行来"


def test_a_doubtful_cry_first_and_a_sure_one_second_is_no_doubt_any_more() -> None:
    rasa = Rasa(今天好男受=("emergency", 0.4))
    choice = heard(("今天好男受", 0.8), ("救命啊好难受", 0.2), rasa=rasa)
    assert choice.understanding.text == "救命啊好难受"
    assert not choice.understanding.doubtful


def test_a_cry_that_most_hearings_agree_on_is_one() -> None:
    choice = heard(("旧命啊快来仁", 0.4), ("救命啊快来人", 0.35), ("救命啊快来认", 0.25))
    assert choice.understanding.intent == "emergency"
    assert not choice.understanding.doubtful


def test_a_cry_goes_before_an_answer_to_what_was_asked() -> None:
    choice = heard(("是的", 0.7), ("救命啊", 0.3), expected=SURE)
    assert choice.understanding.intent == "emergency"


def test_a_cry_is_heard_with_rasa_dead_in_any_hearing() -> None:
    choice = heard(("就命快莱恩", 0.7), ("救命快来人", 0.3), rasa=Dead())
    assert choice.understanding.intent == "emergency"


def test_a_cry_that_hardly_any_trust_is_in_is_noise() -> None:
    rasa = Rasa(明天要午餐=("order_meal", 0.9))
    assert heard(("明天要午餐", 1.0), ("救命啊", 0.001), rasa=rasa).text == "明天要午餐"


def test_a_cry_that_sounds_like_nothing_that_was_said_is_not_asked_about() -> None:
    """算了 is no call for help because the fourth hearing is one."""
    choice = heard(("算了", 0.8), ("救命", 0.1), ("酸了", 0.1), expected=SURE)
    assert choice.text == "算了"
    assert choice.understanding.intent == "deny"


def test_a_cry_that_may_have_been_said_is_asked_about_however_unlikely() -> None:
    choice = heard(("修面", 0.8), ("救命", 0.1), ("修名", 0.1), expected=SURE)
    assert choice.understanding.intent == "emergency"
    assert choice.understanding.doubtful


def test_nine_is_no_hour_of_the_afternoon() -> None:
    rasa = Rasa(下午九点=("inform", 0.9), 上午九点=("inform", 0.9))
    asked = Expected(frozenset({Slot.TIME}))
    choice = heard(("下午九点", 0.6), ("上午九点", 0.4), expected=asked, rasa=rasa)
    assert choice.text == "上午九点"
    assert heard(("晚上九点", 0.6), ("上午九点", 0.4), expected=asked).text == "晚上九点"


def test_a_doubt_of_the_classifiers_in_a_hearing_of_little_trust_is_not_asked_about() -> None:
    rasa = Rasa(今天天气好=("chitchat", 0.9), 今天天气豪=("emergency", 0.3))
    choice = heard(("今天天气好", 0.9), ("今天天气豪", 0.1), rasa=rasa)
    assert choice.understanding.intent == "chitchat"


# ------------------------------------------------------------------ what it costs


def test_one_hearing_costs_one_parse_and_changes_nothing() -> None:
    rasa = Rasa(明天要午餐=("order_meal", 0.9))
    choice = heard("明天要午餐", rasa=rasa)
    assert rasa.asked == ["明天要午餐"]
    assert choice.understanding == Understander(rasa, GAZETTEER).understand(
        "明天要午餐", NOW, "voice"
    )


def test_no_more_than_five_hearings_are_parsed() -> None:
    rasa = Rasa()
    heard(*[(f"{'一二三四五六七八'[n]}号楼的老张", 1.0) for n in range(8)], rasa=rasa)
    assert len(rasa.asked) == MOST


def test_hearings_that_differ_by_spaces_and_silence_cost_nothing() -> None:
    rasa = Rasa(我要午餐=("order_meal", 0.9))
    heard("我 要 午餐", "", "我要午餐", "。", rasa=rasa)
    assert rasa.asked == ["我要午餐"]


def test_nothing_heard_is_said_to_be_nothing() -> None:
    assert heard().why is Why.NOTHING_HEARD
    assert heard("", " ").understanding.intent == "out_of_scope"


def test_with_rasa_dead_it_is_told_and_nothing_is_guessed() -> None:
    """A yes by rule in the second hearing must not answer for the first, which nobody read."""
    with pytest.raises(RasaUnavailable):
        heard("不是明天是后天", "是的", expected=SURE, rasa=Dead())


def test_hearings_are_read_from_a_line() -> None:
    line = '[{"text": "名天", "confidence": 0.6}, {"text": "明天"}]'
    assert hearings_of(line) == (Alternative("名天", 0.6), Alternative("明天", 1.0))


@pytest.mark.parametrize(
    "line",
    ["明天", "", "[]", "[1]", '["明天"]', '{"text": "明天"}', '[{"confidence": 1}]', "[" * 9999,
     '[{"text": "明天", "confidence": "多"}]', '[{"text": "明天", "confidence": NaN}]', "3"],
)  # fmt: skip
def test_a_line_that_is_no_list_of_hearings_is_a_sentence(line: str) -> None:
    assert hearings_of(line) == (Alternative(line),)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(any_text, st.floats(0, 1)), max_size=6),
    st.sampled_from([NOTHING_ASKED, DAY, SURE, MENU, WHO]),
)
def test_whatever_is_heard_something_of_it_is_chosen(
    hearings: list[tuple[str, float]], expected: Expected
) -> None:
    choice = heard(*hearings, expected=expected)
    said = {expected.as_meant(text) for text, _ in hearings}
    assert choice.text in said or choice.why is Why.NOTHING_HEARD
