"""`yinling demo`, `doctor`: to see how it goes, and how it is."""

from __future__ import annotations

import sys

import click

from backend.settings import get_settings
from bot.settings import WeChatSettings
from ops.rasa import trained_model
from ops.terminal import until_told


@click.command()
@click.option("--keep", is_flag=True, help="Leave everything running at the end.")
def demo(keep: bool) -> None:
    """Play the story of one order, from a sentence to the ledger, through real sockets."""
    from ops.demo import play
    from ops.phone_scene import CallWentWrong

    settings = get_settings()
    trained_model(get_settings())
    try:
        play(settings.data_dir / "demo", keep, until_told)
    except CallWentWrong as wrong:
        raise click.ClickException(f"the telephone's part of the story: {wrong}") from wrong


@click.command()
def doctor() -> None:
    """Say what is configured, reachable and missing."""
    from ops.doctor import examine

    sick = False
    for finding in examine(get_settings(), WeChatSettings()):
        click.echo(f"{'✓' if finding.well else '✗'} {finding.what}: {finding.says}")
        sick = sick or not finding.well
    sys.exit(1 if sick else 0)
