"""What hearing a call costs, against Vosk alone: `python -m ops.bench.voice.cost MODEL CALL …`.

A process of its own that counts its processor time. Prints one JSON object.

The sound is the caller's side of calls of the same run, as it left her telephone. All that the line
does to hear is one side: level, voice detector, two recognisers, their lists changed after every
utterance. The other is one recogniser of the same library and the same model that is given the
whole call; beside it, as the least there could be, one that is given nothing but the speech.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivr.call.events import Listened, Said
from ivr.ears import Ears
from ivr.listening import Listening
from ivr.phrases import Extras, complete, listed
from nlu.expected import NOTHING_ASKED, Expected, Slot, phrases
from nlu.rules import words_of
from ops.bench.voice.rtp import SAMPLES, decoded, is_sound

PACKET_S = 0.02
AROUND = 20
"""Packets before and behind speech that count as speech: a recogniser needs them."""
READ_BACK = Expected(
    frozenset({Slot.YES_NO}),
    (*phrases(words_of("affirm"), "yes"), *phrases(words_of("deny"), "no")),
)


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time, and of sound."""

    calls: int
    sound_s: float
    speech_s: float
    """With what is around it."""
    line_s: float
    vosk_s: float
    vosk_speech_s: float
    utterances: int

    @property
    def ratio(self) -> float:
        """To Vosk alone on the same sound."""
        return self.line_s / self.vosk_s

    @property
    def ratio_to_speech(self) -> float:
        """To Vosk alone that is told where the speech is."""
        return self.line_s / self.vosk_speech_s

    @property
    def talker(self) -> float:
        """Share of a core that one call's hearing takes."""
        return self.line_s / self.sound_s


class _Here(Executor):
    """Does what it is given at once, on the thread that gives it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **named))
        return done


def measure(ears: Ears, calls: Sequence[bytes]) -> Cost:
    """Of A-law sound, a call each."""
    warm = [frame.tobytes() for frame in map(decoded, _packets(calls[0]))]
    _vosk(ears, warm)
    line_s = vosk_s = speech_s = 0.0
    utterances = packets = spoken = 0
    for call in calls:
        sound = list(_packets(call))
        frames = [decoded(one).tobytes() for one in sound]
        speech = [frame for frame, said in zip(frames, near_speech(sound), strict=True) if said]
        packets, spoken = packets + len(frames), spoken + len(speech)
        took, heard = _line(ears, frames)
        line_s, utterances = line_s + took, utterances + heard
        vosk_s += _vosk(ears, frames)
        speech_s += _vosk(ears, speech)
    return Cost(
        len(calls), packets * PACKET_S, spoken * PACKET_S, line_s, vosk_s, speech_s, utterances
    )


def near_speech(packets: Sequence[bytes]) -> list[bool]:
    """Which packets are speech or close to it."""
    found = [False] * len(packets)
    for number, one in enumerate(packets):
        if is_sound(one):
            first, last = max(number - AROUND, 0), min(number + AROUND + 1, len(packets))
            found[first:last] = [True] * (last - first)
    return found


def _packets(call: bytes) -> Iterator[bytes]:
    for start in range(0, len(call) - SAMPLES + 1, SAMPLES):
        yield call[start : start + SAMPLES]


def _line(ears: Ears, frames: Sequence[bytes]) -> tuple[float, int]:
    """(seconds, utterances heard)."""
    heard: list[Said] = []
    likely = Extras()
    lists = [(listed(one, likely), complete(one, likely)) for one in (NOTHING_ASKED, READ_BACK)]

    def tell(event: Listened) -> None:
        if isinstance(event, Said):
            heard.append(event)
            listening.expect(*lists[len(heard) % 2])

    began = time.process_time()
    listening = Listening(ears, _Here(), tell)
    listening.expect(*lists[0])
    for number, frame in enumerate(frames):
        listening.hear(frame, number * PACKET_S)
    listening.close()
    return time.process_time() - began, len(heard)


def _vosk(ears: Ears, frames: Sequence[bytes]) -> float:
    began = time.process_time()
    hearing = ears.listen()
    for frame in frames:
        if hearing.take(frame):
            hearing.said()
    hearing.last()
    return time.process_time() - began


def in_its_own_process(model: Path, calls: Sequence[str]) -> Cost:
    """The same, elsewhere. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", __name__, str(model), *calls],
        stdout=subprocess.PIPE,
        check=True,
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    model, *calls = map(Path, sys.argv[1:])
    print(json.dumps(asdict(measure(Ears(model), [one.read_bytes() for one in calls]))))


if __name__ == "__main__":
    main()
