"""Rasa for whoever needs it: trained, running, and what is understood through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.services.label_misunderstandings import labelled
from backend.services.work import Work
from backend.settings import Settings, get_settings
from nlu.learning import LEARNED, write_learned
from nlu.rasa_client import RasaClient
from nlu.rasa_server import CATALOGUE, ensure_trained
from nlu.understand import Understander, make_gazetteer
from nlu.values.dishes import Dishes
from ops.house import logs_of, rasa_process
from ops.processes import House, free_port


def make_understander(
    settings: Settings, rasa_url: str | None = None, dishes: Dishes | None = None
) -> Understander:
    """Understanding over a running Rasa, the city's catalogue and its menus' dishes."""
    gazetteer = make_gazetteer(settings.catalogue_path, dishes)
    return Understander(RasaClient(rasa_url or settings.rasa_url), gazetteer)


def trained_model(settings: Settings) -> Path:
    """Rasa's model of the city's catalogue and of what was learnt from use."""
    return ensure_trained(settings.catalogue_path or CATALOGUE, settings.data_dir / LEARNED)


@contextmanager
def running_rasa(settings: Settings) -> Iterator[str]:
    """The URL of a Rasa that answers: the one the settings name, or our own for the while."""
    if RasaClient(settings.rasa_url).is_ready():
        yield settings.rasa_url
        return
    trained_model(get_settings())
    with House() as house:
        process, url = rasa_process(logs_of(settings), free_port())
        house.start(process)
        house.wait()
        yield url


def update_learned(work: Work) -> None:
    """What training will read is always what is labelled and still allowed."""
    labels = [row.label for row in labelled(work) if row.label is not None]
    write_learned(get_settings().data_dir, labels)
