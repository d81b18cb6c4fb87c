"""What a message is about: of everything heard, what its intent leaves.

An order is about what is wanted, not what is refused ("不要打扫了,要洗澡"); a cancellation about
what it cancels; a complaint about no meal that it does not name ("饭馊了"); thanks about nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nlu.understanding import Want
from nlu.values.clauses import Heard
from nlu.values.found import Found
from nlu.values.order_ref import find_order_ref
from nlu.values.people import find_bound, find_client, find_person
from nlu.values.services import ServiceFound
from nlu.values.unwanted import (
    CLAUSE,
    ESCORTED,
    clause_around,
    is_excused,
    is_refused,
    is_taken_back,
    to_the_point,
)

ORDER_OF_CATEGORY = {
    "meal": "order_meal",
    "nursing": "order_nursing",
    "home": "order_home_help",
    "escort": "order_escort",
    "errand": "order_errand",
    "companion": "order_companion",
    "health": "health_consult",
}
CATEGORY_OF_ORDER = {
    order: category for category, order in ORDER_OF_CATEGORY.items() if category != "health"
}
ORDERS = frozenset(CATEGORY_OF_ORDER)
# About an order that exists already.
ABOUT_ORDERS = frozenset(
    {"query_order", "cancel_order", "change_order", "repeat_order", "rate_service", "complain"}
)
LOOKING_BACK = frozenset({"rate_service", "complain"})
# Talk that is about no service and no day, whatever words it uses ("今天天气真好").
SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "chitchat", "out_of_scope", "repeat_prompt"})
_NO_DAY = SMALL_TALK | {"emergency", "transfer_agent", "bind_elder", "unbind_elder"}
_NO_SERVICE = _NO_DAY | {"query_balance"}
_ANSWERS = frozenset({"inform", "affirm", "deny"})
# Whose words may ask something of a kitchen.
_KITCHEN = ORDERS | _ANSWERS | {"change_order", "repeat_order", "query_menu", "query_service"}
# Where a word for any meal names one only if the hour is said: "送餐地址换一下", "饭怎么还没到".
_NO_MEAL_BY_DEFAULT = ABOUT_ORDERS | {"query_menu", "query_price", "query_service"}
_TOLD_BEFORE = re.compile(
    r"(?:(?:[讲说话提][了过]|交代|嘱咐|吩咐|叮嘱|备注|要求|写[了着明]|[说讲]好|跟你们[说讲]|订的|要的)"
    r"[^,。;!?]{0,8},?|明明[^,。;!?]{0,6})(?:是|要|别|不要)?$"
)
# Spoken of old people in general: nobody in particular.
_IN_GENERAL = frozenset({"query_service", "query_price", "health_consult"})
# Who came, in a verdict; who else might come, in a change.
_CAME = re.compile(r"(?![我咱俺]).{1,3}(?:姐|哥|叔|姨|阿姨|大姐|大哥|师傅|护士)")
_COMES = re.compile(r"(?![我咱俺家二三四]).(?:姐|哥|大姐|大哥|师傅|护士)")

_CANCELS = re.compile(
    r"取消|不要|不用|不需要|退[掉了订单]|[别甭][送来做打]|不订|不去|唔要|唔使|撤|不约|免了|算了"
    r"|不做|不想|停[了掉吧一]|[先都]别|退$|去不了|删"
)
_STAYS_AFTER = re.compile(
    r"^(?:的|那份|那个|还是|仍然|还|就|都|,)*(?:留[着住下]?|照[送来做常旧样]|不变|保留|继续|别[退动]|[不唔][退动]"
    r"|要(?![取退]))"
)
_STAYS_BEFORE = re.compile(r"(?:只留|留着|留下|保留|留)$")
_INSTEAD = re.compile(r"改[成为订约做]|换成|换为|改要|变成")
# Who does it, not what: "护工来洗澡" is a bath.
_TITLE = re.compile(r"护工|护理员|陪护|保姆|钟点工|家政|看护")
_MEASURE = re.compile(
    r"(?:各|再)?[买带捎要拿]*[一二两三四五六七八九十几半点些\d]*[斤瓶包盒支箱桶袋提罐粒块条]?"
)
_BY_TELEPHONE = re.compile(r"(?<![别不])(?<!不用|不要)[打来通].{0,3}电话?|(?<![别不打来通个])电话")
# Where one trip is meant, wherever in the sentence its parts stand.
_TRIPS = frozenset({"order_escort", "order_errand"})
CONSULT, ESCORT = "health.consult", "escort.hospital"
MEDICINE, SHOPPING = "errand.medicine", "errand.shopping"
CARE, BATH = "home.care", "home.bath"
VISIT, CALL = "companion.visit", "companion.call"


def meant(heard: Heard, intent: str, always: bool = False) -> Heard:
    """Of everything heard, what the message is about under this intent.

    `always` keeps the services of an intent that has none, to see what they would say.
    """
    services = heard.services
    if intent == "health_consult":
        services = _consult(services)
    elif (intent in _NO_SERVICE or intent.startswith("job_")) and not always:
        services = []
    elif intent == "cancel_order":
        services = _cancelled(heard)
    else:
        kept = _standing(heard)
        services = wanted(heard) or [s for s in kept if not is_refused(heard.text, s, kept)] or kept
    if intent in _NO_MEAL_BY_DEFAULT and not (heard.parts or heard.clocks):
        services = [s for s in services if not s.generic]
    services = _by_telephone(heard.text, _without_titles(heard.text, services))
    services = _one_errand(heard.text, services, intent)
    if intent != "cancel_order":
        services = to_the_point(heard.text, services, CATEGORY_OF_ORDER.get(intent))
    heard = replace(heard, services=services)
    if intent in _NO_DAY:
        return replace(heard, dates=[], clocks=[], parts=[], recurrences=[], quantities=[])
    if intent.startswith("query_") and intent != "query_order":
        return replace(heard, recurrences=[])
    return heard


def wanted(heard: Heard) -> list[ServiceFound]:
    """The services not refused, replaced or given as a reason ("没人做饭"); maybe none."""
    standing = _standing(heard)
    return [
        s
        for s in standing
        if not is_refused(heard.text, s, standing) and not is_excused(heard.text, s)
    ]


def outright(heard: Heard, intent: str, sure: bool) -> list[ServiceFound]:
    """The services whose name says better than the classifier what is ordered.

    To one that is `sure` a thing and a deed are no such name; whoever is to be accompanied says
    where to ("陪我去理发"), and an errand names the place ("去银行打个流水").
    """
    named = [s for s in meant(heard, intent, always=True).services if not s.by_sound]
    if intent not in ORDERS:
        return named
    positive = wanted(heard)
    if positive and positive[0].code.startswith(f"{CATEGORY_OF_ORDER[intent]}."):
        return positive[:1]
    named = [s for s in named if s in positive and not (sure and s.told)]
    if intent == "order_escort" and sure and ESCORTED.search(heard.text):
        return []
    if intent == "order_errand" and not ESCORTED.search(heard.text):
        return [s for s in named if not s.code.startswith("escort.")]
    return named


def _standing(heard: Heard) -> list[ServiceFound]:
    kept: list[ServiceFound] = []
    for service in heard.services:
        if kept and (
            _INSTEAD.search(heard.text[kept[-1].end : service.start])
            or is_taken_back(heard.text, kept[-1], service)
        ):
            kept.pop()
        kept.append(service)
    return kept


def _consult(services: list[ServiceFound]) -> list[ServiceFound]:
    at = next((s.start for s in services if s.code == CONSULT), 0)
    return [ServiceFound((CONSULT,), at, at)]


def _cancelled(heard: Heard) -> list[ServiceFound]:
    """The services in the clauses that cancel, else all ("我要去医院,午饭取消": the lunch)."""
    bounds = [0, *(m.end() for m in CLAUSE.finditer(heard.text)), len(heard.text)]
    kept: list[ServiceFound] = []
    for start, end in zip(bounds, bounds[1:], strict=False):
        if _CANCELS.search(heard.text[start:end]):
            kept += [s for s in heard.services if start <= s.start < end]
    kept = [s for s in kept if not _stays(heard.text, s)] or kept
    return kept or heard.services


def _stays(text: str, service: ServiceFound) -> bool:
    """ "午饭退了晚饭留着": the dinner comes as ordered."""
    before, after = text[: service.start], text[service.end :]
    return bool(_STAYS_AFTER.match(after) or _STAYS_BEFORE.search(before))


def _by_telephone(text: str, services: list[ServiceFound]) -> list[ServiceFound]:
    """A chat on the telephone is no visit: "打个电话陪我聊聊天"."""
    chats = [s for s in services if s.code in (VISIT, CALL)]
    if not chats or not _BY_TELEPHONE.search(text):
        return services
    first = chats[0]
    call = ServiceFound((CALL,), first.start, first.end, all(s.by_sound for s in chats))
    return [call if s is first else s for s in services if s is first or s not in chats]


def _without_titles(text: str, services: list[ServiceFound]) -> list[ServiceFound]:
    """Without who is to come, and what belongs to a day of care ("喂饭擦身换尿片")."""
    cared_for = any(s.code == CARE for s in services)
    others = [
        s
        for s in services
        if not _TITLE.fullmatch(text[s.start : s.end])
        and not (cared_for and s.code == BATH and text[s.start] in "擦抹")
    ]
    return others or services


def _one_errand(text: str, services: list[ServiceFound], intent: str) -> list[ServiceFound]:
    """ "陪我去医院换药" is one outing, "去医院拿药" one errand: the place is no second service. Nor
    is how much an errand is to bring ("眼药水没了,买两瓶")."""
    codes = {s.code for s in services}
    kept: list[ServiceFound] = []
    for service in services:
        start, end = clause_around(text, service)
        inside = services if intent in _TRIPS else [s for s in services if start <= s.start < end]
        escorted = bool(ESCORTED.search(text if intent == "order_escort" else text[start:end]))
        place = service.code.startswith("escort.") and not escorted
        purpose = escorted and (
            service.code.startswith("nursing.") or service.code in (MEDICINE, CONSULT)
        )
        fetched = any(s.code.startswith("errand.") for s in inside)
        led_there = any(s.code == ESCORT and s.start < service.start for s in inside)
        measure = service.code == SHOPPING and _MEASURE.fullmatch(text[service.start : service.end])
        if not ((place and fetched) or (purpose and led_there) or (measure and MEDICINE in codes)):
            kept.append(service)
    return kept


def diets_of(wants: tuple[Want, ...], heard: Heard, intent: str) -> tuple[str, ...]:
    """The kitchen's requests; in a sentence about wound care "轻一点" asks nothing of a kitchen."""
    if intent == "complain":
        return tuple(dict.fromkeys(d.value for d in heard.diets if _had_been_asked(heard.text, d)))
    if intent not in _KITCHEN:
        return ()
    if wants:
        return tuple(dict.fromkeys(diet for want in wants for diet in want.diet))
    return tuple(dict.fromkeys(one.value for one in heard.diets))


def _had_been_asked(text: str, wish: Found[str]) -> bool:
    """ "讲了三回少放盐": a complaint that says again what the kitchen was told."""
    return bool(_TOLD_BEFORE.search(text[: wish.start]))


def person_of(text: str, intent: str) -> str | None:
    """Whom the message concerns, verbatim: neither old people in general nor the worker judged."""
    if intent in SMALL_TALK:
        return None
    if intent.startswith("job_"):
        return find_client(text)
    if intent in ("bind_elder", "unbind_elder"):
        return find_bound(text)
    worker = _CAME if intent in LOOKING_BACK else _COMES if intent in ABOUT_ORDERS else None
    return find_person(text, but=worker, anybody=intent not in _IN_GENERAL)


def order_meant(text: str, heard: Heard, intent: str) -> str | None:
    """The words that pick out an existing order, for intents that can be about one."""
    if intent not in ABOUT_ORDERS and intent not in _ANSWERS:
        return None
    spans = [(s.start, s.end) for s in heard.services if s.end > s.start]
    return find_order_ref(text, intent in ABOUT_ORDERS, spans)
