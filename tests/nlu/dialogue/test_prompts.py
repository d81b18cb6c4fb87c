"""Every sentence we can say exists, can be read, and can be heard."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import nlu.dialogue
from nlu.dialogue.turns import Reply
from nlu.prompts import FOLDER, PromptError, load, prompt_ids, say
from nlu.prompts.speakable import speakable
from nlu.prompts.wording import (
    Manner,
    clock,
    day,
    digits,
    money,
    number,
    recurrence,
    tidy,
    window,
)

NOW = datetime(2026, 3, 4, 1, 20, tzinfo=UTC)
EARS = Manner.EARS
CODE = Path(nlu.dialogue.__file__).parent
REFUSALS = (
    "unknown_service", "not_permitted", "no_address", "past_window", "too_late", "too_far",
    "out_of_hours", "no_provider", "provider_full", "needs_assessment", "assessment_expired",
    "bad_quantity", "already_started", "illegal_move", "not_found", "allowance_short",
    "bad_code", "used_code", "expired_code", "bad_stars", "not_finished",
)  # fmt: skip
"""What the use cases of families refuse with."""


@pytest.mark.parametrize("file", ["line.yaml", "callouts.yaml"])
def test_on_the_telephone_one_thing_is_asked_and_last(file: str) -> None:
    """A listener answers what was said last."""
    for prompt_id, written in yaml.safe_load((FOLDER / file).read_text("utf-8")).items():
        said = re.sub(r"{%.*?%}|{{.*?}}", "", written.get("speech") or written["text"]).strip()
        questions = re.findall("[?？]", said)
        assert len(questions) <= 1, prompt_id
        assert not questions or said[-1] in "?？", prompt_id


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_words(code: str) -> None:
    assert f"limit.{code}" in prompt_ids()


def test_every_prompt_that_code_names_exists() -> None:
    named = re.compile(r'(?:say|text_of)\(\s*f?"([a-z_]+\.[a-z_.{}\w\[\]]*)"')
    known = prompt_ids()
    found = 0
    for file in CODE.glob("*.py"):
        for prompt_id in named.findall(file.read_text("utf-8")):
            found += 1
            stem = prompt_id.partition("{")[0]
            whole = stem == prompt_id
            hits = [k for k in known if (k == stem if whole else k.startswith(stem))]
            assert hits, f"{file.name}: {prompt_id}"
    assert found > 80


def test_no_chinese_sentence_hides_in_the_code() -> None:
    """Words for people live in the prompts; single words in quotes are examples in comments."""
    han = re.compile("[\u4e00-\u9fff]")
    for file in CODE.glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            said = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if name in ("say", "text_of", "Reply"):
                assert not [s for s in said if han.search(str(s))], file.name


def test_a_missing_fact_is_never_said() -> None:
    with pytest.raises(Exception, match="number"):
        say("wait.kept")


def test_an_unknown_prompt_is_told() -> None:
    with pytest.raises(PromptError, match=r"no\.such"):
        say("no.such")


def test_a_prompt_written_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("hello: {text: 你好}", "utf-8")
    (tmp_path / "b.yaml").write_text("hello: {text: 您好}", "utf-8")
    with pytest.raises(PromptError, match="written twice"):
        load(tmp_path)


def test_a_malformed_prompt_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("hello: {txt: 你好}", "utf-8")
    with pytest.raises(PromptError, match=r"a\.yaml: hello"):
        load(tmp_path)


def test_at_most_three_choices() -> None:
    reply = say("people.which", names=list("甲乙丙丁"), choices=list("甲乙丙丁"))
    assert reply.choices == ("甲", "乙", "丙")


def test_the_hotline_is_spoken_figure_by_figure() -> None:
    reply = say("human.asked")
    assert "96993" in reply.text
    assert "九六九九三" in reply.speech


def test_prompts_have_chinese_marks_beside_chinese_words() -> None:
    reply: Reply = say("small.nothing_open")
    assert reply.text == "好的。您想办点什么？比如“明天中午送一份午餐”，或者“查一下订单”。"
    assert not re.search(r"[()\[\]\d\n]", reply.speech)


@pytest.mark.parametrize(("fen", "read", "heard"), [
    (0, "0元", "零块"), (5, "0.05元", "五分"), (30, "0.3元", "三毛"), (1200, "12元", "十二块"),
    (1250, "12.5元", "十二块五"), (1255, "12.55元", "十二块五毛五"),
    (1205, "12.05元", "十二块零五分"),
    (200, "2元", "两块"), (20000, "200元", "两百块"), (-100, "-1元", "负一块"),
])  # fmt: skip
def test_money(fen: int, read: str, heard: str) -> None:
    assert (money(fen), money(fen, EARS)) == (read, heard)


def at(day_: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day_, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(("start", "end", "read", "heard"), [
    (at(5, 3), at(5, 4), "明天(3月5日周四)中午11点到12点",
     "明天,三月五号星期四,中午十一点到十二点"),
    (at(4, 10), at(4, 11), "今天(3月4日周三)下午6点到7点", "今天,三月四号星期三,下午六点到七点"),
    (at(9, 1, 30), at(9, 6), "3月9日周一上午9点半到下午2点", "三月九号星期一,上午九点半到下午两点"),
    (at(5, 12), at(6, 1), "明天(3月5日周四)晚上8点到后天(3月6日周五)上午9点",
     "明天,三月五号星期四,晚上八点到后天,三月六号星期五,上午九点"),
])  # fmt: skip
def test_windows(start: datetime, end: datetime, read: str, heard: str) -> None:
    assert window(start, end, NOW) == read
    assert window(start.isoformat(), end.isoformat(), NOW, EARS) == heard


def test_days_and_times_alone() -> None:
    assert day("2026-03-06", NOW) == "后天(3月6日周五)"
    assert day("2026-03-06") == "3月6日周五"
    assert clock("08:05", EARS) == "上午八点零五分"
    assert clock("2026-03-04T09:40:00+00:00") == "下午5点40分"
    assert recurrence("weekly:MON,WED", EARS) == "每星期一、星期三"
    assert recurrence("daily") == "每天"
    assert recurrence("weekdays") == "周一到周五"
    assert recurrence("every:2") == "隔天"
    assert recurrence("every:3") == "每3天"
    assert recurrence("every:14") == "每2周"
    assert recurrence("odd_days") == "逢单日"
    assert recurrence("monthly:1,31") == "每月1号、最后一天"
    assert recurrence("weekly:") == "每周"
    assert recurrence("每周两次") == "每周两次"


def test_numbers() -> None:
    assert number(2, EARS) == "两"
    assert number(12.5, EARS) == "十二点五"
    assert digits("100021", EARS) == "幺零零零二幺"


@pytest.mark.parametrize(("text", "heard"), [
    ("订好了(单号 100021),要吗?", "订好了，单号 幺零零零二幺，要吗？"),
    ("1. 午餐2份\n2. 换药", "午餐两份。换药"),
    ("请拨 96993。\n好吗?😊", "请拨 九六九九三。好吗？"),
    ("同时打120,别等", "同时打幺二零，别等"),
    ("说\"好\",我就下单", "说好，我就下单"),
    ("3-5元", "三到五元"),
    ("", ""),
])  # fmt: skip
def test_speakable(text: str, heard: str) -> None:
    assert speakable(text) == heard


def test_tidy_leaves_times_and_links_alone() -> None:
    assert tidy("12:30 好,见 https://a.b/c?d=1") == "12:30 好，见 https://a.b/c?d=1"


def test_the_folder_is_the_only_place_of_prompts() -> None:
    assert {"families.yaml", "workers.yaml", "notices.yaml", "duty.yaml"} <= {
        file.name for file in FOLDER.glob("*.yaml")
    }
