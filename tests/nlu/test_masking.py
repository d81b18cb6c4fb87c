"""What is kept to learn from tells nobody who spoke, and can still be learnt from."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlu.masking import mask
from nlu.rasa_server import CORPUS
from nlu.values.text import normalise
from tests.nlu.saying import any_text

MOTHER, DAUGHTER = "李桂兰", "王芳"


@pytest.mark.parametrize(("said", "masked"), [
    ("给李桂兰订一份午餐", "给{name}订一份午餐"),
    ("给王桂芳阿姨订一份午餐", "给{name}阿姨订一份午餐"),
    ("李奶奶明天要换药", "{who}明天要换药"),
    ("桂兰她今天不想吃饭", "{name}她今天不想吃饭"),
    ("我妈叫陈月娥,要洗澡", "我妈叫{name},要洗澡"),
    ("王师傅怎么还没到", "{name}师傅怎么还没到"),
    ("陈月娥的电话是多少", "{name}的电话是多少"),
])  # fmt: skip
def test_names_become_slots(said: str, masked: str) -> None:
    assert mask(said, [MOTHER, DAUGHTER]) == masked


def test_a_known_name_is_found_by_its_sound_in_what_a_recogniser_heard() -> None:
    assert mask("给李贵蓝送饭", [MOTHER]) == "给{name}送饭"


def test_a_known_name_is_found_in_traditional_characters_and_with_spaces() -> None:
    assert mask("幫李桂蘭訂飯", [MOTHER]) == "帮{name}订饭"
    assert mask("李 桂 兰 的饭", [MOTHER]) == "{name}的饭"


@pytest.mark.parametrize("said", [
    "送到莞太路8号", "送到莞太路8号3栋502", "送到鸿福路200号碧桂园2期3栋1单元502房",
    "送到花园新村十二巷八号", "送到三栋五零二房", "送到光明小区7号楼二单元三零一",
    "送到光明小区，7号楼",
])  # fmt: skip
def test_addresses_become_one_street(said: str) -> None:
    assert mask(said) == "送到{street}"


def test_places_we_know_go_whatever_they_look_like() -> None:
    assert mask("到桃源12号来", places=["桃源"]) == "到{street}来"
    assert mask("在胜和社区等", places=["胜和社区", ""]) == "在{street}等"


@pytest.mark.parametrize(("said", "masked"), [
    ("我电话13800138000", "我电话{phone}"),
    ("打138 0013 8000", "打{phone}"),
    ("打0769-22220000找我", "打{phone}找我"),
    ("幺三八零零幺三八零零零", "{phone}"),
    ("１３８００１３８０００", "{phone}"),
    ("身份证44190019430506123X", "身份证{code}"),
    ("绑定码48 29 13", "绑定码{code}"),
    ("订单号100123取消", "订单号{code}取消"),
    ("到了 三七二一", "到了{code}"),
    ("微信wxid_ab12cd", "微信{code}"),
    ("发到wang.fang@example.com", "发到{code}"),
    ("她1943年5月6日生的", "她{day}生的"),
    ("2026-03-15去医院", "{day}去医院"),
])  # fmt: skip
def test_numbers_become_slots(said: str, masked: str) -> None:
    assert mask(said) == masked


@pytest.mark.parametrize("said", [
    "明天下午三点半送两份", "今天3号,送3份", "三块五一份", "120多少钱一次", "我妈要洗澡",
    "周三和周五都来", "家里8号有事", "谢谢阿姨", "叫车去医院", "白天照顾老人", "去东莞市人民医院",
    "10:30到,别晚", "打扫一百二十平方",
])  # fmt: skip
def test_what_tells_nobody_stays(said: str) -> None:
    assert mask(said) == normalise(said).text


def test_hardly_a_sentence_of_the_corpus_is_touched() -> None:
    """Names and addresses are few there, most of them slots: little else may be masked."""
    written, touched = 0, []
    for path in (CORPUS / "train").glob("*.yml"):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                said = line.strip().removeprefix("- ")
                if said and "{" not in said and not re.search(r"\d{4}", said):
                    written += 1
                    touched += [said] if mask(said) != normalise(said).text else []
    assert written > 1000
    assert len(touched) < written * 0.02, touched


_names = st.text("王李陈桂兰芳秀英志明国华", min_size=2, max_size=4)
_crumbs = st.sampled_from([
    "1", "38", "0013", "３", "三", "幺", " ", "-", "号", "栋", "路", "莞太路", "{", "}", "[",
    "](x)", "{name}", "的", ",", "给", "师傅", "奶奶", "王", "桂", "兰", "٣", "x", "@", "年", "20",
    "明天", "😀", "\n",
])  # fmt: skip
_spoken = st.one_of(any_text, st.lists(_crumbs, max_size=25).map("".join))


@given(_spoken, st.lists(_names, max_size=3), st.integers(0, 5))
def test_no_known_name_and_no_long_number_survives(said: str, names: list[str], where: int) -> None:
    for name in names:
        said = said[:where] + name + said[where:]
    masked = mask(said, names, ["桃源"])
    plain = re.sub(r"\{\w+\}", "|", masked)
    assert not re.search(r"\d{4}", masked)
    assert not [name for name in names if name in plain]
    # Nothing is left that the corpus would read as a slot of its own or an entity of Rasa's.
    assert not re.search(r"[\[\]{}()\n]", plain)


@given(_spoken)
def test_masking_twice_changes_nothing(said: str) -> None:
    once = mask(said, [MOTHER], ["桃源"])
    assert mask(once, [MOTHER], ["桃源"]) == once


def test_every_slot_that_masking_leaves_can_be_filled_in_training() -> None:
    slots = yaml.safe_load((CORPUS / "slots.yml").read_text("utf-8"))
    left = re.findall(
        r"\{(\w+)\}", mask("李桂兰,李奶奶,莞太路8号,2026年3月15日,13800138000,100123", [MOTHER])
    )
    assert left == ["name", "who", "street", "day", "phone", "code"]
    assert set(left) <= set(slots)
