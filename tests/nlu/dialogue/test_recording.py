"""Stories of whether the sound of a call may be kept: asked once, and taken back by a word."""

import hashlib
from pathlib import Path

import pytest
import yaml

from backend.seed.town import Seeded
from backend.services.consents import asked_before, standing_consent
from backend.services.keep_call_sound import RECORDING
from backend.services.work import Work
from backend.settings import get_settings
from nlu.dialogue.expects import expectation
from nlu.dialogue.recording import TEXT_VERSION
from nlu.prompts import FOLDER
from tests.nlu.dialogue.people import Caller, Chat


@pytest.fixture
def guilan(work: Work, seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(get_settings(), "ivr_sound_key", "set")
    return Caller(work, "李桂兰", self=seeded.li_guilan)


def orders(chat: Chat) -> str:
    chat.says("明天中午订一份午餐", "order_meal")
    return chat.says("好")


def may_keep(chat: Chat) -> bool:
    return standing_consent(chat.work, chat.account.id, RECORDING) is not None


@pytest.mark.parametrize("yes", ["可以", "好的", "行", "1"])
def test_behind_a_first_order_she_is_asked_and_agrees(guilan: Caller, yes: str) -> None:
    said = orders(guilan)
    assert "订好了" in said
    assert said.endswith("可以留吗？")
    # Silence behind it is no reason to ask again or to bring anybody.
    assert not expectation(guilan.work, guilan.account).is_question
    answer = guilan.presses(yes) if yes == "1" else guilan.says(yes)
    assert "谢谢" in answer
    assert may_keep(guilan)
    assert "可以留吗" not in orders(guilan)


@pytest.mark.parametrize("no", ["不用了", "不行", "不要", "算了", "别录音", "2"])
def test_after_a_no_she_is_never_asked_again(guilan: Caller, no: str) -> None:
    orders(guilan)
    guilan.presses(no) if no == "2" else guilan.says(no)
    assert not may_keep(guilan)
    assert guilan.state.task is None
    assert "可以留吗" not in orders(guilan)


def test_another_matter_is_no_yes(guilan: Caller) -> None:
    orders(guilan)
    assert "午餐" in guilan.says("查一下订单", "query_order")
    assert guilan.state.task is None
    guilan.says("好的")
    assert not may_keep(guilan)
    assert len(asked_before(guilan.work, guilan.account.id, RECORDING)) == 1


@pytest.mark.parametrize(
    "words",
    [
        "别录音",
        "不要录音",
        "以后别录音了",
        "不许录我的音",
        "把录音删了",
        "你们不要给我录音",
        "我不想被录音",
    ],
)
def test_it_is_taken_back_at_any_time_in_any_channel(
    guilan: Caller, work: Work, words: str
) -> None:
    orders(guilan)
    guilan.says("可以")
    guilan.says("后天中午订一份午餐", "order_meal")
    said = guilan.says(words, "deny", 0.6)
    assert "已经删了" in said
    assert "要下单吗" in said
    assert not may_keep(guilan)
    # What was being ordered goes on.
    assert "订好了" in guilan.says("好")


def test_who_hangs_up_at_the_question_is_not_asked_again(guilan: Caller) -> None:
    orders(guilan)
    assert "可以留吗" not in guilan.does("ring:")
    guilan.says("好的")
    assert not may_keep(guilan)


@pytest.mark.parametrize("words", ["你们有没有录音", "现在在录音吗"])
def test_who_asks_is_told(guilan: Caller, words: str) -> None:
    assert "没有留" in guilan.says(words, "inform")
    orders(guilan)
    guilan.says("可以")
    assert "您同意过" in guilan.says(words, "inform")


@pytest.mark.parametrize("words", ["录音机坏了", "明天录个节目", "我听了录音带"])
def test_what_only_sounds_like_it(guilan: Caller, words: str) -> None:
    said = guilan.says(words, "chitchat")
    assert "声音" not in said


def test_nobody_is_asked_where_nothing_could_be_kept(
    guilan: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "ivr_sound_key", "")
    assert "可以留吗" not in orders(guilan)


def test_nobody_is_asked_in_wechat(guilan: Caller, work: Work, seeded: Seeded) -> None:
    assert "可以留吗" not in orders(Chat(work, "李桂兰", self=seeded.li_guilan))


def test_the_words_of_the_consent_are_those_of_its_version() -> None:
    """Whoever changes the words of the consent raises TEXT_VERSION and puts both here."""
    prompts = yaml.safe_load(Path(FOLDER / "line.yaml").read_text("utf-8"))
    digest = hashlib.sha256(str(prompts["recording.ask"]).encode()).hexdigest()[:12]
    assert {"1": "a349068e263b"}[TEXT_VERSION] == digest
