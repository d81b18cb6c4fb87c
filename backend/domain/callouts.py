"""Calls that we make: why, when they may ring, how often they are tried, and when to stop.

Nobody is rung twice for one thing, nobody is woken for what can wait, and whoever does not
answer is left in peace after a few tries; only an alarm rings on until a human has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why we ring somebody."""

    CONFIRM_CHANGE = "confirm_change"
    """An order was changed by someone else: is that all right?"""
    ON_THE_WAY = "on_the_way"
    """The worker has set out, or says that it gets late."""
    HOW_WAS_IT = "how_was_it"
    """A visit is over: how was it?"""
    DAILY_GREETING = "daily_greeting"
    """The elder asked for it: how are you today?"""
    CHECK = "check"
    """The elder did not answer the greeting: somebody close is asked to look."""
    JOB_OFFER = "job_offer"
    """A job is put to a worker who has no WeChat."""
    JOB_NEWS = "job_news"
    """A worker's job was changed or called off."""
    NEWS = "news"
    """Anything else that people follow an order for."""
    ALARM = "alarm"
    """A call for help, to those who can act."""
    ALARM_NEWS = "alarm_news"
    """What became of a call for help, to those who were told of it."""


class CalloutState(StrEnum):
    """Where a callout stands."""

    PENDING = "pending"
    RINGING = "ringing"
    ANSWERED = "answered"
    """They have picked up and we talk."""
    NO_ANSWER = "no_answer"
    """Not reached; it is tried again."""
    DONE = "done"
    LAPSED = "lapsed"
    """Too late, or no longer true."""
    GIVEN_UP = "given_up"


WAITING = frozenset({CalloutState.PENDING, CalloutState.NO_ANSWER})
UNDER_WAY = frozenset({CalloutState.RINGING, CalloutState.ANSWERED})
OVER = frozenset({CalloutState.DONE, CalloutState.LAPSED, CalloutState.GIVEN_UP})


class Missed(StrEnum):
    """Why a try did not reach anybody."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    """Pushed away, or hung up before our first words were out."""
    SILENT = "silent"
    """Picked up, and not a word was said."""
    CUT = "cut"
    """Our own line died while it rang or talked."""
    UNREACHABLE = "unreachable"
    """The telephone network is away: nothing is known of the person."""
    NOT_A_NUMBER = "not_a_number"


NO_PROOF = frozenset({Missed.CUT, Missed.UNREACHABLE, Missed.NOT_A_NUMBER})
"""Troubles of the line, which say nothing of the person: a trunk that is down must not have every
elder of the town looked for."""
OUR_WAIT = timedelta(minutes=2)
MOST_ATTEMPTS = 10
"""A callout that breaks the line each time it is tried must not break it for ever."""


@dataclass(frozen=True)
class Quiet:
    """Hours, local, in which the telephone stays silent; they may run over midnight."""

    begins: time
    ends: time

    def has(self, moment: datetime) -> bool:
        """Whether a local moment lies within."""
        clock = moment.time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def over(self, moment: datetime) -> datetime:
        """The end of the quiet that `moment` lies in."""
        end = moment.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        return end if end > moment else end + timedelta(days=1)


NIGHT = Quiet(time(21), time(8))
NAP = Quiet(time(12, 30), time(14))
WORKERS_NIGHT = Quiet(time(22), time(6))


@dataclass(frozen=True)
class Rule:
    """How one reason is rung for.

    `waits`: after the first, second, … try that nobody answered; after the last it is given up,
    or with `for_ever` goes on at the last wait. `delay`: from the cause to the first try.
    `stands`: from then on how long it is worth a call, None for as long as it is true.
    """

    waits: tuple[timedelta, ...]
    quiet: tuple[Quiet, ...] = (NIGHT, NAP)
    delay: timedelta = timedelta(0)
    stands: timedelta | None = timedelta(hours=24)
    for_ever: bool = False
    is_question: bool = False
    """Nothing is settled before they have said something."""


def _minutes(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=number) for number in numbers)


RULES: Mapping[Reason, Rule] = {
    Reason.CONFIRM_CHANGE: Rule(_minutes(10, 30, 60)),
    # Someone is about to ring at the door, whatever the hour.
    Reason.ON_THE_WAY: Rule(_minutes(2), quiet=(), stands=timedelta(minutes=30)),
    # The worker should have left, and lunch be eaten; asked twice is asked enough.
    Reason.HOW_WAS_IT: Rule(_minutes(120), delay=timedelta(minutes=20)),
    Reason.DAILY_GREETING: Rule(_minutes(30), stands=timedelta(hours=4), is_question=True),
    Reason.CHECK: Rule(_minutes(5, 15), quiet=(NIGHT,), stands=timedelta(hours=6)),
    # Offers stand for minutes; their own end is the callout's.
    Reason.JOB_OFFER: Rule(_minutes(2, 4, 8), quiet=(WORKERS_NIGHT,)),
    Reason.JOB_NEWS: Rule(_minutes(5, 15, 60), quiet=(WORKERS_NIGHT,)),
    Reason.NEWS: Rule(_minutes(10, 60)),
    Reason.ALARM: Rule(_minutes(0.5, 1), quiet=(), stands=None, for_ever=True),
    Reason.ALARM_NEWS: Rule(_minutes(2, 10), quiet=()),
}

TO_A_HUMAN = frozenset({Reason.CONFIRM_CHANGE, Reason.JOB_NEWS, Reason.CHECK})
"""Whoever cannot be reached about these is rung by a colleague: a worker would go for nothing,
an elder be surprised."""


@dataclass(frozen=True)
class QuietHours:
    """The quiet hours of a city, where it keeps others than those above."""

    night: Quiet = NIGHT
    nap: Quiet = NAP
    workers_night: Quiet = WORKERS_NIGHT

    def of(self, reason: Reason) -> tuple[Quiet, ...]:
        """Those in which this reason is not rung for."""
        kept = {NIGHT: self.night, NAP: self.nap, WORKERS_NIGHT: self.workers_night}
        return tuple(kept[one] for one in RULES[reason].quiet)


SHIPPED = QuietHours()


def not_before(reason: Reason, moment: datetime, hours: QuietHours = SHIPPED) -> datetime:
    """The first moment from `moment` (local) on at which this may ring."""
    while quiet := next((one for one in hours.of(reason) if one.has(moment)), None):
        moment = quiet.over(moment)
    return moment


def next_try(
    reason: Reason,
    missed: Missed,
    attempts: int,
    misses: int,
    now: datetime,
    hours: QuietHours = SHIPPED,
) -> datetime | None:
    """When to try again after a try that reached nobody; None: given up.

    `attempts`: tries begun so far; `misses`: those of them that the person did not answer, this
    one included. `now` is local.
    """
    rule = RULES[reason]
    if missed is Missed.NOT_A_NUMBER or (attempts >= MOST_ATTEMPTS and not rule.for_ever):
        return None
    if missed in NO_PROOF:
        wait = min(OUR_WAIT, *rule.waits)
    elif misses <= len(rule.waits):
        wait = rule.waits[max(misses, 1) - 1]
    elif rule.for_ever:
        wait = rule.waits[-1]
    else:
        return None
    return not_before(reason, now + wait, hours)


class Check(StrEnum):
    """What an unanswered greeting leads to."""

    TICKET = "ticket"
    """Somebody on duty rings, and the elder's people are asked to look."""
    INCIDENT = "incident"
    """It is taken for a call for help."""


FRAIL = frozenset({"severe", "total"})
"""Ability levels (GB/T 42195-2022) at which one who does not answer may lie on the floor."""


def check_for(ability_level: str, mornings: int, misses: int) -> Check:
    """After a greeting that reached nobody.

    `mornings`: in a row, this one included. `misses`: calls of this one that were not answered;
    none when our own line was away, which says nothing about the elder.
    """
    worrying = misses > 0 and (ability_level in FRAIL or mornings > 1)
    return Check.INCIDENT if worrying else Check.TICKET


def may_greet_at(at: time, hours: QuietHours = SHIPPED) -> bool:
    """Whether a greeting may be asked for at this local hour: never in quiet hours, and so that
    the second try is out of them too."""
    moment = datetime.combine(date(2000, 1, 1), at)
    again = moment + RULES[Reason.DAILY_GREETING].waits[0]
    return all(
        not quiet.has(one) for quiet in hours.of(Reason.DAILY_GREETING) for one in (moment, again)
    )
