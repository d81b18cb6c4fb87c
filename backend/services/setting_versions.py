"""What stands in a setting, and what stood there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import SettingVersion
from backend.domain.settings import LAYERED, Kind, Value
from backend.services.work import Work


def newest(session: Session) -> int:
    """The number of the last change of any setting; 0 before the first. Two readings with the same
    number between them saw the same settings: a look at the end of an index, made every second."""
    return session.scalar(select(func.max(SettingVersion.id))) or 0


def last_version(work: Work, kind: Kind, key: str) -> SettingVersion | None:
    """The last change of one setting."""
    return work.session.scalar(
        select(SettingVersion)
        .where(SettingVersion.kind == kind, SettingVersion.key == key)
        .order_by(SettingVersion.id.desc())
        .limit(1)
    )


def versions(
    work: Work,
    kind: Kind | None = None,
    key: str | None = None,
    before_id: int | None = None,
    most: int = 20,
) -> Sequence[SettingVersion]:
    """Changes, the last first: of everything, of a kind, of one setting."""
    query = select(SettingVersion).order_by(SettingVersion.id.desc()).limit(most)
    if kind is not None:
        query = query.where(SettingVersion.kind == kind)
    if key is not None:
        query = query.where(SettingVersion.key == key)
    if before_id is not None:
        query = query.where(SettingVersion.id < before_id)
    return work.session.scalars(query).all()


def standing(session: Session, *kinds: Kind) -> Sequence[SettingVersion]:
    """The last change of every setting of these kinds."""
    last = (
        select(func.max(SettingVersion.id))
        .where(SettingVersion.kind.in_(kinds))
        .group_by(SettingVersion.kind, SettingVersion.key)
    )
    return session.scalars(
        select(SettingVersion).where(SettingVersion.id.in_(last)).order_by(SettingVersion.id)
    ).all()


@dataclass(frozen=True)
class Overrides:
    """What is laid over the shipped words; `number` is that of the last change it knows."""

    number: int = 0
    prompts: Mapping[str, Value] = field(default_factory=dict)
    """`text` and `speech` (None: made from the text) by the prompt's id, consents among them."""
    consents: Mapping[str, int] = field(default_factory=dict)
    """Which change brought a consent's words, by the prompt's id."""
    phrases: Mapping[str, str] = field(default_factory=dict)
    """How sure they are (`alarm`, `ask`) by the words."""


def overrides(session: Session) -> Overrides:
    """Everything laid over the shipped words, as it stands now."""
    number = newest(session)
    prompts: dict[str, Value] = {}
    consents: dict[str, int] = {}
    phrases: dict[str, str] = {}
    for one in standing(session, *LAYERED):
        if one.value is None:
            continue
        if one.kind is Kind.HELP:
            phrases[one.key] = str(one.value["level"])
        else:
            prompts[one.key] = one.value
        if one.kind is Kind.CONSENT:
            consents[one.key] = one.id
    return Overrides(number, prompts, consents, phrases)
