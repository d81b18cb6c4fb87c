"""Every change of a setting: who, when, why, what; and back again."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from backend.console.door import Door
from backend.console.forms import number, text, tried
from backend.console.setting_told import called, differences, names, people
from backend.console.showing import is_part, page
from backend.db.models import SettingVersion
from backend.services.change_setting import Setting, stands, undo_change
from backend.services.setting_versions import versions
from backend.services.work import Work

A_PAGE = 40


def routes(door: Door) -> Blueprint:
    blueprint = Blueprint("changes", __name__, url_prefix="/settings/changes")

    @blueprint.get("")
    def show() -> str:
        before_id = request.args.get("before", type=int)
        with door.work() as work:
            found = versions(work, before_id=before_id, most=A_PAGE + 1)
            services, who = names(work), people(work)
            return page(
                "parts/changes" if is_part() else "changes",
                rows=[(one, called(one.kind, one.key, services)) for one in found[:A_PAGE]],
                who=who,
                more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
                is_first=before_id is None,
            )

    @blueprint.get("/<int:version_id>")
    def one(version_id: int) -> str:
        with door.work() as work:
            return _one(work, version_id)

    @blueprint.post("/<int:version_id>/undo")
    def undo(version_id: int) -> Response:
        said = tried(
            door,
            lambda work: undo_change(
                work, door.wording, version_id, text("why", 400), number("seen") or 0
            ),
        )
        with door.work() as work:
            shown = _one(work, version_id, said, done=said is None)
        response = make_response(shown, 422 if said else 200)
        response.headers["HX-Trigger"] = "settings-changed"
        return response

    def _one(work: Work, version_id: int, said: str | None = None, done: bool = False) -> str:
        version = work.get(SettingVersion, version_id)
        kind, key = version.kind, version.key
        now = stands(work, Setting(kind, key))
        later = sum(one.id > version.id for one in versions(work, kind, key, most=200))
        return page(
            "parts/change",
            version=version,
            name=called(kind, key, names(work)),
            who=people(work),
            changes=differences(kind, key, version.before, version.value, door.wording),
            back=differences(kind, key, now.value, version.before, door.wording),
            later=later,
            seen=now.seen,
            said=said,
            done=done,
        )

    return blueprint
