"""An utterance that pauses cut into pieces, put together again."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ivr.ears import Hearing
from ivr.pieces import MOST, Pieces, joined
from nlu.dialogue.turns import Alternative


class Told:
    """A recogniser that says what it is told, and what it was made to settle."""

    def __init__(self) -> None:
        self.under_way = ""

    def take(self, pcm: bytes) -> bool:
        self.under_way += pcm.decode()
        return self.under_way.endswith("。")

    def so_far(self) -> str:
        return self.under_way

    def said(self) -> list[Alternative]:
        words, self.under_way = self.under_way.strip("。"), ""
        return [Alternative(words, 1.0)] if words else []

    last = said


def pieces() -> Pieces:
    return Pieces(cast(Hearing, cast(Any, Told())))


def test_a_pause_in_the_middle_loses_no_word() -> None:
    heard = pieces()
    heard.take("明天".encode())
    heard.settle()
    heard.settle()
    assert heard.so_far() == "明天"
    heard.take("上午。".encode())
    heard.take("九点".encode())
    assert heard.so_far() == "明天上午九点"
    assert heard.settled() == (Alternative("明天上午", 1.0),), "of the rest it is not sure yet"
    assert heard.ended() == (Alternative("明天上午九点", 1.0),)
    assert heard.ended() == (), "the next one begins anew"


def test_hearings_of_pieces_are_as_likely_as_their_parts_together() -> None:
    found = joined(
        [
            [Alternative("明天", 0.8), Alternative("名天", 0.2)],
            [Alternative("下午", 0.6), Alternative("下舞", 0.4)],
        ]
    )
    assert [one.text for one in found] == ["明天下午", "明天下舞", "名天下午", "名天下舞"]
    assert [one.confidence for one in found] == pytest.approx([0.48, 0.32, 0.12, 0.08])


def test_many_pieces_stay_few_hearings() -> None:
    piece = [Alternative(text, 0.2) for text in "一二三四五"]
    found = joined([piece] * 6)
    assert len(found) == MOST
    assert sum(one.confidence for one in found) == pytest.approx(1)
    assert joined([]) == ()
