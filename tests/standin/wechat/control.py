"""The stand-in's own interface (``/_standin/…``): what tests and phones need, WeChat has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from tests.standin.wechat.faults import Fault
from tests.standin.wechat.refusal import Refused
from tests.standin.wechat.users import User

if TYPE_CHECKING:
    from tests.standin.wechat.server import Account


def control_routes(account: Account) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/_standin")

    @control.post("/fail")
    def fail() -> Response:
        account.faults.add(Fault(**request.get_json()))
        return jsonify(ok=True)

    @control.post("/heal")
    def heal() -> Response:
        account.faults.clear()
        return jsonify(ok=True)

    @control.post("/quota")
    def quota() -> Response:
        wish = request.get_json()
        account.faults.limit(wish["path"], int(wish["limit"]))
        return jsonify(ok=True)

    @control.get("/calls")
    def calls() -> Response:
        return jsonify({**account.faults.calls, "tokens_issued": account.tokens.issued})

    @control.post("/clock")
    def clock() -> Response:
        return jsonify(offset_s=account.clock.advance(float(request.get_json()["advance_s"])))

    @control.post("/tokens")
    def tokens() -> Response:
        action = request.get_json()["action"]
        {"revoke": account.tokens.revoke, "expire": account.tokens.expire}[action]()
        return jsonify(ok=True)

    @control.post("/templates")
    def templates() -> Response:
        for template in request.get_json():
            account.templates[template["id"]] = {
                "title": template.get("title", template["id"]),
                "fields": template.get("fields"),
            }
        return jsonify(sorted(account.templates))

    @control.post("/callback")
    def callback() -> Response:
        wish = request.get_json()
        account.delivery.callback = wish.get("url", account.delivery.callback)
        for name in ("cut_after_s", "retries", "retry_pause_s"):
            if name in wish:
                setattr(account.delivery, name, wish[name])
        if wish.get("verify"):
            return jsonify(verified=account.delivery.verify_url())
        return jsonify(ok=True)

    @control.post("/users")
    def create_user() -> Response:
        wish = request.get_json()
        user = account.users.create(
            wish.get("openid"), wish.get("name", ""), wish.get("subscribed", True)
        )
        for name in ("refuses_templates", "blocks"):
            if name in wish:
                setattr(user, name, bool(wish[name]))
        return jsonify(user.settings())

    @control.get("/users")
    def users() -> Response:
        return jsonify([user.settings() for user in account.users.all()])

    @control.get("/inbox")
    def all_inboxes() -> Response:
        return _lines(None)

    @control.get("/inbox/<openid>")
    def inbox(openid: str) -> Response:
        return _lines(account.users.get(openid).openid)

    def _lines(openid: str | None) -> Response:
        lines = account.users.lines(
            openid,
            request.args.get("after", 0, int),
            min(request.args.get("wait", 0.0, float), 60),
            request.args.get("sent", 0, int) == 1,
        )
        return jsonify(messages=lines)

    @control.post("/say")
    def say() -> Response:
        return jsonify(_push(account, {**request.get_json(), "type": "text"}))

    @control.post("/push")
    def push() -> Response:
        return jsonify(_push(account, request.get_json()))

    @control.post("/media")
    def keep_media() -> Response:
        media_id = account.materials.keep(
            request.data, request.content_type or "", request.args.get("filename", "media")
        )
        return jsonify(media_id=media_id)

    @control.get("/media/<media_id>")
    def raw_media(media_id: str) -> Response:
        medium = account.materials.medium(media_id)
        return Response(medium.content, content_type=medium.content_type)

    @control.get("/menu")
    def menu() -> Response:
        return jsonify(account.menu or {"button": []})

    @control.get("/scene")
    def scene() -> Response:
        return jsonify(scene=account.materials.scene(request.args["ticket"]))

    return control


def _push(account: Account, act: dict[str, Any]) -> dict[str, Any]:
    """Carries out what a person does. ``act``: openid, type, the type's own fields, and how to
    deliver it: copies (at once), wait (for the answer; default yes), MsgId (to say the very same
    message again)."""
    user = account.users.get(act["openid"])
    fields, shown = _fields(account, user, act)
    account.users.show(user, "sent", msgtype=act["type"], text=shown)
    tries = account.delivery.push(
        user, fields, copies=int(act.get("copies", 1)), wait=act.get("wait", True)
    )
    return {"msg_id": fields.get("MsgId"), "fields": fields, "tries": tries}


def _fields(account: Account, user: User, act: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The callback's XML fields, and a line for the transcript."""
    users, delivery, kind = account.users, account.delivery, act["type"]
    given = {"MsgId": act.get("MsgId")}
    match kind:
        case "text":
            menu_id = act.get("menu_id")
            if menu_id is None:
                users.open_by_message(user)
            else:
                users.open_by_action(user)  # a tap on a menu message counts as a menu click
            text = act["text"]
            fields = delivery.message(user, "text", Content=text, bizmsgmenuid=menu_id, **given)
            return fields, text
        case "image" | "voice" | "video" | "shortvideo" | "location" | "link":
            users.open_by_message(user)
            fields = delivery.message(user, kind, **act.get("fields", {}), **given)
            return fields, f"[{kind}]"
        case "CLICK":
            users.open_by_action(user)
            return delivery.event(user, "CLICK", EventKey=act["key"]), f"[menu {act['key']}]"
        case "VIEW":
            return delivery.event(user, "VIEW", EventKey=act["key"]), f"[open {act['key']}]"
        case "LOCATION":
            return delivery.event(user, "LOCATION", **act["fields"]), "[place]"
        case "subscribe":
            scene = act.get("scene") or ""
            users.follow(user, scene)
            users.open_by_action(user)
            key = {"EventKey": f"qrscene_{scene}", "Ticket": "t"} if scene else {"EventKey": ""}
            return delivery.event(user, "subscribe", **key), f"[follow {scene}]"
        case "SCAN":
            users.open_by_action(user)
            scene = act["scene"]
            return delivery.event(user, "SCAN", EventKey=scene, Ticket="t"), f"[scan {scene}]"
        case "unsubscribe":
            users.unfollow(user)
            return delivery.event(user, "unsubscribe", EventKey=""), "[unfollow]"
        case "raw":
            return {**delivery.message(user, "raw"), **act["fields"]}, "[raw]"
    raise Refused(40008)
