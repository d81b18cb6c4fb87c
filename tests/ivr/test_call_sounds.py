"""The sound of a call: kept with consent, sealed, and gone when its time or its consent is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy import Engine

from backend.db.models import CallSound
from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.keep_call_sound import RECORDING, forget_call_sounds
from backend.services.withdraw_consent import withdraw_consent
from backend.services.work import Work
from ivr.desk import Ending
from ivr.sealing import SoundSettings, seal, unseal
from tests.conftest import NOW
from tests.ivr.lines import Line, a_line

KEY = bytes(range(32))
SOUND = b"\1\0\2\0" * 4000
NUMBER = "15400000001"


@pytest.fixture
def line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    with a_line(engine, monkeypatch, NOW) as line:
        yield line


def agree(line: Line) -> int:
    account_id = line.ring(NUMBER).call.account_id

    def consent(work: Work) -> None:
        ask_consent(work, account_id, RECORDING, "1")
        answer_consent(work, account_id, RECORDING, agrees=True)

    line.do(consent)
    return account_id


def kept_call(line: Line) -> int:
    call = line.ring(NUMBER).call
    sealed = seal(KEY, call.id, SOUND)
    line.desk.close_call(call, Ending("caller", line.now, sealed=sealed))
    return call.id


def sounds(line: Line) -> list[CallSound]:
    with line.sessions() as session:
        return session.query(CallSound).all()


def test_without_consent_nothing_is_kept(line: Line) -> None:
    assert not line.ring(NUMBER).call.keeps_sound
    kept_call(line)
    assert sounds(line) == []


def test_with_consent_it_is_kept_sealed_and_forgotten_in_time(line: Line) -> None:
    agree(line)
    assert line.ring(NUMBER).call.keeps_sound
    call_id = kept_call(line)
    (kept,) = sounds(line)
    assert SOUND[:40] not in kept.sealed
    assert unseal(KEY, call_id, kept.sealed) == SOUND
    line.wait(days=29)
    assert line.do(forget_call_sounds) == 0
    line.wait(days=2)
    assert line.do(forget_call_sounds) == 1
    assert sounds(line) == []


def test_taking_consent_back_deletes_at_once(line: Line) -> None:
    account_id = agree(line)
    kept_call(line)
    assert line.do(lambda work: withdraw_consent(work, account_id, RECORDING)) == 1
    assert sounds(line) == []


def test_a_seal_opens_for_its_own_call_and_key_alone() -> None:
    sealed = seal(KEY, 7, SOUND)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key, call_id, box in ((KEY, 8, sealed), (KEY[::-1], 7, sealed), (KEY, 7, changed)):
        with pytest.raises(InvalidTag):
            unseal(key, call_id, box)
    assert seal(KEY, 7, SOUND) != sealed


def test_a_short_key_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="32 bytes"):
        SoundSettings(sound_key=base64.b64encode(b"short").decode())
    assert SoundSettings(sound_key="").key is None
    settings = SoundSettings(sound_key=base64.b64encode(KEY).decode(), sound_days=7)
    assert (settings.key, settings.keep_for) == (KEY, timedelta(days=7))
