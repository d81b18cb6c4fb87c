"""What people are told, and what is not lost, when parts of the house are down."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.db.databases import Addresses, databases
from backend.db.migrate import migrate
from backend.db.models import Incident, IncidentEvent, Message, Order
from backend.domain.incidents import IncidentState
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.town import SMALL, Seeded, seed_town
from backend.services.unit_of_work import unit_of_work
from backend.settings import Settings
from ops.processes import free_port
from ops.stage import Stage
from tests.conftest import NOW
from tests.e2e.conftest import StageMaker
from tests.e2e.failing import Forward, Unreachable
from tests.e2e.people import bind
from tests.standin.wechat.phone import Phone
from tests.waiting import eventually

NOBODY = "http://127.0.0.1:9"
"""Where no Rasa answers."""


def put_agent_on_duty(sessions, phone: Phone) -> None:
    with unit_of_work(sessions, now=NOW) as work:
        put_on_duty(work.session, NOW, [OnDuty("wechat", phone.openid, phone.name)])


def test_with_rasa_down_words_are_kept_and_a_cry_still_reaches_a_human(
    set_up: StageMaker, seeded: Seeded
) -> None:
    with set_up(rasa_url=NOBODY) as (stage, sessions):
        agent, daughter = stage.phone("agent"), stage.phone("daughter")
        put_agent_on_duty(sessions, agent)
        bind(sessions, daughter, elder_id=seeded.li_guilan)
        agent.say("你好")  # any words open WeChat's 48 hours
        answer = daughter.say("明天中午给我妈订一份午餐").reply
        assert answer and "记下了" in answer
        answer = daughter.say("我妈晕倒了叫不醒").reply
        assert answer and "120" in answer
        alarm = agent.wait_for("晕倒了叫不醒")
        assert "李桂兰" in alarm.text
        assert "由您处理" in (agent.say("收到").reply or "")
        with sessions() as session:
            held = session.scalars(select(Message.state).where(Message.state == "held")).all()
            assert "held" in held
            incident = session.scalars(select(Incident)).one()
            assert incident.state is IncidentState.ACKNOWLEDGED


def test_rasa_killed_in_mid_conversation_delays_no_alarm(
    set_up: StageMaker, seeded: Seeded, rasa_url: str
) -> None:
    port = free_port()
    with set_up(rasa_url=f"http://127.0.0.1:{port}") as (stage, sessions):
        daughter, son = stage.phone("daughter"), stage.phone("son")
        bind(sessions, daughter, elder_id=seeded.li_guilan)
        bind(sessions, son, elder_id=seeded.wang_jianguo)
        with Forward(port, rasa_url):
            assert "李桂兰" in (daughter.say("明天中午给我妈订一份午餐").reply or "")
        # What the rules doubt is asked about, and the answer needs no Rasa either.
        assert "是不是需要人马上来" in (son.say("我爸手抬不起来").reply or "")
        assert "没事就好" in (son.say("不用,没事").reply or "")
        said = daughter.say("我妈晕倒了叫不醒")
        assert said.reply and "已经叫人了" in said.reply
        assert len(said.tries) == 1, "WeChat had to ask again"
        with sessions() as session:
            incident = session.scalars(select(Incident)).one()
            assert incident.words == "我妈晕倒了叫不醒"


def test_held_words_are_answered_when_rasa_is_back(
    set_up: StageMaker, seeded: Seeded, rasa_url: str
) -> None:
    port = free_port()
    with set_up(rasa_url=f"http://127.0.0.1:{port}") as (stage, sessions):
        daughter = stage.phone("daughter")
        bind(sessions, daughter, elder_id=seeded.li_guilan)
        assert "记下了" in (daughter.say("明天中午给我妈订一份午餐").reply or "")
        with Forward(port, rasa_url):
            daughter.wait_for("李桂兰")
        with sessions() as session:
            assert set(session.scalars(select(Message.state))) == {"answered"}


def written_down(stage: Stage) -> str:
    """Whom the web process would tell of a cry while the database is away."""
    kept = Path(stage.environment["YINLING_DATA_DIR"]).rglob("duty.json")
    return "".join(one.read_text("utf-8") for one in kept)


def test_with_the_database_down_nothing_said_is_lost(
    set_up: StageMaker, tmp_path_factory: pytest.TempPathFactory, addresses: Addresses
) -> None:
    folder = tmp_path_factory.mktemp("own")
    settings = Settings(data_dir=folder, database_url=None, redis_url=addresses.redis_url)
    with databases(settings) as own:
        migrate(own.database_url)
        with set_up(database_url=own.database_url) as (stage, sessions):
            with unit_of_work(sessions, now=NOW) as work:
                seeded = seed_town(work.session, NOW, SMALL)
            agent, daughter = stage.phone("agent"), stage.phone("daughter")
            put_agent_on_duty(sessions, agent)
            bind(sessions, daughter, elder_id=seeded.li_guilan)
            stage.house.watch()
            agent.say("你好")
            eventually(lambda: agent.openid in written_down(stage))
            with Unreachable(own.database_url):
                answer = daughter.say("明天中午给我妈订一份午餐").reply
                assert answer and "维护" in answer
                answer = daughter.say("救命啊,我妈摔倒了").reply
                assert answer and "120" in answer
                agent.wait_for("救命啊")
            daughter.wait_for("我念一遍")
            agent.wait_for("李桂兰")
            with sessions() as session:
                assert session.scalar(select(func.count(Incident.id))) == 1
                assert set(session.scalars(select(Message.state))) == {"answered"}


def test_redis_wiped_loses_nothing_but_speed(set_up: StageMaker, seeded: Seeded, addresses) -> None:
    import redis

    with set_up() as (stage, sessions):
        daughter = stage.phone("daughter")
        bind(sessions, daughter, elder_id=seeded.li_guilan)
        assert "对的话说" in (daughter.say("明天中午给我妈订一份午餐").reply or "")
        redis.Redis.from_url(addresses.redis_url).flushall()
        assert "订好" in (daughter.say("好的").reply or "")
        with sessions() as session:
            assert session.scalar(select(func.count(Order.id))) == 1
        daughter.wait_for("没有人")  # pushed, with a token fetched anew


def test_an_alarm_rings_on_until_somebody_answers(set_up: StageMaker, seeded: Seeded) -> None:
    with set_up(settings={"YINLING_ESCALATE_AFTER_S": "2"}) as (stage, sessions):
        agent, boss = stage.phone("agent"), stage.phone("boss")
        with unit_of_work(sessions, now=NOW) as work:
            put_on_duty(
                work.session,
                NOW,
                [
                    OnDuty("wechat", agent.openid, "小林", town="莞城"),
                    OnDuty("wechat", boss.openid, "主任", "supervisor", town="东城"),
                ],
            )
        agent.say("你好")
        boss.say("你好")
        elder = stage.phone("elder")
        bind(sessions, elder, elder_id=seeded.li_guilan)
        elder.say("我摔倒了起不来")
        agent.wait_for("第2次通知")
        boss.wait_for("求助")
        rounds = [m.text.splitlines()[0] for m in agent.inbox() if "求助！" in m.text]
        assert any("次通知" not in first_line for first_line in rounds), rounds
        boss.say("收到")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(time.sleep, 5).result()
        with sessions() as session:
            incident = session.scalars(select(Incident)).one()
            assert incident.state is IncidentState.ACKNOWLEDGED
            steps = session.scalars(select(IncidentEvent.step).order_by(IncidentEvent.id)).all()
            rung_after = steps[steps.index("acknowledged") :]
            assert "told" in steps and "told" not in rung_after
