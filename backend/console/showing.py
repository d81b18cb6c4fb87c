"""How a page or a part of one is shown."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import g, render_template, request, url_for

from backend.console.door import form_key
from backend.console.permissions import FIRST_PAGE, may
from backend.console.sessions import Visitor

STATIC = Path(__file__).with_name("static")

NAVIGATION = (
    ("console.centre.show", "centre"),
    ("console.board.show", "board"),
    ("console.elders.search", "elders"),
    ("console.figures.show", "figures"),
    ("console.audits.show", "audits"),
    ("console.jobs.show", "jobs"),
    ("console.menus.show", "menus"),
    ("console.offerings.show", "offerings"),
    ("console.workers.show", "workers"),
    ("console.month.show", "month"),
    ("console.settings.show", "settings"),
    ("console.users.show", "users"),
    ("console.account.show", "account"),
)
"""The pages that the rail leads to, as far as a visitor may use them."""
VIEWS_OF = dict.fromkeys(
    ("console.timeline.show", "console.map.show", "console.meals.show"), "console.board.show"
)
VIEWS_OF["console.shifts.show"] = "console.workers.show"
VIEWS_OF |= dict.fromkeys(
    ("console.settings.of_kind", "console.changes.show"), "console.settings.show"
)
VIEWS_OF["console.users.came"] = "console.users.show"
"""Pages that are views of another one, which the rail marks then."""


def page(template: str, **facts: Any) -> str:
    """A whole page, or with a template of `parts` a part of one."""
    visitor: Visitor | None = g.get("visitor")
    rail = [(e, name) for e, name in NAVIGATION if visitor and may(visitor.role, e)]
    return render_template(
        f"console/{template}.html",
        visitor=visitor,
        form_key=form_key(),
        rail=rail,
        rail_at=VIEWS_OF.get(request.endpoint or "", request.endpoint),
        may=lambda endpoint: visitor is not None and may(visitor.role, endpoint),
        first_page=url_for(FIRST_PAGE[visitor.role]) if visitor else None,
        asset=asset,
        whole=not is_part(),
        **facts,
    )


def is_part() -> bool:
    """Whether the browser asks for a part of a page that it shows already."""
    return request.headers.get("HX-Request") is not None


def asset(name: str) -> str:
    """The address of a file of `static`, which changes when the file does."""
    return url_for("console.static", filename=name, v=version_of(name))


@lru_cache(maxsize=256)  # names come from outside, too
def version_of(name: str) -> str:
    """A word that changes when a file of `static` does."""
    path = STATIC / name
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "missing"
