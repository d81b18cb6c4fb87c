"""Short replies of workers, taken apart without any classifier."""

import pytest

from nlu.dialogue.jobs_words import read
from nlu.dialogue.worker_state import JobAction


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("接", "accept"),
        ("接单", "accept"),
        ("我接", "accept"),
        ("好的,我接", "accept"),
        ("都接", "accept"),
        ("接第二个", "accept"),
        ("接张奶奶的", "accept"),
        ("接100023", "accept"),
        ("没问题", "accept"),
        ("不接,家里有事", "decline"),
        ("接不了", "decline"),
        ("唔接", "decline"),
        ("没空", "decline"),
        ("今天排满了", "decline"),
        ("我今天有哪些单", "list"),
        ("明天有单吗", "list"),
        ("我的单", "list"),
        ("出发了", "depart"),
        ("我已经在路上了", "depart"),
        ("快到了", "depart"),
        ("晚到20分钟", "delay"),
        ("堵车,晚半个小时", "delay"),
        ("来不了那么早,要晚20分钟", "delay"),
        ("电动车爆胎了", "delay"),
        ("到了 3721", "check_in"),
        ("3721", "check_in"),
        ("三七二一", "check_in"),
        ("已经到门口了", "check_in"),
        ("送到了", "check_in"),
        ("完事了", "check_out"),
        ("做完了,伤口挺好", "check_out"),
        ("晚上做完了", "check_out"),
        ("搞掂", "check_out"),
        ("来不了了,摔了一跤", "withdraw"),
        ("退单", "withdraw"),
        ("今天发烧,去不了了", "withdraw"),
        ("还没到", None),
        ("还没做完", None),
        ("护士到了吗", None),
        ("完成了没", None),
        ("接下来做什么", None),
        ("收到", None),
        ("好的", None),
        ("明天中午给我妈订一份午餐", None),
        ("晚上给我妈送份晚饭", None),
    ],
)
def test_what_is_to_be_done(text: str, action: str | None) -> None:
    assert read(text).action == (JobAction(action) if action else None)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("晚到20分钟", 20),
        ("20", 20),
        ("大概20分钟", 20),
        ("晚到二十", 20),
        ("半个小时", 30),
        ("要晚一个半小时", 90),
        ("我会晚一刻钟到", 15),
        ("晚两个字", 10),
        ("十几分钟", 15),
        ("堵车了,晚一点", None),
        ("晚点到", None),
        ("3721", None),
    ],
)
def test_how_late(text: str, minutes: int | None) -> None:
    assert read(text).minutes == minutes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("不接,家里有事", "家里有事"),
        ("完事了,伤口挺好,有点渗液", "伤口挺好,有点渗液"),
        ("老人胃口不错,做完了", "老人胃口不错"),
        ("来不了了,摔了一跤", "摔了一跤"),
        ("今天发烧,去不了了", "今天发烧"),
        ("王奶奶家做完了", ""),
        ("11点的来不了", ""),
        ("都不接,要带孩子", "要带孩子"),
        ("第一个不接,家里有事", "家里有事"),
        ("我不太舒服,来不了了", "不太舒服"),
        ("完事了", ""),
    ],
)
def test_what_remains_is_the_reason_or_the_note(text: str, words: str) -> None:
    assert read(text).words == words


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [("1", 1), ("第二个", 2), ("接第3个", 3), ("最后一个", -1), ("二", 2), ("接11点那个", None)],
)
def test_which_line(text: str, ordinal: int | None) -> None:
    assert read(text).ordinal == ordinal


def test_codes_and_numbers_are_not_confused() -> None:
    assert read("到了 3721").codes == ("3721",)
    assert read("9000 9001").codes == ("9000", "9001")
    assert read("接100023").number == "100023"
    assert read("接100023").codes == ()
    assert read("15400000013").codes == ()
