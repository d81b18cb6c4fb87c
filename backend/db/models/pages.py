"""What the pages in WeChat leave: taps that were carried out, and photos of finished visits."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.base import Base, key


class Tap(Base):
    """A tap on a page that was carried out. On a bad network the same tap may come twice: the
    second copy finds this row, changes nothing and gets the first one's answer."""

    __tablename__ = "taps"

    account_id: Mapped[int] = key("accounts", primary=True)
    tap: Mapped[str] = mapped_column(primary_key=True)
    """Made up by the page that offered the tap."""
    at: Mapped[datetime] = mapped_column(index=True)
    leads_to: Mapped[str]
    """The page that shows what came of it."""
    said: Mapped[str] = mapped_column(default="", server_default="")
    """A refusal that counted (a wrong code); empty: it was done."""


class VisitPhoto(Base):
    """A picture that a worker left of a finished visit: a JPEG, written anew by us, without what
    the telephone had put into it. In the database, for web processes keep nothing."""

    __tablename__ = "visit_photos"

    order_id: Mapped[int] = key("orders", primary=True)
    jpeg: Mapped[bytes] = mapped_column(sa.LargeBinary)
    taken_at: Mapped[datetime]
