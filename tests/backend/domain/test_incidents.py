"""A call for help goes wider with every round and ends only by a human."""

import pytest

from backend.domain.errors import IllegalMove
from backend.domain.incidents import IncidentState, Watcher, advance, to_tell

STATE = IncidentState


def test_forward_only() -> None:
    assert advance(STATE.RAISED, STATE.ACKNOWLEDGED) is STATE.ACKNOWLEDGED
    assert advance(STATE.ACKNOWLEDGED, STATE.ACKNOWLEDGED) is STATE.ACKNOWLEDGED
    with pytest.raises(IllegalMove):
        advance(STATE.RESOLVED, STATE.RAISED)


def test_each_round_tells_more_people_and_nobody_twice() -> None:
    watchers = [Watcher(1, 0), Watcher(2, 1), Watcher(1, 1), Watcher(3, 2)]
    assert [to_tell(watchers, n) for n in range(4)] == [[1], [1, 2], [1, 2, 3], [1, 2, 3]]
