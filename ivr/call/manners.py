"""What people say about how we speak: slower, louder, once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import yaml

from ivr.call.actions import Manner
from nlu.dialogue import listen

_BEFORE = re.compile("^(?:您|你|请|麻烦|能不能|可不可以|能|可以|再|说|讲|给我)+")
_BEHIND = re.compile("(?:一?点儿?|一?些|地|啊|呀|吧|嘛|呢|说|讲|好吗|行吗|可以吗)+$")


def asked_for(words: str) -> Callable[[Manner], Manner] | None:
    """What an utterance wants of our manner; None for every other matter.

    "Once more" is said slower too: whoever did not catch it will not at the same pace.
    """
    said = listen.bare(words)
    core = _BEHIND.sub("", _BEFORE.sub("", said))
    for name, change in _CHANGES.items():
        if said in _words(name) or core in _words(name):
            return change
    return None


_CHANGES: dict[str, Callable[[Manner], Manner]] = {
    "slower": Manner.slower,
    "louder": Manner.louder,
    "again": Manner.slower,
}


def manner_words() -> tuple[str, ...]:
    """All of them, for a line that listens for given words only."""
    return tuple(word for name in _CHANGES for word in sorted(_words(name)))


@lru_cache
def _words(name: str) -> frozenset[str]:
    text = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    return frozenset(map(listen.bare, yaml.safe_load(text)[name]))
