"""Who can be played: people of the made-up town with WeChat or a telephone in their hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from pypinyin import lazy_pinyin
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db.models import Account, Address, Elder, Link
from backend.seed.duty import OnDuty, put_on_duty
from backend.seed.seeded import Seeded, find_seeded
from backend.services.bind import make_family_code, make_worker_code
from backend.services.unit_of_work import unit_of_work
from backend.services.work import Work
from tests.standin.wechat.phone import Phone

ON_DUTY = "值班员小林"
STRANGER = "13600136000"
OWN_NUMBER = "1390013900{}"
"""Telephones of the story's elders: nobody else in the made-up town has them."""


@dataclass(frozen=True)
class Player:
    """Somebody with WeChat. `role`: family, elder, worker or duty."""

    openid: str
    name: str
    role: str


@dataclass(frozen=True)
class Telephone:
    """A number to ring from; None is withheld. `kind`: elder, family, bell or stranger."""

    number: str | None
    kind: str
    name: str = ""
    place: str = ""


def openid_of(name: str) -> str:
    """The same as on a stage (`ops.stage.Stage.phone`)."""
    return "o-" + "-".join(lazy_pinyin(name))


def players(seeded: Seeded) -> dict[str, tuple[Player, int | None]]:
    """By openid: who they are, and the elder or worker whom their account is bound to."""
    told = (
        ("王芳", "family", seeded.li_guilan),
        ("李桂兰", "elder", seeded.li_guilan),
        ("梁志强", "worker", seeded.liang_zhiqiang),
        ("何秀英", "worker", seeded.he_xiuying),
        ("陈敏", "worker", seeded.chen_min),
        (ON_DUTY, "duty", None),
    )
    return {
        openid_of(name): (Player(openid_of(name), name, role), subject)
        for name, role, subject in told
    }


class People:
    """Everybody who can be played. Safe to use from several threads."""

    def __init__(self, sessions: sessionmaker[Session], standin_url: str) -> None:
        self._sessions, self._standin_url = sessions, standin_url
        self._bringing = threading.Lock()
        self.phones: dict[str, Phone] = {}
        """By openid; empty until `bring_in` found a made-up town."""

    def bring_in(self) -> list[Player]:
        """Whoever plays in WeChat, each with a phone that follows us and an account bound as it
        must be, as a real one would be bound: by a code. None where there is no made-up town.

        Done again it changes nothing; a stand-in that was started anew knows them again.
        """
        with self._bringing:
            with unit_of_work(self._sessions) as work:
                seeded = find_seeded(work.session)
                if seeded is None:
                    return []
                bound = set(work.session.scalars(_bound()))
                own_telephones(work, seeded)
            for openid, (player, subject) in players(seeded).items():
                phone = Phone.new(self._standin_url, name=player.name, openid=openid)
                if openid not in bound:
                    self._bind(phone, player, subject)
                self.phones[openid] = phone
        return [player for player, _ in players(seeded).values()]

    def _bind(self, phone: Phone, player: Player, subject: int | None) -> None:
        with unit_of_work(self._sessions) as work:
            if subject is None:
                on_duty = OnDuty("wechat", phone.openid, player.name)
                put_on_duty(work.session, work.now, [on_duty])
                return
            if player.role == "worker":
                code = make_worker_code(work, subject)
            else:
                relation = "self" if player.role == "elder" else "daughter"
                code = make_family_code(work, subject, relation)
        phone.scan(code)

    def telephones(self) -> list[Telephone]:
        """Numbers that can ring."""
        with self._sessions() as session:
            seeded = find_seeded(session)
            if seeded is None:
                return []
            daughter = Telephone(seeded.wang_fang_phone, "family", "王芳")
            return [
                *_telephones_of_elders(session, seeded),
                daughter,
                *_bells(session, seeded),
                Telephone(STRANGER, "stranger"),
                Telephone(None, "stranger"),
            ]

    def home(self) -> tuple[float, float] | None:
        """Where the story's mother lives, GCJ-02: the place that a worker can send."""
        with self._sessions() as session:
            seeded = find_seeded(session)
            if seeded is None:
                return None
            found = session.execute(
                select(Address.lat, Address.lon).where(Address.elder_id == seeded.li_guilan)
            ).first()
        if found is None or found.lat is None or found.lon is None:
            return None
        return found.lat, found.lon


def own_telephones(work: Work, seeded: Seeded) -> None:
    """Let the story's elders be known by telephones of their own."""
    for number, elder_id in enumerate(_story(seeded)):
        identifier = OWN_NUMBER.format(number)
        account = work.session.scalar(
            select(Account).where(Account.channel == "phone", Account.identifier == identifier)
        )
        if account is None:
            account = Account(channel="phone", identifier=identifier)
            work.session.add(account)
            work.session.flush()
        bound = select(Link.id).where(Link.account_id == account.id, Link.elder_id == elder_id)
        if work.session.scalar(bound) is None:
            work.session.add(
                Link(account_id=account.id, elder_id=elder_id, relation="self", may_see_health=True)
            )
            work.session.flush()


def _story(seeded: Seeded) -> tuple[int, ...]:
    here = seeded.li_guilan, seeded.li_guilan_of_dongcheng, seeded.wang_jianguo
    return (*here, *seeded.chen_huifang)


def _bound() -> Select[str]:
    """The openids of those who are bound or on duty already."""
    return select(Account.identifier).where(
        Account.channel == "wechat",
        Account.worker_id.is_not(None)
        | Account.links.any(Link.ended_at.is_(None))
        | (Account.name == ON_DUTY),
    )


def _telephones_of_elders(session: Session, seeded: Seeded) -> Iterator[Telephone]:
    for number, elder_id in enumerate(_story(seeded)):
        elder = session.get_one(Elder, elder_id)
        yield Telephone(OWN_NUMBER.format(number), "elder", elder.name, _place(elder))


def _bells(session: Session, seeded: Seeded) -> Iterator[Telephone]:
    for elder_id in _story(seeded):
        elder = session.get_one(Elder, elder_id)
        if elder.bell_number is not None:
            yield Telephone(elder.bell_number, "bell", elder.name, _place(elder))


def _place(elder: Elder) -> str:
    return f"{elder.town} {elder.addresses[0].community}" if elder.addresses else elder.town
