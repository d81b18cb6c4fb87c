"""How long a parse through our service takes, against bare Rasa with the same model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles

CLIENTS = (1, 8)
TEXTS = 400

Parse = Callable[[str], object]


@dataclass(frozen=True)
class Times:
    """Milliseconds of each parse."""

    ms: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Half are quicker."""
        return median(self.ms)

    @property
    def p95(self) -> float:
        """All but one in twenty are quicker."""
        return quantiles(self.ms, n=20, method="inclusive")[18]


@dataclass(frozen=True)
class Compared:
    """Both sides with the same number of clients and the same texts."""

    clients: int
    bare: Times
    ours: Times

    @property
    def p50_ratio(self) -> float:
        """Our median for each of bare Rasa's."""
        return self.ours.p50 / self.bare.p50

    @property
    def p95_ratio(self) -> float:
        """Our 95th percentile for each of bare Rasa's."""
        return self.ours.p95 / self.bare.p95


def compare(
    bare: Parse, ours: Parse, texts: Sequence[str], clients: Sequence[int] = CLIENTS
) -> Iterator[Compared]:
    """Both sides parse the same texts, none twice on either side, so that no cache helps.

    `texts` are shared out among the numbers of clients. Each client asks again as soon as it is
    answered.
    """
    size = len(texts) // len(clients)
    for turn, number in enumerate(clients):
        chosen = texts[turn * size : (turn + 1) * size]
        half = len(chosen) // 2
        # First one, then the other, then again: what else the machine does hits both.
        before = _times(bare, chosen[:half], number)
        our_times = _times(ours, chosen, number)
        after = _times(bare, chosen[half:], number)
        yield Compared(number, Times((*before, *after)), Times(our_times))


def _times(parse: Parse, texts: Sequence[str], clients: int) -> tuple[float, ...]:
    def timed(text: str) -> float:
        began = time.perf_counter()
        parse(text)
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(clients) as pool:
        return tuple(pool.map(timed, texts))
