"""The picture that a worker leaves of a finished visit."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import VisitPhoto
from backend.services.visits import own_order
from backend.services.work import Work


def keep_photo(work: Work, order_id: int, jpeg: bytes) -> None:
    """Keep it, in the place of an earlier one. Raises NotFound, `not_yours`."""
    order = own_order(work, order_id)
    kept = {"jpeg": jpeg, "taken_at": work.now}
    work.session.execute(
        insert(VisitPhoto)
        .values(order_id=order.id, **kept)
        .on_conflict_do_update(index_elements=["order_id"], set_=kept)
    )
    work.audit("keep_photo", "order", order.id, size_bytes=len(jpeg))


def has_photo(work: Work, order_id: int) -> bool:
    found = select(VisitPhoto.order_id).where(VisitPhoto.order_id == order_id)
    return work.session.scalar(found) is not None


def photo_of(work: Work, order_id: int) -> bytes:
    """The JPEG. Raises NotFound."""
    return work.get(VisitPhoto, order_id).jpeg
