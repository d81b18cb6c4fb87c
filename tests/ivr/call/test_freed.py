"""What a call has used is given back when it is over, without waiting for a collector."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable
from typing import Any

from ivr.call.events import SpeechBegan
from ivr.ears import Ears
from tests.ivr.test_listening import YES_NO, Ringing, recording


class Counting:
    """Ears that know which of their recognisers are still there."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self.there: weakref.WeakSet[Any] = weakref.WeakSet()

    def listen(self, phrases: Iterable[str] | None = None) -> Any:
        made = self._ears.listen(phrases)
        self.there.add(made)
        return made


def test_whoever_hangs_up_in_mid_sentence_leaves_no_recogniser_behind(ears: Ears) -> None:
    counting = Counting(ears)
    call = Ringing(counting)
    call.asks(YES_NO)
    call.silence(0.5)
    call.plays(recording("16")[:16000])
    assert call.all(SpeechBegan)
    assert len(counting.there) == 2
    gc.disable()
    try:
        call.listening.close()
        assert not list(counting.there)
    finally:
        gc.enable()
