"""How well the running model knows intents it was never taught: the held-out lines over HTTP.

    .venv/bin/python nlu/rasa/evaluate.py [--url http://127.0.0.1:5005] [--noise 0.15] [LINES.tsv]

Run from the root, in the application's environment. Without `--url` it starts Rasa for itself.
`--noise` replaces that share of characters by others of the same sound, as a recogniser would.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pypinyin import lazy_pinyin

from nlu.rasa_client import RasaClient
from nlu.rasa_server import RASA_HOME, ensure_trained, start_rasa

HELDOUT = RASA_HOME.parents[1] / "tests" / "nlu" / "heldout.tsv"
Line = tuple[str, str]


def read_lines(path: Path) -> list[Line]:
    """(intent, sentence) of each line; the columns are split by a tab."""
    return [
        (line.split("\t")[0], line.split("\t")[1])
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def with_noise(lines: list[Line], share: float) -> list[Line]:
    """`share` of the Chinese characters replaced by homophones found in the lines themselves."""
    dice = random.Random(7)
    sounds: dict[str, list[str]] = defaultdict(list)
    for character in sorted({c for _, text in lines for c in text if "\u4e00" <= c <= "\u9fff"}):
        sounds[lazy_pinyin(character)[0]].append(character)

    def heard(character: str) -> str:
        others = [c for c in sounds.get(lazy_pinyin(character)[0], []) if c != character]
        return dice.choice(others) if others and dice.random() < share else character

    return [(intent, "".join(map(heard, text))) for intent, text in lines]


def report(client: RasaClient, lines: list[Line]) -> float:
    """Prints accuracy, times, emergencies and every confusion; returns the accuracy."""
    times, confusions, wrong = [], Counter[tuple[str, str]](), []
    for intent, text in lines:
        started = time.perf_counter()
        guess = client.classify(text)
        times.append(time.perf_counter() - started)
        if guess.intent != intent:
            confusions[intent, guess.intent] += 1
            wrong.append((intent, guess.intent, guess.confidence, text))
    accuracy = 1 - len(wrong) / len(lines)
    times.sort()
    for intent, guessed, confidence, text in wrong:
        print(f"  {intent:16} -> {guessed:16} {confidence:.2f}  {text}")
    urgent = sum(1 for intent, _ in lines if intent == "emergency")
    missed = sum(n for (intent, _), n in confusions.items() if intent == "emergency")
    false = sum(n for (_, guessed), n in confusions.items() if guessed == "emergency")
    print(f"lines {len(lines)}  intent accuracy {accuracy:.2%}")
    recall = 1 - missed / max(urgent, 1)
    print(f"emergencies: recall {recall:.1%} of {urgent}, false alarms {false}")
    print(
        f"parse: p50 {statistics.median(times) * 1000:.0f} ms, "
        f"p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms, "
        f"{len(lines) / sum(times):.0f} a second, one after another"
    )
    return accuracy


@contextmanager
def own_rasa() -> Iterator[str]:
    """The address of a Rasa started for this run and stopped after it."""
    ensure_trained()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        process = start_rasa(port, Path(folder) / "rasa.log")
        try:
            url = f"http://127.0.0.1:{port}"
            client = RasaClient(url)
            client.wait_until_ready()
            client.close()
            print(f"Rasa ready after {time.monotonic() - started:.1f} s")
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path, nargs="?", default=HELDOUT)
    parser.add_argument("--url")
    parser.add_argument("--noise", type=float, default=0.0)
    args = parser.parse_args()
    lines = read_lines(args.lines)
    if args.noise:
        lines = with_noise(lines, args.noise)
    if args.url:
        report(RasaClient(args.url, timeout_s=10), lines)
        return
    with own_rasa() as url:
        report(RasaClient(url, timeout_s=10), lines)


if __name__ == "__main__":
    main()
