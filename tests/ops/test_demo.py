"""The demo's call: what it is made of, and what is said when it goes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

import yinling
from backend.db.models import Contact, Elder
from ops import demo
from ops.commands import look
from ops.phone_scene import NUMBER, PLAN, SAID, CallWentWrong
from ops.pieces import pieces_of
from tests.docker.files import ROOT


def test_what_she_says_is_recorded_with_its_words() -> None:
    said = pieces_of([str(SAID / name) for name, _ in PLAN], lambda _: b"")
    assert [one.words for one in said] == ["明天中午送一份午餐", "好的"]
    assert all(0.5 < len(one.pcm) / 16_000 < 4 for one in said)


def test_what_she_waits_for_is_what_we_say() -> None:
    prompts = (ROOT / "nlu" / "prompts").glob("*.yaml")
    words = "".join(path.read_text("utf-8") for path in prompts)
    for _, until in PLAN:
        assert re.search(until, words), until


def test_nobody_in_the_town_has_her_number(session: Session) -> None:
    assert session.scalar(select(Contact).where(Contact.phone == NUMBER)) is None
    assert session.scalar(select(Elder).where(Elder.bell_number == NUMBER)) is None


def test_a_call_that_comes_to_nothing_ends_the_demo_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def play(folder: Path, *_: object) -> None:
        raise CallWentWrong("the phone line does not open: there is no voice")

    monkeypatch.setattr(look, "trained_model", lambda _: Path())
    monkeypatch.setattr(demo, "play", play)
    played = CliRunner().invoke(yinling.main, ["demo"])
    assert played.exit_code == 1
    assert "the telephone's part of the story: the phone line does not open" in played.output
