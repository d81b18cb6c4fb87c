"""What hearing costs: `python -m ops.bench.asr.cost MODEL`, in a process of its own so that its
memory is the model's. Prints one JSON object.

Processor time is counted, not the clock, so that what else the machine does matters little.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import numpy as np
import psutil

from ivr.ears import Ears, Hearing
from ivr.model.telephone import PACKET, Pcm
from ops.bench.asr.hearing import packets
from ops.bench.asr.shipped import RATE
from ops.bench.asr.spoken import CLEAN, Material, speech_bounds
from ops.bench.asr.states import states

RECOGNISERS = 20
UTTERANCES = 30
SILENCE_S = 30
AFTERWARDS_S = 2
"""Silence behind an utterance, for the recogniser to find its end in."""


@dataclass(frozen=True)
class Delays:
    """Milliseconds of half of the utterances, and of all but one in twenty, at most."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Cost:
    """Shares are of one core: seconds of processor time for each second of sound. Delays are from
    the first sound of speech to the first partial words, and from the last one to the final ones,
    waiting and computing together. Memory in MB."""

    load_s: float
    trial_s: float
    """The trial in a process of its own, before it."""
    model_mb: float
    recogniser_mb: float
    grammar_ms: float
    """To make a recogniser for a list of phrases."""
    speech: float
    speech_in_a_list: float
    silence: float
    first_partial_ms: Delays
    final_ms: Delays


def measure(model: Path, play: Sequence[Pcm]) -> Cost:
    """Listens to `play`, each of it free and in a list of phrases. Raises BadModel."""
    import vosk  # the library's own memory is not the model's

    vosk.SetLogLevel(-1)
    process = psutil.Process()
    before_mb, began = _mb(process), time.perf_counter()
    loaded = vosk.Model(str(model))
    load_s, model_mb = time.perf_counter() - began, _mb(process) - before_mb
    del loaded
    began = time.perf_counter()
    ears = Ears(model)
    trial_s = max(time.perf_counter() - began - load_s, 0)

    listed = states()["yes_no"].listens_for
    ears.listen(listed)  # what is made once, is made here
    began = time.process_time()
    narrow = [ears.listen(listed) for _ in range(RECOGNISERS)]
    grammar_ms = (time.process_time() - began) / RECOGNISERS * 1000
    del narrow

    whole_s = sum(map(len, play)) / RATE
    partials, finals, spent_s = [], [], 0.0
    for pcm in play:
        partial, final, spent = _delays(ears.listen(), pcm)
        spent_s += spent
        partials += [partial] if partial is not None else []
        finals += [final] if final is not None else []
    in_a_list = sum(_spent(ears.listen(listed), pcm) for pcm in play)
    quiet = np.random.default_rng(1).normal(0, 8, SILENCE_S * RATE).astype(np.int16)
    silence = _spent(ears.listen(), quiet) / SILENCE_S

    before_mb = _mb(process)
    many = [ears.listen() for _ in range(RECOGNISERS)]
    for number, one in enumerate(many):
        _spent(one, play[number % len(play)])
    recogniser_mb = (_mb(process) - before_mb) / RECOGNISERS
    return Cost(
        load_s, trial_s, model_mb, recogniser_mb, grammar_ms, spent_s / whole_s,
        in_a_list / whole_s, silence, _delay(partials), _delay(finals),
    )  # fmt: skip


def _delays(hearing: Hearing, pcm: Pcm) -> tuple[float | None, float | None, float]:
    """(first partial, final, processor time), seconds; a delay is None where nothing came."""
    begins, ends = speech_bounds(pcm)
    partial = final = None
    spent = 0.0
    for number, packet in enumerate(packets(pcm), start=1):
        began = time.process_time()
        ended = hearing.take(packet)
        took = time.process_time() - began
        spent += took
        at = number * PACKET / RATE + took
        if partial is None and not ended and hearing.so_far():
            partial = at - begins
        if ended and hearing.said() and at > ends:
            final = at - ends
    return partial, final, spent


def _spent(hearing: Hearing, pcm: Pcm) -> float:
    """Processor time in seconds, the final result included."""
    began = time.process_time()
    for packet in packets(pcm):
        if hearing.take(packet):
            hearing.said()
    hearing.last()
    return time.process_time() - began


def _delay(seconds: Sequence[float]) -> Delays:
    if len(seconds) < 2:
        return Delays(float("nan"), float("nan"))
    most = quantiles(seconds, n=20, method="inclusive")[18]
    return Delays(median(seconds) * 1000, most * 1000)


def _mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def in_its_own_process(model: Path, heard: Material) -> Cost:
    """The same, elsewhere. Raises OSError, CalledProcessError."""
    pause = np.zeros(AFTERWARDS_S * RATE, np.int16)
    said = (heard.sentences or heard.deciding)[:UTTERANCES]
    play = [np.concatenate([CLEAN.of(one), pause]) for one in said]
    lengths = ",".join(str(len(pcm)) for pcm in play)
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(model), lengths],
        input=np.concatenate(play).tobytes(),
        stdout=subprocess.PIPE,
        check=True,
    )
    row = json.loads(done.stdout.splitlines()[-1])
    for name in ("first_partial_ms", "final_ms"):
        row[name] = Delays(**row[name])
    return Cost(**row)


def main() -> None:
    model, lengths = sys.argv[1:]
    sound = np.frombuffer(sys.stdin.buffer.read(), np.int16)
    play = np.split(sound, np.cumsum([int(one) for one in lengths.split(",")])[:-1])
    print(json.dumps(asdict(measure(Path(model), play))))


if __name__ == "__main__":
    main()
