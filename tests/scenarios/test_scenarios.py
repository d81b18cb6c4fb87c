"""Every story in this folder, through the real WeChat callback. README.md says how to write one."""

from dataclasses import replace
from pathlib import Path

import pytest

from backend.domain.orders import OrderState
from tests.scenarios.channel import WeChat
from tests.scenarios.runner import Runner
from tests.scenarios.script import BadScript, Scenario, Step, read_scenario
from tests.scenarios.theatre import Theatre

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, theatre: Theatre) -> None:
    Runner(theatre, WeChat(theatre.stage), read_scenario(path)).play()


def test_every_state_of_an_order_is_seen_in_some_story() -> None:
    seen = {
        row["state"]
        for path in FILES
        for step in read_scenario(path).steps
        for row in step.expect.get("database", {}).get("orders", [])
        if "state" in row
    }
    assert seen >= set(OrderState)


HELLO = Step(
    line=1, who="王芳", deed="says", what="查一下余额", expect={"reply": ["李桂兰", "480元"]}
)
WRONG = [
    replace(HELLO, expect={"reply": "481元"}),
    replace(HELLO, expect={"reply": {"lacks": "480元"}}),
    replace(HELLO, expect={"reply": "nothing"}),
    replace(HELLO, expect={"pushed": {"王芳": "480元"}}),
    replace(HELLO, expect={"database": {"orders": [{"state": "placed"}]}}),
    replace(HELLO, expect={"database": {"balance": {"李桂兰/莞城": {"available": 1}}}}),
]


def told(theatre: Theatre, *steps: Step) -> None:
    family = replace(read_scenario(FILES[0]), given={}, steps=steps)
    Runner(theatre, WeChat(theatre.stage), family).play()


def test_what_is_not_so_fails(theatre: Theatre) -> None:
    told(theatre, HELLO)
    for wrong in WRONG:
        with pytest.raises(AssertionError, match="line 1: 王芳 says"):
            told(theatre, wrong)


def test_a_story_that_nobody_could_play_is_refused(tmp_path: Path) -> None:
    story = tmp_path / "story.yaml"

    def read(steps: str) -> Scenario:
        story.write_text(f"title: t\npeople: {{王芳: stranger}}\nsteps:\n  - {steps}\n")
        return read_scenario(story)

    assert read("王芳 says: 11:30").steps[0].what == "11:30"
    for wrong in ("李四 says: 好", "王芳 sings: 好", "{王芳 says: 好, answer: 好}"):
        with pytest.raises(BadScript):
            read(wrong)
