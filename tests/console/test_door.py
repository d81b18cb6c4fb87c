"""Who comes in at the console's door, who does not, and what is written down of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis
from sqlalchemy import func, select, update

from backend import clock
from backend.console.sessions import Sessions
from backend.db.models import Audit, ConsoleSession, ConsoleUser
from backend.domain.console import MOST_TRIES, Role, Tries
from backend.domain.errors import DomainError
from backend.seed.console import DEMO_PASSWORD
from backend.services.console_users import make_console_user
from backend.services.sign_in import SignedIn, hash_of, sign_in
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from tests.console.conftest import ConsoleHouse, Desk

Visit = Callable[..., Desk]


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(visit: Visit) -> None:
    stranger = visit()
    led = stranger.http.get("/console/elders?typed=lgl")
    assert led.status_code == 302
    assert led.headers["location"].startswith("/console/sign-in?back=")
    form = stranger.http.get(led.headers["location"]).text
    back = re.search(r'name="back" value="([^"]+)"', form)
    assert back is not None
    came = stranger.sign_in("linhe", back=back[1])
    assert came.headers["location"] == "/console/elders?typed=lgl"


def test_nobody_is_led_to_another_site(visit: Visit) -> None:
    for address in (
        "https://elsewhere.example/console/",
        "//elsewhere.example/console/",
        "/wechat",
    ):
        assert visit().sign_in("linhe", back=address).headers["location"] == "/console/"


def test_a_wrong_password_and_an_unknown_name_sound_the_same(visit: Visit) -> None:
    wrong, unknown = (
        visit().sign_in("linhe", "not hers at all"),
        visit().sign_in("nobody", "x" * 12),
    )
    assert wrong.status_code == unknown.status_code == 401
    said = [re.search(r'role="alert">(.*?)</p>', r.text, re.S) for r in (wrong, unknown)]
    assert said[0] is not None and said[1] is not None and said[0][1] == said[1][1]


def test_after_five_wrong_passwords_even_the_right_one_waits(
    visit: Visit, console: ConsoleHouse
) -> None:
    desk = visit()
    for _ in range(MOST_TRIES - 1):
        assert desk.sign_in("canteen", "guessing again").status_code == 401
    assert desk.sign_in("canteen", "guessing again").status_code == 429
    assert desk.sign_in("canteen").status_code == 429
    with unit_of_work(console.sessions) as work:
        past = work.now - timedelta(seconds=1)
        work.session.execute(
            update(ConsoleUser).where(ConsoleUser.login == "canteen").values(shut_until=past)
        )
    assert desk.sign_in("canteen").status_code == 302


def test_the_door_shuts_for_a_while_and_opens_by_itself() -> None:
    now, tries = clock.now(), Tries()
    for _ in range(MOST_TRIES):
        assert not tries.is_shut(now)
        tries = tries.one_more(now)
    assert tries.is_shut(now)
    assert not tries.is_shut(now + timedelta(minutes=15))


def test_a_form_without_its_key_changes_nothing(visit: Visit) -> None:
    desk = visit("linhe")
    assert desk.http.post("/console/sign-out", data={}).status_code == 400
    assert desk.http.post("/console/sign-out", data={"form_key": "guessed"}).status_code == 400
    assert desk.http.get("/console/centre").status_code == 200


def test_a_form_of_another_site_is_refused_even_with_the_key(visit: Visit) -> None:
    desk = visit("linhe")
    sent = desk.http.post(
        "/console/sign-out",
        data={"form_key": desk.key()},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert sent.status_code == 400


def test_signed_out_means_out_at_once(visit: Visit) -> None:
    desk = visit("linhe")
    cookies = dict(desk.http.cookies)
    assert desk.post("/console/sign-out").status_code == 302
    desk.http.cookies.update(cookies)
    assert desk.http.get("/console/centre").status_code == 302


def test_who_was_let_go_is_out_at_the_next_click(visit: Visit, console: ConsoleHouse) -> None:
    with unit_of_work(console.sessions) as work:
        made = make_console_user(work, "leaving", "走了", "a long enough one", Role.AGENT)
    desk = visit()
    desk.sign_in("leaving", "a long enough one")
    assert desk.http.get("/console/centre").status_code == 200
    with unit_of_work(console.sessions) as work:
        work.get(ConsoleUser, made.id).is_active = False
    assert desk.http.get("/console/centre").status_code == 302


def test_redis_emptied_signs_nobody_out(visit: Visit, console: ConsoleHouse) -> None:
    desk = visit("linhe")
    console.memory.flushall()
    assert desk.http.get("/console/centre").status_code == 200


def test_without_redis_the_database_knows_who_is_signed_in(console: ConsoleHouse) -> None:
    nowhere = Sessions(redis.Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.2))
    with unit_of_work(console.sessions) as work:
        came = sign_in(work, "linhe", DEMO_PASSWORD)
        assert isinstance(came, SignedIn)
    with unit_of_work(console.sessions) as work:
        visitor = nowhere.visitor(work, came.token)
        assert visitor is not None and visitor.name == "林禾"
        assert nowhere.visitor(work, "another token") is None


def test_neither_table_nor_redis_holds_what_is_in_the_cookie(
    visit: Visit, console: ConsoleHouse
) -> None:
    desk = visit("linhe")
    token = desk.http.cookies["yinling_console"]
    with unit_of_work(console.sessions) as work:
        assert work.session.get(ConsoleSession, hash_of(token)) is not None
        assert work.session.get(ConsoleSession, token) is None
    assert not any(token.encode() in key for key in console.memory.keys("*"))


def test_every_look_at_a_file_is_written_down(visit: Visit, console: ConsoleHouse) -> None:
    elder_id = console.seeded.elders["李桂兰"][0]

    def looks(work: Work) -> int:
        mine = select(func.count()).where(
            Audit.action == "look_at_elder", Audit.subject_id == elder_id
        )
        return work.session.scalar(mine) or 0

    with unit_of_work(console.sessions) as work:
        before = looks(work)
    desk = visit("linhe")
    assert "高血压" in desk.http.get(f"/console/elders/{elder_id}").text
    with unit_of_work(console.sessions) as work:
        assert looks(work) == before + 1
        last = work.session.scalars(
            select(Audit).where(Audit.action == "look_at_elder").order_by(Audit.id.desc()).limit(1)
        ).one()
        her = work.session.scalars(select(ConsoleUser).where(ConsoleUser.login == "linhe")).one()
    assert (last.actor, last.channel, last.changes) == (
        f"console:{her.id}", "console", {"why": "search"},
    )  # fmt: skip


def test_elders_of_other_towns_do_not_exist(visit: Visit, console: ConsoleHouse) -> None:
    here, there = console.seeded.elders["李桂兰"]
    sumei = visit("sumei")
    assert sumei.http.get(f"/console/elders/{here}").status_code == 404
    assert sumei.http.get(f"/console/elders/{there}").status_code == 200
    found = sumei.http.get("/console/elders?typed=lgl").text
    assert f"/console/elders/{there}" in found and f"/console/elders/{here}" not in found


@pytest.mark.parametrize(
    ("role", "towns", "provider_id"),
    [(Role.PROVIDER, (), None), (Role.AGENT, (), 1), (Role.PROVIDER, ("莞城",), 1)],
)
def test_a_providers_people_belong_to_it_and_all_others_to_towns(
    work: Work, role: Role, towns: tuple[str, ...], provider_id: int | None
) -> None:
    with pytest.raises(DomainError, match="wrong_binding"):
        make_console_user(work, "somebody", "某", "a long enough one", role, towns, provider_id)


@pytest.mark.parametrize("password", ["short", "x" * 201, "somebody1234"])
def test_passwords_too_easy_are_refused(work: Work, password: str) -> None:
    with pytest.raises(DomainError, match="bad_password"):
        make_console_user(work, "somebody", "某", password, Role.AGENT)


def test_a_login_is_given_once_whatever_its_capitals(work: Work) -> None:
    make_console_user(work, "Somebody", "某", "a long enough one", Role.AGENT)
    with pytest.raises(DomainError, match="login_taken"):
        make_console_user(work, "somebody ", "另", "a long enough one", Role.AGENT)


def test_a_changed_password_signs_out_everywhere(visit: Visit, console: ConsoleHouse) -> None:
    with unit_of_work(console.sessions) as work:
        make_console_user(work, "careful", "小心", "a long enough one", Role.AGENT)
    one, other = visit(), visit()
    one.sign_in("careful", "a long enough one")
    other.sign_in("careful", "a long enough one")
    wrong = one.post("/console/account/password", old="not it at all", new="quite another one")
    assert wrong.status_code == 422
    one.post("/console/account/password", old="a long enough one", new="quite another one")
    assert one.http.get("/console/centre").status_code == 302
    assert other.http.get("/console/centre").status_code == 302
    assert visit().sign_in("careful", "quite another one").status_code == 302


def test_pages_carry_what_keeps_them_safe(visit: Visit) -> None:
    page = visit("linhe").http.get("/console/centre")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert (
        "http://" not in page.text.replace("http://www.w3.org", "") and "<script>" not in page.text
    )


def test_what_a_page_loads_is_asked_for_once_and_anew_when_it_changes(visit: Visit) -> None:
    http = visit().http
    door = http.get("/console/sign-in").text
    files = set(re.findall(r'(?:href|src)="(/console/static/[^"]+)"', door))
    assert len(files) > 4
    for file in files:
        for takes in ("gzip", "identity"):
            sent = http.get(file, headers={"Accept-Encoding": takes})
            assert sent.status_code == 200, file
            assert sent.headers["Cache-Control"] == "public, max-age=31536000, immutable", file
            assert sent.headers["Vary"] == "Accept-Encoding"
        bare = file.partition("?")[0]
        for address in (bare, f"{bare}?v=0123456789"):  # another release's, asked of this one
            assert "immutable" not in http.get(address).headers.get("Cache-Control", ""), address
    assert http.get("/console/static/nothing.js?v=missing").status_code == 404
