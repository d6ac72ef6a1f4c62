"""Work in turn: told how far it is, one slice at a time, and left when nobody looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from inference.scheduling import turns
from inference.scheduling.turns import in_turn
from inference.types.waiting import Waiting

Clock = Iterator[float]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that it is, which the work below moves on."""
    now = [0.0]
    monkeypatch.setattr(turns.time, "monotonic", lambda: now[0])
    return now


def work(clock: list[float], took: float, pieces: int) -> Iterator[Waiting | str]:
    for piece in range(pieces):
        clock[0] += took
        yield Waiting(doing=f"{piece + 1} of {pieces}")
    yield "done"


def told(news: Iterator[Waiting | str]) -> list[str]:
    return [one.doing if isinstance(one, Waiting) else one for one in news]


def test_what_is_short_says_nothing_on_the_way(clock: list[float]) -> None:
    assert told(in_turn(work(clock, 0.01, 5), threading.Lock())) == ["done"]


def test_progress_is_told_once_a_slice(clock: list[float]) -> None:
    found = told(in_turn(work(clock, 0.04, 7), threading.Lock()))
    assert found == ["3 of 7", "6 of 7", "done"]


def test_others_go_on_between_two_slices_and_after_a_fault(clock: list[float]) -> None:
    turn = threading.Lock()
    one = in_turn(work(clock, 0.2, 3), turn)
    other = in_turn(work(clock, 0.2, 2), turn)
    both = [next(one), next(other), next(one), next(other), next(other), next(one), next(one)]
    assert told(iter(both)) == [
        "1 of 3", "1 of 2", "2 of 3", "2 of 2", "done", "3 of 3", "done"
    ]  # fmt: skip
    assert not turn.locked()

    def fails() -> Iterator[Waiting | str]:
        yield Waiting()
        raise ValueError("no word")

    with pytest.raises(ValueError, match="no word"):
        list(in_turn(fails(), turn))
    assert not turn.locked()


def test_whoever_leaves_stops_the_work(clock: list[float]) -> None:
    turn, begun = threading.Lock(), work(clock, 0.2, 100)
    news = in_turn(begun, turn)
    next(news)
    news.close()  # type: ignore[attr-defined]
    assert clock[0] == 0.2 and not turn.locked()
