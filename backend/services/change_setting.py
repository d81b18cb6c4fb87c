"""Change a setting, or take a change back: always a new version, never a lost one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from backend.db.models import SettingVersion
from backend.domain.errors import DomainError
from backend.domain.settings import Kind, Value, require_why
from backend.domain.wording import Wording
from backend.services.kept_settings import checked, put, read
from backend.services.setting_versions import last_version
from backend.services.work import Work

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('setting_versions'))")


@dataclass(frozen=True)
class Setting:
    """Which one."""

    kind: Kind
    key: str


@dataclass(frozen=True)
class Standing:
    """What stands in a setting. `value` None: what is shipped. `seen`: the number of the last
    change, 0 for none; whoever changes it says which they saw."""

    value: Value | None
    seen: int


def stands(work: Work, setting: Setting) -> Standing:
    """Raises NotFound for what is no setting."""
    last = last_version(work, setting.kind, setting.key)
    return Standing(read(work, setting.kind, setting.key), last.id if last else 0)


def change_setting(
    work: Work, wording: Wording, setting: Setting, value: Value | None, why: str, seen: int
) -> SettingVersion | None:
    """Let `value` stand from now on (None: what is shipped); None if it does already, so that the
    same form sent twice changes once.

    Raises NotFound; DomainError `no_reason`, `changed_meanwhile`, and those of the checks.
    """
    return _change(work, wording, setting, value, why, seen, None)


def undo_change(
    work: Work, wording: Wording, version_id: int, why: str, seen: int
) -> SettingVersion | None:
    """Let stand what stood before a change, as a change of its own. Raises as `change_setting`."""
    undone = work.get(SettingVersion, version_id)
    setting = Setting(undone.kind, undone.key)
    return _change(work, wording, setting, undone.before, why, seen, undone.id)


def _change(
    work: Work,
    wording: Wording,
    setting: Setting,
    value: Value | None,
    why: str,
    seen: int,
    undoes_id: int | None,
) -> SettingVersion | None:
    work.session.execute(_ONE_AT_A_TIME)
    kind, key = setting.kind, setting.key
    before = stands(work, setting)
    value = checked(work, wording, kind, key, value)
    if value == before.value:
        return None
    why = require_why(why)
    if before.seen != seen:
        raise DomainError("changed_meanwhile")
    put(work, kind, key, value)
    version = SettingVersion(
        kind=kind,
        key=key,
        before=before.value,
        value=value,
        why=why,
        at=work.now,
        changed_by=work.actor.name,
        undoes_id=undoes_id,
    )
    work.session.add(version)
    work.session.flush()
    done = "undo_setting" if undoes_id is not None else "change_setting"
    work.audit(done, "setting", version.id, kind=kind.value, key=key, why=why)
    return version
