"""Rare ways to say a day, left to jionlp: years in words and ten-day periods.

jionlp is imported at the first such phrase only (1.3 s, and an advert on standard output that
would spoil `yinling understand`); what it cannot read gives None.
"""

from __future__ import annotations

import contextlib
import io
import re
from datetime import date
from functools import lru_cache
from typing import Any

_N = r"[\d零〇一二三四五六七八九十]"
TAIL = re.compile(
    rf"(?:明年|后年|今年|[二两]〇[{_N[1:-1]}]{{2}}年)的?{_N}{{1,3}}月份?{_N}{{1,3}}[号日]?"
    rf"|(?:(?:下个?|这个?|本|{_N}{{1,3}})月份?的?)[上中下]旬"
    r"|母亲节|父亲节|感恩节"
)


def read_tail(phrase: str, today: date) -> date | None:
    """The first day of what a TAIL phrase means, None if jionlp cannot tell."""
    base = {"year": today.year, "month": today.month, "day": today.day}
    day = _parse(phrase, base)
    if day is not None and day < today and phrase.endswith("节"):
        return _parse(phrase, base | {"year": today.year + 1, "month": 1, "day": 1})
    return day


def _parse(phrase: str, base: dict[str, int]) -> date | None:
    try:
        parsed = _jionlp().parse_time(
            phrase, time_base=base | {"hour": 0, "minute": 0, "second": 0}
        )
        return date.fromisoformat(str(parsed["time"][0])[:10])
    except Exception:  # noqa: BLE001 - jionlp raises whatever its own steps raise
        return None


@lru_cache(maxsize=1)
def _jionlp() -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp
    return jionlp
