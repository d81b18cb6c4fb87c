"""Intents from Rasa over its HTTP API."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from nlu.errors import RasaUnavailable

# Nobody's wish takes more; a pasted novel must not hold up the others in Rasa's one worker.
MAX_CHARACTERS = 500
# What Rasa's FallbackClassifier puts in front of the real guess when it doubts it.
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class IntentGuess:
    """The likeliest intent, how sure (0..1), and the others in order of likelihood (the first one
    included)."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]


class RasaClient:
    """Asks a running Rasa server; one pool of kept-alive connections, safe to share by threads.

    `timeout_s` bounds each single wait for the server (connecting, or an answer), in seconds.
    """

    def __init__(self, base_url: str, timeout_s: float = 2.5) -> None:
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"),
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            trust_env=False,  # a proxy in the environment has no business with a local server
        )

    def classify(self, text: str, within_s: float | None = None) -> IntentGuess:
        """The intent of `text`, of which the first 500 characters are read; within `within_s`
        seconds, where somebody may be in danger meanwhile.

        Nothing but white space is `out_of_scope` with certainty: Rasa answers such texts with an
        error. Raises `RasaUnavailable`.
        """
        text = text.strip()[:MAX_CHARACTERS]
        if not text:
            return IntentGuess("out_of_scope", 1.0, (("out_of_scope", 1.0),))
        return _read_guess(self._ask("POST", "/model/parse", {"text": text}, within_s))

    def is_ready(self) -> bool:
        """Whether the server runs with its model loaded."""
        try:
            return bool(self._ask("GET", "/status").get("model_file"))
        except RasaUnavailable:
            return False

    def wait_until_ready(self, timeout_s: float = 90.0) -> None:
        """Returns once the model is loaded and has read one sentence (the first takes longest).

        Raises `RasaUnavailable` after `timeout_s` seconds.
        """
        until = time.monotonic() + timeout_s
        while not self.is_ready():
            if time.monotonic() >= until:
                raise RasaUnavailable(f"not ready after {timeout_s:.0f} s")
            time.sleep(0.1)
        self.classify("明天中午订一份午餐")

    def close(self) -> None:
        """Drops the connections; the client cannot be used afterwards."""
        self._http.close()

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        within_s: float | None = None,
    ) -> dict[str, Any]:
        timeout = self._http.timeout if within_s is None else within_s
        try:
            try:
                answer = self._http.request(method, path, json=body, timeout=timeout)
            except httpx.RemoteProtocolError:
                # The server closed a kept-alive connection just as it was used again: once more
                # on a new one. Parsing changes nothing, so twice is harmless.
                answer = self._http.request(method, path, json=body, timeout=timeout)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            # No text of the message here: it may end in a log.
            raise RasaUnavailable(f"{method} {path}: {type(error).__name__}") from error
        if not isinstance(found, dict):
            raise RasaUnavailable(f"{method} {path}: not an object")
        return found


def _read_guess(parsed: dict[str, Any]) -> IntentGuess:
    try:
        ranking = tuple(
            (str(entry["name"]), float(entry["confidence"]))
            for entry in parsed.get("intent_ranking") or [parsed["intent"]]
            if entry["name"] and entry["name"] != FALLBACK
        )
        intent, confidence = ranking[0]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RasaUnavailable("an answer without an intent") from error
    return IntentGuess(intent, confidence, ranking)
