"""每天给我打个电话问候一下: greeting calls asked for and ended, by elders and by their families.

Heard by rule, before any order: the catalogue has a telephone greeting that is paid for by the
call, and these are the daily ones, free to whoever asks.
"""

from __future__ import annotations

import re
from datetime import datetime, time

from backend.db.models import Account, Elder, Link
from backend.domain.errors import DomainError
from backend.services.callouts import PHONE, settle_callout
from backend.services.greet_daily import (
    ask_for_greetings,
    end_greetings,
    standing_greeting,
    telephone_of,
)
from backend.settings import TIMEZONE
from nlu.dialogue import listen, people
from nlu.dialogue.basket import wants_of
from nlu.dialogue.state import CallBackTask, CalledTask, DoubtTask, GreetingTask, HelpTask
from nlu.dialogue.talk import Talk
from nlu.prompts.wording import words

GREETING = "companion.call"
"""The catalogue's telephone greeting: its words are ours when they are said of every day."""
_CALL = (
    r"(?:打(?:一?[个次通])?(?:问候)?电话|来(?:一?[个次通])?电话|通(?:一?[个次])?电话|打过来|问候)"
)
_DAILY = r"(?:每天|天天|每日|日日|每个?(?:早上?|早晨|上午|下午|晚上)|每朝)"
_WISH = re.compile(
    rf"{_DAILY}.{{0,14}}{_CALL}|{_CALL}.{{0,6}}{_DAILY}|(?:要|想|订|开通?|申请)每?[天日]?的?(?:平安|问候)电话"
)
_NOT_OURS = re.compile(
    "为什么|怎么|干嘛|是不是|有没有|多少|谁|烦|提醒|总是|老是|都?在打|骚扰|^我们?(?:都?每天|天天|每天都?)(?:都)?给"
)
_NO = "(?:不用|不要|别|不必|不需要|不想|免了|取消|停|唔使|唔好|唔要)"
_NO_LONGER = re.compile(
    rf"{_NO}.{{0,4}}{_DAILY}.{{0,8}}{_CALL}|(?:{_DAILY}|问候).{{0,8}}电话.{{0,5}}{_NO}"
)
_TO_WHOM = re.compile(rf"给(?P<whom>.{{1,6}}?)(?:{_DAILY}|早上|上午|下午|晚上|打|来|通)")
_HOURS = {
    "early_morning": time(8), "morning": time(9), "noon": time(11, 30),
    "afternoon": time(15), "evening": time(19),
}  # fmt: skip
"""When a part of the day was said and no hour: out of quiet hours, and the second try too."""
_IN_NEED = (HelpTask, DoubtTask)


def hears(talk: Talk) -> bool:
    """Answer a wish for greeting calls, or for their end; False for everything else."""
    if talk.utterance.event is not None or not talk.links or people.is_known_by_name(talk):
        return False
    if isinstance(talk.state.task, _IN_NEED):
        return False
    called = talk.state.task if isinstance(talk.state.task, CalledTask) else None
    plain = listen.bare(talk.text)
    if called is None and _ends(talk, plain):
        _end(talk)
    elif (links := _wished_for(talk, plain)) is not None:
        if called is not None:  # it is the greeting itself that is spoken of
            settle_callout(talk.work, called.callout_id)
        _begin(talk, links)
    else:
        return False
    talk.state.misses = 0
    return True


def answer(talk: Talk, task: GreetingTask) -> bool:
    """Whose, or the hour; a no leaves all as it was."""
    if talk.says_no or talk.gives_up:
        talk.finish()
        talk.say("greeting.dropped")
        return True
    if task.asked == "which":
        link = _which(talk, task)
        if link is None:
            return False
        task.elder_id = link.elder_id
    at = _hour(talk) or task.at
    if at is None and task.asked != "which":
        return False
    task.at = at
    _go_on(talk, task)
    return True


def ask(talk: Talk, task: GreetingTask) -> None:
    """The question that stands."""
    if task.asked == "which":
        links = [link for link in talk.links if link.elder_id in task.options]
        names = people.labels(links)
        talk.say("people.which", names=names, choices=names)
    else:
        talk.say("greeting.hour")


def _ends(talk: Talk, plain: str) -> bool:
    if is_end(plain):
        return True
    return (
        talk.state.task is None
        and listen.has("no_more_calls", plain)
        and not {want.service.code for want in wants_of(talk.u)} - {GREETING}
        and any(standing_greeting(talk.work, elder_id) for elder_id in talk.elder_ids)
    )


def is_end(said: str) -> bool:
    """Whether the words want no more daily calls: 不用每天打电话了."""
    plain = listen.bare(said)
    return listen.has("no_greetings", plain) or _NO_LONGER.search(plain) is not None


def _end(talk: Talk) -> None:
    named = people.who(talk.links, talk.u.person) or talk.links
    ended = [link for link in named if end_greetings(talk.work, link.elder_id)]
    for link in ended:
        talk.did("end_greetings", link.elder_id)
    if isinstance(talk.state.task, GreetingTask):
        talk.finish()
    talk.say("callout.greetings_ended" if ended else "greeting.none")


def _wished_for(talk: Talk, plain: str) -> list[Link] | None:
    """Whom a wish for daily calls may be for; None when the words are none."""
    other = {want.service.code for want in wants_of(talk.u)} - {GREETING}
    if other or not _WISH.search(plain) or _NOT_OURS.search(plain) or is_end(plain):
        return None
    own = [link for link in talk.links if link.relation == "self"]
    found = _TO_WHOM.search(plain)
    whom = found["whom"] if found else ""
    if whom in words()["oneself"]:
        return own or None
    if whom in ("她", "他") or not whom:
        return own or talk.links
    return people.who(talk.links, whom) or None


def _begin(talk: Talk, links: list[Link]) -> None:
    task = GreetingTask(at=_hour(talk), options=[link.elder_id for link in links])
    talk.start(task)
    if len(links) == 1:
        task.elder_id = links[0].elder_id
        _go_on(talk, task)
    else:
        task.asked = "which"
        ask(talk, task)


def _go_on(talk: Talk, task: GreetingTask) -> None:
    """The next question, or it is written down."""
    assert task.elder_id is not None
    elder = talk.work.get(Elder, task.elder_id)
    account = _telephone(talk, elder)
    if account is None:
        _to_a_human(talk, elder)
        return
    task.asked = "hour"
    if task.at is None:
        ask(talk, task)
        return
    try:
        with talk.attempt():
            ask_for_greetings(talk.work, elder.id, account.id, task.at)
    except DomainError as refusal:
        task.at = None
        if refusal.code != "bad_hour":
            _to_a_human(talk, elder)
        else:
            talk.say("greeting.bad_hour")
        return
    talk.finish()
    talk.did("ask_for_greetings", elder.id)
    today = datetime.combine(talk.today, task.at, TIMEZONE) > talk.work.now
    talk.say(
        "greeting.set",
        elder=None if talk.called(elder) == "您" else elder.name,
        at=task.at,
        today=today,
    )


def _telephone(talk: Talk, elder: Elder) -> Account | None:
    """The one they ring from, if it is the elder's own; else the one we know."""
    link = talk.link_to(elder.id)
    own = link is not None and link.relation == "self" and talk.account.channel == PHONE
    if own and talk.account.identifier != elder.bell_number:
        return talk.account
    return telephone_of(talk.work, elder.id)


def _to_a_human(talk: Talk, elder: Elder) -> None:
    summary = talk.text_of("ticket.greetings", elder=elder.name, said=talk.text[:200])
    talk.state.task = CallBackTask(asked="confirm", elder_id=elder.id, summary=summary)
    talk.say("greeting.no_phone", elder=talk.called(elder))


def _which(talk: Talk, task: GreetingTask) -> Link | None:
    links = [link for link in talk.links if link.elder_id in task.options]
    index = talk.picked if talk.picked is not None else listen.ordinal(talk.text, len(links))
    if index is not None and index < len(links):
        return links[index]
    said = talk.u.person or listen.bare(talk.text)
    found = people.who(links, said)
    return found[0] if len(found) == 1 else None


def _hour(talk: Talk) -> time | None:
    return talk.u.time or _HOURS.get(talk.u.part or "")
