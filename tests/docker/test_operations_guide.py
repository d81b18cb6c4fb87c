"""The operations guide names every setting there is, and no other, with its true default."""

from __future__ import annotations

import re

import pytest
from pydantic.fields import FieldInfo

import yinling
from backend.settings import Settings
from bot.settings import WeChatSettings
from ivr.sealing import SoundSettings
from ivr.settings import IvrSettings
from ivr.voice.settings import VoiceSettings
from nlu.prompts.templates import template_titles
from tests.docker.files import ROOT

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def _rows() -> dict[str, str]:
    """Name -> what stands in the column of defaults."""
    rows = re.findall(r"^\| `(YINLING_\w+)`[^|]*\| ([^|]*) \|", GUIDE, re.MULTILINE)
    return dict(rows)


def _fields() -> dict[str, FieldInfo]:
    fields = {f"YINLING_{name.upper()}": field for name, field in Settings.model_fields.items()}
    for name, field in WeChatSettings.model_fields.items():
        fields[f"YINLING_WECHAT_{name.upper()}"] = field
    for of_line in (IvrSettings, VoiceSettings, SoundSettings):
        for name, field in of_line.model_fields.items():
            fields[f"YINLING_IVR_{name.upper()}"] = field
    return fields


def test_every_setting_is_in_the_guide_and_nothing_else() -> None:
    assert set(_rows()) == set(_fields())


def test_the_defaults_are_the_true_ones() -> None:
    for name, field in _fields().items():
        default, shown = field.get_default(call_default_factory=True), _rows()[name]
        if default is None:
            assert shown.startswith("none"), name
        elif default == "":
            assert shown == "empty", name
        else:
            assert shown == f"`{default}`", name


def test_every_kind_of_template_is_in_the_guide() -> None:
    missing = [kind for kind in template_titles() if f"`{kind}`" not in GUIDE]
    assert missing == []


def test_every_file_that_the_documents_point_to_exists() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_both_readmes_name_every_command_of_yinling() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text("utf-8")
        for command in yinling.main.commands:
            assert re.search(rf"`{command}[ `]", text), f"{name}: {command}"


IN_STEP = {
    "headings": r"^(#+) ",
    "rows": r"^\| `([^`]*)`",
    "settings": r"`(YINLING_\w+)`",
    "code": r"^```(\w*)",
    "links": r"\]\((docs/[^)]*)\)",
}


@pytest.mark.parametrize("what", IN_STEP)
def test_the_readmes_are_in_step(what: str) -> None:
    english, chinese = (
        re.findall(IN_STEP[what], (ROOT / name).read_text("utf-8"), re.MULTILINE)
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english
    assert english == chinese
