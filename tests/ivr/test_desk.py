"""Who rings, what is answered, and what is written down: calls without their sound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from backend.db.models import (
    Account,
    Call,
    CallTurn,
    Contact,
    Elder,
    Incident,
    Link,
    Message,
    Notice,
    Order,
    Ticket,
)
from backend.jobs.sweeps import sweep
from backend.seed.town import Seeded
from backend.services.bind import unbind_account
from backend.services.lost_calls import lost_calls
from backend.services.notices import tell_followers
from backend.services.raise_incident import incident_facts
from backend.services.work import Work
from ivr.desk import DATABASE_AWAY, Ending, TurnRecord
from nlu.expected import Slot
from nlu.prompts import say
from tests.conftest import NOW
from tests.ivr.lines import Line, a_line

LUNCH = "明天中午送一份午餐"
STRANGER = "13911112222"
BELL = "076912345678"


@pytest.fixture
def line(engine: Engine, monkeypatch: pytest.MonkeyPatch, seeded: Seeded) -> Iterator[Line]:
    def bell(work: Work) -> None:
        work.get(Elder, seeded.li_guilan).bell_number = BELL

    with a_line(engine, monkeypatch, NOW) as line:
        line.do(bell)
        yield line


# ------------------------------------------------------------------ who rings


def test_a_daughter_is_known_by_her_number_and_orders_for_her_mother(
    line: Line, seeded: Seeded
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    assert set(daughter.call.elder_ids) == {seeded.li_guilan, seeded.wang_jianguo}
    assert "王芳" in daughter.opening
    assert "哪位" in daughter.says(LUNCH)
    assert Slot.PERSON in daughter.last.expected.slots
    assert "李桂兰" in daughter.says("李桂兰")
    assert daughter.last.doing == "order:confirm"
    assert "订好了" in daughter.presses("1")
    assert daughter.last.placed
    daughter.hangs_up()
    (order,) = line.all(Order)
    assert (order.elder_id, order.channel) == (seeded.li_guilan, "voice")
    (call,) = line.all(Call)
    assert (call.outcome, call.how_ended, call.doing) == ("order", "caller", None)


def test_her_husband_rings_from_his_own_telephone_and_is_an_elder_himself(
    line: Line, seeded: Seeded
) -> None:
    def number(work: Work) -> str:
        his = select(Contact.phone).where(Contact.name == "王建国", Contact.relation == "spouse")
        return str(work.session.scalar(his))

    husband = line.ring(line.do(number))
    assert "王爷爷" in husband.opening
    assert "给您" in husband.says(LUNCH)


def test_a_number_kept_for_a_whole_street_speaks_for_nobody(line: Line, seeded: Seeded) -> None:
    def keep(work: Work) -> None:
        for elder_id in work.session.scalars(select(Elder.id).limit(6)):
            work.session.add(
                Contact(elder_id=elder_id, name="居委会", relation="other", phone=STRANGER)
            )

    line.do(keep)
    assert line.ring(STRANGER).call.elder_ids == ()


def test_a_number_taken_from_the_list_speaks_for_her_no_more(line: Line, seeded: Seeded) -> None:
    line.ring(seeded.wang_fang_phone).hangs_up()

    def take_away(work: Work) -> None:
        mine = Contact.phone == seeded.wang_fang_phone
        for contact in work.session.scalars(select(Contact).where(mine)):
            contact.phone = "15900000000"

    line.do(take_away)
    assert line.ring(seeded.wang_fang_phone).call.elder_ids == ()


def test_who_ended_a_binding_is_not_bound_again_by_ringing(line: Line, seeded: Seeded) -> None:
    call = line.ring(seeded.wang_fang_phone).call
    line.do(lambda work: unbind_account(work, call.account_id, seeded.wang_jianguo))
    assert line.ring(seeded.wang_fang_phone).call.elder_ids == (seeded.li_guilan,)


def test_the_same_ring_written_twice_is_one_call_with_one_greeting(
    line: Line, seeded: Seeded
) -> None:
    first = line.ring(seeded.wang_fang_phone, sip_id="same")
    again = line.ring(seeded.wang_fang_phone, sip_id="same")
    assert (first.call.id, first.opening) == (again.call.id, again.opening)
    assert len(line.all(Call)) == len(line.all(Message)) == 1


def test_who_wants_nothing_more_is_let_go_and_who_refuses_is_not(
    line: Line, seeded: Seeded
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    daughter.says(LUNCH)
    daughter.says("李桂兰")
    asked = [daughter.says("不用了") for _ in range(3)]
    assert len(set(asked)) == 3
    assert "给您回个电话" in asked[1]
    assert not daughter.last.farewell
    assert "再见" in daughter.says("不用了")
    assert daughter.last.farewell
    daughter.hangs_up()
    # What she had said is still there when she rings again.
    assert "午餐还没下单" in line.ring(seeded.wang_fang_phone).opening


# ------------------------------------------------------------------ a stranger


def test_a_stranger_orders_lunch_by_name_and_town_and_hears_nothing_private(
    line: Line, seeded: Seeded
) -> None:
    stranger = line.ring(STRANGER)
    assert "哪位长者" in stranger.opening
    assert "哪位长者" in stranger.says(LUNCH)
    assert "哪个镇" in stranger.says("李桂兰")
    assert "莞城" in {phrase.words for phrase in stranger.last.expected.phrases}
    assert "莞城的李桂兰" in stranger.says("莞城")
    read_back = stranger.says("对")
    assert "我念一遍" in read_back
    for private in ("补贴", "少盐", "运河", "自付"):
        assert private not in read_back
    for nosy in ("我的补贴还剩多少", "查一下订单"):
        assert stranger.says(nosy) == say("line.only_meals").speech
        stranger.says("不用了")
    assert "订好了" in stranger.says("好的")
    stranger.hangs_up()
    (order,) = line.all(Order)
    assert order.elder_id == seeded.li_guilan
    # Known for this call only.
    assert [link.ended_at is None for link in line.all(Link) if link.known_by == "name"] == [False]
    assert line.ring(STRANGER).call.elder_ids == ()


def test_what_becomes_of_a_strangers_order_is_told_to_the_family_alone(
    line: Line, seeded: Seeded
) -> None:
    line.ring(seeded.wang_fang_phone).hangs_up()
    stranger = line.ring(STRANGER)
    for words in (LUNCH, "莞城的李桂兰", "对", "好的"):
        stranger.says(words)
    assert stranger.last.placed

    def tell(work: Work) -> None:
        tell_followers(work, work.session.scalars(select(Order)).one(), "order_accepted", "1")

    line.do(tell)
    with line.sessions() as session:
        told = session.scalars(
            select(Account.identifier).join(Notice).where(Notice.kind == "order_accepted")
        ).all()
    assert told == [seeded.wang_fang_phone]


def test_a_stranger_gets_a_human_for_anything_but_a_meal(line: Line) -> None:
    stranger = line.ring(STRANGER)
    stranger.says("莞城的李桂兰")
    stranger.says("对")
    assert stranger.says("明天上午打扫") == say("line.only_meals").speech
    stranger.says("好的")
    (ticket,) = line.all(Ticket)
    assert ticket.kind == "call_back"
    assert line.all(Order) == []


def test_two_of_one_name_in_a_town_are_a_humans_matter(line: Line) -> None:
    stranger = line.ring(STRANGER)
    said = stranger.says("莞城的陈惠芳")
    assert said == say("human.unknown").speech
    assert stranger.last.human
    assert [link for link in line.all(Link) if link.known_by == "name"] == []
    assert line.all(Ticket)[0].kind == "handover"


def test_a_name_that_only_sounds_right_is_said_back_first(line: Line) -> None:
    stranger = line.ring(STRANGER)
    assert "莞城的李桂兰" in stranger.says("管城的黎贵兰")
    assert "再慢慢说" in stranger.says("不对")
    assert stranger.says("莞城的赵钱孙") == say("human.unknown").speech


def test_who_withholds_the_number_is_asked_too_and_can_cry_for_help(line: Line) -> None:
    nameless = line.ring(None)
    assert "哪位长者" in nameless.opening
    assert "已经叫人了" in nameless.says("救命啊,我摔倒了起不来")
    (incident,) = line.all(Incident)
    assert incident.elder_id is None


# ------------------------------------------------------------------ a bell


def test_a_bell_asks_and_a_plain_no_is_enough(line: Line) -> None:
    bell = line.ring(BELL)
    assert "是不是需要帮忙" in bell.opening
    assert bell.last.doubt
    assert bell.says("不用,没事") == say("help.glad").speech
    bell.hangs_up()
    assert line.all(Incident) == []


@pytest.mark.parametrize("end", ["silence", "hangs up", "the process dies", "a minute"])
def test_a_bell_that_nobody_answers_is_an_alarm(line: Line, seeded: Seeded, end: str) -> None:
    bell = line.ring(BELL)
    if end == "silence":
        assert line.desk.nobody_answers(bell.call)
    elif end == "hangs up":
        bell.hangs_up()
    elif end == "the process dies":
        line.wait(minutes=4)
        line.desk.end_lost_call(bell.call.id)
    else:
        line.desk.raise_unanswered(bell.call.account_id, f"voice:{bell.call.id}:0")
    (incident,) = line.all(Incident)
    assert incident.elder_id == seeded.li_guilan
    assert incident.words == say("line.bell_rang").text
    assert not line.desk.nobody_answers(bell.call)


def test_a_bell_may_also_order_lunch(line: Line) -> None:
    bell = line.ring(BELL)
    assert "我念一遍" in bell.says(LUNCH)
    bell.says("好的")
    bell.hangs_up()
    assert line.all(Incident) == []
    assert len(line.all(Order)) == 1


def test_a_bell_that_rings_again_hears_that_help_is_coming(line: Line) -> None:
    line.ring(BELL).says("需要")
    again = line.ring(BELL)
    assert "已经叫人了" in again.opening
    assert again.call.incident_id == line.all(Incident)[0].id


def test_an_alarm_device_is_a_bell_by_its_header(line: Line, seeded: Seeded) -> None:
    device = line.ring(STRANGER, alarm=BELL)
    assert device.call.is_bell
    assert device.call.elder_ids == (seeded.li_guilan,)
    unknown = line.ring("1007", alarm="panic")
    assert "是不是需要帮忙" in unknown.opening


# ------------------------------------------------------------------ help


def test_a_cry_in_mid_sentence_is_one_incident_with_all_the_words(
    line: Line, seeded: Seeded
) -> None:
    daughter = line.ring(seeded.wang_fang_phone)
    line.desk.cry(daughter.call, "救命", 1)
    line.desk.cry(daughter.call, "救命啊", 1)
    assert "已经叫人了" in daughter.says("救命啊李桂兰摔倒在厕所起不来了")
    assert daughter.last.alarm
    (incident,) = line.all(Incident)
    with line.sessions() as session:
        steps = session.get_one(Incident, incident.id).events
        more = [event.detail["words"] for event in steps if event.step == "said"]
    assert more == ["救命啊李桂兰摔倒在厕所起不来了"]
    daughter.hangs_up()
    assert line.all(Call)[0].outcome == "alarm"


def test_helpers_ring_the_number_that_called(line: Line, seeded: Seeded) -> None:
    line.ring(STRANGER).says("救命啊")
    facts = line.do(lambda work: incident_facts(work, work.session.scalars(select(Incident)).one()))
    assert facts["call_back"] == STRANGER


# ------------------------------------------------------------------ exactly once


def test_the_same_turn_twice_is_answered_the_same_and_changes_nothing(
    line: Line, seeded: Seeded
) -> None:
    husband = line.ring(BELL)
    husband.says(LUNCH)
    husband.says("好的")
    first, husband.no = husband.last, husband.no - 1
    husband.says("好的")
    assert husband.last == first
    assert len(line.all(Order)) == 1


def test_a_turn_written_down_and_cut_off_is_answered_when_it_is_tried_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = line.ring(BELL)
    real = line.desk._exchange.answer

    def away(*_: object) -> None:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(line.desk._exchange, "answer", away)
    with pytest.raises(DATABASE_AWAY):
        talker.says(LUNCH)
    monkeypatch.setattr(line.desk._exchange, "answer", real)
    talker.no -= 1
    assert "我念一遍" in talker.says(LUNCH)
    assert len(line.all(Message)) == 2


# ------------------------------------------------------------------ when parts fail


def test_with_rasa_away_keys_still_order_and_a_human_rings_back(line: Line) -> None:
    talker = line.ring(BELL)
    talker.says(LUNCH)
    line.guesses.away = True
    assert talker.says("那个我想想吧要不还是") == say("line.cannot_follow").speech
    assert talker.last.human
    talker.says("这个那个的")
    assert len(line.all(Ticket)) == 1
    assert "订好了" in talker.presses("1")


def test_what_nobody_foresaw_is_a_humans_matter(line: Line) -> None:
    talker = line.ring(BELL)
    line.guesses.breaks = True
    assert talker.says(LUNCH) == say("line.no_words").speech
    (ticket,) = line.all(Ticket)
    assert any(LUNCH in turn["text"] for turn in ticket.transcript["turns"])


def test_key_0_brings_a_human_and_key_9_says_it_again_without_a_classifier(line: Line) -> None:
    talker = line.ring(BELL)
    talker.says("没事")
    line.guesses.away = True
    before = talker.last.speech
    talker.presses("9")
    assert talker.last.speech == before
    talker.presses("0")
    assert talker.last.human
    ticket_id = line.desk.hand_over(talker.call, "asked")
    assert [ticket.id for ticket in line.all(Ticket)] == [ticket_id]
    wanted_at = line.now
    line.wait(minutes=1)
    line.desk.human_came(talker.call, line.now, "8001")
    line.desk.reached_human(talker.call, "接通了")
    assert line.all(Ticket)[0].state == "closed"
    (call,) = line.all(Call)
    assert (call.human_wanted_at, call.human_at) == (wanted_at, line.now)
    assert call.human_telephone == "8001"


def test_a_call_whose_process_died_in_an_order_is_rung_back(line: Line, seeded: Seeded) -> None:
    talker = line.ring(BELL)
    talker.says(LUNCH)
    line.desk.was_answered(talker.call, line.now)
    line.desk.end_lost_call(talker.call.id)  # it lives: nothing happens
    assert line.all(Ticket) == []
    line.wait(minutes=2)
    line.desk.still_on([talker.call.id])
    line.wait(minutes=2)
    line.desk.end_lost_call(talker.call.id)
    assert line.all(Ticket) == []
    line.wait(minutes=2)
    line.desk.end_lost_call(talker.call.id)
    line.desk.end_lost_call(talker.call.id)
    (ticket,) = line.all(Ticket)
    assert (ticket.kind, ticket.elder_id) == ("call_back", seeded.li_guilan)
    (call,) = line.all(Call)
    assert (call.how_ended, call.ticket_id) == ("lost", ticket.id)


def test_the_sweep_finds_lost_calls_and_leaves_the_others(line: Line) -> None:
    lost, ended, on = (line.ring(number) for number in (BELL, STRANGER, "13911113333"))
    ended.hangs_up()
    line.wait(minutes=4)
    line.desk.still_on([on.call.id])
    assert line.do(sweep)["end_lost_call"] == 1
    assert line.do(lost_calls) == [lost.call.id]
    line.desk.end_lost_call(lost.call.id)
    assert line.do(lost_calls) == []


def test_words_that_a_dying_process_left_are_not_acted_on_but_cries_are(line: Line) -> None:
    talker = line.ring(BELL)
    talker.says(LUNCH)
    identifier = talker.call.identifier
    for no, words in ((2, "好的"), (3, "救命啊我喘不上气")):
        said = {"kind": "voice", "text": words, "heard": [], "keys": "", "call": talker.call.id}
        message_id, _ = line.desk._exchange.write_down(
            "voice", identifier, f"{talker.call.id}:{no}", said
        )
    line.desk.answer_held(message_id)  # the call may still be on
    assert line.all(Incident) == []
    line.wait(minutes=4)
    line.desk.answer_held(message_id)
    line.desk.answer_held(message_id)
    assert [incident.words for incident in line.all(Incident)] == ["救命啊我喘不上气"]
    assert line.all(Order) == []
    assert {message.state for message in line.all(Message)} == {"answered"}


def test_who_is_not_answered_is_rung_back_and_who_hung_up_in_an_order_is_not(line: Line) -> None:
    unanswered = line.ring("15400000009")
    line.desk.close_call(unanswered.call, Ending("caller", None))
    line.desk.close_call(unanswered.call, Ending("caller", None))
    (ticket,) = line.all(Ticket)
    assert ticket.kind == "call_back"
    assert "15400000009" in ticket.summary
    talker = line.ring(BELL)
    talker.says(LUNCH)
    talker.hangs_up()
    assert len(line.all(Ticket)) == 1


# ------------------------------------------------------------------ coming back, records


def test_an_order_left_by_hanging_up_goes_on_when_she_rings_again(
    line: Line, seeded: Seeded
) -> None:
    def her_own(work: Work) -> None:
        work.session.add(
            Contact(elder_id=seeded.li_guilan, name="李桂兰", relation="self", phone="13600136000")
        )

    line.do(her_own)
    her = line.ring("13600136000")
    assert "李奶奶" in her.opening
    her.says(LUNCH)
    her.hangs_up()
    line.wait(minutes=40)
    again = line.ring("13600136000")
    assert "接着刚才" in again.opening
    assert again.last.doing == "order:confirm"
    again.says("好的")
    assert len(line.all(Order)) == 1
    again.hangs_up()
    line.wait(hours=2)
    assert "接着" not in line.ring("13600136000").opening


def test_who_goes_on_before_our_answer_hears_it_all_and_says_yes_to_nothing_before(
    line: Line,
) -> None:
    """Her sentence was cut in two; the read-back of its first piece was never heard."""
    talker = line.ring(BELL)
    talker.says("没事")
    assert "我念一遍" in talker.says(LUNCH)
    line.guesses.known[LUNCH + "好的"] = "affirm"
    whole = talker.says(LUNCH, unheard=True)
    assert "我念一遍" in whole
    assert "午餐一份" in whole
    for yes in (LUNCH + "好的", "好的"):
        assert "我念一遍" in talker.says(yes, unheard=True)
        assert not line.all(Order)
    talker.says("好的")
    assert len(line.all(Order)) == 1


def test_the_record_holds_what_was_heard_understood_said_and_when(line: Line) -> None:
    talker = line.ring(BELL)
    talker.says(LUNCH, "明天中午送一份五餐")
    talker.presses("9")
    line.desk.note(talker.call, TurnRecord(1, times={"began": 3.1, "ended": 5.0}))
    late = [TurnRecord(1, times={"sounded": 5.8}), TurnRecord(3, said=("您还在吗",))]
    line.desk.close_call(talker.call, Ending("us", line.now, pace=0.7), late)
    with line.sessions() as session:
        turns = session.scalars(select(CallTurn).order_by(CallTurn.no)).all()
        assert [turn.no for turn in turns] == [0, 1, 2, 3]
        first = turns[1]
        assert [one["text"] for one in first.heard] == [LUNCH, "明天中午送一份五餐"]
        assert first.understood["intent"] == "order_meal"
        assert first.times == {"began": 3.1, "ended": 5.0, "sounded": 5.8}
        assert "我念一遍" in first.said[0]
        assert (turns[2].keys, turns[3].said) == ("9", ["您还在吗"])
        assert session.scalar(select(func.count(Message.id)).where(Message.sent_at.is_(None))) == 0
    assert line.ring(BELL).call.pace == 0.7
