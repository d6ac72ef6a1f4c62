"""What is said and what stays while lanes are written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.shared.lane import written
from inference.errors import TimedOut
from inference.types import Waiting

WAITING = Waiting(ahead=2)


def test_who_waits_no_more_is_not_told_to_wait() -> None:
    def refused() -> Iterator[Waiting]:
        yield WAITING
        raise TimedOut(30)

    told = []
    with pytest.raises(TimedOut):
        for state in written(refused(), []):
            told.append(state)
    first, last = [note for (note,) in told]
    assert "2 people are ahead of you" in first
    assert "ahead" not in last
