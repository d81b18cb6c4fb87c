"""`yinling call`: ring the line over real SIP."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack

import click

from backend.db.databases import databases, make_engine, make_sessions
from backend.logs import configure_logging
from backend.settings import get_settings

CALLERS_VOICE = "f3"
"""Another than the line's own."""


@click.command("call")
@click.argument("said", nargs=-1)
@click.option("--to", default=None, help="SIP address; default: the line on this machine.")
@click.option("--from", "number", default=None, help="Our number; default: withheld.")
def call(said: tuple[str, ...], to: str | None, number: str | None) -> None:
    """Ring the line over real SIP and speak each of SAID when it has asked something.

    SAID are recordings (.wav, .mp3, .amr, .ogg; a .txt beside one tells what is said in it),
    keys (figures, * and #), or words, which a made voice speaks:

    yinling call --from 13800138000 明天中午送一份午餐 1
    """
    from ivr.endpoint import NotReached
    from ivr.settings import IvrSettings
    from ivr.voice import Voice
    from ivr.voice.espeak import Espeak
    from ops.pieces import BadPiece, pieces_of
    from ops.ring import CannotRing, line_here, ring

    if not said:
        click.echo(click.get_current_context().get_help())
        return
    configure_logging("call")
    settings = get_settings()
    voice = Voice(settings.data_dir / "voice", [Espeak(CALLERS_VOICE)])
    with ExitStack() as stack:
        try:
            pieces = pieces_of(said, voice.say)
            address = to or line_here(IvrSettings())
            sessions = None
            if to is None or settings.database_url is not None:  # a line elsewhere has its own
                addresses = stack.enter_context(databases(settings))
                sessions = make_sessions(make_engine(addresses.database_url))
            rung = asyncio.run(ring(address, number, pieces, sessions, click.echo))
        except (BadPiece, CannotRing) as bad:
            raise click.ClickException(str(bad)) from bad
        except NotReached as nobody:
            raise click.ClickException(f"{address} was not reached: {nobody.why}") from nobody
    came_to = f"; what came of it: {rung.outcome}" if rung.outcome else ""
    click.echo(f"over: {rung.why}{came_to}")
    sys.exit(0 if rung.all_said else 1)
