"""何翔 asks what a civil-affairs bureau asks: figures, the lists behind them, files that agree with
the ledger to the fen; and who looked at whose file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from backend.console.tables import SECTIONS
from backend.db.models import (
    Audit,
    ConsoleUser,
    Elder,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
)
from backend.domain.ledger import AccountKind, PostingKind
from backend.domain.orders import OrderState
from backend.seed.past import seed_past
from backend.services.figures.slice import MOST_MONTHS
from backend.services.ledger import is_balanced
from backend.services.unit_of_work import unit_of_work
from tests.browser import follow
from tests.console.conftest import ConsoleHouse, Desk

Sit = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def _past(console: ConsoleHouse) -> None:
    """The town has lived for some months."""
    with unit_of_work(console.sessions) as work:
        seed_past(work.session, work.now)
        assert is_balanced(work)


def ledger_fen(
    console: ConsoleHouse, account: AccountKind, posting: PostingKind, town: str | None = None
) -> int:
    """What moved so on accounts of a kind, by the books themselves."""
    with unit_of_work(console.sessions) as work:
        moved = (
            select(func.coalesce(func.sum(func.abs(LedgerEntry.amount_fen)), 0))
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
            .where(LedgerAccount.kind == account, LedgerPosting.kind == posting)
        )
        if town is not None:
            lives = select(Elder.id).where(Elder.town == town)
            moved = moved.where(LedgerAccount.owner_id.in_(lives))
        return int(work.session.scalar(moved) or 0)


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_text("utf-8")
    assert text.startswith("\ufeff"), "Excel would take it for another encoding"
    return list(csv.DictReader(io.StringIO(text[1:])))


def brought(page: Page, link: str, folder: Path) -> Path:
    """The file that a link gives."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile(link)).first.click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_the_export_equals_the_ledger_to_the_fen(
    at_desk: Sit, console: ConsoleHouse, tmp_path: Path
) -> None:
    page = at_desk("hexiang")
    follow(page.get_by_role("link", name="统计"))
    page.get_by_label("从").select_option(index=MOST_MONTHS - 1)
    follow(page.get_by_role("button", name="看"))
    page.wait_for_url(re.compile("since="))
    granted = ledger_fen(console, AccountKind.AVAILABLE, PostingKind.GRANT)
    captured = ledger_fen(console, AccountKind.RESERVED, PostingKind.CAPTURE)
    returned = ledger_fen(console, AccountKind.AVAILABLE, PostingKind.RETURN)
    owed = ledger_fen(console, AccountKind.PROVIDER_SELF_PAY, PostingKind.SELF_PAY)
    assert granted and captured and returned and owed

    table = rows_of(brought(page, "CSV.*补贴资金", tmp_path))
    whole = table[-1]
    assert whole["月份"] == "合计"
    assert fen(whole["发放（元）"]) == granted
    assert fen(whole["核销（元）"]) == captured
    assert fen(whole["收回（元）"]) == returned
    for row in table:
        rest = sum(fen(row[f"{name}（元）"]) for name in ("核销", "占用中", "收回", "可用"))
        assert fen(row["发放（元）"]) == rest, row["月份"]

    follow(page.locator("#figure-money tfoot a").first)
    lines = rows_of(brought(page, "CSV", tmp_path))
    assert sum(fen(line["核销（元）"]) for line in lines) == captured
    assert sum(fen(line["长者应付（元）"]) for line in lines) == owed
    with unit_of_work(console.sessions) as work:
        done = select(func.count()).where(
            Order.state.in_([OrderState.FINISHED, OrderState.REVIEWED])
        )
        assert len(lines) == work.session.scalar(done)

    book = openpyxl.load_workbook(brought(page, "Excel", tmp_path))
    head, *cells = list(book.worksheets[0].iter_rows(values_only=True))
    at = head.index("核销（元）")
    assert sum(round(row[at] * 100) for row in cells) == captured
    with unit_of_work(console.sessions) as work:
        taken = work.session.scalars(
            select(Audit).where(Audit.action == "export_figures").order_by(Audit.id.desc())
        ).first()
        me = work.session.scalars(select(ConsoleUser).where(ConsoleUser.login == "hexiang")).one()
        assert taken is not None and taken.actor == f"console:{me.id}"
        assert taken.changes["what"] == "orders" and taken.changes["file"] == "xlsx"


def _click_a_bar(chart: Locator) -> None:
    """The first from the left: over it the mouse becomes a hand."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    for right in range(60, int(box["width"]) - 20, 12):
        bar = {"x": right, "y": box["height"] - 45}
        chart.hover(position=bar)  # type: ignore[arg-type]
        if chart.locator("div").first.evaluate("(one) => one.style.cursor") == "pointer":
            with chart.page.expect_navigation():
                chart.click(position=bar)  # type: ignore[arg-type]
            return
    raise AssertionError("no bar is to be seen")


def test_every_chart_opens_the_list_behind_it(at_desk: Sit, console: ConsoleHouse) -> None:
    page = at_desk("hexiang")
    page.goto(f"{console.url}/console/figures")
    charts = page.locator(".chart[data-drawn]")
    expect(charts).to_have_count(len(SECTIONS))
    for at in range(len(SECTIONS)):
        page.goto(f"{console.url}/console/figures")
        page.locator(".chart[data-drawn]").nth(len(SECTIONS) - 1).wait_for()
        _click_a_bar(page.locator(".figure").nth(at).locator(".chart"))
        expect(page).to_have_url(re.compile("/console/figures/behind/"))
        expect(page.locator(".sums")).to_contain_text("条")
        expect(page.locator(".orders-table tbody tr").first).to_be_visible()


def test_every_figure_is_as_long_as_the_list_behind_it(
    visit: Callable[..., Desk], console: ConsoleHouse
) -> None:
    http = visit("hexiang").http
    for by in ("month", "town", "category", "provider"):
        shown = http.get(f"/console/figures?by={by}").text
        found = re.findall(r'<a href="(/console/figures/behind/[^"]+)">([\d,]+)</a>', shown)
        assert len(found) > 20
        for href, figure in found[:: 7 if by == "month" else 5]:
            if "part=done" in href:
                continue  # people, hours and portions are no orders
            listed = http.get(href.replace("&amp;", "&")).text
            count = re.search(r'class="sums"><strong>([\d,]+)</strong>', listed)
            assert count is not None and count[1] == figure, (href, figure)


def test_the_figures_weigh_less_than_300_kb_with_all_they_load(
    at_desk: Sit, console: ConsoleHouse
) -> None:
    page = at_desk("hexiang")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[int] = []
    session.on("Network.loadingFinished", lambda sent: came.append(sent["encodedDataLength"]))
    page.goto(f"{console.url}/console/figures?by=provider")
    page.locator(".chart[data-drawn]").nth(len(SECTIONS) - 1).wait_for()
    page.wait_for_load_state("networkidle")
    assert len(came) > 5
    assert sum(came) < 300_000


def test_silence_is_counted_and_is_no_praise(
    visit: Callable[..., Desk], console: ConsoleHouse
) -> None:
    sheet = visit("hexiang").http.get("/console/figures/satisfaction.csv").text
    whole = list(csv.DictReader(io.StringIO(sheet[1:])))[-1]
    said = sum(int(whole[name]) for name in ("满意", "一般", "不满意"))
    silent = int(whole["没说话"])
    assert silent > 0
    assert float(whole["没说话占比"]) == pytest.approx(100 * silent / (silent + said), abs=0.1)


def test_a_name_that_would_be_a_formula_is_a_name(
    visit: Callable[..., Desk], console: ConsoleHouse
) -> None:
    evil = "=HYPERLINK(A1)"
    with unit_of_work(console.sessions) as work:
        order = work.session.scalars(
            select(Order).where(Order.idempotency_key.like("past:%")).limit(1)
        ).one()
        kept, elder_id = order.elder.name, order.elder_id
        order.elder.name = evil
    try:
        http = visit("hexiang").http
        assert f"'{evil}" in http.get("/console/figures/behind/orders.csv").text
        sheet = http.get("/console/figures/behind/orders.xlsx").content
        book = openpyxl.load_workbook(io.BytesIO(sheet))
        cells = [c for row in book.worksheets[0].iter_rows() for c in row if c.value == evil]
        assert cells and all(cell.data_type == "s" for cell in cells), "a text, no formula"
    finally:
        with unit_of_work(console.sessions) as work:
            work.get(Elder, elder_id).name = kept


def test_who_looked_at_whose_file(
    at_desk: Sit, visit: Callable[..., Desk], console: ConsoleHouse
) -> None:
    elder_id = console.seeded.elders["陈惠芳"][0]
    assert visit("linhe").http.get(f"/console/elders/{elder_id}").status_code == 200
    for login in ("hexiang", "admin"):
        page = at_desk(login)
        follow(page.get_by_role("link", name="查阅"))
        page.get_by_label("看了谁").fill("陈惠芳")
        page.get_by_label("谁看的").select_option(label="林禾（linhe）")
        follow(page.get_by_role("button", name="看"))
        expect(page.locator("[data-look]").first).to_contain_text("林禾")
        expect(page.locator("[data-look]").first).to_contain_text("自己找的")
    assert visit("linhe").http.get("/console/audits").status_code == 403
    assert visit("admin").http.get("/console/figures").status_code == 403


def test_a_supervisor_of_one_town_counts_that_town_alone(
    visit: Callable[..., Desk], console: ConsoleHouse
) -> None:
    with unit_of_work(console.sessions) as work:
        user = work.session.scalars(select(ConsoleUser).where(ConsoleUser.login == "hexiang")).one()
        user.towns = ["东城"]
    try:
        http = visit("hexiang").http
        sheet = http.get("/console/figures/allowance.csv").text
        whole = list(csv.DictReader(io.StringIO(sheet[1:])))[-1]
        town = ledger_fen(console, AccountKind.RESERVED, PostingKind.CAPTURE, "东城")
        assert fen(whole["核销（元）"]) == town
        every = ledger_fen(console, AccountKind.RESERVED, PostingKind.CAPTURE)
        assert town < every
        others = http.get("/console/figures/behind/orders.csv?town=莞城").text
        assert len(others.splitlines()) == 1, "another town's orders do not exist for her"
        assert "导出文件" not in http.get("/console/audits").text
    finally:
        with unit_of_work(console.sessions) as work:
            user = work.session.scalars(
                select(ConsoleUser).where(ConsoleUser.login == "hexiang")
            ).one()
            user.towns = []
