"""李奶奶's sentence on its way to Rasa and back, with a server that answers well, badly, or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nlu.errors import RasaUnavailable
from nlu.rasa_client import MAX_CHARACTERS, RasaClient
from tests.nlu.rasa_like import RasaLike, rasa_like


@pytest.fixture
def rasa() -> Iterator[RasaLike]:
    with rasa_like() as server:
        yield server


@pytest.fixture
def client(rasa: RasaLike) -> Iterator[RasaClient]:
    client = RasaClient(rasa.url, timeout_s=60)
    yield client
    client.close()


def test_a_daughters_lunch_order_is_understood(rasa: RasaLike, client: RasaClient) -> None:
    guess = client.classify("明天中午给我妈订一份午餐,要软一点")

    assert (guess.intent, guess.confidence) == ("order_meal", 0.97)
    assert guess.ranking == (("order_meal", 0.97), ("order_errand", 0.02))
    assert rasa.asked == ["明天中午给我妈订一份午餐,要软一点"]


def test_a_doubting_rasa_still_tells_its_real_guess(rasa: RasaLike, client: RasaClient) -> None:
    rasa.answer(
        {
            "intent": {"name": "nlu_fallback", "confidence": 0.6},
            "intent_ranking": [
                {"name": "nlu_fallback", "confidence": 0.6},
                {"name": "query_menu", "confidence": 0.35},
            ],
        }
    )
    guess = client.classify("今天那个啥")

    assert (guess.intent, guess.confidence) == ("query_menu", 0.35)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u3000"])
def test_silence_never_reaches_rasa(rasa: RasaLike, client: RasaClient, text: str) -> None:
    assert client.classify(text).intent == "out_of_scope"
    assert rasa.asked == []


def test_a_pasted_novel_is_cut(rasa: RasaLike, client: RasaClient) -> None:
    client.classify("  " + "饭" * 10_000)
    assert rasa.asked == ["饭" * MAX_CHARACTERS]


@pytest.mark.parametrize("status", [400, 409, 500, 503])
def test_a_failing_rasa_is_unavailable(rasa: RasaLike, client: RasaClient, status: int) -> None:
    rasa.status = status
    with pytest.raises(RasaUnavailable):
        client.classify("订饭")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>oops</html>",
        b"",
        b"\xff\xfe",
        [],
        {},
        {"intent": None},
        {"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []},
        {"intent_ranking": [{"name": "order_meal"}]},
        {"intent_ranking": [{"name": "order_meal", "confidence": "sure"}]},
        {"intent_ranking": ["order_meal"]},
        {"intent_ranking": [{"name": "nlu_fallback", "confidence": 0.9}]},
    ],
)
def test_a_garbled_answer_is_unavailable(rasa: RasaLike, client: RasaClient, body: Any) -> None:
    rasa.answer(body)
    with pytest.raises(RasaUnavailable):
        client.classify("订饭")


def test_a_slow_rasa_is_given_up_before_it_answers(rasa: RasaLike) -> None:
    rasa.may_answer.clear()
    client = RasaClient(rasa.url, timeout_s=0.5)
    with pytest.raises(RasaUnavailable):
        client.classify("订饭")
    assert not rasa.may_answer.is_set()
    client.close()


def test_no_rasa_at_all_is_unavailable() -> None:
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        client = RasaClient(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_s=0.5)
        assert not client.is_ready()
        with pytest.raises(RasaUnavailable):
            client.classify("救命")
        with pytest.raises(RasaUnavailable):
            client.wait_until_ready(0.3)


def test_the_error_does_not_repeat_what_she_said(rasa: RasaLike, client: RasaClient) -> None:
    rasa.status = 500
    with pytest.raises(RasaUnavailable) as caught:
        client.classify("我有糖尿病")
    assert "糖尿病" not in str(caught.value)


def test_ready_means_loaded_and_one_sentence_read(rasa: RasaLike, client: RasaClient) -> None:
    rasa.loaded = False
    assert not client.is_ready()
    threading.Timer(0.3, lambda: setattr(rasa, "loaded", True)).start()

    client.wait_until_ready(60)

    assert client.is_ready()
    assert len(rasa.asked) == 1


def test_many_callers_share_one_client(rasa: RasaLike) -> None:
    client = RasaClient(rasa.url, timeout_s=60)
    with ThreadPoolExecutor(20) as callers:
        intents = list(callers.map(lambda n: client.classify(f"订{n}份饭").intent, range(100)))
    client.close()
    assert intents == ["order_meal"] * 100
    assert len(rasa.asked) == 100
