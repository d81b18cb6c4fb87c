"""`yinling bench …`: figures, each against a baseline in the same run."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import click

from backend.settings import get_settings
from ops.ears import model_in_use
from ops.rasa import running_rasa, trained_model


@click.group()
def bench() -> None:
    """Measure, each against a baseline in the same run."""


@bench.command("chat")
@click.option("--seconds", default=20, help="How long at each rate.")
def bench_chat(seconds: int) -> None:
    """A chat turn against Rasa's own parse of the same texts."""
    from ops.bench import chat as measure

    trained_model(get_settings())
    measure.run(seconds)


@bench.command("orders")
def bench_orders() -> None:
    """Orders placed a second against pgbench's simple update."""
    from ops.bench import orders

    orders.run(get_settings())


@bench.command("console")
def bench_console() -> None:
    """The console's pages, and alarms on fifty agents' screens."""
    from ops.bench import console

    console.run(get_settings())


@bench.command("nlu")
@click.option("--lines", type=click.Path(path_type=Path, exists=True), help="File or folder.")
@click.option("--seed", type=int, default=3, help="Of the noised copies.")
@click.option("--quick", is_flag=True, help="Neither ablation nor latency nor a second training.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_nlu(lines: Path | None, seed: int, quick: bool, out: Path | None) -> None:
    """The understanding on held-out lines; the report goes into docs/ (or, when quick or on other
    lines, into the data folder). The last line is JSON."""
    from nlu.corpus.lines import HELDOUT
    from ops.bench.nlu import report
    from ops.bench.nlu import run as measure

    whole_run = lines is None and not quick
    folder = out or (measure.DOCS if whole_run else get_settings().data_dir / "bench")
    try:
        found = measure.run(lines or HELDOUT, folder, seed, quick, click.echo)
    except measure.NoLines as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-nlu`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))


@bench.command("asr")
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Vosk's folder.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Recordings of real people with a README.md that tells what is said.",
)
@click.option("--seed", type=int, default=4, help="Of the sample.")
@click.option("--quick", is_flag=True, help="Few utterances, two conditions.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_asr(
    model: Path | None, people: Path | None, seed: int, quick: bool, out: Path | None
) -> None:
    """The ears on held-out speech through the telephone; the report goes into docs/ (or, when
    quick or with another model, into the data folder). The last line is JSON."""
    from ivr.ears import BadModel
    from ivr.model.people import NoPeople
    from ops.bench.asr import report
    from ops.bench.asr import run as measure
    from ops.bench.asr.spoken import NothingToHear
    from ops.bench.asr.trials import BadTrial

    whole_run = model is None and not quick
    folder = out or (measure.DOCS if whole_run else get_settings().data_dir / "bench")
    try:
        found = measure.run(
            model or model_in_use(get_settings()), folder, seed, quick, people, click.echo
        )
    except (BadModel, NothingToHear, NoPeople, BadTrial) as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-asr`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))


@bench.command("voice")
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Vosk's folder.")
@click.option("--seed", type=int, default=5, help="Of the moments at which callers hang up.")
@click.option("--quick", is_flag=True, help="A handful of calls, two at once at most.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Report's folder.")
def bench_voice(model: Path | None, seed: int, quick: bool, out: Path | None) -> None:
    """The phone line under callers with made voices; the report goes into docs/ (or, when quick or
    with another model, into the data folder). The last line is JSON."""
    from ivr.ears import BadModel
    from ops.bench.voice import report
    from ops.bench.voice import run as measure
    from ops.bench.voice.sounds import NothingToSay
    from ops.bench.voice.town import NobodyCanHaveIt
    from ops.processes import NotReady

    settings = get_settings()
    whole_run = model is None and not quick
    folder = out or (measure.DOCS if whole_run else settings.data_dir / "bench")
    listens = model or model_in_use(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing it started stays behind
    try:
        with running_rasa(settings) as rasa_url:
            found = measure.run(listens, rasa_url, folder, seed, quick, click.echo)
    except (BadModel, NothingToSay, NobodyCanHaveIt, NotReady) as nothing:
        raise click.ClickException(str(nothing)) from nothing
    except ImportError as missing:
        raise click.ClickException(f"{missing}; run `make bench-voice`") from missing
    click.echo(json.dumps(report.to_json(found), ensure_ascii=False))
