"""What the understanding's tests share: one Wednesday morning and texts a phone might send."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from nlu.values.dates import SHANGHAI

# A Wednesday; lunar 正月十六.
NOW = datetime(2026, 3, 4, 9, 20, tzinfo=SHANGHAI)

_CRUMBS = [
    "今天", "明天", "后天", "大后天", "昨", "下", "这", "上", "周", "星期", "礼拜", "一", "二",
    "三", "六", "日", "末", "十", "廿", "初", "月", "号", "年", "底", "农历", "清明", "中秋",
    "过", "后", "前", "小时", "半", "点", "刻", "分", "个字", "差", "零", "早", "晚", "上午",
    "下午", "中午", "今晚", "每", "每天", "工作日", "到", "不是", "不对", "改到", "除了", "取消",
    "不要", "都行", "?", "吗", ",", "。", "午饭", "送饭", "两份", "一人一份", "换药", "打扫",
    "洗", "个", "澡", "我妈", "和", "我爸", "李奶奶", "软", "一点", "少盐", "不吃", "鱼", "订单",
    "那单", "五", "星", "100123", "3721", "11:30", "3/15", "2026-03-15", "2026年2月30日",
    "99月99号", "３", "號", "聽日", "👌", "\u200b", "护士", "马上", "再", "另外",
]  # fmt: skip

# Either anything at all, or the language's own crumbs in any order.
any_text = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(_CRUMBS), max_size=12).map("".join),
)


def _naive(year: int) -> datetime:
    return datetime(year, 1, 1)  # noqa: DTZ001 - hypothesis takes naive bounds


any_moment = st.datetimes(min_value=_naive(2025), max_value=_naive(2031)).map(
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)
