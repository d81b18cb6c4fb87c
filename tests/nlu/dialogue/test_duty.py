"""收到: the people on duty and 李桂兰's daughter answer a call for help; tickets are closed."""

import pytest

from backend.db.models import Incident, Ticket
from backend.domain.incidents import IncidentState
from backend.seed.town import Seeded
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import raise_incident
from backend.services.work import Work
from tests.nlu.dialogue.jobs_people import Phone


@pytest.fixture
def zhou(work: Work) -> Phone:
    """小周, on duty for the whole city."""
    return Phone(work, "值班小周").on_duty()


@pytest.fixture
def wang_fang(work: Work, seeded: Seeded) -> Phone:
    """王芳, 李桂兰's daughter."""
    return Phone(work, "王芳").follows(seeded.li_guilan)


@pytest.fixture
def fall(work: Work, seeded: Seeded, zhou: Phone, wang_fang: Phone) -> Incident:
    """李桂兰 says that she fell; 小周 and 王芳 are told."""
    incident = raise_incident(work, "我摔倒了,起不来", "fall-1", seeded.li_guilan)
    assert len(zhou.told("incident")) == len(wang_fang.told("incident")) == 1
    return incident


def steps(incident: Incident) -> list[str]:
    return [event.step for event in incident.events]


class TestTakingItUp:
    def test_the_alarm_says_what_must_be_known(
        self, fall: Incident, zhou: Phone, wang_fang: Phone, seeded: Seeded
    ) -> None:
        [alarm] = zhou.told("incident")
        for fact in ("李桂兰", "运河东一路28号3栋502房", "我摔倒了", "高血压", "收到"):
            assert fact in alarm
        assert seeded.wang_fang_phone in alarm
        assert "高血压" not in wang_fang.told("incident")[0]

    @pytest.mark.parametrize(
        "words", ["收到", "收到。", "好的收到", "收到,马上处理", "我来处理", "我马上过去", "收到了"]
    )
    def test_one_word_stops_the_alarm(self, fall: Incident, zhou: Phone, words: str) -> None:
        answer = zhou.says(words)
        assert zhou.done == ["acknowledge_incident"]
        assert fall.state is IncidentState.ACKNOWLEDGED
        assert "李桂兰" in answer
        assert "已处理" in answer

    @pytest.mark.parametrize(
        "words", ["没收到", "你收到钱了吗", "收到的饭是凉的", "好的", "谢谢", "明天我妈要换药", "1"]
    )
    def test_other_words_do_not(self, fall: Incident, zhou: Phone, words: str) -> None:
        assert zhou.leaves(words)
        assert fall.state is IncidentState.RAISED

    def test_the_daughter_may_take_it_up_and_the_agent_hears_of_it(
        self, fall: Incident, zhou: Phone, wang_fang: Phone
    ) -> None:
        wang_fang.says("收到")
        assert fall.state is IncidentState.ACKNOWLEDGED
        assert "有人处理" in zhou.told("incident_acknowledged")[0]
        assert "已经有人处理" in zhou.says("收到")
        assert zhou.done == []

    def test_a_stranger_cannot(self, work: Work, fall: Incident) -> None:
        stranger = Phone(work, "路人")
        assert stranger.leaves("收到")
        assert stranger.leaves(f"收到 {fall.id}")
        assert fall.state is IncidentState.RAISED

    def test_the_newest_first_and_the_others_are_named(
        self, work: Work, seeded: Seeded, fall: Incident, zhou: Phone
    ) -> None:
        second = raise_incident(work, "胸口痛", "pain", seeded.chen_huifang[0])
        answer = zhou.says("收到")
        assert second.state is IncidentState.ACKNOWLEDGED
        assert fall.state is IncidentState.RAISED
        assert f"{fall.id}号" in answer
        zhou.says(f"收到 {fall.id}")
        assert fall.state is IncidentState.ACKNOWLEDGED

    def test_a_number_that_is_not_there(self, fall: Incident, zhou: Phone) -> None:
        assert "没有找到" in zhou.says("收到 999999")
        assert fall.state is IncidentState.RAISED

    def test_nothing_to_take_up(self, zhou: Phone) -> None:
        assert zhou.leaves("收到")

    def test_cries_for_help_are_left_to_the_alarm(self, fall: Incident, zhou: Phone) -> None:
        assert zhou.leaves("收到,救命啊")


class TestToTheEnd:
    def test_taken_up_sent_and_over(self, fall: Incident, zhou: Phone, wang_fang: Phone) -> None:
        zhou.says("收到")
        assert "同事过去" in zhou.says("已派附近同事过去")
        assert fall.state is IncidentState.DISPATCHED
        assert "老人没事" in zhou.says("已处理,老人没事,只是扭了脚")
        assert fall.state is IncidentState.RESOLVED
        assert fall.outcome == "老人没事,只是扭了脚"
        assert steps(fall) == ["raised", "told", "acknowledged", "dispatched", "resolved"]
        assert "老人没事" in wang_fang.told("incident_resolved")[0]
        assert "已经处理完" in zhou.says(f"已处理 {fall.id}")

    def test_help_is_sent_before_anyone_said_received(self, fall: Incident, zhou: Phone) -> None:
        zhou.says("派了网格员过去")
        assert fall.state is IncidentState.DISPATCHED
        assert "acknowledged" in steps(fall)

    def test_a_report_that_sounds_like_a_cry_is_still_a_report(
        self, fall: Incident, zhou: Phone
    ) -> None:
        assert not zhou.leaves("已派救护车,120十分钟到")
        assert fall.state is IncidentState.DISPATCHED
        assert zhou.leaves("救命啊,快打120")
        assert zhou.leaves("快派救护车,有人摔倒了")

    def test_which_one_is_over(
        self, work: Work, seeded: Seeded, fall: Incident, zhou: Phone
    ) -> None:
        second = raise_incident(work, "胸口痛", "pain", seeded.chen_huifang[0])
        zhou.says(f"收到 {fall.id}")
        zhou.says(f"收到 {second.id}")
        question = zhou.says("已处理,没事")
        assert f"{fall.id}号" in question
        assert f"{second.id}号" in question
        zhou.says(f"已处理 {fall.id} 误按")
        assert (fall.state, fall.outcome) == (IncidentState.RESOLVED, "误按")
        assert second.state is IncidentState.ACKNOWLEDGED

    def test_the_family_says_it_is_over_and_someone_on_duty_checks(
        self, work: Work, fall: Incident, zhou: Phone, wang_fang: Phone
    ) -> None:
        wang_fang.says("没事了,妈妈按错了")
        assert fall.state is IncidentState.ACKNOWLEDGED
        [task] = zhou.told("ticket_opened")
        assert "按错了" in task
        assert work.session.get_one(Ticket, wang_fang.turn.commands[-1].subject_id).elder_id == (
            fall.elder_id
        )


class TestTickets:
    @pytest.fixture
    def ticket(self, work: Work, seeded: Seeded, zhou: Phone) -> Ticket:
        """王芳 wants to be rung back."""
        return open_ticket(work, "call_back", "想问护理费", "t-1", elder_id=seeded.li_guilan)

    def test_closed_with_an_outcome(self, ticket: Ticket, zhou: Phone) -> None:
        assert f"关闭 {ticket.id}" in zhou.told("ticket_opened")[0]
        zhou.says(f"关闭 {ticket.id} 已回电,家属满意")
        assert (ticket.state, ticket.outcome) == ("closed", "已回电,家属满意")
        assert "之前已经关闭" in zhou.says(f"关闭 {ticket.id} 再来一次")
        assert ticket.outcome == "已回电,家属满意"

    def test_the_only_one_needs_no_number(self, ticket: Ticket, zhou: Phone) -> None:
        zhou.says("关闭工单,已回电")
        assert (ticket.state, ticket.outcome) == ("closed", "已回电")

    def test_an_outcome_is_asked_for(self, ticket: Ticket, zhou: Phone) -> None:
        assert "结果" in zhou.says(f"关闭 {ticket.id}")
        assert ticket.state == "open"

    def test_which_of_several(
        self, work: Work, seeded: Seeded, ticket: Ticket, zhou: Phone
    ) -> None:
        other = open_ticket(work, "complaint", "饭凉了", "t-2", elder_id=seeded.li_guilan)
        question = zhou.says("关闭 已回电")
        assert f"{ticket.id}号" in question
        assert f"{other.id}号" in question
        assert "没有找到" in zhou.says("关闭 999999 已回电")

    def test_only_for_those_on_duty(self, ticket: Ticket, wang_fang: Phone) -> None:
        assert wang_fang.leaves(f"关闭 {ticket.id} 好了")
        assert ticket.state == "open"
