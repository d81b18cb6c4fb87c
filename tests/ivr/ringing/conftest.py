"""The line as `yinling ivr` runs it, in a running house, for people with telephones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ivr.ears import SHIPPED
from tests.conftest import NOW
from tests.ivr.peers import need
from tests.ivr.ringing.caller import Caller
from tests.ivr.ringing.house import RingingHouse
from tests.scenarios.theatre import Theatre

MODEL = Path(os.environ.get("TEST_VOSK_MODEL", SHIPPED))
"""What the line listens with; another one can be tried by this variable."""


@pytest.fixture(scope="session")
def ringing_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RingingHouse]:
    need("baresip")
    if not MODEL.is_dir():
        pytest.skip(f"there is no model to listen with at {MODEL}")
    theatre: Theatre = request.getfixturevalue("theatre")  # not started where there is no phone
    rasa_url: str = request.getfixturevalue("rasa_url")
    with RingingHouse.open(theatre, rasa_url, MODEL, tmp_path_factory.mktemp("ringing")) as house:
        yield house


@pytest.fixture
def house(ringing_house: RingingHouse) -> Iterator[RingingHouse]:
    """The house on a Wednesday morning, with the small town as new, and everybody at rest."""
    ringing_house.begin(NOW)
    yield ringing_house
    ringing_house.rest()


@pytest.fixture
def telephone(house: RingingHouse, tmp_path: Path) -> Iterator[Callable[[str], Caller]]:
    """Gives people telephones, by number."""
    with ExitStack() as hung_up:
        yield lambda number: hung_up.enter_context(house.caller(number, tmp_path))
    shutil.rmtree(tmp_path, ignore_errors=True)  # minutes of sound


@pytest.fixture
def elder(house: RingingHouse, telephone: Callable[[str], Caller]) -> Caller:
    """李桂兰 in 莞城, at her own telephone."""
    return telephone(house.own_phone("李桂兰/莞城"))


@pytest.fixture
def bell(house: RingingHouse, telephone: Callable[[str], Caller]) -> Caller:
    """Her bell."""
    return telephone(house.bell_of("李桂兰/莞城"))
