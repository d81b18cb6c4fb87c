"""Every story in this folder, through the real WeChat callback. README.md says how to write one."""

from pathlib import Path

import pytest

from backend.domain.orders import OrderState
from tests.scenarios.channel import WeChat
from tests.scenarios.runner import Runner
from tests.scenarios.script import read_scenario
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
