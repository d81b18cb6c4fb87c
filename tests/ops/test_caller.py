"""What `yinling call` says, and when it is its turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.pieces import BadPiece, pieces_of
from ops.taking_turns import BREATH_S, PATIENCE_S, UNANSWERED_S, Turns
from tests.ivr.loopback import tone
from tests.ivr.peers import write_wav

# ------------------------------------------------------------------ whose turn it is


def test_after_the_question_and_a_breath_it_is_our_turn() -> None:
    turns = Turns(0.0)
    assert not turns.is_ours(10.0)  # nobody has asked anything
    turns.heard(10.0)
    assert not turns.is_ours(10.0 + BREATH_S - 0.1)
    assert turns.is_ours(10.0 + BREATH_S)


def test_a_pause_between_two_sentences_is_not_our_turn() -> None:
    turns = Turns(0.0)
    turns.heard(1.0)
    turns.heard(1.0 + BREATH_S - 0.2)
    assert not turns.is_ours(1.0 + BREATH_S)


def test_a_line_that_asked_for_a_moment_is_given_it() -> None:
    turns = Turns(0.0)
    turns.heard(1.0)
    turns.spoke(4.0)
    turns.heard(5.0)
    assert not turns.is_ours(5.0 + BREATH_S, answered=False)
    assert turns.is_ours(5.0 + BREATH_S, answered=True)
    assert turns.is_ours(5.0 + UNANSWERED_S, answered=False)


def test_a_silent_line_is_given_up() -> None:
    turns = Turns(0.0)
    turns.spoke(3.0)
    assert not turns.is_given_up(2.9 + PATIENCE_S)
    assert turns.is_given_up(3.0 + PATIENCE_S)


# ------------------------------------------------------------------ what is said


def spoken(words: str) -> bytes:
    return words.encode()


def test_files_keys_and_words_are_told_apart(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "a.wav", tone(440, 0.5))
    (tmp_path / "a.txt").write_text("明天中午\n送一份午餐\n", "utf-8")
    bare = write_wav(tmp_path / "b.WAV", tone(440, 0.5))
    first, second, keys, words = pieces_of([str(wav), str(bare), "1#", "好的"], spoken)
    assert (str(first), len(first.pcm)) == ("a.wav: 明天中午 送一份午餐", 8000)
    assert str(second) == "b.WAV"
    assert (keys.keys, keys.pcm) == ("1#", b"")
    assert (words.pcm, words.keys) == ("好的".encode(), "")


@pytest.mark.parametrize(
    ("what", "why"),
    [("nowhere.wav", "cannot be read"), ("text.wav", "none of"), ("  ", "nothing to say")],
)
def test_what_cannot_be_said_says_why(
    what: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(BadPiece, match=why):
        pieces_of([what], spoken)
