"""`yinling understand`, `chat`: what is made of a sentence, and a conversation in this terminal."""

from __future__ import annotations

import json
import os
import sys

import click

from backend.db.databases import databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.settings import get_settings
from nlu.hearing import choose, hearings_of
from ops.rasa import make_understander, running_rasa
from ops.terminal import moment_of


@click.command()
@click.option("--now", default=None, help="ISO 8601; default: this moment.")
@click.option("--channel", type=click.Choice(["wechat", "voice"]), default="wechat")
@click.option("--nbest", is_flag=True, help='A line may be [{"text", "confidence"}, …]: hearings.')
def understand(now: str | None, channel: str, nbest: bool) -> None:
    """Read a sentence a line; print what is understood, a JSON line each."""
    at = moment_of(now)
    settings = get_settings()
    with running_rasa(settings) as rasa_url:
        understander = make_understander(settings, rasa_url)
        for line in sys.stdin.buffer:  # bytes: one damaged line must not end the others
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if nbest:
                found = choose(hearings_of(text), understander, at, channel).understanding
            else:
                found = understander.understand(text, at, channel)
            click.echo(json.dumps(found.to_json(), ensure_ascii=False))


@click.command()
@click.option(
    "--as", "role", type=click.Choice(["elder", "family", "worker"], case_sensitive=False)
)
def chat(role: str) -> None:
    """Talk with Yinling in this terminal, in the made-up town."""
    from ops.chat import talk

    settings = get_settings()
    with databases(settings) as addresses, running_rasa(settings) as rasa_url:
        migrate(addresses.database_url)
        os.environ["YINLING_RASA_URL"] = rasa_url
        sessions = make_sessions(make_engine(addresses.database_url))
        talk(sessions, make_understander(settings, rasa_url), role or "family", addresses)
