"""The base catalogue and what its loader refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backend.seed.catalogue import DEFAULT_PATH, CatalogueError, load_catalogue

CODES = [
    "meal.breakfast",
    "meal.lunch",
    "meal.dinner",
    "nursing.injection",
    "nursing.wound",
    "nursing.pressure_sore",
    "nursing.catheter",
    "nursing.nasogastric",
    "nursing.picc",
    "nursing.stoma",
    "nursing.blood_draw",
    "nursing.vitals",
    "nursing.rehab",
    "home.clean",
    "home.deep_clean",
    "home.laundry",
    "home.cook",
    "home.bath",
    "home.haircut",
    "home.care",
    "home.repair",
    "escort.hospital",
    "escort.outing",
    "errand.shopping",
    "errand.medicine",
    "errand.bill",
    "companion.visit",
    "companion.call",
    "health.consult",
]
NURSE_ONLY = [
    "injection",
    "wound",
    "pressure_sore",
    "catheter",
    "nasogastric",
    "picc",
    "stoma",
    "blood_draw",
]


def test_every_service_of_the_contract_is_there() -> None:
    assert [item.code for item in load_catalogue()] == CODES


def test_nurse_only_services_ask_for_a_nurse_and_an_assessment() -> None:
    items = {item.code: item for item in load_catalogue()}
    for name in NURSE_ONLY:
        assert items[f"nursing.{name}"].required_qualification == "nurse"
        assert items[f"nursing.{name}"].needs_assessment
    assert items["meal.lunch"].shared_visit
    assert not items["nursing.vitals"].needs_assessment


def test_only_meals_share_words() -> None:
    items = load_catalogue()
    assert {item.code for item in items if item.generic} == set(CODES[:3])
    assert [item.code for item in items if item.generic and item.generic_default] == ["meal.lunch"]


def broken(tmp_path: Path, **changes: object) -> Path:
    rows = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))["items"]
    rows[1] = {**rows[1], **changes}
    path = tmp_path / "city.yaml"
    path.write_text(yaml.safe_dump({"items": rows}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"base_price_fen": -1}, "meal.lunch: base_price_fen"),
        ({"hours_from": 630}, "meal.lunch: hours_from"),
        ({"hours_from": "14:00"}, "hours_from must be before hours_to"),
        ({"risk": "none"}, "meal.lunch: risk"),
        ({"colour": "red"}, "meal.lunch: colour"),
        ({"code": "meal.dinner"}, "meal.dinner: "),
        ({"code": "Lunch"}, "Lunch: code"),
        ({"synonyms": ["晚饭"]}, "'晚饭' already names meal.lunch"),
        ({"generic_parts": [], "generic_default": False}, "generic words need"),
    ],
)
def test_a_bad_item_is_named(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(CatalogueError, match="city.yaml") as error:
        load_catalogue(broken(tmp_path, **changes))
    assert told in str(error.value)


@pytest.mark.parametrize("content", ["", "items: []", "- 1", "items: {", "items: [7]"])
def test_a_file_that_is_no_catalogue(tmp_path: Path, content: str) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match="city.yaml"):
        load_catalogue(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_catalogue(tmp_path / "nowhere.yaml")


def test_a_city_adds_an_item_without_touching_code(tmp_path: Path) -> None:
    rows = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))["items"]
    rows.append({**rows[-1], "code": "home.piano", "name": "调琴", "synonyms": ["调钢琴"]})
    rows[-1].pop("told_by", None)
    path = tmp_path / "city.yaml"
    path.write_text(yaml.safe_dump({"items": rows}, allow_unicode=True), encoding="utf-8")
    assert load_catalogue(path)[-1].words == ("调琴", "调钢琴")
