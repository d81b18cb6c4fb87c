"""`yinling model …`: which ears are in use, a city teaches them its words, the doctor listens."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.db.models import Address, Dish, Worker
from backend.settings import Settings
from bot.settings import WeChatSettings
from ivr.ears import SHIPPED, SUMS, BadModel, Ears
from ivr.model.building import NotAModel
from nlu.rasa_server import CATALOGUE
from ops import ears as ops_ears
from ops.doctor import examine
from ops.ears import CITY, NoRecipe, build_graph, finetune, in_words, model_in_use
from ops.finding import Finding

WEDNESDAY = date(2026, 3, 4)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=None, redis_url=None, vosk_model=None)


def with_model(settings: Settings, model: Path) -> Settings:
    return settings.model_copy(update={"vosk_model": model})


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A model without checksums, whose files may be changed."""
    folder = tmp_path / "foreign"
    shutil.copytree(SHIPPED, folder)
    (folder / SUMS).unlink()
    return folder


def test_the_shipped_model_is_in_use_until_a_city_names_its_own(
    settings: Settings, foreign: Path
) -> None:
    assert model_in_use(settings) == SHIPPED
    assert in_words(settings).startswith("shipped, 8000 Hz, takes lists of phrases; of ")
    own = with_model(settings, foreign)
    assert model_in_use(own) == foreign
    assert in_words(own).startswith(f"{foreign}, 8000 Hz, takes lists")


def test_a_model_for_another_rate_is_told(settings: Settings, foreign: Path) -> None:
    conf = foreign / "conf" / "mfcc.conf"
    conf.write_text(conf.read_text().replace("=8000", "=16000"))
    assert "16000 Hz, calls' 8000 Hz are stretched" in in_words(with_model(settings, foreign))


def test_words_of_the_catalogue_that_cannot_be_heard_are_named(
    settings: Settings, tmp_path: Path
) -> None:
    ours = unheard(settings)
    assert all(re.search("[A-Za-z]", word) for word in ours), "PICC is no Mandarin, all else is"
    source = CATALOGUE.read_text(encoding="utf-8")
    own = tmp_path / "catalogue.yaml"
    own.write_text(source.replace("name: 午餐", "name: 龘餐", 1), encoding="utf-8")
    changed = settings.model_copy(update={"catalogue_path": own})
    assert unheard(changed) == [*ours, "龘餐"]


def unheard(settings: Settings) -> list[str]:
    """The words that are told not to be heard."""
    _, _, words = in_words(settings).partition("not heard at all: ")
    return words.split("、") if words else []


def test_a_canteen_teaches_its_dishes_from_a_file(settings: Settings, tmp_path: Path) -> None:
    menu = tmp_path / "menu.txt"
    menu.write_text("# 周三\n酸菜鱼豆花\n毛血旺面\n午餐\nABC套餐\n", encoding="utf-8")
    streets = tmp_path / "streets.txt"
    streets.write_text("鸡翅岭后街\n", encoding="utf-8")
    told: list[str] = []
    files = [("dish", menu), ("place", streets)]
    place = build_graph(settings, None, WEDNESDAY, files, None, told.append)
    assert place == settings.data_dir / CITY
    assert told == [
        "3 words are new, 1 were known",
        "spelled by syllables: 酸菜鱼豆花、毛血旺面、鸡翅岭后街",
        told[2],
        "left out, without a Mandarin sound or too long: ABC套餐",
        f"written: {place}; set YINLING_VOSK_MODEL to it",
    ]
    assert told[2].startswith("to be listened to, ")
    city = Ears(model_in_use(with_model(settings, place)))
    assert city.knows("酸菜鱼豆花") and city.knows("鸡翅岭后街") and city.knows("午餐")
    assert not Ears(SHIPPED).knows("酸菜鱼豆花"), "the shipped one is as it was"


def test_a_city_teaches_the_words_of_its_database(
    settings: Settings, session: Session, tmp_path: Path
) -> None:
    session.query(Worker).first().name = "欧阳锦棠"  # type: ignore[union-attr]
    session.query(Address).first().street = "鸡翅岭88号后街"  # type: ignore[union-attr]
    session.flush()
    out = tmp_path / "dongguan"
    told: list[str] = []
    assert build_graph(settings, session, WEDNESDAY, [], out, told.append) == out
    city = Ears(out)
    for word in ("欧阳锦棠", "鸡翅岭", "号后街"):
        assert city.knows(word)
    for (dish,) in session.query(Dish.name).filter(Dish.day >= WEDNESDAY):
        assert city.spelled(dish) is not None
    assert told[-1].startswith(f"written: {out};")


def test_nothing_is_built_upon_what_is_no_model(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAModel, match="no model that can be built upon"):
        build_graph(
            with_model(settings, tmp_path / "empty"), None, WEDNESDAY, [], None, lambda _: None
        )
    menu = tmp_path / "menu.txt"
    menu.write_bytes("酸菜鱼".encode("gb18030"))
    with pytest.raises(ValueError, match="utf-8"):
        build_graph(settings, None, WEDNESDAY, [("dish", menu)], None, lambda _: None)
    assert not (settings.data_dir / CITY).exists()


def test_without_the_recipe_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops_ears, "RECIPE", tmp_path / "recipe")
    told: list[str] = []
    with pytest.raises(NoRecipe) as refused:
        finetune(tmp_path, SHIPPED, tmp_path / "tuned", told.append)
    assert str(refused.value) == "the recipe's environment is missing: `make model-setup` makes it"
    assert told == []


def ears_of(settings: Settings) -> Finding:
    """What the doctor says of the ears, and nothing else is looked at any further."""
    found = examine(settings, WeChatSettings())
    return next(one for one in found if one.what == "ears")


def test_the_doctor_finds_the_ears_well(settings: Settings) -> None:
    assert ears_of(settings) == Finding("ears", True, in_words(settings))


def test_the_doctor_says_what_is_wrong_with_a_folder(
    settings: Settings, foreign: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    assert ears_of(with_model(settings, nowhere)) == Finding(
        "ears", False, f"{nowhere} is no folder"
    )
    weights = foreign / "am" / "final.mdl"
    weights.write_bytes(weights.read_bytes()[:1000])
    says = f"Vosk cannot read the model in {foreign}: a file in it is damaged or foreign"
    assert ears_of(with_model(settings, foreign)) == Finding("ears", False, says)


def test_the_doctor_says_that_a_model_is_for_another_rate(
    settings: Settings, foreign: Path
) -> None:
    conf = foreign / "conf" / "mfcc.conf"
    as_made = conf.read_text()
    conf.write_text(as_made.replace("=8000", "=4000"))
    slow = ears_of(with_model(settings, foreign))
    assert slow == Finding("ears", False, f"{conf}: 4000 samples a second; a call has 8000")
    conf.write_text(as_made.replace("=8000", "=16000"))
    fast = ears_of(with_model(settings, foreign))
    assert fast.well
    assert "calls' 8000 Hz are stretched" in fast.says


def test_a_city_that_changed_a_file_by_hand_is_told(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "city"
    shutil.copytree(SHIPPED, place)
    assert ears_of(with_model(settings, place)).well
    with (place / "graph" / "words.txt").open("a", encoding="utf-8") as words:
        words.write("午餐 99999\n")
    found = ears_of(with_model(settings, place))
    assert not found.well
    assert "words.txt is damaged: its checksum is not the one in SHA256SUMS" in found.says
    with pytest.raises(BadModel):
        in_words(with_model(settings, place))
