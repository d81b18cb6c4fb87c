"""Answers of the people who were told of a call for help, and of those who close tickets.

收到 stops the alarm, so it is taken only from someone who was told of it, and only when the
words can hardly mean anything else. The elder's own people may take an incident up; that it is
over, someone on duty says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from sqlalchemy import select

from backend.db.models import Account, Incident, Notice, Ticket
from backend.domain.errors import DomainError
from backend.domain.incidents import IncidentState
from backend.services.answer_incident import (
    acknowledge_incident,
    dispatch_incident,
    resolve_incident,
)
from backend.services.close_ticket import close_ticket
from backend.services.lookup import incidents_told, is_on_duty
from backend.services.open_ticket import open_ticket
from backend.services.raise_incident import incident_facts
from backend.services.work import Work
from nlu.dialogue.state import DialogueState
from nlu.dialogue.talk import Talk
from nlu.dialogue.turns import Turn, Utterance
from nlu.understanding import Understanding

FRESH = timedelta(hours=24)
"""A family's word about an older incident is about something else."""

_ENDS = r"(?=$|[\s,.!~、;:了啦]|\d|我|马上|警情|,|。)"
_ACKNOWLEDGE = re.compile(
    rf"^(?:好的?|嗯|行|ok)?[\s,.]*(?:收到|已收到|接警|已接警){_ENDS}|"
    r"我(?:来|去)?处理|我(?:马上|现在|这就|立刻)(?:去|过去|到|来|处理|赶)|"
    r"^马上(?:处理|过去|去|到|赶)|我去看看|我过去|^交给我|正在处理|^\d+号?\s*收到"
)
_DISPATCH = re.compile(
    r"(?:已经?|都)?派(?:了|人|出|去|车|救护|护士|同事|邻居)|已派|已出动|"
    r"(?:打|叫|拨)了?(?:120|110|119|救护车)|救护车(?:已|在|来|快|出|到|马上)|"
    r"(?:人|同事|邻居|网格员|社工|保安)(?:已经?)?(?:在路上|过去了|出发)"
)
_RESOLVE = re.compile(
    r"已?处理(?:完|好|结束)|已处理|已解决|解决了|解除|误报|误按|按错|误触|虚惊|没事了|"
    r"送医院?了|已送医|已送到医院|结案|办结"
)
_REPORT = re.compile(
    r"(?:\d{1,9}号?(?:警情)?\s*)?(?:(?:已经?|都)(?:派|处理|送|解除|出动|叫|打|通知|联系)|派了|误报|误按|虚惊|"
    r"救护车(?:已|在路|到了)|(?:120|110|119)(?:已|在路|到了))"
)
"""Begins like a report on what was done, not like a cry."""
_CLOSE = re.compile(r"关闭|关单|结单|关掉|工单.{0,8}(?:已|办|好|完|结)")
_EDGE = " ,.:;!。"
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")
_HELP_LINES = frozenset({"120", "110", "119"})


def as_on_duty(u: Understanding) -> Understanding:
    """What someone on duty says: 关闭 20 已回电 closes a ticket and is no cry for help.

    Only where the classifier alone heard one; what the emergency rules hear stays one.
    """
    if u.intent == "emergency" and u.source == "rasa" and _CLOSE.match(u.text.strip()):
        return replace(u, intent="inform")
    return u


def respond_duty(
    work: Work, account: Account, utterance: Utterance, state: DialogueState
) -> Turn | None:
    """收到, 已派人, 已处理 for incidents; 关闭 34 已回电 for tickets; None for anything else.

    Carries out use cases in the caller's transaction. To be asked before a cry for help is
    raised: a report on a running incident ("已派救护车,120十分钟到") sounds like one and must not
    ring again.
    """
    if utterance.event is not None or utterance.place is not None:
        return None
    talk = Talk(work, account, utterance, state)
    answer = _Answer(talk, unicodedata.normalize("NFKC", utterance.text).strip())
    if talk.u.intent == "emergency" and not (_REPORT.match(answer.text) and answer.told):
        return None
    return talk.turn() if answer.give() else None


@dataclass
class _Answer:
    """One answer in the making."""

    talk: Talk
    text: str

    @cached_property
    def on_duty(self) -> bool:
        return bool(is_on_duty(self.talk.work, self.talk.account.id))

    @cached_property
    def told(self) -> list[Incident]:
        """Unresolved incidents this account was told of, newest first."""
        incidents = incidents_told(self.talk.work, self.talk.account.id)
        oldest = self.talk.work.now - FRESH
        return [i for i in incidents if self.on_duty or i.raised_at > oldest]

    @cached_property
    def number(self) -> int | None:
        """The incident or ticket named; telephone numbers of the rescue are none."""
        numbers = [n for n in _NUMBER.findall(self.text) if n not in _HELP_LINES]
        return int(numbers[0]) if numbers else None

    def give(self) -> bool:
        """Answer; False when the words are not for us."""
        if _CLOSE.search(self.text) and self.on_duty:
            return self.close()
        if _RESOLVE.search(self.text):
            return self.take(self.resolve, "已处理")
        if _DISPATCH.search(self.text):
            return self.take(self.dispatch, "已派人")
        if _ACKNOWLEDGE.search(self.text):
            return self.acknowledge()
        return False

    # ---------------------------------------------------------------- incidents

    def acknowledge(self) -> bool:
        """收到: the newest that nobody has yet, or the one named."""
        raised = [i for i in self.told if i.state is IncidentState.RAISED]
        if self.number is not None:
            return self.take(self._acknowledge, "收到")
        if raised:
            return self._acknowledge(raised[0])
        if not self.text.startswith(("收到", "已收到", "接警")) or not self.told:
            return False
        return self._acknowledge(self.told[0])

    def take(self, step: Callable[[Incident], bool], verb: str) -> bool:
        """Find the incident meant and go on with `step`; ask when several are open."""
        if self.number is not None and (self.on_duty or self.told):
            incident = self._by_number(self.number)
            if incident is not None:
                return step(incident)
            if self.on_duty and self.text.startswith(("收到", "已", "处理")):
                self.talk.say("duty_no_such_incident", incident_id=self.number)
                return True
        if not self.told:
            return False
        mine = [i for i in self.told if i.acknowledged_by == self.talk.work.actor.name]
        fitting = mine or self.told
        if len(fitting) == 1:
            return step(fitting[0])
        self.talk.say(
            "duty_which_incident",
            verb=verb,
            incidents=[
                {"id": i.id, "elder": _who(i), "raised_at": i.raised_at, "said": i.words}
                for i in fitting[:5]
            ],
        )
        return True

    def _acknowledge(self, incident: Incident) -> bool:
        if incident.state is IncidentState.RESOLVED:
            return self._already_resolved(incident)
        work = self.talk.work
        if incident.state is not IncidentState.RAISED:
            mine = incident.acknowledged_by == work.actor.name
            self.talk.say(
                "duty_already_acknowledged",
                incident_id=incident.id,
                elder=_who(incident),
                by="您" if mine else self._name_of(incident.acknowledged_by),
                others=self._others(incident),
            )
            return True
        if self._do("acknowledge_incident", lambda: acknowledge_incident(work, incident.id)):
            facts = incident_facts(work, incident)
            self.talk.say(
                "duty_acknowledged",
                incident_id=incident.id,
                elder=_who(incident),
                said=facts["said"],
                call_back=facts["call_back"],
                on_duty=self.on_duty,
                others=self._others(incident),
            )
        return True

    def dispatch(self, incident: Incident) -> bool:
        """已派人: help is on its way."""
        if incident.state is IncidentState.RESOLVED:
            return self._already_resolved(incident)
        work = self.talk.work
        if self._do("dispatch_incident", lambda: dispatch_incident(work, incident.id, self.text)):
            self.talk.say(
                "duty_dispatched", incident_id=incident.id, elder=_who(incident), note=self.text
            )
        return True

    def resolve(self, incident: Incident) -> bool:
        """已处理,老人没事: over, if someone on duty says so."""
        if incident.state is IncidentState.RESOLVED:
            return self._already_resolved(incident)
        if not self.on_duty:
            return self._family_says_over(incident)
        work, outcome = self.talk.work, self._outcome()
        if self._do("resolve_incident", lambda: resolve_incident(work, incident.id, outcome)):
            self.talk.say(
                "duty_resolved", incident_id=incident.id, elder=_who(incident), outcome=outcome
            )
        return True

    def _family_says_over(self, incident: Incident) -> bool:
        """A relative has it in hand; those on duty check once more before it is over."""
        work = self.talk.work
        if not self._do("acknowledge_incident", lambda: acknowledge_incident(work, incident.id)):
            return True
        ticket = open_ticket(
            work,
            "call_back",
            f"{incident.id}号警情({_who(incident)}),家里说:{self.text[:60]}。请核实后结案",
            self.talk.key("family_says_over"),
            elder_id=incident.elder_id,
        )
        self.talk.did("open_ticket", ticket.id)
        self.talk.say("duty_family_cannot_close", incident_id=incident.id, note=self.text)
        return True

    def _already_resolved(self, incident: Incident) -> bool:
        self.talk.say(
            "duty_already_resolved",
            incident_id=incident.id,
            elder=_who(incident),
            outcome=incident.outcome,
        )
        return True

    def _by_number(self, number: int) -> Incident | None:
        """The incident with a number, resolved ones too, if this account was told of it."""
        return self.talk.work.session.scalar(
            select(Incident).where(
                Incident.id == number,
                Incident.id.in_(
                    select(Notice.incident_id).where(Notice.account_id == self.talk.account.id)
                ),
            )
        )

    def _others(self, incident: Incident) -> list[int]:
        """Other incidents of this account that nobody has yet."""
        return [i.id for i in self.told if i.state is IncidentState.RAISED and i.id != incident.id]

    def _outcome(self) -> str:
        """What was said beside the command and the number."""
        rest = re.sub(
            r"^(?:第?\d+号?(?:警情)?)?[\s,.:,。:]*(?:已经?)?处理(?:完|好)?了?", "", self.text
        )
        rest = re.sub(r"^\s*\d{1,9}号?(?:警情)?(?!\d)", "", rest.lstrip(_EDGE))
        return rest.strip(_EDGE) or self.text

    def _name_of(self, actor: str | None) -> str:
        """Who answered first, by the name they go by."""
        kind, _, key = (actor or "").partition(":")
        if kind != "account" or not key.isdigit():
            return actor or ""
        account = self.talk.work.session.get(Account, int(key))
        return (account.name or "") if account is not None else ""

    # ---------------------------------------------------------------- tickets

    def close(self) -> bool:
        """关闭 34 已回电: number and outcome."""
        work = self.talk.work
        number = self.number
        if number is None:
            open_ones = self._open_tickets()
            if len(open_ones) != 1:
                self.talk.say("duty_which_ticket", tickets=open_ones[:5])
                return True
            number = open_ones[0].id
        ticket = work.session.get(Ticket, number)
        if ticket is None:
            self.talk.say("duty_no_such_ticket", ticket_id=number)
            return True
        if ticket.state != "open":
            self.talk.say("duty_ticket_already_closed", ticket_id=ticket.id, outcome=ticket.outcome)
            return True
        outcome = self._ticket_outcome()
        if not outcome:
            self.talk.say("duty_ticket_outcome_needed", ticket_id=ticket.id)
            return True
        if self._do("close_ticket", lambda: close_ticket(work, ticket.id, outcome)):
            self.talk.say("duty_ticket_closed", ticket_id=ticket.id, outcome=outcome)
        return True

    def _ticket_outcome(self) -> str:
        rest = re.sub(r"关闭|关单|结单|关掉|工单|(?<!\d)\d{1,9}号?(?!\d)", " ", self.text, count=3)
        return re.sub(r"\s+", " ", rest).strip(_EDGE)

    def _open_tickets(self) -> Sequence[Ticket]:
        """Open tickets this account was told of, oldest first."""
        told = select(Notice.data["ticket_id"].as_integer()).where(
            Notice.account_id == self.talk.account.id, Notice.kind == "ticket_opened"
        )
        return self.talk.work.session.scalars(
            select(Ticket)
            .where(Ticket.id.in_(told), Ticket.state == "open")
            .order_by(Ticket.due_at, Ticket.id)
        ).all()

    def _do(self, name: str, use_case: Callable[[], Incident | Ticket]) -> bool:
        try:
            with self.talk.attempt():
                done = use_case()
        except DomainError:
            self.talk.say("duty_refused")
            return False
        self.talk.did(name, done.id)
        return True


def _who(incident: Incident) -> str:
    return incident.elder.name if incident.elder is not None else "身份不明"
