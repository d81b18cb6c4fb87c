"""Every table, by the field's own words (DESIGN, section 2)."""

from backend.db.models.base import Base
from backend.db.models.callouts import Callout, Greeting
from backend.db.models.calls import Call, CallSound, CallTurn
from backend.db.models.care import Incident, IncidentEvent, Ticket
from backend.db.models.console import ConsoleSession, ConsoleUser
from backend.db.models.learning import Consent, Misunderstanding
from backend.db.models.money import (
    AllowanceTable,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    SubsidyTable,
)
from backend.db.models.orders import Offer, Order, OrderEvent, OrderLine, Review, Visit
from backend.db.models.pages import Tap, VisitPhoto
from backend.db.models.people import (
    Account,
    Address,
    Assessment,
    BindCode,
    Contact,
    Duty,
    Elder,
    Link,
    WorkerRefusal,
)
from backend.db.models.providers import (
    Absence,
    Dish,
    DishPicture,
    MenuDraft,
    Offering,
    Provider,
    Qualification,
    ServiceArea,
    ServiceItem,
    Shift,
    Skill,
    Worker,
)
from backend.db.models.settings import AddressTries, SettingVersion
from backend.db.models.talk import Audit, Conversation, Message, Notice

__all__ = [
    "Absence", "Account", "Address", "AddressTries", "AllowanceTable", "Assessment", "Audit",
    "Base",
    "BindCode", "Call", "CallSound", "CallTurn", "Callout", "Consent", "ConsoleSession",
    "ConsoleUser", "Contact", "Conversation", "Dish", "DishPicture", "Duty", "Elder", "Greeting",
    "Incident", "IncidentEvent",
    "LedgerAccount", "LedgerEntry", "LedgerPosting", "Link", "MenuDraft", "Message",
    "Misunderstanding",
    "Notice", "Offer", "Offering", "Order", "OrderEvent", "OrderLine", "Provider",
    "Qualification", "Review", "ServiceArea", "ServiceItem", "SettingVersion", "Shift",
    "Skill", "SubsidyTable",
    "Ticket", "Tap",
    "Visit", "VisitPhoto", "Worker", "WorkerRefusal",
]  # fmt: skip
