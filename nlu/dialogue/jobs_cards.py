"""What a worker may read of an offer or a job: records for the prompts of workers.yaml.

Before acceptance only the area and the surname leave the house; address, telephone and name
come with the acceptance; health notes go to nurses on a nursing visit only (PIPL, section 28).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import func, select

from backend.db.models import Elder, Offer, Order, ServiceItem, Visit, Worker
from backend.domain.matching import Place
from backend.domain.orders import OrderState
from backend.services.candidates import place_of
from backend.services.work import Work
from backend.settings import TIMEZONE
from nlu.prompts.wording import word

_TWO_CHARACTER_SURNAMES = frozenset(
    ("欧阳", "司徒", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯")
)
_STAGES = {
    OrderState.ACCEPTED: "已接单",
    OrderState.ON_THE_WAY: "在路上",
    OrderState.IN_SERVICE: "正在做",
}


@dataclass(frozen=True)
class JobCard:
    """An accepted job, or (with `offer_id`) an offer; times aware and local, money in fen."""

    order_id: int
    number: str
    item: str
    code: str
    quantity: int
    start: datetime
    end: datetime
    area: str
    surname: str
    called: str
    """How the elder is addressed: 李奶奶, 张爷爷, 王姓长者."""
    state: str
    stage: str
    earn_fen: int
    diet: list[str]
    note: str
    shared: bool
    """One round serves many: meals."""
    elder: str = ""
    address: str = ""
    phone: str | None = None
    contact: str = ""
    care: str = ""
    dialect: str = ""
    place: Place | None = None
    offer_id: int | None = None
    offered_at: datetime | None = None
    answer_until: datetime | None = None
    visit_code: str = field(default="", repr=False)

    @property
    def id(self) -> int:
        """What a numbered list keeps: the offer's id for an offer, else the order's."""
        return self.offer_id if self.offer_id is not None else self.order_id


def surname(name: str) -> str:
    """The family name of a Chinese full name."""
    return name[:2] if name[:2] in _TWO_CHARACTER_SURNAMES and len(name) > 2 else name[:1]


def called(elder: Elder) -> str:
    """How a worker politely names the elder."""
    title = {"f": "奶奶", "m": "爷爷"}.get(elder.sex or "", "老人家")
    return surname(elder.name) + title


def offer_card(work: Work, offer: Offer) -> JobCard:
    """What may be known before acceptance."""
    order = work.get(Order, offer.order_id)
    return replace(
        _common(work, order),
        offer_id=offer.id,
        offered_at=offer.offered_at,
        answer_until=offer.expires_at.astimezone(TIMEZONE),
    )


def job_card(work: Work, order: Order, worker: Worker) -> JobCard:
    """All that the worker who accepted needs at the door."""
    elder, address = order.elder, order.address
    contact = elder.contacts[0] if elder.contacts else None
    return replace(
        _common(work, order),
        elder=elder.name,
        address=f"{address.town}{address.community}{address.street}",
        phone=contact.phone if contact else None,
        contact=_who(contact.relation, contact.name) if contact else "",
        care=elder.care_notes if _may_know_health(order, worker) else "",
        dialect=elder.dialect or "",
        place=place_of(address.lat, address.lon),
        visit_code=order.visit_code,
    )


def done_on(work: Work, worker_id: int, day: date) -> tuple[int, int]:
    """(jobs finished on a local day, what they earned together in fen)."""
    count, earned = work.session.execute(
        select(func.count(), func.coalesce(func.sum(Order.total_fen), 0)).where(
            Order.worker_id == worker_id,
            Order.service_day == day,
            Order.state.in_([OrderState.FINISHED, OrderState.REVIEWED]),
        )
    ).one()
    return int(count), int(earned)


def minutes_taken(work: Work, order_id: int) -> int | None:
    """How long the visit took, from check-in to check-out."""
    visit = work.session.get(Visit, order_id)
    if visit is None or visit.checked_in_at is None or visit.checked_out_at is None:
        return None
    return max(1, round((visit.checked_out_at - visit.checked_in_at).total_seconds() / 60))


def _common(work: Work, order: Order) -> JobCard:
    item = work.get(ServiceItem, order.code)
    line = next((line for line in order.lines if line.code == order.code), None)
    return JobCard(
        order_id=order.id,
        number=order.number,
        item=item.name,
        code=order.code,
        quantity=line.quantity if line is not None else 1,
        start=order.window_start.astimezone(TIMEZONE),
        end=order.window_end.astimezone(TIMEZONE),
        area=f"{order.address.town}{order.address.community}",
        surname=surname(order.elder.name),
        called=called(order.elder),
        state=order.state.value,
        stage=_STAGES.get(order.state, word("state", order.state.value)),
        earn_fen=order.total_fen,
        diet=list(order.diet),
        note=order.note,
        shared=item.shared_visit,
    )


def _who(relation: str, name: str) -> str:
    return f"{word('relation', relation)}{name}" if relation != "self" else name


def _may_know_health(order: Order, worker: Worker) -> bool:
    return order.code.startswith("nursing.") and worker.provider.kind == "nursing"
