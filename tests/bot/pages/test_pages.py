"""The pages by plain HTTP: taps that come twice, photos, what is kept, and a browser without
scripts."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from backend.console.pictures import small_webp
from backend.db.models import Audit, Consent, Order
from backend.domain.errors import DomainError
from backend.domain.gcj02 import from_wgs84
from backend.domain.matching import Place, distance_m
from backend.domain.orders import OrderState
from backend.services.answer_consent import answer_consent
from backend.services.ask_consent import ask_consent
from backend.services.dish_pictures import keep_picture
from backend.services.lookup import menu as dishes_of
from backend.services.unit_of_work import unit_of_work
from backend.services.worker_month import month_before, worker_month
from backend.settings import TIMEZONE
from bot.menu import menu
from bot.pages.photos import LARGEST_KEPT, small_jpeg
from nlu.dialogue.learning import TEXT_VERSION
from tests.bot.pages.conftest import BEFORE_LUNCH, PagesHouse
from tests.bot.pages.happenings import done, job_of_somebody, lunch_for
from tests.standin.wechat import Phone
from tests.standin.wechat.limits import check_menu

Browse = Callable[[Phone], httpx.Client]


@pytest.fixture
def elder(pages: PagesHouse) -> int:
    return pages.seeded.elders["李桂兰"][0]


def fields(shown: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    last = shown[shown.rindex('method="post"') :]
    return dict(
        re.findall(r'name="(form_key|tap|window|quantity|note|asked)" value="([^"]*)"', last)
    )


def orders_of(pages: PagesHouse, elder_id: int) -> int:
    with unit_of_work(pages.sessions) as work:
        return work.session.scalar(select(func.count()).where(Order.elder_id == elder_id)) or 0


def test_an_order_sent_by_eight_at_once_is_one(
    pages: PagesHouse, elder: int, browse: Browse
) -> None:
    browser = browse(pages.family("王芳", elder))
    path = f"/m/order/{elder}/meal.dinner"
    form = fields(browser.get(path).text)
    before, went = orders_of(pages, elder), []

    def send() -> None:
        went.append(browser.post(path, data=form, headers={"X-Tap": "1"}).json())

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert orders_of(pages, elder) == before + 1
    assert len({answer["go"] for answer in went}) == 1
    assert {answer["said"] for answer in went} == {""}


def test_without_scripts_a_form_does_the_same(
    pages: PagesHouse, elder: int, browse: Browse
) -> None:
    order_id = lunch_for(pages, elder, 2)
    browser = browse(pages.family("王芳", elder))
    shown = browser.get(f"/m/orders/{order_id}")
    after = browser.post(f"/m/orders/{order_id}/cancel", data=fields(shown.text))
    assert after.url.path == f"/m/orders/{order_id}"
    assert "已经取消" in after.text
    # A second thought, from a page that is old by now: a sentence, and nothing is changed.
    refused = browser.post(
        f"/m/orders/{order_id}/review", data={**fields(shown.text), "tap": "b" * 12, "stars": "5"}
    )
    assert refused.status_code == 422
    assert "还没有做完" in refused.text


def test_a_wrong_code_sent_twice_counts_once(pages: PagesHouse, elder: int, browse: Browse) -> None:
    order_id, offer, phone = job_of_somebody(pages, elder)
    browser = browse(phone)
    key = fields(browser.get(f"/m/jobs/{order_id}").text)["form_key"]
    browser.post(f"/m/jobs/offers/{offer.id}/accept", data={"form_key": key, "tap": "c" * 12})
    with unit_of_work(pages.sessions) as work:
        wrong = f"{(int(work.get(Order, order_id).visit_code) + 1) % 10_000:04d}"
    form = {"form_key": key, "tap": "d" * 12, "code": wrong}
    said = [
        browser.post(f"/m/jobs/{order_id}/check-in", data=form, headers={"X-Tap": "1"}).json()
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert "还可以试 4 次" in said[0]["said"]
    again = {**form, "tap": "e" * 12}
    third = browser.post(f"/m/jobs/{order_id}/check-in", data=again, headers={"X-Tap": "1"})
    assert "还可以试 3 次" in third.json()["said"]


def test_a_job_is_its_workers_alone(pages: PagesHouse, elder: int, browse: Browse) -> None:
    order_id, offer, phone = job_of_somebody(pages, elder)
    other = next(pages.worker(worker) for worker in range(1, 17) if worker != offer.worker_id)
    browser = browse(other)
    key = fields(browse(phone).get(f"/m/jobs/{order_id}").text)  # not the other's key
    assert browser.get("/m/jobs/").status_code == 200
    assert browser.get(f"/m/jobs/{order_id}").status_code == 404
    refused = browser.post(
        f"/m/jobs/offers/{offer.id}/accept", data={"tap": "f" * 12, "form_key": key["form_key"]}
    )
    assert refused.status_code == 400


def test_what_is_kept_can_be_seen_taken_away_and_taken_back(
    pages: PagesHouse, elder: int, browse: Browse
) -> None:
    phone = pages.family("王芳", elder)
    account = pages.account(phone.openid)
    with unit_of_work(pages.sessions, now=BEFORE_LUNCH) as work:
        ask_consent(work, account, "learning", "2026-01")
        answer_consent(work, account, "learning", agrees=True)
    browser = browse(phone)
    shown = browser.get("/m/kept/")
    assert "收回同意" in shown.text
    copy = browser.get("/m/kept/copy")
    assert copy.headers["Content-Disposition"].startswith("attachment")
    taken = copy.json()
    assert [one["name"] for one in taken["elders"]] == ["李桂兰"]
    assert taken["elders"][0]["care_notes"] is None  # health only with the elder's own consent
    assert taken["consents"][0]["purpose"] == "learning"
    after = browser.post("/m/kept/consents/learning/withdraw", data=fields(shown.text))
    assert after.status_code == 200
    assert "收回同意</button>" not in after.text
    with unit_of_work(pages.sessions) as work:
        consent = work.session.scalars(select(Consent).where(Consent.account_id == account)).one()
        assert consent.withdrawn_through == "wechat"
        left = select(func.count()).where(Audit.action == "copy_kept", Audit.subject_id == account)
        assert work.session.scalar(left) == 1


def test_who_agrees_on_the_page_is_learnt_from_and_asked_no_more(
    pages: PagesHouse, elder: int, browse: Browse
) -> None:
    phone = pages.family("王芳", elder)
    browser = browse(phone)
    shown = browser.get("/m/kept/")
    assert "不同意也没关系" in shown.text, "the words themselves"
    tap = fields(shown.text)
    agreed = browser.post("/m/kept/consents/learning/give", data=tap)
    browser.post("/m/kept/consents/learning/give", data=tap)  # the same tap, come twice
    assert "不同意也没关系" not in agreed.text
    assert "收回同意" in agreed.text
    with unit_of_work(pages.sessions) as work:
        account = pages.account(phone.openid)
        [consent] = work.session.scalars(select(Consent).where(Consent.account_id == account))
        assert (consent.text_version, consent.withdrawn_at) == (TEXT_VERSION, None)
        assert consent.given_at is not None


def test_the_menu_shows_pictures_to_those_who_can_order_from_it(
    pages: PagesHouse, elder: int, browse: Browse
) -> None:
    today = BEFORE_LUNCH.astimezone(TIMEZONE).date()
    with unit_of_work(pages.sessions, now=BEFORE_LUNCH) as work:
        served = dishes_of(work, elder, today, "meal.lunch")
        for dish in served:
            noise = small_webp(picture((900, 700), "JPEG"))
            keep_picture(work, dish.provider_id, today, "meal.lunch", dish.name, noise)
    browser = browse(pages.family("王芳", elder))
    shown = browser.get("/m/menu")
    tags = re.findall(r'<img src="([^"]+)" alt="([^"]+)"[^>]* loading="lazy">', shown.text)
    assert [alt for _, alt in tags] == [f"{dish.name}的照片" for dish in served]
    sent = browser.get(tags[0][0])
    assert sent.headers["Content-Type"] == "image/webp"
    assert sent.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    weight = sum(len(browser.get(address).content) for address in {one for one, _ in tags})
    assert len(shown.content) + weight < 300_000
    stranger = browse(pages.family("何生"))
    assert stranger.get(tags[0][0]).status_code == 404
    stranger.cookies.clear()
    assert httpx.get(pages.url + tags[0][0], trust_env=False).status_code in (302, 401, 403)


def test_pages_are_light(pages: PagesHouse, elder: int, browse: Browse) -> None:
    browser = browse(pages.family("王芳", elder))
    for path in ("/m/day", "/m/menu", "/m/services", f"/m/order/{elder}/meal.lunch", "/m/kept/"):
        shown = browser.get(path)
        weight = len(shown.content)
        for file in set(re.findall(r'(?:href|src)="(/m/static/[^"]+)"', shown.text)):
            weight += int(browser.get(file).headers["Content-Length"])
        assert weight < 120_000, path


def test_a_month_of_work(pages: PagesHouse, elder: int) -> None:
    order_id = done(pages, elder)
    with unit_of_work(pages.sessions) as work:
        order = work.get(Order, order_id)
        assert order.state is OrderState.FINISHED
        assert order.worker_id is not None
        found = worker_month(work, order.worker_id, "2026-03")
        assert found.visits >= 1
        assert found.earned_fen >= order.total_fen
        assert found.days[0].day == order.service_day
        assert worker_month(work, order.worker_id, "2026-02").days == ()
    assert month_before("2026-01") == "2025-12"
    with unit_of_work(pages.sessions) as work, pytest.raises(ValueError, match="isoformat"):
        worker_month(work, 1, "soon")


def picture(size: tuple[int, int], kind: str) -> bytes:
    written = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_small_jpeg(kind: str) -> None:
    made = small_jpeg(picture((1600, 900), kind))
    assert len(made) <= LARGEST_KEPT
    with Image.open(io.BytesIO(made)) as seen:
        assert (seen.format, seen.size) == ("JPEG", (1280, 720))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff\xe0 not really",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        picture((40, 40), "PNG")[:60],
    ],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        small_jpeg(content)
    assert refused.value.code == "bad_photo"


def test_satellite_and_map_agree_on_dongguan() -> None:
    there = Place(23.0469, 113.7633)
    shifted = from_wgs84(there)
    assert 400 < distance_m(there, shifted) < 700
    assert from_wgs84(Place(51.5, -0.1)) == Place(51.5, -0.1)  # London: no shift


def test_the_chats_menu_keeps_wechats_rules() -> None:
    made = menu("https://yinling.example")
    check_menu(made)
    assert "https://yinling.example/m/day" in str(made)
