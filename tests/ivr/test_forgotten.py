"""A call ends just as it is to be transferred: a line in the log, and nothing else is silenced."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
from baresip import Call as SipCall
from baresip import Runtime
from baresip.call import CallState
from baresip.errors import BaresipError
from baresip.events import Event, StackEvent
from structlog.testing import capture_logs

from ivr.sip.forgotten import read_forgotten

NEVER_READ = "never retrieved"


class HungUpMeanwhile(Runtime):
    """The stack, when the other side has gone before the request could be sent."""

    def subscribe(self, listener: Callable[[StackEvent], None]) -> None:
        self._listener = listener

    def unsubscribe(self, listener: object) -> None:
        del self._listener

    async def cmd(self, *_: object, **__: object) -> tuple[int, str]:
        gone = "Connection reset by peer [104]"
        self._listener(StackEvent(Event.CALL_CLOSED, 7, 1, 7, gone))
        return 0, '{"errno": 107}'


def transfers(read: bool) -> tuple[list[Any], list[str]]:
    """What our log has afterwards, and what asyncio would have printed."""
    printed: list[str] = []

    async def morning() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: printed.append(context["message"]))
        if read:
            read_forgotten(loop)
        call = SipCall(HungUpMeanwhile(), handle=7, ua_handle=1, state=CallState.ESTABLISHED)
        with pytest.raises(BaresipError, match="failed to send"):
            await call.transfer("sip:8001@pbx")
        gc.collect()
        ours: asyncio.Future[None] = loop.create_future()
        ours.set_exception(RuntimeError("a fault of ours"))
        del ours
        gc.collect()

    with capture_logs() as log:
        asyncio.run(morning())
    return log, printed


def test_the_bindings_own_news_are_read_and_faults_of_ours_are_still_reported() -> None:
    log, printed = transfers(read=True)
    assert [line["event"] for line in log] == ["outcome_not_awaited"]
    assert "Connection reset" in log[0]["words"]
    assert len(printed) == 1


def test_without_a_reader_asyncio_prints_what_the_binding_forgot() -> None:
    """Should this fail, the binding has learnt to read it, and ours can go."""
    log, printed = transfers(read=False)
    assert log == []
    assert len([words for words in printed if NEVER_READ in words]) == 2
