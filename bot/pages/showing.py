"""How a page in WeChat is shown, and the words of its refusals."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import g, render_template, url_for

from backend.console.showing import version_of
from backend.console.words import day, hour
from backend.domain.errors import DomainError
from backend.settings import TIMEZONE, get_settings
from bot.pages.door import Guest

FILES = frozenset({"weui.min.css", "pages.css", "pages.js", "bell.svg"})
"""What these pages need of the files that `make assets` gathers."""


def page(template: str, **facts: Any) -> str:
    """A whole page."""
    there: Guest | None = g.get("guest")
    return render_template(
        f"pages/{template}.html",
        guest=there,
        form_key=there.form_key if there else "",
        new_tap=lambda: secrets.token_urlsafe(12),
        asset=asset,
        hotline=get_settings().hotline,
        own=own_words(),
        **facts,
    )


def asset(name: str) -> str:
    """The address of a file, which changes when the file does."""
    return url_for("pages.static", filename=name, v=version_of(name))


@cache
def own_words() -> dict[str, Any]:
    """All of `words.yaml`."""
    found: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("words.yaml").read_text("utf-8")
    )
    return found


def refusal(error: DomainError) -> str:
    """Why not, in a sentence that helps."""
    said: Mapping[str, str] = own_words()["refusals"]
    facts = {"hotline": get_settings().hotline, **error.facts}
    for name in ("opens_at", "earliest"):
        if name in facts:
            facts[name] = _moment(facts[name])
    try:
        return said.get(error.code, said["other"]).format(**facts)
    except KeyError:
        return said["other"].format(**facts)


def _moment(iso: str) -> str:
    moment = datetime.fromisoformat(iso).astimezone(TIMEZONE)
    return f"{day(moment)} {hour(moment)}"
