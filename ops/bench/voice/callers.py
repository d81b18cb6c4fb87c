"""The people who ring: `python -m ops.bench.voice.callers ROUND.json OUT.jsonl`.

A process of its own, so that neither the line nor the bench holds up a packet.

One thread beats for all telephones, a quarter of them every 5 ms; how calls stand is read by other
threads.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from backend.db.databases import make_engine, make_sessions
from ops.bench.voice.incidents import Incidents
from ops.bench.voice.persona import Over, Standing, next_said
from ops.bench.voice.phone import HOST, Phone, Sound
from ops.bench.voice.plans import Called, Plan, Round, round_of_row
from ops.bench.voice.rtp import Pcm
from ops.bench.voice.standing import standing
from ops.bench.voice.timing import S, runs
from ops.bench.voice.wishes import Wish, answers, wishes

BREATH_S = 1.0
"""Quiet behind the line's words until the caller takes the word."""
UNANSWERED_S = 3.5
"""…while what she said stands unanswered: the line is thinking, or did not hear her."""
LISTENS_S = 0.5
"""So much of the last answer she hears before she hangs up."""
BARGES_AFTER_S = 1.2
LONGEST_S = 180.0
RINGS_FOR_S = 15.0
RECENT = 250
"""Packets: five seconds of the line's words."""
QUARTER_S = 0.005
QUARTERS = 4
LOOK_AGAIN_S = 0.25
READERS = 4

Look = Callable[[str], "Future[Standing]"]


class Caller:
    """One call from its first ring."""

    def __init__(
        self,
        plan: Plan,
        phone: Phone,
        wish: Wish | None,
        sound_of: Callable[[str], Sound],
        look: Look,
        today: date,
    ) -> None:
        self.plan, self.phone, self._wish = plan, phone, wish
        self._sound_of, self._look, self._today = sound_of, look, today
        self._words = answers()
        self._looking: Future[Standing] | None = None
        self._stands = Standing()
        self._said_at_turn, self._said = -1, 0
        self._last_said = ""
        self._done: Over | None = None
        self._done_ns = self._looked_ns = 0
        self.corrected = 0
        self.why = ""
        phone.ring()

    def beat(self) -> bool:
        """Twenty milliseconds more; False when the call is over."""
        phone, now = self.phone, time.time_ns()
        phone.beat()
        if phone.is_over:
            self._close()
            return False
        since_s = (now - phone.rang_ns) / S
        leaves = self.plan.leaves_after_s
        if leaves is not None and since_s >= leaves:
            self._leave("left")
        elif not phone.up_ns and since_s >= RINGS_FOR_S:
            self._leave("unheard")
        elif since_s >= LONGEST_S:
            self._leave("gave_up")
        elif phone.is_up and not phone.is_speaking:
            self._think(now)
        return since_s < LONGEST_S + 10  # a line that does not even answer a BYE

    def _think(self, now: int) -> None:
        if self._done is not None:
            self._listen_to_the_end(now, self._done)
        elif self._looking is not None:
            if self._looking.done():
                self._stands, self._looking = self._looking.result(), None
                self._decide(now)
        elif self._is_ours(now) and now - self._looked_ns > LOOK_AGAIN_S * S:
            self._looked_ns = now
            self._looking = self._look(self.phone.call_id)

    def _is_ours(self, now: int) -> bool:
        """Whether the line has spoken and been quiet for a breath, or is to be interrupted."""
        phone = self.phone
        spoken_ns = phone.spoken[-1].last if phone.spoken else phone.up_ns
        if phone.sound_ns <= spoken_ns:
            # A line that does not answer at all is spoken to again.
            return (now - spoken_ns) / S >= 2 * UNANSWERED_S
        if self.plan.barges:
            first = next(
                at for at in reversed(runs(phone.heard[-RECENT:], S)) if at.last > spoken_ns
            ).first
            return (now - max(first, spoken_ns)) / S >= BARGES_AFTER_S
        return (now - phone.sound_ns) / S >= BREATH_S

    def _decide(self, now: int) -> None:
        stands, quiet_s = self._stands, (now - self.phone.sound_ns) / S
        unanswered = stands.turn <= self._said_at_turn and self._said > 0
        if unanswered and quiet_s < UNANSWERED_S and not self._has_ended(stands):
            return
        if self._wish is None:
            self._cry(stands)
            return
        said = next_said(self._wish, stands, self._said, self._today, self._words)
        if isinstance(said, Over):
            self._done, self._done_ns = said, now
            return
        self.corrected += said == self._words.no
        self._say(said)

    def _has_ended(self, stands: Standing) -> bool:
        return stands.placed or stands.human or stands.alarm

    def _cry(self, stands: Standing) -> None:
        if stands.alarm or stands.human or self._said > 2:
            why = "alarm" if stands.alarm else "human" if stands.human else "gave_up"
            self._done, self._done_ns = Over(why), time.time_ns()
        else:
            self._say(self.plan.cry)

    def _say(self, text: str) -> None:
        self._said += 1
        self._said_at_turn, self._last_said = self._stands.turn, text
        self.phone.say(self._sound_of(text), over=self.plan.barges)

    def _listen_to_the_end(self, now: int, done: Over) -> None:
        spoken_ns = self.phone.spoken[-1].last if self.phone.spoken else self._done_ns
        heard = any(at > spoken_ns for at in self.phone.heard[-100:])
        if (heard and now - self._done_ns > LISTENS_S * S) or now - self._done_ns > 5 * S:
            self._leave(done.why)

    def _leave(self, why: str) -> None:
        self.why = self.why or why
        self.phone.hang_up()

    def _close(self) -> None:
        if not self.why:
            self.why = "refused" if self.phone.refused else "line"
            if self._done is not None:
                self.why = self._done.why

    def called(self, incident_ns: int, kept: str) -> Called:
        """The report."""
        phone = self.phone
        return Called(
            plan=self.plan,
            call_id=phone.call_id,
            why=self.why or "unheard",
            rang_ns=phone.rang_ns,
            up_ns=phone.up_ns,
            over_ns=phone.over_ns or time.time_ns(),
            turns=self._stands.turn,
            refused=phone.refused,
            corrected=self.corrected,
            spoken=phone.spoken,
            line=runs(phone.heard),
            incident_ns=incident_ns,
            kept=kept,
        )


def call_all(made: Round, out: Path) -> None:
    """Make the calls of a round, so many at once; a line of JSON each as it ends."""
    sessions = make_sessions(make_engine(made.database_url))
    known = {one.number: one for one in wishes()}
    sounds = Sounds(Path(made.sounds), made.said)
    waiting = list(made.plans)
    on: list[list[Caller]] = [[] for _ in range(QUARTERS)]
    incidents = Incidents(sessions) if any(one.cry for one in waiting) else None
    if incidents is not None:
        incidents.start()
    rings_at = 0.0
    with ThreadPoolExecutor(READERS) as readers, out.open("w", encoding="utf-8") as report:

        def look(call_id: str) -> Future[Standing]:
            return readers.submit(_read, sessions, call_id)

        due = time.monotonic()
        beat = 0
        while waiting or any(on):
            quarter = on[beat % QUARTERS]
            for caller in list(quarter):
                if not caller.beat():
                    quarter.remove(caller)
                    caller.phone.close()
                    _report(caller, incidents, out, report)
            if waiting and sum(map(len, on)) < made.at_once and time.monotonic() >= rings_at:
                plan = waiting.pop(0)
                rings_at = time.monotonic() + made.apart_s
                phone = Phone(plan.number, (HOST, made.sip_port), sounds.bed(plan.bed))
                phone.keeps = plan.keeps
                quarter.append(
                    Caller(
                        plan,
                        phone,
                        known.get(plan.wish),
                        partial(sounds.said, plan.number),
                        look,
                        date.fromisoformat(made.today),
                    )
                )
            beat += 1
            due += QUARTER_S
            time.sleep(max(0.0, due - time.monotonic()))
    if incidents is not None:
        incidents.stop()


def _read(sessions: sessionmaker[Session], call_id: str) -> Standing:
    with sessions() as session:
        return standing(session, call_id)


def _report(caller: Caller, incidents: Incidents | None, out: Path, report: TextIO) -> None:
    kept = ""
    if caller.phone.sent_voice:
        path = out.with_name(f"{caller.phone.call_id}.alaw")
        path.write_bytes(b"".join(caller.phone.sent_voice))
        kept = str(path)
    seen = incidents.seen.get(caller.plan.number, 0) if incidents is not None else 0
    row = caller.called(seen, kept).to_row()
    print(json.dumps(row, ensure_ascii=False), file=report, flush=True)


class Sounds:
    """What is said, and what is heard around it."""

    def __init__(self, folder: Path, said: dict[str, str]) -> None:
        """Loads all of it: while calls are on there is no time for it."""
        pcm = {name: np.load(folder / f"{name}.npy") for name in set(said.values())}
        self._beds = {path.stem: np.load(path) for path in folder.glob("bed-*.npy")}
        self._sounds = {
            key: Sound.of(key.partition("|")[2], pcm[name]) for key, name in said.items()
        }

    def said(self, number: str, text: str) -> Sound:
        """In the voice of that number."""
        return self._sounds[f"{number}|{text}"]

    def bed(self, name: str) -> Pcm | None:
        return self._beds[name] if name else None


def main() -> None:
    plan, out = map(Path, sys.argv[1:])
    call_all(round_of_row(json.loads(plan.read_text("utf-8"))), out)


if __name__ == "__main__":
    main()
