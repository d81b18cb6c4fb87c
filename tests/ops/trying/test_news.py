"""What pages that are open are told of."""

import threading
import time

from ops.trying.news import KEPT, News, stream


def test_who_comes_later_is_told_from_where_they_were() -> None:
    news = News()
    for number in range(3):
        news.tell("chat", text=str(number))
    assert [one.data["text"] for one in news.after(0, 0)] == ["0", "1", "2"]
    assert [one.data["text"] for one in news.after(2, 0)] == ["2"]
    assert news.after(3, 0) == []


def test_a_number_of_a_process_before_this_one_begins_anew() -> None:
    news = News()
    news.tell("chat", text="first")
    assert [one.data["text"] for one in news.after(900, 0)] == ["first"]


def test_only_the_last_are_kept() -> None:
    news = News()
    for number in range(KEPT + 5):
        news.tell("chat", number=number)
    kept = news.after(0, 0)
    assert len(kept) == KEPT and kept[0].data == {"number": 5}


def test_who_waits_is_woken() -> None:
    news = News()
    threading.Timer(0.1, lambda: news.tell("phone", state="talking")).start()
    began = time.monotonic()
    assert [one.what for one in news.after(0, 60)] == ["phone"]
    assert time.monotonic() - began < 30


def test_a_stream_is_written_as_browsers_read_it() -> None:
    news = News()
    news.tell("chat", text="一行\n两行")
    told = stream(news, 0, lambda one: repr(one.data["text"]))
    assert next(told) == "id: 1\nevent: chat\ndata: '一行\\n两行'\n\n"
