"""Every kind of notice reads well with all its facts and with none, for eyes, ears, templates."""

import re

import pytest

from nlu.prompts import PromptError, prompt_ids, render_notice
from nlu.prompts.templates import fit, template_fields, template_titles
from tests.standin.wechat.limits import check_template_data

START, END = "2026-03-05T02:00:00+00:00", "2026-03-05T04:00:00+00:00"

ORDER = {
    "order_id": 7,
    "number": "100023",
    "item": "伤口换药",
    "elder": "李桂兰",
    "window_start": START,
    "window_end": END,
    "diet": ["soft", "low_salt"],
    "note": "三楼没电梯,请带好换药包,门铃坏了请敲门,狗已经拴好,进门左手第一间",
}
WORKER = {"worker": "陈敏", "worker_phone": "15400000013"}
TROUBLE = {
    "incident_id": 12,
    "elder": "李桂兰",
    "age": 81,
    "town": "莞城",
    "address": "莞城西隅社区运河东一路28号3栋502房",
    "said": "我在厕所摔倒了,脚踝很痛,起不来,头也有点晕,快点来人" * 3,
    "call_back": "076922222222",
    "contacts": [
        {"name": "王芳", "relation": "daughter", "phone": "15400000001"},
        {"name": "王建国", "relation": "spouse", "phone": "15400000006"},
        {"name": "老刘", "relation": "邻居", "phone": "15400000007"},
    ],
    "health": "高血压,每天早上服药;脚踝有慢性伤口,隔天换药;去年髋部骨折",
    "round": 2,
    "raised_at": START,
    "by": "account:3",
    "outcome": "老人没事,只是扭了脚,已送医院检查,女儿陪着",
}

FULL: dict[str, dict[str, object]] = {
    "offer": {
        **{k: v for k, v in ORDER.items() if k != "elder"},
        "offer_id": 5,
        "quantity": 2,
        "town": "莞城",
        "community": "西隅社区",
        "elder_surname": "李",
        "earn_fen": 12050,
        "why": ["distance", "same_worker"],
        "answer_until": END,
    },
    "offer_lapsed": ORDER,
    "job_changed": ORDER | {"needs_answer": True},
    "job_cancelled": ORDER | {"reason": "住院了"},
    "order_accepted": ORDER | WORKER | {"provider": "莞城护理站", "visit_code": "0721"},
    "worker_departed": ORDER | WORKER,
    "worker_late": ORDER | WORKER | {"minutes": 20},
    "order_finished": ORDER
    | WORKER
    | {"minutes": 42, "subsidy_fen": 10000, "self_pay_fen": 2050, "available_fen": 30000},
    "no_worker": ORDER | {"why": "shift", "town": "莞城"},
    "order_changed": ORDER,
    "order_cancelled": ORDER | {"by": "account:3", "reason": "住院了"},
    "order_missed": ORDER,
    "looking_again": ORDER,
    "dispatch_needed": ORDER | {"why": "shift", "town": "莞城"},
    "ticket_opened": {
        "ticket_id": 34,
        "kind": "handover",
        "summary": "说了两次没听明白,想问护理费怎么报销" * 5,
        "elder": "李桂兰",
        "phone": "15400000001",
    },
    "incident": TROUBLE,
    "help_unanswered": {"elder": TROUBLE["elder"]},
    "incident_acknowledged": TROUBLE,
    "incident_resolved": TROUBLE,
}

KINDS = sorted(FULL)


def sparse(kind: str) -> list[dict[str, object]]:
    """Nothing at all; and every fact there but null, where rows can hold null."""
    always = {"order_id", "number", "item", "window_start", "window_end", "incident_id", "round",
              "ticket_id", "kind", "raised_at", "answer_until", "earn_fen", "quantity", "minutes",
              "subsidy_fen", "self_pay_fen", "available_fen", "needs_answer", "town"}  # fmt: skip
    facts = FULL[kind]
    return [{}, {name: value if name in always else None for name, value in facts.items()}]


def test_every_kind_has_a_wording_a_template_and_facts_here() -> None:
    written = {name.split(".")[1] for name in prompt_ids() if name.startswith("notice.")}
    assert written == set(template_titles()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_with_all_facts(kind: str) -> None:
    reply = render_notice(kind, FULL[kind])
    assert len(reply.text.encode()) <= 600
    assert not re.search(r"None|\{|\}|\(\)|（）|,,|，，|[:：] ?$", reply.text)
    assert not re.search(r"\d|[()（）“”]*None", reply.speech)
    shown = FULL[kind].get("item") or FULL[kind].get("elder")
    assert str(shown) in reply.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", [0, 1])
def test_it_reads_with_hardly_any_facts(kind: str, which: int) -> None:
    reply = render_notice(kind, sparse(kind)[which])
    assert reply.text
    assert reply.speech
    assert len(reply.text.encode()) <= 600
    assert not re.search(r"None|\{|\}|\(\)|（）|[:：] ?(?:,|，|。|\n|$)", reply.text)


LIMITS = {
    "thing": r"[^\n]{1,20}",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
    "name": r"[\u4e00-\u9fff]{1,10}",
    "character_string": r"[\x21-\x7e]{1,32}",
    "time": r"(?:\d{4}年\d{1,2}月\d{1,2}日 )?\d{2}:\d{2}",
    "amount": r"-?\d{1,10}(?:\.\d{1,2})?元",
    "phone_number": r"[\d+-]{1,17}",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_template_fields_keep_their_limits(kind: str, which: int) -> None:
    fields = template_fields(kind, [*sparse(kind), FULL[kind]][which])
    assert fields
    for name, value in fields.items():
        allowed = LIMITS[name.rstrip("0123456789")]
        assert re.fullmatch(allowed, value), (name, value)
        assert "None" not in value
    assert check_template_data({name: {"value": v} for name, v in fields.items()}, list(fields))


def test_a_long_life_story_is_cut_and_still_arrives() -> None:
    fields = template_fields("incident", TROUBLE)
    assert fields["thing2"].startswith("我在厕所摔倒了")
    assert fields["thing2"].endswith("…")
    assert len(fields["thing2"]) == 20
    assert fields["phone_number4"] == "076922222222"
    assert fields["time5"] == "2026年3月5日 10:00"


def test_without_a_call_back_the_first_contact_is_rung() -> None:
    fields = template_fields("incident", TROUBLE | {"call_back": None})
    assert fields["phone_number4"] == "15400000001"


def test_the_alarm_says_who_where_what_and_whom_to_ring() -> None:
    text = render_notice("incident", TROUBLE).text
    for fact in (
        "第3次",
        "李桂兰",
        "81岁",
        "运河东一路",
        "厕所摔倒",
        "076922222222",
        "王芳",
        "收到",
    ):
        assert fact in text
    assert "老刘" not in text  # two numbers are enough on one screen


def test_a_card_before_acceptance_says_when_where_why_and_how_much() -> None:
    reply = render_notice("offer", FULL["offer"])
    for fact in ("2份", "上午10点", "莞城西隅社区", "李姓长者", "120.5元", "离您近", "中午12点前"):
        assert fact in reply.text
    assert reply.choices == ("接", "不接")


def test_the_family_hears_code_and_telephone_in_one_message() -> None:
    reply = render_notice("order_accepted", FULL["order_accepted"])
    assert "0721" in reply.text
    assert "15400000013" in reply.text
    assert "零七二幺" in reply.speech


def test_the_family_is_given_a_choice_when_nobody_can_come() -> None:
    assert render_notice("no_worker", FULL["no_worker"]).choices == ("换时间", "继续等", "取消")


def test_unknown_kinds_and_fields_are_refused() -> None:
    with pytest.raises(PromptError):
        render_notice("weather", {})
    with pytest.raises(PromptError):
        template_fields("weather", {})
    with pytest.raises(PromptError):
        fit("colour1", "red")


@pytest.mark.parametrize(
    ("field", "value", "fitted"),
    [
        ("thing1", "一" * 20, "一" * 20),
        ("thing1", "一" * 21, "一" * 19 + "…"),
        ("thing1", " \n ", "见详情"),
        ("phrase2", "已派120救护车了吗", "已派救护车"),
        ("character_string3", "单号 100023", "100023"),
        ("amount4", "120.5元", "120.5元"),
        ("amount4", "很多", "0元"),
        ("phone_number5", "0769-2222 2222 转 1", "0769-222222221"),
        ("name6", "陈敏 nurse", "陈敏"),
        ("number7", "约 3.5 公里", "3.5"),
        ("time8", "2026-12-31T16:30:00+00:00", "2027年1月1日 00:30"),
    ],
)
def test_values_are_cut_to_their_type(field: str, value: str, fitted: str) -> None:
    assert fit(field, value) == fitted
