"""What was asked ahead is not asked again: questions counted where Rasa would hear them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from nlu.errors import RasaUnavailable
from nlu.foresight import FRESH_S, Foresight
from nlu.rasa_client import IntentGuess, RasaClient
from tests.nlu.rasa_like import RasaLike, rasa_like

LUNCH = "明天中午订一份午餐"


def until(holds: Callable[[], bool]) -> None:
    by = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < by, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def rasa() -> Iterator[RasaLike]:
    with rasa_like() as server:
        yield server


@pytest.fixture
def client(rasa: RasaLike) -> Iterator[RasaClient]:
    client = RasaClient(rasa.url, timeout_s=60)
    yield client
    client.close()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def test_the_same_words_are_asked_once(rasa: RasaLike, client: RasaClient) -> None:
    foresight = Foresight(client)
    assert foresight.classify(LUNCH) == foresight.classify(LUNCH) == client.classify(LUNCH)
    assert rasa.asked == [LUNCH] * 2, "once through the foresight, once beside it"


def test_two_calls_with_the_same_words_at_once_wait_for_one_answer(
    rasa: RasaLike, client: RasaClient, callers: ThreadPoolExecutor
) -> None:
    foresight = Foresight(client)
    rasa.may_answer.clear()
    both = [callers.submit(foresight.classify, LUNCH) for _ in range(2)]
    other = callers.submit(foresight.classify, "后天换药")
    until(lambda: len(rasa.asked) == 2)  # the second has been asked, the first is not asked twice
    assert not any(one.done() for one in both)
    rasa.may_answer.set()
    assert both[0].result(60) == both[1].result(60)
    assert other.result(60).intent == "order_meal"
    assert sorted(rasa.asked) == sorted([LUNCH, "后天换药"])


def test_what_failed_is_forgotten(rasa: RasaLike, client: RasaClient) -> None:
    foresight = Foresight(client)
    rasa.status = 503
    with pytest.raises(RasaUnavailable):
        foresight.classify(LUNCH)
    rasa.status = 200
    assert foresight.classify(LUNCH).intent == "order_meal"
    assert len(rasa.asked) == 2


def test_who_waited_for_a_question_that_failed_asks_again(callers: ThreadPoolExecutor) -> None:
    """Rasa came back meanwhile."""
    first: Future[IntentGuess] = Future()
    lunch = IntentGuess("order_meal", 0.9, (("order_meal", 0.9),))
    answers: list[Callable[[], IntentGuess]] = [lambda: first.result(60), lambda: lunch]

    class Asked:
        def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
            return answers.pop(0)()

    foresight = Foresight(Asked())
    asking = callers.submit(foresight.classify, LUNCH)
    until(lambda: len(answers) == 1)
    waiting = callers.submit(foresight.classify, LUNCH)
    first.set_exception(RasaUnavailable("away"))
    with pytest.raises(RasaUnavailable):
        asking.result(60)
    assert waiting.result(60) == lunch


def test_who_is_in_danger_waits_for_nobodys_question_for_long(
    rasa: RasaLike, client: RasaClient, callers: ThreadPoolExecutor
) -> None:
    foresight = Foresight(client)
    rasa.may_answer.clear()
    ahead = callers.submit(foresight.classify, "我头好晕")
    until(lambda: len(rasa.asked) == 1)
    with pytest.raises(RasaUnavailable):
        foresight.classify("我头好晕", within_s=0.05)
    rasa.may_answer.set()
    assert ahead.result(60) == foresight.classify("我头好晕", within_s=0.05)


def test_a_minute_later_it_is_asked_again(rasa: RasaLike, client: RasaClient) -> None:
    now = [0.0]
    foresight = Foresight(client, now=lambda: now[0])
    foresight.classify(LUNCH)
    now[0] = FRESH_S - 1
    foresight.classify(LUNCH)
    assert len(rasa.asked) == 1
    now[0] = FRESH_S
    foresight.classify(LUNCH)
    assert len(rasa.asked) == 2


def test_of_many_texts_the_last_are_kept(rasa: RasaLike, client: RasaClient) -> None:
    foresight = Foresight(client, most=2)
    for text in ("一", "二", "三", "二", "三", "一"):
        foresight.classify(text)
    assert rasa.asked == ["一", "二", "三", "一"]
