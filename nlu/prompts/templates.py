"""Notices as fields of WeChat's template messages (模板消息), within the documented limits.

A message with one field over its limit is refused as a whole (47003), so everything is cut
here: a notice with "…" at its end still reaches the person, a refused one does not. Limits:
developers.weixin.qq.com, 订阅通知/模板消息参数值内容限制说明.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import yaml
from jinja2 import ChainableUndefined, Environment, Template

from backend.settings import TIMEZONE
from nlu.prompts import PromptError
from nlu.prompts.wording import FILTERS, Manner, tidy

TITLE = "title"
"""Beside the fields: not ours to send, WeChat shows the registered template's own."""
FILE = Path(__file__).parent / "wechat" / "templates.yaml"

THING_LENGTH = 20
PHRASE_LENGTH = 5
NAME_LENGTH = 10
STRING_LENGTH = 32
PHONE_LENGTH = 17

_HAN = re.compile(r"[^\u4e00-\u9fff]+")
_TYPE = re.compile(r"^([a-z_]+?)\d+$")


def template_fields(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the template message for a notice; each within its type's limit.

    `data` is the notice row's: ISO times in UTC, money in fen. A fact that is missing leaves a
    harmless word, since an empty field is refused as well. Raises PromptError for a kind that
    has no template.
    """
    try:
        fields = _templates()[kind]
    except KeyError:
        raise PromptError(f"no template is written for {kind}") from None
    # An explicit null means the same as a missing fact.
    known = {name: value for name, value in data.items() if value is not None}
    return {name: fit(name, template.render(known)) for name, template in fields.items()}


def template_titles() -> dict[str, str]:
    """What stands above each kind of notice that has a template, by kind."""
    return {kind: fields[TITLE] for kind, fields in _written().items()}


def fit(field: str, value: str) -> str:
    """`value` cut to what the type in the field's name (thing1, time2, …) allows.

    Raises PromptError for a type that is not known.
    """
    match = _TYPE.match(field)
    if match is None or match[1] not in _FITTING:
        raise PromptError(f"{field} is no field of a template message")
    return _FITTING[match[1]](re.sub(r"\s+", " ", value).strip())


def _thing(value: str) -> str:
    value = tidy(value)
    if len(value) > THING_LENGTH:
        return value[: THING_LENGTH - 1] + "…"
    return value or "见详情"


def _phrase(value: str) -> str:
    return _HAN.sub("", value)[:PHRASE_LENGTH] or "请查看"


def _name(value: str) -> str:
    return _HAN.sub("", value)[:NAME_LENGTH] or "未知"


def _character_string(value: str) -> str:
    return re.sub(r"[^\x21-\x7e]+", "", value)[:STRING_LENGTH] or "-"


def _number(value: str) -> str:
    return re.sub(r"[^\d.]+", "", value)[:STRING_LENGTH] or "0"


def _amount(value: str) -> str:
    match = re.search(r"-?\d{1,10}(?:\.\d{1,2})?", value)
    return f"{match[0]}元" if match else "0元"


def _phone_number(value: str) -> str:
    return re.sub(r"[^\d+-]+", "", value)[:PHONE_LENGTH] or "-"


def _time(value: str) -> str:
    """2026年3月5日 11:00. Without a time, the only harmless one is a dash of the clock."""
    try:
        when = datetime.fromisoformat(value).astimezone(TIMEZONE)
    except ValueError:
        return "00:00"
    return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"


_FITTING: Mapping[str, Callable[[str], str]] = {
    "thing": _thing,
    "phrase": _phrase,
    "name": _name,
    "character_string": _character_string,
    "number": _number,
    "amount": _amount,
    "phone_number": _phone_number,
    "time": _time,
}


@lru_cache(maxsize=1)
def _templates() -> dict[str, dict[str, Template]]:
    environment = Environment(undefined=ChainableUndefined, autoescape=False)
    for name, filter_ in FILTERS[Manner.EYES].items():
        environment.filters[name] = _lenient(filter_)
    return {
        kind: {
            field: environment.from_string(text) for field, text in fields.items() if field != TITLE
        }
        for kind, fields in _written().items()
    }


def _written() -> dict[str, dict[str, str]]:
    written: dict[str, dict[str, str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return written


def _lenient(filter_: Callable[..., str]) -> Callable[..., str]:
    """The filter, giving an empty string for a fact that is missing."""

    @wraps(filter_)
    def lenient(*args: Any, **kwargs: Any) -> str:
        if any(isinstance(arg, ChainableUndefined) for arg in args):
            return ""
        return filter_(*args, **kwargs)

    return lenient
