"""The work is done; the money moves."""

from backend.db.models import Order
from backend.domain import ledger
from backend.domain.orders import Move
from backend.services.allowance import available_fen, month_of
from backend.services.ledger import post
from backend.services.notices import tell_followers
from backend.services.order_moves import move, order_facts
from backend.services.visits import own_order, visit_of, worker_facts
from backend.services.work import Work


def check_out(work: Work, order_id: int, note: str = "") -> Order:
    """The work is done: the held subsidy is now owed to the provider, and so is the elder's
    own share. Raises `not_yours`, IllegalMove."""
    order = own_order(work, order_id)
    move(work, order, Move.CHECK_OUT)
    visit = visit_of(work, order)
    visit.checked_out_at = work.now
    visit.check_out_note = note
    month = month_of(order.service_day)
    if order.subsidy_fen:
        captured = ledger.capture(order.elder_id, order.provider_id, month, order.subsidy_fen)
        post(work, captured, f"order:{order.id}:capture", order.id)
    if order.self_pay_fen:
        owed = ledger.self_pay(order.elder_id, order.provider_id, month, order.self_pay_fen)
        post(work, owed, f"order:{order.id}:self_pay", order.id)
    work.audit("check_out", "order", order.id, subsidy_fen=order.subsidy_fen)
    began = visit.checked_in_at or work.now
    facts = order_facts(work, order) | worker_facts(order)
    facts |= {
        "minutes": max(1, round((work.now - began).total_seconds() / 60)),
        "subsidy_fen": order.subsidy_fen,
        "self_pay_fen": order.self_pay_fen,
        "available_fen": available_fen(work, order.elder, month),
    }
    tell_followers(work, order, "order_finished", "", **facts)
    return order
