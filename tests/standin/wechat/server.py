"""WeChat's documented interfaces as a Flask app."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request, send_file
from werkzeug.exceptions import HTTPException

from tests.standin.wechat import limits
from tests.standin.wechat.clock import Clock
from tests.standin.wechat.control import control_routes
from tests.standin.wechat.delivery import Delivery
from tests.standin.wechat.faults import Faults, HttpFault
from tests.standin.wechat.materials import Materials
from tests.standin.wechat.refusal import Refused
from tests.standin.wechat.tokens import Tokens
from tests.standin.wechat.users import User, Users

WHOSE_BROWSER = "standin_openid"
"""The cookie by which a browser is some person's WeChat."""
OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}


class Account:
    """One service account with everything WeChat keeps for it."""

    def __init__(self, app_id: str, secret: str, token: str, **delivery: Any) -> None:
        self.app_id = app_id
        self.clock = Clock()
        self.tokens = Tokens(app_id, secret, self.clock)
        self.users = Users(self.clock)
        self.faults = Faults()
        self.materials = Materials(self.clock)
        self.delivery = Delivery(self.users, app_id=app_id, token=token, **delivery)
        self.templates: dict[str, dict[str, Any]] = {}
        """id -> {"title": …, "fields": [...] or None for any}."""
        self.menu: dict[str, Any] | None = None
        self.msg_ids = itertools.count(3_000_000_001)


def build_app(account: Account) -> Flask:
    app = Flask("wechat-standin")
    app.register_blueprint(control_routes(account))

    @app.before_request
    def strike() -> None:
        if not request.path.startswith("/_standin"):
            account.faults.strike(request.path)

    @app.errorhandler(Refused)
    def refused(no: Refused) -> Response:
        return answer(no.body())

    @app.errorhandler(HttpFault)
    def http_fault(fault: HttpFault) -> Response:
        return Response("bad gateway", fault.status)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return Response(error.description or "", error.code)

    _token_routes(app, account)
    _message_routes(app, account)
    _other_routes(app, account)
    return app


def answer(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")


def posted(account: Account) -> dict[str, Any]:
    """The JSON object of a call with a good token."""
    account.tokens.check(request.args.get("access_token"))
    if not request.data:
        raise Refused(44002)
    if b"\\u" in request.data:
        raise Refused(40033)  # WeChat does not read \uXXXX: people would see the escapes
    return json_object()


def json_object() -> dict[str, Any]:
    try:
        body = json.loads(request.data.decode("utf-8"))
    except ValueError:
        raise Refused(47001) from None
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def _token_routes(app: Flask, account: Account) -> None:
    def issued(token: tuple[str, int]) -> Response:
        return answer({"access_token": token[0], "expires_in": token[1]})

    @app.post("/cgi-bin/stable_token")
    def stable_token() -> Response:
        wish = json_object()
        if wish.get("grant_type") != "client_credential":
            raise Refused(40002)
        account.tokens.check_app(wish.get("appid"), wish.get("secret"))
        return issued(account.tokens.stable(wish.get("force_refresh") is True))

    @app.get("/cgi-bin/token")
    def plain_token() -> Response:
        if request.args.get("grant_type") != "client_credential":
            raise Refused(40002)
        account.tokens.check_app(request.args.get("appid"), request.args.get("secret"))
        return issued(account.tokens.plain())

    @app.get("/connect/oauth2/authorize")
    def authorise() -> Any:
        # Whose browser this is WeChat knows; a Phone says so in `_as`, a browser in a cookie.
        user = account.users.get(request.args.get("_as") or request.cookies.get(WHOSE_BROWSER))
        if request.args.get("appid") != account.app_id:
            raise Refused(40013)
        asked = (request.args.get("response_type"), request.args.get("scope"))
        if asked != ("code", "snsapi_base"):
            raise Refused(10005 if asked[0] == "code" else 40029)
        query = {"code": account.tokens.make_code(user.openid)}
        if "state" in request.args:
            query["state"] = request.args["state"]
        target = request.args["redirect_uri"]
        return redirect(target + ("&" if "?" in target else "?") + urlencode(query))

    @app.get("/sns/oauth2/access_token")
    def exchange() -> Response:
        account.tokens.check_app(request.args.get("appid"), request.args.get("secret"))
        if request.args.get("grant_type") != "authorization_code":
            raise Refused(40002)
        openid = account.tokens.spend_code(request.args.get("code"))
        return answer(
            {
                "access_token": "oauth-" + openid,
                "expires_in": 7200,
                "refresh_token": "refresh-" + openid,
                "openid": openid,
                "scope": "snsapi_base",
            }
        )


def _message_routes(app: Flask, account: Account) -> None:
    @app.post("/cgi-bin/message/custom/send")
    def custom_send() -> Response:
        message = posted(account)
        user = account.users.get(message.get("touser"))
        line = _customer_line(account, message)
        account.users.spend(user)
        account.users.show(user, "customer", **line)
        return answer(OK)

    @app.post("/cgi-bin/message/template/send")
    def template_send() -> Response:
        message = posted(account)
        user = account.users.get(message.get("touser"))
        template = account.templates.get(str(message.get("template_id")))
        if template is None:
            raise Refused(40037)
        data = limits.check_template_data(message.get("data"), template["fields"])
        if not user.subscribed:
            raise Refused(43004)
        if user.refuses_templates:
            raise Refused(43101)
        msg_id = next(account.msg_ids)
        client_msg_id = message.get("client_msg_id")
        if client_msg_id:
            # "对于同一个 openid + client_msg_id, 只发送一条消息"
            earlier = account.users.repeated(user, str(client_msg_id), msg_id)
            if earlier is not None:
                return answer({**OK, "msgid": earlier})
        _show_template(account, user, message, template, data, msg_id)
        return answer({**OK, "msgid": msg_id})


def _show_template(
    account: Account,
    user: User,
    message: dict[str, Any],
    template: dict[str, Any],
    data: dict[str, str],
    msg_id: int,
) -> None:
    status = "success"
    if user.blocks:
        status = "failed:user block"
    else:
        account.users.show(
            user,
            "template",
            msgtype="template",
            text="\n".join([template["title"], *data.values()]),
            template_id=message["template_id"],
            data=data,
            url=message.get("url"),
        )
    if account.delivery.callback:
        finished = account.delivery.event(
            user, "TEMPLATESENDJOBFINISH", MsgID=msg_id, Status=status
        )
        account.delivery.push(user, finished, wait=False)


def _customer_line(account: Account, message: dict[str, Any]) -> dict[str, Any]:
    """What the person will see of a customer-service message."""
    kind = message.get("msgtype")
    part = message.get(str(kind))
    if kind not in ("text", "image", "voice", "msgmenu", "news"):
        raise Refused(40008)
    if not isinstance(part, dict):
        raise Refused(47001)
    if kind == "text":
        return {"msgtype": kind, "text": limits.check_text(part.get("content"))}
    if kind in ("image", "voice"):
        account.materials.medium(part.get("media_id"))
        return {"msgtype": kind, "text": "", "media_id": part["media_id"]}
    if kind == "news":
        articles = part.get("articles")
        if not isinstance(articles, list) or len(articles) != 1:
            raise Refused(45008, "article size out of limit")
        article = articles[0]
        text = f"{article.get('title', '')}\n{article.get('description', '')}"
        return {"msgtype": kind, "text": text, "url": article.get("url")}
    choices = part.get("list")
    if not isinstance(choices, list) or not choices:
        raise Refused(47001)
    try:
        choices = [{"id": str(c["id"]), "content": str(c["content"])} for c in choices]
    except (KeyError, TypeError):
        raise Refused(47001) from None
    lines = [
        part.get("head_content", ""),
        *(choice["content"] for choice in choices),
        part.get("tail_content", ""),
    ]
    text = limits.check_text("\n".join(line for line in lines if line))
    return {"msgtype": kind, "text": text, "choices": choices}


def _other_routes(app: Flask, account: Account) -> None:
    @app.post("/cgi-bin/media/upload")
    def media_upload() -> Response:
        account.tokens.check(request.args.get("access_token"))
        kind = request.args.get("type")
        if kind not in ("image", "voice", "video", "thumb"):
            raise Refused(40004)
        upload = request.files.get("media")
        if upload is None:
            raise Refused(41005)
        media_id = account.materials.keep(
            upload.read(), upload.mimetype, upload.filename or "media"
        )
        created_at = int(account.clock.now())
        return answer({"type": kind, "media_id": media_id, "created_at": created_at})

    @app.get("/cgi-bin/media/get")
    def media_get() -> Response:
        account.tokens.check(request.args.get("access_token"))
        medium = account.materials.medium(request.args.get("media_id"))
        if medium.content_type.startswith("video/"):
            url = f"{request.host_url}_standin/media/{request.args['media_id']}"
            return answer({"video_url": url})
        return send_file(
            io.BytesIO(medium.content),
            mimetype=medium.content_type,
            as_attachment=True,
            download_name=medium.filename,
        )

    @app.post("/cgi-bin/qrcode/create")
    def qr_create() -> Response:
        return answer(account.materials.make_qr(posted(account)))

    @app.get("/cgi-bin/showqrcode")
    def qr_show() -> Response:
        picture = account.materials.picture(request.args.get("ticket", ""))
        if picture is None:
            return Response("", 404)
        return Response(picture, content_type="image/png")

    @app.get("/cgi-bin/user/info")
    def user_info() -> Response:
        account.tokens.check(request.args.get("access_token"))
        user = account.users.get(request.args.get("openid"))
        if not user.subscribed:
            return answer({"subscribe": 0, "openid": user.openid})
        return answer(
            {
                "subscribe": 1,
                "openid": user.openid,
                "nickname": "",  # WeChat stopped giving names and pictures in 2021
                "language": "zh_CN",
                "subscribe_time": user.subscribed_at,
                "remark": "",
                "subscribe_scene": ("ADD_SCENE_QR_CODE" if user.scene else "ADD_SCENE_SEARCH"),
                "qr_scene": 0,
                "qr_scene_str": user.scene,
            }
        )

    @app.post("/cgi-bin/menu/create")
    def menu_create() -> Response:
        menu = posted(account)
        limits.check_menu(menu)
        account.menu = menu
        return answer(OK)

    @app.get("/cgi-bin/menu/get")
    def menu_get() -> Response:
        account.tokens.check(request.args.get("access_token"))
        if account.menu is None:
            raise Refused(46003)
        return answer({"menu": account.menu})

    @app.get("/cgi-bin/menu/delete")
    def menu_delete() -> Response:
        account.tokens.check(request.args.get("access_token"))
        account.menu = None
        return answer(OK)
