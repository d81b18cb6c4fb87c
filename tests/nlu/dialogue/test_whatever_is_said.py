"""Whatever is said, in whatever order: an answer, no fault, and money only after a read-back."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.domain.matching import Place
from backend.seed.town import Seeded
from backend.services.work import Work
from tests.nlu.dialogue.people import Chat, speeches

INTENTS = [
    "order_meal", "order_nursing", "order_home_help", "order_escort", "order_errand",
    "order_companion", "health_consult", "query_order", "cancel_order", "change_order",
    "repeat_order", "query_balance", "query_menu", "query_price", "query_service", "rate_service",
    "complain", "affirm", "deny", "inform", "greet", "thanks", "goodbye", "repeat_prompt",
    "transfer_agent", "chitchat", "out_of_scope", "emergency", "bind_elder", "unbind_elder",
    "job_list", "job_accept", "job_decline", "job_depart", "job_check_in", "job_check_out",
    "job_delay",
]  # fmt: skip
SENTENCES = (
    "明天中午给我妈订一份午餐,要软一点,后天上午换药", "不是明天,是后天", "不对,是两份", "好",
    "好的", "不要", "算了", "我爸", "我妈", "给爸妈各订一份晚餐", "我婆婆", "李桂兰", "明天",
    "后天上午", "下午三点", "晚上十一点", "今天", "随便", "尽快", "第二个", "2", "1", "最后一个",
    "跟上次一样", "再加一个理发", "午餐不要了", "改成晚餐", "取消", "取消100001",
    "把午餐改到后天", "五星,很好", "一星", "我要投诉", "气死我了", "多少钱", "余额", "有什么菜",
    "查订单", "人工", "再说一遍", "继续", "还要", "换时间", "继续等", "绑定", "123456", "女儿",
    "解绑", "救命", "按错了", "每天", "每周三打扫", "订餐", "换药", "打针", "可以", "换个时间",
    "不要了", "hello", "😀", "", "。。。", "三十份", "0份", "8月1号", "昨天", "改时间", "改份数",
    "第1个", "好,下单", "改一下", "确定取消", "不取消", "没有绑定码", "请" * 400,
)  # fmt: skip

words = st.one_of(st.sampled_from(SENTENCES), st.text(max_size=12))
sureness = st.sampled_from([0.1, 0.5, 0.95])
said = st.tuples(st.just("says"), words, st.sampled_from(INTENTS), sureness)
did = st.tuples(
    st.just("does"),
    st.sampled_from(
        ["follow", "scan:000000", "menu:ORDER", "menu:ORDERS", "menu:BALANCE", "menu:HUMAN",
         "menu:HELP", "menu:BIND", "menu:?", "subscribe"]
    ),
)  # fmt: skip
waited = st.tuples(st.just("waits"), st.sampled_from([1, 59, 61, 60 * 23, 60 * 30]))
shared = st.just(("shares",))
tapped = st.tuples(st.just("taps"), st.integers(0, 2))
steps = st.lists(st.one_of(said, said, said, tapped, tapped, did, waited, shared), max_size=12)
families = st.sampled_from(["both", "mother", "self", "nobody"])


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(family=families, steps=steps)
def test_every_utterance_is_answered(
    work: Work, seeded: Seeded, family: str, steps: list[tuple[object, ...]]
) -> None:
    links = {
        "both": {"daughter": seeded.li_guilan, "daughter2": seeded.wang_jianguo},
        "mother": {"son": seeded.li_guilan},
        "self": {"self": seeded.li_guilan},
        "nobody": {},
    }[family]
    undo = work.session.begin_nested()
    try:
        _play(Chat(work, **links), steps)
    finally:
        undo.rollback()
        work.session.expire_all()


def _play(chat: Chat, steps: list[tuple[object, ...]]) -> None:
    for step in steps:
        asked = chat.state.task if chat.turn.replies else None
        orders = len(chat.orders())
        match step:
            case ("says", str(text), str(intent), float(confidence)):
                chat.says(text, intent, confidence)
            case ("does", str(event)):
                chat.does(event)
            case ("taps", int(index)):
                choices = chat.choices if chat.turn.replies else ()
                chat.says(choices[index] if index < len(choices) else "好", "inform")
            case ("waits", int(minutes)):
                chat.work.now += timedelta(minutes=minutes)
                continue
            case _:
                chat.says("", place=Place(23.0, 113.7))
        assert chat.turn.replies, step
        assert all(reply.text and reply.speech for reply in chat.turn.replies), step
        assert all(len(reply.choices) <= 3 for reply in chat.turn.replies)
        assert not any("(" in speech or "{" in speech for speech in speeches(chat.turn)), step
        if len(chat.orders()) > orders:
            # Only a yes to a price that was read out spends money.
            assert asked is not None
            assert asked.kind == "order"
            assert asked.asked == "confirm"
            assert asked.promised_fen is not None
