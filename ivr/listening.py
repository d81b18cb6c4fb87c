"""Listening to one call: its frames go in as they come, what was said comes out.

All work is done by the threads of a pool, the frames of one call in their order and on one thread
at a time; whoever brings them never waits. Two recognisers hear every utterance, one for the
phrases that are likely now and one for all words; which of them was right is chosen elsewhere
(ivr.nearest, nlu.hearing). Neither hears anything where the voice detector hears no voice.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from os.path import commonprefix

import numpy as np
import structlog

from ivr.call.events import Listened, Noise, Partial, Paused, Said, SpeechBegan
from ivr.ears import STRAY, Ears
from ivr.level import FRAME_S, Level, Pcm
from ivr.pauses import BREATH_S, SHORT_S, Pauses, hangs
from ivr.pieces import Pieces
from ivr.voicing import LATE_S, ONSET_S, Voicing
from nlu.dialogue.listen import bare
from nlu.dialogue.turns import Alternative
from nlu.expected import cores

LEAD_IN = 22
"""Frames kept from before: 300 ms, and those that pass until a voice is believed."""
FED_S = SHORT_S
"""Silence behind the voice that the recognisers hear; more tells them nothing."""
PARTIAL_S = 0.2
"""How often the words so far are looked at while somebody speaks."""
NOISE_S = 2.0
"""Loud and no voice for so long is a noise worth telling of."""
_TOGETHER = 2
"""Frames that are worth waking a thread for."""
_BEHIND = 1500
"""Frames kept for a thread that does not come: 30 s, then the oldest go."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Wanted:
    """What is listened for. Compared by identity: a new list is a new recogniser."""

    phrases: tuple[str, ...] | None = None
    complete: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Words:
    so_far: str = ""
    complete: bool = False
    standing: bool = False


@dataclass
class _Utterance:
    """Somebody is speaking."""

    wanted: _Wanted
    looked_at: float
    told: str = ""
    seen: str = ""
    """The words of the last look."""
    settled: bool = False
    """The recognisers made up their minds in this pause."""
    paused: Paused | None = None
    """This pause as it was told."""
    levels: list[float] = field(default_factory=list)


class Listening:
    """The ears of one call. Every method may be called from any thread and returns at once;
    `tell` is called from a thread of the pool."""

    def __init__(self, ears: Ears, pool: Executor, tell: Callable[[Listened], None]) -> None:
        self._ears, self._pool, self._tell = ears, pool, tell
        self._lock = threading.Lock()
        self._frames: deque[tuple[bytes, float]] = deque(maxlen=_BEHIND)
        self._running = self._closed = False
        self._wanted = _Wanted()
        self._whole: Paused | None = None
        # What follows belongs to the thread that is at it.
        self._level, self._pauses, self._voicing = Level(), Pauses(), Voicing()
        self._before: deque[Pcm] = deque(maxlen=LEAD_IN)
        self._free: Pieces | None = None
        self._listed: Pieces | None = None
        self._made_for: _Wanted | None = None
        self._utterance: _Utterance | None = None
        self._noisy_s = 0.0
        self._failed = False

    @property
    def patience_s(self) -> float:
        """How long this caller is waited for after an ordinary sentence."""
        return self._pauses.patience_s

    def hear(self, frame: bytes, at: float) -> None:
        """A frame as it came at `at`; an empty one says that none came, and that time goes by.
        Bytes that are no whole samples are left out."""
        with self._lock:
            if self._closed:
                return
            self._frames.append((frame, at))
            if self._running or len(self._frames) < _TOGETHER:
                return
            self._running = True
        try:
            self._pool.submit(self._work)
        except RuntimeError:  # the pool is shut: the line is going down
            self.close()

    def expect(
        self,
        phrases: Iterable[str] | None,
        complete: Iterable[str] = (),
        standing: Iterable[str] = (),
    ) -> None:
        """Listen for these from the next utterance on; None: for all words alone. Behind a
        `complete` phrase nothing more is waited for, behind a `standing` one not for long."""
        listed = None if phrases is None else tuple(phrases)
        self._wanted = _Wanted(listed, frozenset(map(bare, complete)), frozenset(standing))

    def is_whole(self, pause: Paused) -> None:
        """What was said before this pause is a whole wish: its end is waited for less long."""
        self._whole = pause

    def close(self) -> None:
        """Nothing is told any more, and the recognisers' memory is free: it is no Python's, and
        nobody collects it for the sake of a few small objects."""
        with self._lock:
            self._closed = True
            self._frames.clear()
            if not self._running:
                self._free = self._listed = None

    # -- on a thread of the pool ---------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._frames:
                    self._running = False
                    if self._closed:
                        self._free = self._listed = None
                    return
                frame, at = self._frames.popleft()
            try:
                self._listen(frame, at)
            except Exception as error:
                # A call goes on without ears: keys work, and a human is asked for.
                if not self._failed:
                    _log.error("listening_failed", error=type(error).__name__)
                self._failed = True
                self._go_on_deaf(at)

    def _say(self, event: Listened) -> None:
        if not self._closed:
            self._tell(event)

    def _listen(self, frame: bytes, at: float) -> None:
        came = np.frombuffer(frame[: len(frame) // 2 * 2], "<i2")
        pcm = self._level.brought(came)
        loud = self._level.is_loud
        # The detector hears a voice the better the louder it is.
        speaking = self._voicing.heard(pcm if self._level.gain_db > 0 else came, loud)
        self._pauses.hear(at, speaking, LATE_S if loud else 0.0)
        if self._utterance is None:
            if speaking:
                self._begin(at)
            else:
                self._noise(loud, at)
        self._before.append(pcm)
        if self._utterance is not None:
            self._go_on(self._utterance, speaking, loud, at)

    def _begin(self, at: float) -> None:
        wanted = self._wanted
        self._utterance, self._noisy_s = _Utterance(wanted, at), 0.0
        self._say(SpeechBegan(at))
        if self._free is None:
            self._free = Pieces(self._ears.listen())
        if self._made_for is not wanted:
            self._made_for = wanted
            self._listed = (
                None if wanted.phrases is None else Pieces(self._ears.listen(wanted.phrases))
            )

    def _go_on(self, utterance: _Utterance, speaking: bool, loud: bool, at: float) -> None:
        silence = self._pauses.silence(at)
        if speaking:
            utterance.settled, utterance.paused = False, None
            if loud:
                utterance.levels.append(self._level.now_db)
        if silence < FED_S:
            self._feed()
        if silence == 0.0:
            self._look(utterance, at)
        elif silence >= SHORT_S and not utterance.settled:
            self._settle(utterance, at)
        if silence >= BREATH_S:
            self._end_if_over(utterance, self._words(utterance), at)
        elif speaking:
            self._end_if_over(utterance, _Words(), at)
        if utterance is self._utterance and utterance.settled and utterance.paused is None:
            # What a recogniser has not settled lacks its last syllables: a guess by it is wrong
            # for four of ten, and there is no second head start.
            utterance.paused = Paused(at, *self._settled())
            self._say(utterance.paused)

    def _recognisers(self) -> tuple[Pieces, ...]:
        return tuple(one for one in (self._free, self._listed) if one is not None)

    def _feed(self) -> None:
        """All that was kept back, which is the lead-in where somebody has just begun."""
        kept = b"".join(pcm.tobytes() for pcm in self._before)
        self._before.clear()
        for one in self._recognisers():
            one.take(kept)

    def _settle(self, utterance: _Utterance, at: float) -> None:
        utterance.settled = True
        for one in self._recognisers():
            one.settle()
        self._tell_words(utterance, self._free_so_far(), at)

    def _settled(self) -> tuple[tuple[Alternative, ...], tuple[Alternative, ...]]:
        free = self._free.settled() if self._free is not None else ()
        return free, self._listed.settled() if self._listed is not None else ()

    def _look(self, utterance: _Utterance, at: float) -> None:
        if at - utterance.looked_at >= PARTIAL_S:
            utterance.looked_at = at
            seen, utterance.seen = utterance.seen, self._free_so_far()
            # The newest words are a guess, and may be a cry for help that nobody cried: one look
            # bears out the other.
            self._tell_words(utterance, commonprefix([seen, utterance.seen]), at)

    def _free_so_far(self) -> str:
        return self._free.so_far() if self._free is not None else ""

    def _tell_words(self, utterance: _Utterance, text: str, at: float) -> None:
        if text.strip(STRAY) and text != utterance.told:
            utterance.told = text
            self._say(Partial(at, text))

    def _words(self, utterance: _Utterance) -> _Words:
        """What the end is judged by: of the two hearings the one that wants more, if one does."""
        free = self._free_so_far()
        listed = self._listed.so_far() if self._listed is not None else ""
        # A short answer that the closed list finds in a long sentence is none.
        longer = len(bare(free)) > len(bare(listed)) + 1
        said = {
            core
            for one in {bare(free), bare(free if longer else listed)}
            for before, core, _ in cores(one)
            if not before and utterance.settled
        }
        judged = listed if hangs(listed) else free or listed
        wanted = utterance.wanted
        return _Words(judged, bool(said & wanted.complete), bool(said & wanted.standing))

    def _end_if_over(self, utterance: _Utterance, words: _Words, at: float) -> None:
        began, ended = self._pauses.began or at, self._pauses.ended
        whole = utterance.paused is not None and utterance.paused is self._whole
        whole = whole or words.standing
        if self._pauses.over(at, words.so_far, words.complete, whole):
            self._end(utterance, began - ONSET_S, ended, at)

    def _end(self, utterance: _Utterance, began: float, ended: float, at: float) -> None:
        free = self._free.ended() if self._free is not None else ()
        listed = self._listed.ended() if self._listed is not None else ()
        levels = utterance.levels or [self._level.speech_db]
        self._utterance = None
        loudness = float(10 * np.log10(np.mean(10 ** (np.array(levels) / 10))))
        self._say(Said(at, began, ended, free, listed, loudness, ended - began))

    def _noise(self, loud: bool, at: float) -> None:
        self._noisy_s = self._noisy_s + FRAME_S if loud else max(self._noisy_s - FRAME_S, 0.0)
        if self._noisy_s >= NOISE_S:
            self._noisy_s = 0.0
            self._say(Noise(at))

    def _go_on_deaf(self, at: float) -> None:
        """What is being said comes to its end without words; the next gets new recognisers."""
        self._free = self._listed = self._made_for = None
        began, ended = self._pauses.began or at, self._pauses.ended
        if self._utterance is not None and self._pauses.over(at, "", False):
            self._end(self._utterance, began - ONSET_S, ended, at)
