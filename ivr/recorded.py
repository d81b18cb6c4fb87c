"""A recording listened to as a call is: the same ears, the same voice detector, the same lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ivr.call.events import Listened, Said
from ivr.ears import Ears
from ivr.level import FRAME_S, Pcm
from ivr.listening import Listening
from ivr.nearest import better
from ivr.phrases import complete, listed, standing
from ivr.pieces import MOST, joined
from ivr.sound import RATE, decoded
from nlu.dialogue.turns import Alternative
from nlu.expected import Expected
from nlu.gist import gist_for
from nlu.rules import emergency

_FRAME = round(FRAME_S * RATE)
_BEFORE_S, _AFTER_S = 0.3, 3.0
"""Silence put around it: whoever holds a button down speaks at once and lets go at once, and the
ears want to hear that somebody is at an end, however long they wait for this one."""


class RecordingEars:
    """`bot.voice_message.Hears`: safe to share between threads. The model is loaded with the
    first recording, since few processes ever hear one."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._ears: Ears | None = None
        self._loading = Lock()

    def __call__(self, sound: bytes, expected: Expected) -> tuple[Alternative, ...]:
        """What is said in it, where `expected` was asked: likeliest first, confidences sum to one;
        none where nothing was said. Takes a twentieth to a third of its length.

        Raises nlu.errors.UnreadableSound; ivr.ears.BadModel where there is nothing to hear with.
        """
        pcm = decoded(sound)
        with self._loading:
            if self._ears is None:
                self._ears = Ears(self._model)
        return hear_recording(self._ears, pcm, expected)


def hear_recording(ears: Ears, pcm: Pcm, expected: Expected) -> tuple[Alternative, ...]:
    """What is said in samples of RATE; pauses of thought do not end it."""
    phrases = listed(expected)
    said: list[Said] = []

    def note(event: Listened) -> None:
        if isinstance(event, Said):
            said.append(event)

    listening = Listening(ears, _AtOnce(), note)
    listening.expect(phrases, complete(expected), standing(expected))
    before, after = (np.zeros(int(one * RATE), "<i2") for one in (_BEFORE_S, _AFTER_S))
    whole = np.concatenate([before, pcm, after])
    for number, start in enumerate(range(0, len(whole) - _FRAME + 1, _FRAME), start=1):
        listening.hear(whole[start : start + _FRAME].tobytes(), number * FRAME_S)
    listening.close()
    means = gist_for(expected)
    pieces = [better(one.free, one.listed, phrases, means) for one in said]
    return _with_cry(joined([one for one in pieces if one]), pieces)


def _with_cry(
    whole: tuple[Alternative, ...], pieces: Sequence[Sequence[Alternative]]
) -> tuple[Alternative, ...]:
    """A cry for help in any hearing of any piece is not lost when they are put together."""
    if any(emergency(one.text) for one in whole):
        return whole
    cries = [one for piece in pieces for one in piece if emergency(one.text)]
    return (*whole[: MOST - 1], *cries[:1]) if cries else whole


class _AtOnce(Executor):
    """Work is done by whoever brings it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
