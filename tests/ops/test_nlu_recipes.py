"""The variants of the pipeline that the bench trains: each must fit the project as it is now."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nlu.rasa_server import RASA_HOME
from ops.bench.nlu.ablation import AS_IT_IS, RECIPES
from ops.bench.nlu.projects import Project, Recipe, copy

BY_NAME = {recipe.name: recipe for recipe in (AS_IT_IS, *RECIPES)}


def components(project: Project) -> list[str]:
    config = yaml.safe_load((project.home / "config.yml").read_text("utf-8"))
    return [component["name"].rpartition(".")[2] for component in config["pipeline"]]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_recipe_can_be_followed(name: str, tmp_path: Path) -> None:
    project = copy(BY_NAME[name], tmp_path)

    assert (project.home / "train.py").exists()
    assert (project.root / "backend" / "seed" / "catalogue.yaml").exists()
    assert list((project.root / "nlu" / "corpus" / "train").glob("*.yml"))
    assert not project.model.exists(), "a copy is trained anew"


def test_a_copy_never_holds_the_lines_it_is_measured_on(tmp_path: Path) -> None:
    copy(AS_IT_IS, tmp_path)

    assert not (tmp_path / "nlu" / "corpus" / "heldout").exists()


def test_the_project_as_it_is_keeps_its_pipeline(tmp_path: Path) -> None:
    ours = yaml.safe_load((RASA_HOME / "config.yml").read_text("utf-8"))

    copied = yaml.safe_load((copy(AS_IT_IS, tmp_path).home / "config.yml").read_text("utf-8"))

    assert copied == ours


def test_without_pinyin_everything_else_is_left(tmp_path: Path) -> None:
    whole = components(copy(AS_IT_IS, tmp_path / "whole"))

    less = components(copy(BY_NAME["without pinyin"], tmp_path / "less"))

    assert "PinyinFeaturizer" in whole
    assert less == [name for name in whole if name != "PinyinFeaturizer"]


def test_diet_takes_the_classifiers_place(tmp_path: Path) -> None:
    diet = next(recipe for recipe in RECIPES if recipe.plain)

    found = components(copy(diet, tmp_path))

    assert found[-1] == "DIETClassifier"
    assert "IntentClassifier" not in found
    assert "SentenceCountsFeaturizer" not in found


def test_a_copy_of_a_copy_is_not_reached_by_later_edits(tmp_path: Path) -> None:
    first = copy(AS_IT_IS, tmp_path / "first")
    (first.home / "words.txt").write_text("只在这里\n", "utf-8")

    second = copy(AS_IT_IS, tmp_path / "second", like=first)

    assert (second.home / "words.txt").read_text("utf-8") == "只在这里\n"


def test_a_number_is_changed_in_the_copy_alone(tmp_path: Path) -> None:
    before = (RASA_HOME / "build.py").read_text("utf-8")

    project = copy(Recipe("fewer", constants={"SERVICE_COPIES": 1}), tmp_path)

    assert "\nSERVICE_COPIES = 1\n" in (project.home / "build.py").read_text("utf-8")
    assert (RASA_HOME / "build.py").read_text("utf-8") == before


def test_a_recipe_that_the_project_has_outgrown_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NO_SUCH_NUMBER"):
        copy(Recipe("lost", constants={"NO_SUCH_NUMBER": 1}), tmp_path)
