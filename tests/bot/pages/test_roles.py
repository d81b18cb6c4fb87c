"""Every page and every tap for everybody: whoever it is not for is refused, and changes nothing."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from PIL import Image
from sqlalchemy import select

from backend.console.pictures import small_webp
from backend.db.models import Order, VisitPhoto, Worker
from backend.services.dish_pictures import keep_picture, pictures_of
from backend.services.lookup import menu
from backend.services.unit_of_work import unit_of_work
from backend.settings import TIMEZONE
from bot.pages.blueprint import pages_blueprint
from bot.pages.door import COOKIE
from bot.pages.links import ROOT, Links
from bot.settings import WeChatSettings
from tests.bot.pages.conftest import BEFORE_LUNCH, PagesHouse
from tests.bot.pages.happenings import HOUSE, job_of_somebody, lunch_for
from tests.standin.wechat import Phone

Browse = Callable[[Phone], httpx.Client]
_taps = itertools.count(1)

OPEN = {"pages.static", "pages.entry.by_link", "pages.entry.back"}
"""For whoever is not known yet; tests/bot/pages/test_door.py has them."""
WORKERS = {"rider", "rider of the namesake", "colleague"}
KNOWN = {"daughter", "son of the namesake"} | WORKERS
ANYBODY = KNOWN | {"stranger"}

NAMESAKES = {"rider of the namesake"}


@dataclass(frozen=True)
class Way:
    """One route: how it is gone, and whom it is for."""

    endpoint: str
    path: str
    whose: set[str] = field(default_factory=set)
    form: dict[str, str] | None = None
    """What is sent; None: the page is asked for."""


WAYS = (
    Way("pages.home", "/m/", KNOWN),
    Way("pages.family.day", "/m/day?elder={elder}", {"daughter"}),
    Way("pages.ordering.dishes", "/m/menu?elder={elder}", {"daughter"}),
    Way("pages.ordering.picture", "/m/menu/pictures/{canteen}/{digest}", {"daughter"}),
    Way("pages.ordering.services", "/m/services?elder={elder}", {"daughter"}),
    Way("pages.ordering.ask", "/m/order/{elder}/meal.lunch", {"daughter"}),
    Way("pages.ordering.place", "/m/order/{elder}/meal.dinner", {"daughter"}, {}),
    Way("pages.family.ask_change", "/m/orders/{other}/change", {"daughter"}),
    Way("pages.family.change", "/m/orders/{other}/change", {"daughter"}, {}),
    Way("pages.family.cancel", "/m/orders/{other}/cancel", {"daughter"}, {}),
    Way("pages.jobs.show", "/m/jobs/", WORKERS),
    Way("pages.jobs.earnings", "/m/jobs/earnings", WORKERS),
    Way("pages.jobs.decline", "/m/jobs/offers/{second_offer}/decline", NAMESAKES, {"reason": "忙"}),
    Way("pages.jobs.accept", "/m/jobs/offers/{offer}/accept", {"rider"}, {}),
    Way("pages.jobs.card", "/m/jobs/{order}", {"rider"}),
    Way("pages.jobs.set_out", "/m/jobs/{order}/depart", {"rider"}, {}),
    Way("pages.jobs.arrive", "/m/jobs/{order}/check-in", {"rider"}, {"code": "{code}"}),
    Way("pages.jobs.finish", "/m/jobs/{order}/finish", {"rider"}, {"note": "放在桌上了"}),
    Way("pages.jobs.photo", "/m/jobs/{order}/photo", {"rider"}),
    Way("pages.family.order", "/m/orders/{order}", {"daughter"}),
    Way("pages.family.photo", "/m/orders/{order}/photo", {"daughter"}),
    Way("pages.family.review", "/m/orders/{order}/review", {"daughter"}, {"stars": "5"}),
    Way("pages.kept.show", "/m/kept/", ANYBODY),
    Way("pages.kept.copy", "/m/kept/copy", KNOWN),
    Way("pages.kept.give", "/m/kept/consents/learning/give", KNOWN, {}),
    Way("pages.kept.withdraw", "/m/kept/consents/learning/withdraw", KNOWN, {}),
)


def test_every_route_stands_in_the_table() -> None:
    app = Flask("routes")
    links = Links("https://care.example.org", "secret", 60)
    app.register_blueprint(
        pages_blueprint(None, None, WeChatSettings(), links, "secret")  # type: ignore[arg-type]
    )
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(ROOT)}
    assert routes == {way.endpoint for way in WAYS} | OPEN


def test_each_page_and_each_tap_is_for_those_whose_it_is(pages: PagesHouse, browse: Browse) -> None:
    """In this order a lunch is brought: whoever it is not for tries first, and then it still goes
    its way."""
    elder, namesake = pages.seeded.elders["李桂兰"]
    order, offer, rider = job_of_somebody(pages, elder)
    _, second_offer, other_rider = job_of_somebody(pages, namesake)
    known = {
        "elder": elder,
        "other": lunch_for(pages, elder),
        "order": order,
        "offer": offer.id,
        "second_offer": second_offer.id,
        **_picture(pages, elder),
    }
    with unit_of_work(pages.sessions) as work:
        known["code"] = work.get(Order, order).visit_code
        others = select(Worker).where(Worker.id.not_in([offer.worker_id, second_offer.worker_id]))
        colleague = pages.worker(work.session.scalars(others).first().id)
    people = {
        "daughter": pages.family("王芳", elder),
        "son of the namesake": pages.family("赵军", namesake),
        "stranger": pages.wechat.phone("路人"),
        "rider": rider,
        "rider of the namesake": other_rider,
        "colleague": colleague,
    }
    browsers = {name: browse(phone) for name, phone in people.items()}
    keys = {name: _key(browser) for name, browser in browsers.items()}
    wrong = []
    for way in WAYS:
        if way.endpoint == "pages.jobs.photo":
            _photo(pages, order)
        for name in sorted(ANYBODY - way.whose) + sorted(way.whose):
            sent = _go(browsers[name], way, known, keys[name])
            if _refused(sent) is (name in way.whose) or sent.status_code >= 500:
                wrong.append(f"{name} {way.endpoint}: {sent.status_code}")
    assert wrong == []


def _go(browser: httpx.Client, way: Way, known: dict[str, object], key: str) -> httpx.Response:
    path = way.path.format(**known)
    if way.form is None:
        return browser.get(path)
    form = {name: value.format(**known) for name, value in way.form.items()}
    return browser.post(path, data={**form, "form_key": key, "tap": f"role-tap-{next(_taps)}"})


def _refused(sent: httpx.Response) -> bool:
    """Whoever looks after nobody is only told how to bind."""
    return sent.status_code >= 400 or "绑定码" in sent.text


def _key(browser: httpx.Client) -> str:
    """Of somebody's forms, out of the cookie: a page without a form must not be what keeps them
    out."""
    browser.get("/m/kept/")
    cookie = browser.cookies.get(COOKIE) or ""
    _, kept = URLSafeTimedSerializer("not ours").loads_unsafe(cookie)
    return str(kept[-1])


def _picture(pages: PagesHouse, elder: int) -> dict[str, object]:
    """One dish of today's lunch has a picture: its canteen, and the picture's digest."""
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "tomato").save(file, "PNG")
    today = BEFORE_LUNCH.astimezone(TIMEZONE).date()
    with unit_of_work(pages.sessions, HOUSE, now=BEFORE_LUNCH) as work:
        dish = menu(work, elder, today, "meal.lunch")[0]
        webp = small_webp(file.getvalue())
        keep_picture(work, dish.provider_id, today, "meal.lunch", dish.name, webp)
        digest = pictures_of(work, [dish.provider_id])[dish.provider_id, dish.name]
        return {"canteen": dish.provider_id, "digest": digest}


def _photo(pages: PagesHouse, order: int) -> None:
    with unit_of_work(pages.sessions) as work:
        work.session.add(VisitPhoto(order_id=order, jpeg=b"\xff\xd8", taken_at=work.now))
