"""Hours of work, as a week's plan writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from backend.domain.errors import DomainError

WEEKDAYS = 7
MOST_SPANS = 3
"""Of one day: a rider of meals goes out three times."""


@dataclass(frozen=True, order=True)
class Span:
    """From when to when, local, on one day."""

    starts: time
    ends: time


def require_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans of a day in order. Raises DomainError `bad_span`, `spans_overlap`,
    `too_many_spans`."""
    if len(spans) > MOST_SPANS:
        raise DomainError("too_many_spans", most=MOST_SPANS)
    ordered = tuple(sorted(spans))
    if any(span.starts >= span.ends for span in ordered):
        raise DomainError("bad_span")
    if any(before.ends > after.starts for before, after in zip(ordered, ordered[1:], strict=False)):
        raise DomainError("spans_overlap")
    return ordered


def minutes(spans: Sequence[Span]) -> int:
    """How long they are together."""
    return sum((s.ends.hour - s.starts.hour) * 60 + s.ends.minute - s.starts.minute for s in spans)
