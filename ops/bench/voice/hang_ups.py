"""Calls that are hung up at any moment, and what they leave behind in a line that runs:

    python -m ops.bench.voice.hang_ups SIP_PORT PID --calls 100

Rings on loopback, a few at once, says what is kept with the tests, and hangs up before the answer
or within twelve seconds. After each batch, when no call is on, it prints what the process holds;
with a database (DATABASE_URL) also how many of its calls have no end.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from sqlalchemy import func, select

from backend.db.databases import make_engine, make_sessions
from backend.db.models import Call
from backend.settings import get_settings
from ops.bench.asr.shipped import FOLDER, ODD, recordings, samples_of
from ops.bench.voice.phone import HOST, Phone, Sound
from ops.bench.voice.under_test import LineProcess

AT_ONCE, BATCH, SEED = 4, 20, 5
BEAT_S = 0.02
LONGEST_S = 12.0
SETTLED_S = 20.0
NUMBERS = 50
"""Telephones that ring in turn."""


@dataclass
class Impatient:
    """A caller who speaks now and then and is gone before anything is done."""

    phone: Phone
    sounds: Sequence[Sound]
    leaves_after_s: float
    dice: Random
    speaks_at_s: float = 1.5

    def beat(self) -> bool:
        """Twenty milliseconds more; False when the call is over."""
        self.phone.beat()
        if self.phone.is_over:
            self.phone.close()
            return False
        since_s = (time.time_ns() - self.phone.rang_ns) / 1e9
        if since_s > self.leaves_after_s:
            self.phone.hang_up()
        elif self.phone.is_up and since_s > self.speaks_at_s and not self.phone.is_speaking:
            self.phone.say(self.dice.choice(self.sounds), over=True)
            self.speaks_at_s = since_s + self.dice.uniform(3.0, 6.0)
        return True


def said() -> list[Sound]:
    """What callers say, in whatever voices there are."""
    return [
        Sound.of(one.text, np.rint(samples_of(FOLDER, one) * 32767).astype(np.int16))
        for one in recordings()
        if one.kind != ODD
    ]


def moment(dice: Random) -> float:
    """Seconds behind the first ring: one in ten before or about the answer."""
    return dice.uniform(0.0, 0.5) if dice.random() < 0.1 else dice.uniform(0.5, LONGEST_S)


def ring(port: int, calls: int, at_once: int, dice: Random, sounds: Sequence[Sound]) -> None:
    """So many calls; returns when all are over."""
    on: list[Impatient] = []
    left, due = calls, time.monotonic()
    while left or on:
        while left and len(on) < at_once:
            phone = Phone(f"1380000{dice.randrange(NUMBERS):04d}", (HOST, port))
            phone.ring()
            on.append(Impatient(phone, sounds, moment(dice), dice))
            left -= 1
        on = [one for one in on if one.beat()]
        due += BEAT_S
        time.sleep(max(due - time.monotonic(), 0.0))


def unended() -> Iterator[int]:
    """Calls that have no end, now."""
    url = get_settings().database_url
    if url is None:
        return
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        yield session.scalar(select(func.count()).where(Call.ended_at.is_(None))) or 0
    engine.dispose()


def settled() -> str:
    """Calls without an end once the line has nothing to do any more, or after a while."""
    until = time.monotonic() + SETTLED_S
    while any(open_ones := tuple(unended())) and time.monotonic() < until:
        time.sleep(0.2)
    return " ".join(map(str, open_ones)) or "?"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("sip_port", type=int)
    asked.add_argument("pid", type=int)
    asked.add_argument("--calls", type=int, default=100)
    asked.add_argument("--at-once", type=int, default=AT_ONCE)
    given = asked.parse_args()
    line = LineProcess(given.sip_port, given.pid, 0)
    dice, sounds = Random(SEED), said()
    ports = line.use().udp_ports
    for done in range(0, given.calls + 1, BATCH):
        if done:
            ring(given.sip_port, min(BATCH, given.calls), given.at_once, dice, sounds)
        open_ones = settled()
        use = line.at_rest(ports)
        print(
            f"{done:4} calls: {use.mb:6.1f} MB, {use.threads} threads, {use.udp_ports} UDP ports, "
            f"{open_ones} without an end, {use.cpu_s:.0f} s of processor",
            flush=True,
        )


if __name__ == "__main__":
    main()
