"""A provider's people come, change and go."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from backend.db.models import Account, Order, Provider, ServiceItem, Skill, Worker
from backend.domain.errors import DomainError
from backend.domain.orders import OrderState
from backend.services.free_worker import free_worker
from backend.services.work import Work

MOST_VISITS_A_DAY = 99
LONGEST_NAME = 20
SEXES = frozenset({"f", "m"})


@dataclass(frozen=True)
class Person:
    """Who somebody is at work. `phone` is a mobile number of the mainland; `codes` are the
    services they do."""

    name: str
    sex: str
    phone: str
    languages: tuple[str, ...]
    max_visits_a_day: int
    codes: frozenset[str]


def hire_worker(work: Work, provider_id: int, person: Person) -> Worker:
    """Take somebody on, whose day begins where the provider is. Somebody of this name and number
    whom the provider knows already comes back instead of being there twice.

    Raises NotFound, DomainError `bad_name`, `bad_phone`, `bad_visits`.
    """
    _require(person)
    provider = work.get(Provider, provider_id, lock=True)
    known = work.session.scalar(
        select(Worker).where(
            Worker.provider_id == provider_id,
            Worker.name == person.name,
            Worker.phone == person.phone,
        )
    )
    worker = known or Worker(provider_id=provider_id, lat=provider.lat, lon=provider.lon)
    if known is None or not known.is_active:
        worker.is_active = True
        _write(work, worker, person)
        work.audit("hire_worker", "worker", worker.id, provider_id=provider_id)
    return worker


def change_worker(work: Work, worker_id: int, person: Person) -> Worker:
    """Raises NotFound, DomainError `bad_name`, `bad_phone`, `bad_visits`."""
    _require(person)
    worker = work.get(Worker, worker_id, lock=True)
    _write(work, worker, person)
    work.audit("change_worker", "worker", worker.id, codes=sorted(person.codes))
    return worker


def let_worker_go(work: Work, worker_id: int) -> int:
    """Somebody works here no longer: their jobs that have not begun go to others, their account
    no longer acts for them; how many jobs went. Raises NotFound, DomainError `still_at_work`
    while a visit of theirs goes on."""
    worker = work.get(Worker, worker_id)
    begun = select(Order.id).where(
        Order.worker_id == worker_id, Order.state == OrderState.IN_SERVICE
    )
    if work.session.scalar(begun.limit(1)) is not None:
        raise DomainError("still_at_work", name=worker.name)
    freed = free_worker(work, worker_id, work.local_now.date(), None, "left")
    worker = work.get(Worker, worker_id, lock=True)
    if worker.is_active:
        worker.is_active = False
        work.session.execute(
            update(Account).where(Account.worker_id == worker_id).values(worker_id=None)
        )
        work.audit("let_worker_go", "worker", worker_id, freed=freed)
    return freed


def _require(person: Person) -> None:
    if not 2 <= len(person.name) <= LONGEST_NAME or not person.name.isprintable():
        raise DomainError("bad_name", most=LONGEST_NAME)
    is_mobile = len(person.phone) == 11 and person.phone.isascii() and person.phone.isdigit()
    if not is_mobile or not person.phone.startswith("1"):
        raise DomainError("bad_phone")
    if not 1 <= person.max_visits_a_day <= MOST_VISITS_A_DAY:
        raise DomainError("bad_visits", most=MOST_VISITS_A_DAY)


def _write(work: Work, worker: Worker, person: Person) -> None:
    worker.name, worker.phone = person.name, person.phone
    worker.sex = person.sex if person.sex in SEXES else None
    worker.languages = list(person.languages)
    worker.max_visits_a_day = person.max_visits_a_day
    work.session.add(worker)
    work.session.flush()
    known = set(
        work.session.scalars(select(ServiceItem.code).where(ServiceItem.code.in_(person.codes)))
    )
    work.session.execute(
        delete(Skill).where(Skill.worker_id == worker.id, Skill.code.not_in(known))
    )
    has = set(work.session.scalars(select(Skill.code).where(Skill.worker_id == worker.id)))
    work.session.add_all(Skill(worker_id=worker.id, code=code) for code in sorted(known - has))
    work.session.flush()
