"""Cards that bind a WeChat account: an elder's for the family, a provider's for its worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import token_hex

from sqlalchemy import select

from backend.db.models import Account, BindCode, ConsoleUser, Worker
from backend.services.bind import bind_account
from backend.services.unit_of_work import unit_of_work
from tests.console.conftest import ConsoleHouse, Desk


def _figures(shown: str) -> str | None:
    """The code as it stands on the card."""
    found = re.search(r'class="bind-code"[^>]*>([\d ]+)<', shown)
    return found[1].replace(" ", "") if found else None


def _uses(console: ConsoleHouse, code: str) -> tuple[str | None, str | None]:
    """Somebody sends it in WeChat; the elder's and the worker's name that it opens."""
    with unit_of_work(console.sessions) as work:
        account = Account(channel="wechat", identifier=f"o-{token_hex(6)}")
        work.session.add(account)
        work.session.flush()
        bound = bind_account(work, account.id, code, "daughter")
        return bound.elder.name if bound.elder else None, bound.worker and bound.worker.name


def test_an_agent_prints_an_elders_card_once(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    desk = visit("linhe")
    here = f"/console/codes/elders/{console.seeded.elders['陈惠芳'][0]}"
    assert "现在没有可用的绑定码" in desk.http.get(here).text
    assert desk.post(here).headers["location"] == here
    code = _figures(desk.http.get(here).text)
    assert code is not None and len(code) == 6

    desk.post(here)

    assert _figures(desk.http.get(here).text) == code, "asked for twice, it is the same card"
    assert _uses(console, code) == ("陈惠芳", None)
    assert _figures(desk.http.get(here).text) is None, "used, it is not handed out again"


def test_a_code_that_has_run_out_is_not_shown(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    desk = visit("linhe")
    elder_id = console.seeded.elders["陈惠芳"][0]
    here = f"/console/codes/elders/{elder_id}"
    desk.post(here)
    with unit_of_work(console.sessions) as work:
        for row in work.session.scalars(select(BindCode).where(BindCode.elder_id == elder_id)):
            row.expires_at = work.now

    assert _figures(desk.http.get(here).text) is None


def test_other_towns_elders_have_no_card_here(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    """苏梅 is of 东城; this 李桂兰 lives in 莞城."""
    desk = visit("sumei")
    here = f"/console/codes/elders/{console.seeded.elders['李桂兰'][0]}"
    assert desk.http.get(here).status_code == 404
    assert desk.post(here).status_code == 404


def test_a_provider_prints_its_own_workers_card_only(
    console: ConsoleHouse, visit: Callable[..., Desk]
) -> None:
    desk = visit("canteen")
    with unit_of_work(console.sessions) as work:
        own = work.session.scalars(
            select(Worker)
            .join(ConsoleUser, ConsoleUser.provider_id == Worker.provider_id)
            .where(ConsoleUser.login == "canteen")
        ).first()
        assert own is not None
        name, here = own.name, f"/console/codes/workers/{own.id}"
        others = work.session.scalar(
            select(Worker.id).where(Worker.provider_id != own.provider_id).limit(1)
        )
    assert desk.http.get(f"/console/codes/workers/{others}").status_code == 404
    assert desk.post(f"/console/codes/workers/{others}").status_code == 404

    desk.post(here)
    code = _figures(desk.http.get(here).text)

    assert code is not None and len(code) == 10
    assert _uses(console, code) == (None, name)
    assert _figures(desk.http.get(here).text) is None, "used, it is not handed out again"
