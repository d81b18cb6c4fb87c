"""Numbers as addresses, and why a call or a transfer came to nothing. No I/O."""

from __future__ import annotations

import re
from enum import StrEnum

_NUMBER = re.compile(r"\+?[0-9*#]{2,24}")
_ADDRESS = re.compile(r"sips?:[^\s<>\"]+")
_BUSY, _NO_ANSWER = {486, 600}, {408, 480, 487}
_NO_SUCH_NUMBER, _OUT_OF_REACH = {404, 410, 484, 485, 604}, {401, 407}


class WhyNot(StrEnum):
    """Why nobody was reached."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    """The network, the trunk, or its password: not the one who was rung."""
    NOT_A_NUMBER = "not_a_number"
    NO_LINE = "no_line"
    """All our lines are taken, or we are about to end: later."""


class NotReached(Exception):
    """A number that we rang was not reached."""

    def __init__(self, why: WhyNot, status: int | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.status = status
        """SIP's answer (RFC 3261 section 21), if there was one."""


class TransferOutcome(StrEnum):
    """What became of a transfer."""

    DONE = "done"
    """They talk with each other; our call is over."""
    REFUSED = "refused"
    """The phone or PBX would not, or nobody took the call there."""
    FAILED = "failed"
    """The call ended on the way, or the request could not be sent."""
    TIMED_OUT = "timed_out"


def why_not(status: int | None) -> WhyNot:
    """What SIP's final answer to our ringing means; None: there was no answer at all."""
    if status in _BUSY:
        return WhyNot.BUSY
    if status in _NO_ANSWER:
        return WhyNot.NO_ANSWER
    if status in _NO_SUCH_NUMBER:
        return WhyNot.NOT_A_NUMBER
    if status is None or status in _OUT_OF_REACH or 500 <= status < 600:
        return WhyNot.UNREACHABLE
    return WhyNot.REFUSED


def status_of(words: str) -> int | None:
    """The code at the begin of "486 Busy Here"."""
    found = re.match(r"[1-6]\d\d(?=\s|$)", words)
    return int(found[0]) if found else None


def address_of(number: str, home: str | None) -> str:
    """A number at our trunk or PBX, or a whole address as it is.

    Raises NotReached for what is no number, and for a number when there is nowhere to ring it.
    """
    if _ADDRESS.fullmatch(number):
        return number
    digits = re.sub(r"[\s()-]", "", number)
    if not _NUMBER.fullmatch(digits):
        raise NotReached(WhyNot.NOT_A_NUMBER)
    if home is None:
        raise NotReached(WhyNot.UNREACHABLE)
    return f"sip:{digits.replace('#', '%23')}@{home}"
