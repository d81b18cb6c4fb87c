"""Stories of talk itself: not understood, angry, frightened, new here, in another language."""

import pytest
from sqlalchemy import select

from backend.db.models import Account, Conversation, Incident, Link, Message
from backend.seed.town import Seeded
from backend.services.bind import make_family_code, make_worker_code
from backend.services.raise_incident import raise_incident
from backend.services.work import Work
from tests.nlu.dialogue.people import Chat


@pytest.fixture
def daughter(work: Work, seeded: Seeded) -> Chat:
    return Chat(work, daughter=seeded.li_guilan)


@pytest.fixture
def stranger(work: Work) -> Chat:
    return Chat(work, "赵军")


# ------------------------------------------------------------------ a human


@pytest.mark.parametrize("words", ["人工", "转人工", "我要找人"])
def test_one_word_brings_a_human(daughter: Chat, words: str) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    said = daughter.says(words, "transfer_agent")
    assert "96993" in said
    (ticket,) = daughter.tickets()
    assert ticket.kind == "handover"
    assert ticket.transcript["turns"][-1]["text"] == words
    # What was begun is not lost.
    assert "午餐" in daughter.says("继续")


def test_two_misunderstandings_in_a_row_bring_a_human(daughter: Chat, work: Work) -> None:
    work.session.add(
        Message(
            channel="wechat", source_id="before", account_id=daughter.account.id,
            said={"kind": "text", "text": "乌拉乌拉"}, received_at=work.now, state="answered",
            answer={"replies": [{"text": "没听明白"}]}, answered_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()
    assert "没听明白" in daughter.says("乌拉乌拉", "out_of_scope", confidence=0.1)
    assert not daughter.tickets()
    assert "请同事来帮您" in daughter.says("咕噜咕噜", "out_of_scope", confidence=0.1)
    (ticket,) = daughter.tickets()
    assert [turn["text"] for turn in ticket.transcript["turns"]] == [
        "乌拉乌拉", "没听明白", "咕噜咕噜",
    ]  # fmt: skip


def test_one_misunderstanding_is_forgiven(daughter: Chat) -> None:
    daughter.says("乌拉乌拉", "out_of_scope", confidence=0.1)
    daughter.says("你好", "greet")
    assert "没听明白" in daughter.says("咕噜咕噜", "out_of_scope", confidence=0.1)
    assert not daughter.tickets()


def test_not_understood_in_the_middle_asks_the_same_again(daughter: Chat) -> None:
    daughter.says("给我妈订一份午餐", "order_meal")
    said = daughter.says("乌拉乌拉", "out_of_scope", confidence=0.1)
    assert "没听明白" in said
    assert "要哪一天" in said


def test_what_we_cannot_do_twice_in_a_row_brings_a_human_too(daughter: Chat) -> None:
    assert "帮不上忙" in daughter.says("帮我炒股", "out_of_scope")
    assert "请同事来帮您" in daughter.says("那买彩票呢", "out_of_scope")


def test_anger_brings_a_human_at_once(daughter: Chat) -> None:
    assert "真对不起" in daughter.says("你们这帮骗子,气死我了", "complain")
    (ticket,) = daughter.tickets()
    assert ticket.kind == "handover"
    assert "生气" in ticket.summary


def test_health_questions_get_no_advice_but_a_nurse(daughter: Chat) -> None:
    said = daughter.says("我妈血压有点高,吃什么药好", "health_consult")
    assert "不敢乱说" in said
    assert "120" in said
    assert "幺二零" in daughter.spoken
    daughter.says("好的")
    assert "血压" in daughter.tickets()[0].summary


# ------------------------------------------------------------------ words we cannot read


@pytest.mark.parametrize("words", [
    "hello I want lunch please", "Здравствуйте, хочу обед", "昼食をお願いします", "😀😀😀",
    "", "   ", "???",
])  # fmt: skip
def test_a_kind_sentence_and_a_choice(daughter: Chat, words: str) -> None:
    said = daughter.says(words, "out_of_scope", confidence=0.1)
    assert said
    assert daughter.choices
    assert not daughter.orders()


def test_a_text_longer_than_sense(daughter: Chat) -> None:
    assert "有点长" in daughter.says("我跟你说啊" * 100, "chitchat")


def test_unreadable_words_in_the_middle_keep_the_question(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "要下单吗" in daughter.says("how much is it?", "out_of_scope", confidence=0.1)
    # The first quick answer belongs to the order again, not to the apology.
    assert "下单" in daughter.choices[0]


def test_a_broken_memory_starts_afresh(daughter: Chat) -> None:
    daughter.says("你好", "greet")
    row = daughter.work.session.get(Conversation, daughter.account.id)
    assert row is not None
    for broken in ({"task": {"kind": "flying"}}, {"task": 7}, {"misses": "many"}, {"x": [1]}):
        row.state = broken
        daughter.work.session.flush()
        assert "我念一遍" in daughter.says("明天中午给我妈订一份午餐", "order_meal")


def test_say_it_again(daughter: Chat) -> None:
    first = daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert daughter.says("再说一遍", "repeat_prompt") == first
    assert daughter.says("没听清", "repeat_prompt") == first
    daughter.says("好")
    assert len(daughter.orders()) == 1


@pytest.mark.parametrize(("words", "intent"), [
    ("早上好", "greet"), ("谢谢你", "thanks"), ("再见", "goodbye"), ("今天天气真好", "chitchat"),
    ("帮我炒股", "out_of_scope"),
])  # fmt: skip
def test_small_talk_is_warm_and_short(daughter: Chat, words: str, intent: str) -> None:
    said = daughter.says(words, intent)
    assert 0 < len(said) < 120
    assert not daughter.commands


def test_goodbye_keeps_the_order(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "先给您放着" in daughter.says("再见", "goodbye")


# ------------------------------------------------------------------ calls for help


def test_a_fall_in_the_middle_of_an_order(daughter: Chat, seeded: Seeded) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    said = daughter.says("救命,我妈摔倒了起不来", source_id="fall")
    assert "已经叫人了" in said
    assert "订单先放着" in said
    incident = daughter.work.session.scalars(select(Incident)).one()
    assert (incident.idempotency_key, incident.elder_id) == ("fall", seeded.li_guilan)

    assert "转给值班同事" in daughter.says("在卫生间,头磕破了")
    assert [e.step for e in incident.events if e.step == "said"] == ["said"]
    daughter.shares(23.05, 113.74)
    assert incident.place["lat"] == 23.05
    said = daughter.says("继续", "inform")
    assert daughter.work.session.scalars(select(Incident)).all() == [incident]


def test_the_order_is_taken_up_when_the_fright_is_over(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("救命,我妈摔倒了起不来")
    daughter.wait(minutes=20)
    assert "我念一遍" in daughter.says("继续")


def test_help_for_someone_we_do_not_know_asks_where(stranger: Chat) -> None:
    assert "您现在在哪里" in stranger.says("救命啊")
    assert "转给" in stranger.says("莞城运河东一路28号")
    incident = stranger.work.session.scalars(select(Incident)).one()
    assert incident.place["address"] == "莞城运河东一路28号"


def test_the_help_key(daughter: Chat) -> None:
    assert "已经叫人了" in daughter.does("menu:HELP")
    assert "打个电话确认" in daughter.says("按错了")
    assert daughter.work.session.scalars(select(Incident)).one().resolved_at is None


def test_a_call_raised_elsewhere_is_known_here(daughter: Chat, seeded: Seeded) -> None:
    raise_incident(daughter.work, "救命", "by-the-bell", elder_id=seeded.li_guilan)
    assert "转给值班同事" in daughter.says("她在厨房", "out_of_scope", confidence=0.2)


def test_an_order_while_help_is_on_its_way(daughter: Chat) -> None:
    daughter.says("救命,我妈摔倒了起不来")
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    assert "订好了" in daughter.says("好")


def test_an_order_is_cancelled_while_help_is_on_its_way(daughter: Chat) -> None:
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    daughter.says("好")
    daughter.says("救命,我妈摔倒了起不来")
    assert "确定取消吗" in daughter.says("取消明天的午餐", "cancel_order")
    assert "已经取消了" in daughter.says("是的")


def test_a_location_without_a_call(daughter: Chat) -> None:
    assert "位置收到了" in daughter.shares(23.05, 113.74)


# ------------------------------------------------------------------ new here


def test_a_stranger_may_ask_but_must_bind_to_order(stranger: Chat) -> None:
    assert "绑定" in stranger.does("follow")
    assert "绑定" in stranger.says("明天中午订午餐", "order_meal")
    assert "送餐" in stranger.says("你们有什么服务", "query_service")
    assert "午餐" in stranger.says("午餐多少钱", "query_price")
    assert "举个例子" in stranger.says("明天有什么菜", "query_menu")
    for words, intent in (("查订单", "query_order"), ("余额", "query_balance"),
                          ("取消午餐", "cancel_order"), ("改时间", "change_order")):  # fmt: skip
        assert "绑定" in stranger.says(words, intent)


def test_binding_by_code_and_relation(stranger: Chat, work: Work, seeded: Seeded) -> None:
    code = make_family_code(work, seeded.li_guilan)
    assert "6位绑定码" in stranger.says("我要绑定我妈", "bind_elder")
    assert "什么人" in stranger.says(code)
    assert "绑定好了" in stranger.says("女儿")
    link = work.session.scalars(select(Link).where(Link.account_id == stranger.account.id)).one()
    assert (link.elder_id, link.relation) == (seeded.li_guilan, "daughter")
    assert "李桂兰" in stranger.says("明天中午给我妈订午餐", "order_meal")


def test_a_code_by_itself_binds(stranger: Chat, work: Work, seeded: Seeded) -> None:
    code = make_family_code(work, seeded.li_guilan, "son")
    assert "绑定好了" in stranger.says(code)


def test_a_scanned_code_binds(stranger: Chat, work: Work, seeded: Seeded) -> None:
    assert "李桂兰您好" in stranger.does(f"scan:{make_family_code(work, seeded.li_guilan, 'self')}")
    worker = Chat(work, "陈敏")
    assert "工作号绑定好了" in worker.does(f"scan:{make_worker_code(work, seeded.chen_min)}")


def test_wrong_codes_bring_a_human_in_the_end(stranger: Chat) -> None:
    stranger.says("绑定", "bind_elder")
    for _ in range(2):
        assert "不对" in stranger.says("000000")
    assert "请同事来帮您" in stranger.says("000000")


def test_used_and_old_codes(stranger: Chat, daughter: Chat, work: Work, seeded: Seeded) -> None:
    code = make_family_code(work, seeded.li_guilan, "son")
    daughter.does(f"scan:{code}")
    assert "已经用过了" in stranger.does(f"scan:{code}")
    old = make_family_code(work, seeded.li_guilan, "son")
    stranger.wait(days=3)
    assert "过期了" in stranger.does(f"scan:{old}")


def test_where_a_code_comes_from(stranger: Chat) -> None:
    stranger.says("绑定", "bind_elder")
    assert "社区" in stranger.says("没有绑定码", "out_of_scope", confidence=0.2)


def test_unbinding_asks_once(daughter: Chat, work: Work) -> None:
    assert "确定不再管李桂兰" in daughter.says("解绑", "unbind_elder")
    assert "照旧" in daughter.says("不解绑", "deny")
    daughter.says("解除绑定", "unbind_elder")
    assert "已经解绑李桂兰" in daughter.says("确定解绑", "affirm")
    assert "绑定" in daughter.says("明天中午订午餐", "order_meal")


def test_menu_keys(daughter: Chat) -> None:
    assert "想要什么服务" in daughter.does("menu:ORDER")
    assert "没有进行中的订单" in daughter.does("menu:ORDERS")
    assert "还剩480元" in daughter.does("menu:BALANCE")
    assert "96993" in daughter.does("menu:HUMAN")
    assert daughter.does("menu:SOMETHING_NEW")


def test_two_messages_are_answered_in_turn(daughter: Chat) -> None:
    """The conversation's row is locked and never doubled."""
    daughter.says("你好", "greet")
    daughter.says("明天中午给我妈订一份午餐", "order_meal")
    rows = daughter.work.session.scalars(
        select(Conversation).join(Account).where(Account.id == daughter.account.id)
    ).all()
    assert len(rows) == 1
