"""Voice messages: fetched from WeChat, listened to, and told back as they were heard.

They are listened to in a job and not on the open connection: fetching and listening may take
longer than WeChat waits, and only the process that runs jobs need hold the model. The words are
kept with the message as soon as they are known, so that nothing is fetched or listened to twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import Any, Protocol

import structlog

from bot.client import Media
from bot.errors import TransportError
from nlu.dialogue.turns import Alternative, Reply, Utterance
from nlu.errors import UnreadableSound
from nlu.expected import Expected
from nlu.prompts import say

AT_ONCE = 2
"""Messages listened to at a time in one process: a core each, and threads are left for alarms."""
NEXT_LOOK = timedelta(seconds=1)
"""When they are all taken, a message comes again after so long."""
FETCH_FOR = timedelta(minutes=10)
"""A message that could not be fetched for so long is answered as one that was not heard."""
LOST_KINDS = frozenset({"media_gone", "bad_content"})
"""WeChat keeps media for three days; and what is larger than its own limit is no voice."""

log = structlog.get_logger()


class Hears(Protocol):
    """Ears for recorded sound. Safe to share between threads."""

    def __call__(self, sound: bytes, expected: Expected) -> Sequence[Alternative]:
        """What is said in `sound` (of any usual kind) where `expected` was asked, likeliest first;
        none where nothing was said. Raises nlu.errors.UnreadableSound."""
        ...


class Fetches(Protocol):
    """What bot.client.WeChatClient does with media."""

    def download_media(self, media_id: str) -> Media: ...


class VoiceMessages:
    """Listens to the messages of one process. Safe to share between threads."""

    def __init__(self, client: Fetches, hears: Hears | None) -> None:
        """`hears` None: nobody here can listen, and the conversation says so."""
        self._client, self._hears = client, hears
        self._at_it: set[int] = set()
        self._lock = Lock()

    def wait_for_ears(self, said: Mapping[str, Any]) -> bool:
        """Whether a message (as bot.messages.said_of keeps it) is a voice whose words are not
        known yet, and can be."""
        return (
            self._hears is not None
            and said["kind"] == "voice"
            and not said["text"]  # WeChat's own recogniser has heard it
            and "heard" not in said
            and bool(said.get("media_ids"))
        )

    @contextmanager
    def turn(self, message_id: int) -> Iterator[bool]:
        """Whether this message may be listened to now; False: it is being listened to already, or
        AT_ONCE others are."""
        with self._lock:
            mine = message_id not in self._at_it and len(self._at_it) < AT_ONCE
            if mine:
                self._at_it.add(message_id)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._at_it.discard(message_id)

    def listen(self, said: Mapping[str, Any], expected: Expected) -> tuple[Alternative, ...]:
        """What is said in the first of its media that can be fetched and listened to; none where
        nothing was heard or nothing can be had any more.

        Raises TransportError while WeChat cannot be reached.
        """
        assert self._hears is not None
        for media_id in said["media_ids"]:
            try:
                return tuple(self._hears(self._client.download_media(media_id).content, expected))
            except TransportError as error:
                if not error.permanent and error.kind not in LOST_KINDS:
                    raise
                log.warning("voice_not_fetched", kind=error.kind)
            except UnreadableSound as unreadable:
                log.warning("voice_unreadable", why=str(unreadable))
        return ()


def with_words(said: Mapping[str, Any], heard: Sequence[Alternative]) -> dict[str, Any]:
    """What is kept of a voice message once it was listened to."""
    hearings = [{"text": one.text, "confidence": one.confidence} for one in heard]
    return {**said, "text": heard[0].text if heard else "", "heard": hearings}


def heard_back(
    said: Mapping[str, Any], utterance: Utterance, replies: tuple[Reply, ...]
) -> tuple[Reply, ...]:
    """The answer with the words that our ears heard told back before it, so that a mistake is
    seen. Where nothing was heard that alone is said, and not once more in other words."""
    if "heard" not in said:
        return replies
    if utterance.heard:
        return (say("voice.heard", said=utterance.text), *replies)
    missed = replies[:1] == (say("miss.empty"),)
    return (say("voice.unheard"), *replies[1:]) if missed else replies
