"""Find the next worker to ask for an order; never let it fall silent."""

from datetime import datetime, timedelta

from backend.db.models import Offer, Order, ServiceItem, Worker
from backend.domain.matching import Scored, most_common_refusal, rank
from backend.domain.orders import Move, OrderState
from backend.services.candidates import candidates_for, need_of
from backend.services.notices import notify, on_duty, tell_followers, worker_accounts
from backend.services.open_ticket import open_ticket
from backend.services.order_moves import locked_order, move, order_facts, standing_offer
from backend.services.work import Work
from backend.settings import TIMEZONE

SHORTEST_OFFER = timedelta(minutes=1)
RETRY_AFTER = timedelta(minutes=10)
"""An order nobody took is tried again: people come back from holiday, shifts change."""


def dispatch_order(work: Work, order_id: int) -> Offer | None:
    """Offer the order to the best worker not yet asked in this round.

    With nobody left it becomes a dispatcher's task, and whoever follows the order is told and
    given a choice. Returns the offer made, None when none was.
    """
    order = locked_order(work, order_id)
    if order.state not in (OrderState.PLACED, OrderState.UNASSIGNED):
        return None
    if order.window_end <= work.now or standing_offer(work, order) is not None:
        return None
    item = work.get(ServiceItem, order.code)
    ranking = rank(
        need_of(order, item), candidates_for(work, order), order.window_start.astimezone(TIMEZONE)
    )
    if not ranking.best_first:
        _give_up(work, order, most_common_refusal(ranking.refused.values()) or "nobody")
        return None
    return offer_to(work, order, item, ranking.best_first[0])


def offer_to(work: Work, order: Order, item: ServiceItem, best: Scored) -> Offer:
    """Put a locked order that has nobody to one worker, who has passed the gates."""
    offer = Offer(
        order_id=order.id,
        worker_id=best.worker_id,
        state="standing",
        round=order.round,
        offered_at=work.now,
        expires_at=_expiry(work, order, item),
        score=best.score,
        score_parts=best.parts,
    )
    work.session.add(offer)
    move(work, order, Move.OFFER, worker_id=best.worker_id, score=best.score)
    work.session.flush()
    worker = work.get(Worker, best.worker_id)
    facts = order_facts(work, order)
    name = facts.pop("elder")
    notify(
        work,
        worker_accounts(work, worker.id),
        "offer",
        f"offer:{offer.id}",
        facts
        | {
            "offer_id": offer.id,
            "quantity": order.lines[0].quantity,
            "town": order.address.town,
            "community": order.address.community,
            "elder_surname": name[:1],
            "earn_fen": order.total_fen,
            "why": sorted(best.parts, key=lambda part: -best.parts[part])[:2],
            "answer_until": offer.expires_at.isoformat(),
        },
        lapses_at=offer.expires_at,
    )
    work.later("expire_offer", at=offer.expires_at, offer_id=offer.id)
    return offer


def _expiry(work: Work, order: Order, item: ServiceItem) -> datetime:
    """The service's own minutes, but never past half of what is left before the visit."""
    half = (order.window_end - work.now) / 2
    return work.now + max(SHORTEST_OFFER, min(timedelta(minutes=item.offer_minutes), half))


def _give_up(work: Work, order: Order, why: str) -> None:
    work.later("dispatch_order", at=work.now + RETRY_AFTER, order_id=order.id)
    if order.state is OrderState.UNASSIGNED:
        return
    move(work, order, Move.GIVE_UP, why=why)
    facts = order_facts(work, order) | {"why": why, "town": order.address.town}
    key = f"{order.id}:{order.round}:{len(order.events)}"
    open_ticket(
        work,
        "dispatch",
        f"订单{order.number}({facts['item']},{facts['elder']})没有人接,请人工安排",
        f"dispatch:{key}",
        elder_id=order.elder_id,
        order_id=order.id,
    )
    notify(
        work,
        on_duty(work, order.address.town, ("dispatcher",)),
        "dispatch_needed",
        f"dispatch_needed:{key}",
        facts,
    )
    tell_followers(work, order, "no_worker", key, **facts)
