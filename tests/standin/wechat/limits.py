"""What WeChat lets through: lengths and shapes of texts, template fields and menus."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.standin.wechat.refusal import Refused

TEXT_BYTES = 2048
DROPPED = frozenset({"first", "remark"})
"""Since 2023 these two are left out of what the person sees, without an error."""

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_TIME = r"\d{1,2}[::]\d{2}([::]\d{2})?"
_DATE = (
    r"(\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日"
    r"|\d{4}([-/.]\d{1,2}){1,2}|\d{1,2}-\d{1,2})"
)
_WHEN = rf"({_DATE}\s?)?{_TIME}"


def _shape(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _name(value: str) -> bool:
    if re.search(f"[{_HAN}]", value):
        return len(value) <= 10
    return len(value) <= 20 and not re.search(r"\d", value)


# 参数值限制, https://developers.weixin.qq.com/doc/service/guide/product/template_message/
# and the same table for subscription messages.
FIELD_RULES: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "short_thing": lambda value: len(value) <= 5,
    "const": lambda value: len(value) <= 20,
    "phrase": _shape(f"[{_HAN}]{{1,5}}"),
    "character_string": _shape(f"[^{_HAN}]{{1,32}}"),
    "number": _shape(r"-?\d{1,32}(\.\d+)?"),
    "letter": _shape(r"[A-Za-z]{1,32}"),
    "symbol": _shape(rf"[^\w\s{_HAN}]{{1,5}}"),
    "time": _shape(rf"{_WHEN}(\s?[~～]\s?{_WHEN})?"),
    "date": _shape(rf"{_DATE}(\s?{_TIME})?(\s?[~～]\s?{_DATE}(\s?{_TIME})?)?"),
    "amount": _shape(r"[^\w\s]?\d{1,10}(\.\d{1,2})?元?"),
    "phone_number": _shape(r"[+\d\-()* ]{1,17}"),
    "car_number": _shape(rf"[{_HAN}A-Z][A-Z0-9]{{1,6}}[{_HAN}A-Z0-9]"),
    "name": _name,
}


def check_text(content: object) -> str:
    """Raises 44004, 45002."""
    if not isinstance(content, str):
        raise Refused(47001)
    if not content.strip():
        raise Refused(44004)
    if len(content.encode()) > TEXT_BYTES:
        raise Refused(45002)
    return content


def check_template_data(data: object, fields: list[str] | None) -> dict[str, str]:
    """The values that will be shown. ``fields``: the template's own keys, None when any will do.
    Raises 47003 naming the offending field."""
    if not isinstance(data, dict):
        raise Refused(47001)
    shown: dict[str, str] = {}
    for key in fields if fields is not None else [key for key in data if key not in DROPPED]:
        entry = data.get(key)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str) or not value.strip():
            raise Refused(47003, f"argument invalid! data.{key}.value is empty")
        rule = FIELD_RULES.get(key.rstrip("0123456789"))
        if "\n" in value or (rule is not None and not rule(value)):
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")
        shown[key] = value
    return shown


def check_menu(menu: object) -> None:
    """https://developers.weixin.qq.com/doc/service/api/custommenu/api_createcustommenu"""
    buttons = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Refused(40016)
    for button in buttons:
        children = button.get("sub_button") or []
        if len(children) > 5:
            raise Refused(40023)
        _check_button(button, top=True, leaf=not children)
        for child in children:
            _check_button(child, top=False, leaf=True)


def _check_button(button: dict[str, Any], top: bool, leaf: bool) -> None:
    name = button.get("name", "")
    if not name or len(name.encode()) > (16 if top else 60):
        raise Refused(40018)
    if not leaf:
        return
    if button.get("type") == "click":
        if not 1 <= len(str(button.get("key", "")).encode()) <= 128:
            raise Refused(40019)
    elif button.get("type") == "view":
        if not 1 <= len(str(button.get("url", "")).encode()) <= 1024:
            raise Refused(40020)
    elif button.get("type") not in {
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "media_id",
        "miniprogram",
    }:
        raise Refused(40017)
