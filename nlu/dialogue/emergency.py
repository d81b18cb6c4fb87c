"""A call for help inside a conversation: raised first, talked about afterwards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.db.models import Incident
from backend.domain.incidents import IncidentState
from backend.services.raise_incident import SAME_CALL, raise_incident
from nlu.dialogue import listen, people
from nlu.dialogue.state import HelpTask, OrderTask
from nlu.dialogue.talk import SURE, Talk

# What clearly is no word to the helpers while a call runs.
_OWN_BUSINESS = frozenset(
    {
        "thanks", "goodbye", "query_balance", "query_price", "query_menu", "query_service",
        "rate_service", "bind_elder", "unbind_elder", "repeat_order",
    }
)  # fmt: skip


def call(talk: Talk, words: str | None = None, elder_id: int | None = None) -> None:
    """Raise the incident, keyed by the message; keep whatever was begun for later.

    `words` are told instead of the message's; `elder_id` is whom it is about, if known before.
    """
    elder_id = elder_id or elder_meant(talk)
    open_call = running(talk)
    if (
        open_call is not None
        and elder_id in (None, open_call.elder_id)
        and not _by_this_message(talk, open_call)
    ):
        # The same call goes on: one incident, more words.
        _begin(talk, open_call)
        add(talk, open_call)
        return
    incident = raise_incident(
        talk.work,
        words or talk.text or talk.text_of("help.button"),
        talk.utterance.source_id,
        elder_id=elder_id,
        place=_place(talk),
    )
    talk.did("raise_incident", incident.id)
    known = elder_id is not None or bool(incident.place)
    asked = None if known else "address"
    _begin(talk, HelpTask(asked=asked, incident_id=incident.id, elder_id=elder_id))
    talk.say(
        "help.raised",
        ask_place=not known,
        kept=isinstance(talk.state.paused, OrderTask),
        elder=incident.elder.name if incident.elder is not None else None,
    )


def answer(talk: Talk, task: HelpTask) -> bool:
    """What is said while help is on its way goes to those who help; other matters go on."""
    incident = talk.work.get(Incident, task.incident_id)
    if incident.state is IncidentState.RESOLVED or talk.work.now - incident.raised_at > SAME_CALL:
        talk.finish()
        return False
    own = talk.u.intent.startswith("order_") or talk.u.intent in _OWN_BUSINESS
    if talk.u.intent in ("cancel_order", "change_order"):
        own = bool(talk.u.order_ref or talk.u.services)
    own = own and talk.u.confidence >= SURE and not listen.has("not_alarm", talk.text)
    if own and task.asked is None:
        return False
    add(talk, task)
    return True


def add(talk: Talk, task: HelpTask) -> None:
    """Pass words or a place on to the incident that runs."""
    place = _place(talk)
    if task.asked == "address" and not place and talk.text:
        place = {"address": talk.text[:200]}
    raise_incident(
        talk.work,
        talk.text or talk.text_of("help.place_shared"),
        talk.key("more"),
        elder_id=task.elder_id,
        place=place,
    )
    talk.did("raise_incident", task.incident_id)
    task.asked = None
    false_alarm = listen.has("not_alarm", talk.text)
    talk.say("help.maybe_false" if false_alarm else "help.passed_on", place=bool(place))


def ask(talk: Talk, task: HelpTask) -> None:
    """Where are you? (only while we do not know)."""
    if task.asked == "address":
        talk.say("help.where")


def notice_running(talk: Talk) -> None:
    """A call that was raised outside the conversation (a bell, the channel's own fast path)
    becomes its task, once."""
    task = running(talk)
    if task is not None and task.incident_id != talk.state.help_id:
        _begin(talk, task)


def _by_this_message(talk: Talk, open_call: HelpTask) -> bool:
    """The channel's own fast path has raised it from the very words we are answering."""
    incident = talk.work.get(Incident, open_call.incident_id)
    return incident.idempotency_key == talk.utterance.source_id


def _begin(talk: Talk, task: HelpTask) -> None:
    """Help comes first; an order that was being made is put aside."""
    if isinstance(talk.state.task, OrderTask):
        talk.state.paused = talk.state.task
    talk.state.task, talk.state.help_id = task, task.incident_id


def running(talk: Talk) -> HelpTask | None:
    """The account's own unresolved incident, for a location that comes without words."""
    incident = talk.work.session.scalar(
        select(Incident)
        .where(
            Incident.account_id == talk.account.id,
            Incident.state != IncidentState.RESOLVED,
            Incident.raised_at > talk.work.now - SAME_CALL,
        )
        .order_by(Incident.id.desc())
        .limit(1)
    )
    if incident is None:
        return None
    return HelpTask(incident_id=incident.id, elder_id=incident.elder_id)


def elder_meant(talk: Talk) -> int | None:
    """The elder a cry is about, as far as words and conversation tell."""
    found = people.who(talk.links, talk.u.person)
    if len(found) == 1:
        return found[0].elder_id
    if isinstance(talk.state.task, OrderTask) and talk.u.person is None:
        return talk.state.task.elder_id
    return None


def _place(talk: Talk) -> dict[str, Any]:
    place = talk.utterance.place
    return {"lat": place.lat, "lon": place.lon} if place is not None else {}
