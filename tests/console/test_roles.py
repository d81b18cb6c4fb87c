"""Every route for every role: whoever does not belong there is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from backend.console.blueprint import console_blueprint
from backend.console.feed import Feed
from backend.console.permissions import FIRST_PAGE, OPEN, ROUTES, may
from backend.domain.console import Role
from tests.console.conftest import Desk

LOGINS = {
    Role.AGENT: "linhe",
    Role.DISPATCHER: "zhoulan",
    Role.PROVIDER: "canteen",
    Role.SUPERVISOR: "hexiang",
    Role.ADMIN: "admin",
}


def _rules() -> list[Rule]:
    """The console's routes as they are, without a house behind them."""
    app = Flask("routes")
    app.register_blueprint(console_blueprint(None, None, Feed("", 1)))  # type: ignore[arg-type]
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]


def test_every_route_stands_in_the_table_and_nothing_else_does() -> None:
    assert {rule.endpoint for rule in _rules()} == set(ROUTES) | OPEN


def test_everybody_may_use_their_first_page() -> None:
    assert all(may(role, FIRST_PAGE[role]) for role in Role)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_refused_where_it_does_not_belong(
    role: Role, visit: Callable[..., Desk]
) -> None:
    desk = visit(LOGINS[role])
    key = desk.key()
    tried = 0
    for rule in _rules():
        if rule.endpoint in OPEN or rule.endpoint in ("console.live.feed", "console.sign_in.leave"):
            continue
        # A service that the canteen does not have: what is closed here is missed nowhere.
        values = {name: "1" if "id" in name else "errand.bill" for name in rule.arguments}
        _, path = rule.build(values) or ("", "")  # type: ignore[misc]
        path = path.removeprefix("|")
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        sent = desk.http.request(method, path, data={"form_key": key} if method == "POST" else None)
        refused = sent.status_code == 403
        assert refused is not may(role, rule.endpoint), (
            f"{role} {method} {path}: {sent.status_code}"
        )
        assert sent.status_code < 500, f"{role} {method} {path}"
        tried += 1
    assert tried == len(set(ROUTES)) - 2


@pytest.mark.parametrize("role", list(Role))
def test_the_feed_is_for_those_who_look_after_elders(
    role: Role, visit: Callable[..., Desk]
) -> None:
    with visit(LOGINS[role]).http.stream("GET", "/console/feed") as sent:
        assert (sent.status_code == 200) is may(role, "console.live.feed")
