"""`yinling model …`: the model that listens on the telephone."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from backend.db.databases import databases, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.settings import TIMEZONE, get_settings
from ops.ears import NoRecipe, build_graph, finetune, in_words, model_in_use


@click.group()
def model() -> None:
    """The model that listens on the telephone."""


@model.command("show")
def model_show() -> None:
    """Say which model is in use and what it knows."""
    from ivr.ears import BadModel

    try:
        click.echo(in_words(get_settings()))
    except BadModel as bad:
        raise click.ClickException(str(bad)) from bad


@model.command("fetch")
@click.argument("name", default="vosk-model-small-cn-0.22")
def model_fetch(name: str) -> None:
    """Download one of Vosk's own models, or go on with what broke off."""
    from rich.progress import DownloadColumn, Progress

    from ivr.fetching import NotFetched, fetch, offered

    try:
        offer = offered(name)
        with Progress(*Progress.get_default_columns(), DownloadColumn()) as bars:
            bar = bars.add_task(name, total=offer.size)
            place = fetch(
                offer,
                get_settings().data_dir / "models",
                lambda done, of: bars.update(bar, completed=done, total=of),
            )
    except NotFetched as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{place}: set YINLING_VOSK_MODEL to it")


_WORDS = click.Path(path_type=Path, exists=True, dir_okay=False)


@model.command("build-graph")
@click.option("--dishes", type=_WORDS, multiple=True, help="A file, a word a line.")
@click.option("--places", type=_WORDS, multiple=True, help="Streets, communities, towns.")
@click.option("--names", type=_WORDS, multiple=True)
@click.option("--city", is_flag=True, help="Dishes, places and workers of the database.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
def model_build_graph(
    dishes: tuple[Path, ...],
    places: tuple[Path, ...],
    names: tuple[Path, ...],
    city: bool,
    out: Path | None,
) -> None:
    """Teach the model a city's words: seconds, without training."""
    from ivr.model.building import NotAModel

    kinds = {"dish": dishes, "place": places, "name": names}
    files = [(kind, path) for kind, paths in kinds.items() for path in paths]
    settings, today = get_settings(), datetime.now(TIMEZONE).date()
    try:
        if not city:
            build_graph(settings, None, today, files, out, click.echo)
            return
        with databases(settings) as addresses:
            migrate(addresses.database_url)
            with make_sessions(make_engine(addresses.database_url))() as session:
                build_graph(settings, session, today, files, out, click.echo)
    except (NotAModel, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@model.command("finetune")
@click.argument("recordings", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False))
def model_finetune(recordings: Path, out: Path | None) -> None:
    """Adapt the model to recordings of a city's own elders, with their consent."""
    settings = get_settings()
    place = out or settings.data_dir / "model-of-our-own"
    try:
        ended = finetune(recordings, model_in_use(settings), place, click.echo)
    except NoRecipe as missing:
        raise click.ClickException(str(missing)) from missing
    sys.exit(ended)
