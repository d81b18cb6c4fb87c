"""`yinling learn …`: from what was misunderstood, with its speakers' consent."""

from __future__ import annotations

import json
from pathlib import Path

import click

from backend.seed.catalogue import load_catalogue
from backend.services.count_misunderstandings import count_misunderstandings
from backend.services.export_misunderstandings import export_misunderstandings
from backend.services.label_misunderstandings import label_misunderstandings
from backend.settings import get_settings
from nlu.learning import BadLabels, exported_line, read_labels
from nlu.understand import make_gazetteer
from ops.rasa import update_learned
from ops.terminal import one_transaction


@click.group()
def learn() -> None:
    """Learn from what was misunderstood, with its speakers' consent."""


@learn.command("export")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: the screen.")
def learn_export(out: Path | None) -> None:
    """Write the sentences that wait for a label, a JSON line each."""
    with one_transaction() as work:
        gazetteer = make_gazetteer(get_settings().catalogue_path)
        lines = [
            json.dumps(exported_line(row, gazetteer), ensure_ascii=False)
            for row in export_misunderstandings(work)
        ]
        # Before the transaction ends: what could not be written was not exported.
        if out is not None:
            try:
                out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            except OSError as error:
                raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
        else:
            click.echo("\n".join(lines), nl=bool(lines))
        update_learned(work)
    click.echo(f"{len(lines)} sentences wait for a label", err=True)


@learn.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def learn_import(file: Path) -> None:
    """Take labels in: all of a file, or, if a line is wrong, nothing."""
    codes = {item.code for item in load_catalogue(get_settings().catalogue_path)}
    try:
        found = read_labels(file, codes)
    except BadLabels as bad:
        raise click.ClickException(
            f"nothing was taken in; please put {len(bad.problems)} things right in {file.name} "
            "and import it once more:\n  " + "\n  ".join(bad.problems)
        ) from bad
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8: {error.reason}") from error
    with one_transaction() as work:
        taken = label_misunderstandings(work, found.labels, found.discarded)
        update_learned(work)
    click.echo(
        f"{taken.labelled} labelled, {taken.unchanged} known before, {taken.discarded} discarded, "
        f"{found.untouched} still open, {taken.gone} taken back by their speakers meanwhile"
    )


@learn.command("status")
def learn_status() -> None:
    """Say how much was kept, labelled and handed to training."""
    with one_transaction() as work:
        facts = count_misunderstandings(work)
        update_learned(work)
    click.echo(f"consents: {facts.consents}")
    click.echo(f"waiting for a label: {facts.waiting}, of them exported: {facts.exported}")
    for why, count in facts.reasons.items():
        click.echo(f"  {why}: {count}")
    click.echo(f"labelled: {facts.labelled}; Rasa is trained on them at its next start")
