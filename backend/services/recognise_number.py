"""Who rings from a number we keep: a bell's is the elder, a contact's is that contact, and one in
a provider's books is the worker."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from backend.db.models import Account, Address, Contact, Elder, Link, Worker
from backend.domain.calls import speaks_for
from backend.services.bind import RELATIONS
from backend.services.work import Work

BY_NUMBER = "number"


def recognise_number(
    work: Work, account: Account, number: str, bell_of: Elder | None = None
) -> None:
    """Bind a phone account to the elders that its number is kept for, as what it is kept; end
    such bindings that the lists no longer bear out.

    Nothing is shown because of it that a contact does not know: health notes stay shut but to
    the elder's own telephones. A binding that the caller has ended is not made again.
    """
    _recognise_worker(work, account, number)
    kept = _kept(work, number)
    if account.name is None:
        names = {contact.name for contact in kept}
        account.name = names.pop() if len(names) == 1 else None
    wanted = {contact.elder_id: contact.relation for contact in kept}
    wanted = {elder_id: wanted[elder_id] for elder_id in speaks_for(wanted.keys())}
    wanted |= dict.fromkeys(_themselves(work, kept), "self")
    if bell_of is not None:
        wanted[bell_of.id] = "self"
    known = work.session.scalars(select(Link).where(Link.account_id == account.id)).all()
    for link in known:
        stale = link.known_by == BY_NUMBER and link.elder_id not in wanted
        if link.ended_at is None and stale:
            link.ended_at = work.now
            work.audit("forget_number", "elder", link.elder_id, account_id=account.id)
    before = {link.elder_id for link in known if link.known_by != "name"}
    for elder_id, relation in wanted.items():
        if elder_id in before:
            continue
        work.session.add(
            Link(
                account_id=account.id,
                elder_id=elder_id,
                relation=relation if relation in RELATIONS else "other",
                known_by=BY_NUMBER,
                may_see_health=relation == "self",
            )
        )
        work.audit("recognise_number", "elder", elder_id, account_id=account.id)
    work.session.flush()


def _recognise_worker(work: Work, account: Account, number: str) -> None:
    """A number that the books have for one active worker is theirs; struck from the books, or kept
    for two, it is nobody's."""
    found = work.session.scalars(
        select(Worker).where(Worker.phone == number, Worker.is_active).limit(2)
    ).all()
    worker = found[0] if len(found) == 1 else None
    if account.worker_id == (worker.id if worker is not None else None):
        return
    account.worker_id = worker.id if worker is not None else None
    if worker is not None:
        account.name = worker.name
        work.audit("recognise_number", "worker", worker.id, account_id=account.id)
    else:
        work.audit("forget_number", "account", account.id)


def _themselves(work: Work, kept: list[Contact]) -> list[int]:
    """Whoever is kept as the wife or husband of an elder, and is in care too: of that name, in
    that home. Their telephone is an elder's own."""
    found: list[int] = []
    for contact in kept:
        if contact.relation != "spouse":
            continue
        home = aliased(Address)
        found += work.session.scalars(
            select(Elder.id)
            .join(Address)
            .join(home, (home.street == Address.street) & (home.town == Address.town))
            .where(
                Elder.name == contact.name,
                Elder.ended_on.is_(None),
                home.elder_id == contact.elder_id,
                Elder.id != contact.elder_id,
            )
            .distinct()
        )
    return found


def _kept(work: Work, number: str) -> list[Contact]:
    return list(
        work.session.scalars(
            select(Contact)
            .join(Elder)
            .where(Contact.phone == number, Elder.ended_on.is_(None))
            .order_by(Contact.id)
        )
    )
