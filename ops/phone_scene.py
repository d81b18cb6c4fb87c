"""The demo's last scene: the mother rings herself and orders her lunch in words.

Over real SIP and RTP; her sentences are recordings of voices that the line's ears were never
taught with. Both sides are printed as they speak, then the record that the line has kept.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Call, Link
from backend.services.unit_of_work import unit_of_work
from ivr.endpoint import NotReached
from ops.pieces import Piece, pieces_of
from ops.processes import NotReady
from ops.ring import CannotRing, Rung, ring
from ops.stage import Stage
from ops.telephone import line_for_trials, line_process, rung_at

NUMBER = "13900139000"
"""Her telephone; nobody in the made-up town has it."""
SAID = Path(__file__).with_name("said")
PLAN = (("lunch.wav", "念一遍"), ("yes.wav", "订好了"))
"""What she says, and what stands in the line's answer once it has understood."""


class CallWentWrong(AssertionError):
    """The call does not go as told; the message says how, with the line's last words."""


class PhoneScene:
    """A telephone line in the stage's house, and her who rings it."""

    def __init__(
        self, stage: Stage, sessions: sessionmaker[Session], elder_id: int, console: Console
    ) -> None:
        self._sessions, self._elder_id, self._console = sessions, elder_id, console
        self._house = stage.house
        self._line = line_for_trials()
        self._process = line_process(stage.folder / "log", stage.environment, self._line)

    @property
    def address(self) -> str:
        """Where the line is rung."""
        return rung_at(self._line)

    def set_up(self) -> None:
        """Have the line opened, which takes some seconds, and know her telephone."""
        self._house.start(self._process)
        with unit_of_work(self._sessions) as work:
            account = Account(channel="phone", identifier=NUMBER)
            work.session.add(account)
            work.session.flush()
            hers = {"elder_id": self._elder_id, "relation": "self", "may_see_health": True}
            work.session.add(Link(account_id=account.id, **hers))

    def play(self) -> Call:
        """Her call, from the first ring to its whole record. Raises CallWentWrong."""
        try:
            self._house.wait()
        except NotReady as dead:
            raise CallWentWrong(f"the phone line does not open: {dead}") from dead
        try:
            rung = asyncio.run(
                ring(self.address, NUMBER, self._pieces(), self._sessions, self._print)
            )
        except (CannotRing, NotReached) as away:
            raise CallWentWrong(f"nobody answers the telephone: {away!r}\n{self._log()}") from away
        call = self._record()
        self._console.print(_record(call))
        if not rung.all_said or rung.outcome != "order":
            raise CallWentWrong(f"the call came to nothing: {_why(rung)}\n{self._log()}")
        return call

    def _pieces(self) -> list[Piece]:
        """Her sentences, as recorded."""
        files = [str(SAID / name) for name, _ in PLAN]
        untils = [until for _, until in PLAN]
        return [
            Piece(piece.name, piece.words, piece.pcm, until=until)
            for piece, until in zip(pieces_of(files, lambda _: b""), untils, strict=True)
        ]

    def _print(self, line: str) -> None:
        colour = {"caller": "cyan", "line": "green"}.get(line.split(maxsplit=1)[0], "dim")
        self._console.print(f"  [{colour}]{escape(line)}[/]", soft_wrap=True)

    def _record(self) -> Call:
        with self._sessions() as session:
            call = session.scalars(
                select(Call).where(Call.number == NUMBER).order_by(Call.id.desc())
            ).first()
            if call is None:
                raise CallWentWrong(f"the call was not written down\n{self._log()}")
            call.turns  # noqa: B018 - to be looked at when the session is closed
            return call

    def _log(self) -> str:
        return f"the line's last words ({self._process.log}):\n{self._process.last_words()}"


def _why(rung: Rung) -> str:
    return f"{rung.why}; what came of it: {rung.outcome or 'not known'}"


def _record(call: Call) -> Table:
    """What the line has kept of a call."""
    lasted = (call.ended_at - call.rang_at).total_seconds() if call.ended_at else 0.0
    title = f"The record of the call: {lasted:.0f} s, ended by the {call.how_ended}: {call.outcome}"
    table = Table(title=title, title_justify="left")
    for column in ("turn", "heard, likeliest first", "understood"):
        table.add_column(column)
    table.add_column("answer after", justify="right")
    for turn in call.turns:
        heard = " / ".join(f"{one['text']} ({one['confidence']:.2f})" for one in turn.heard[:3])
        sure = f" {turn.understood['confidence']:.2f}" if "confidence" in turn.understood else ""
        said = {"ended", "spoke"} <= turn.times.keys()  # not, where she has gone on speaking
        took = turn.times["spoke"] - turn.times["ended"] if said else 0.0
        table.add_row(
            str(turn.no),
            heard or turn.keys,
            f"{turn.understood.get('intent', '')}{sure}",
            f"{took:.1f} s" if said else "",
        )
    return table
