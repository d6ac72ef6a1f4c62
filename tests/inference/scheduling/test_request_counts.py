"""No request is lost and none is counted twice, whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import Busy, Cancelled, EmptyText, InternalError, NumericalFault, TimedOut
from inference.scheduling.request_counts import CountedRequest, RequestCounts
from inference.status import Counts

WAYS_OUT: list[BaseException | None] = [
    None,
    GeneratorExit(),
    Cancelled(),
    EmptyText(),
    Busy(3),
    TimedOut(20),
    NumericalFault(7),
    InternalError(),
    KeyboardInterrupt(),
]
PROGRESS: list[Callable[[CountedRequest], None]] = [
    lambda entry: None,
    CountedRequest.queued,
    CountedRequest.running,
]


def live(
    counts: RequestCounts, progress: Callable[[CountedRequest], None], way_out: BaseException | None
) -> None:
    """One request, through the service's own door."""
    try:
        with counts.request() as entry:
            progress(entry)
            if way_out is not None:
                raise way_out
    except BaseException as error:
        assert error is way_out


@pytest.mark.parametrize(
    ("progress", "way_out", "state"),
    [
        (CountedRequest.running, None, "done"),
        (CountedRequest.queued, None, "done"),
        (lambda entry: None, EmptyText(), "refused"),
        (lambda entry: None, Busy(3), "refused"),
        (CountedRequest.queued, GeneratorExit(), "cancelled"),
        (CountedRequest.running, Cancelled(), "cancelled"),
        (CountedRequest.queued, TimedOut(20), "timed_out"),
        (CountedRequest.running, TimedOut(20), "timed_out"),
        (CountedRequest.queued, NumericalFault(1), "failed"),
        (CountedRequest.running, NumericalFault(7), "partial"),
        (CountedRequest.queued, ZeroDivisionError(), "failed"),
    ],
)
def test_how_a_request_ends(
    progress: Callable[[CountedRequest], None], way_out: BaseException | None, state: str
) -> None:
    counts = RequestCounts()
    live(counts, progress, way_out)
    expected = Counts(received=1, admitted=int(state != "refused"), **{state: 1})
    assert counts.counts == expected
    assert expected.add_up


def test_it_is_counted_at_every_station() -> None:
    counts = RequestCounts()
    with counts.request() as entry:
        assert counts.counts == Counts(received=1, arriving=1)
        entry.queued()
        entry.queued()
        assert counts.counts == Counts(received=1, admitted=1, queued=1)
        entry.running()
        entry.queued()  # a heartbeat in the middle of the work
        entry.running()
        assert counts.counts == Counts(received=1, admitted=1, running=1)
    assert counts.counts == Counts(received=1, admitted=1, done=1)


def test_there_is_exactly_one_end() -> None:
    counts = RequestCounts()
    entry = CountedRequest(counts)
    entry.running()
    entry.end("partial")
    with pytest.raises(ValueError, match="partial cannot become done"):
        entry.end("done")
    assert counts.counts == Counts(received=1, admitted=1, partial=1)


@given(st.lists(st.tuples(st.sampled_from(PROGRESS), st.sampled_from(WAYS_OUT)), max_size=30))
def test_the_states_add_up(
    lives: list[tuple[Callable[[CountedRequest], None], BaseException | None]],
) -> None:
    counts = RequestCounts()
    for progress, way_out in lives:
        live(counts, progress, way_out)
    counts = counts.counts
    assert counts.add_up
    assert counts.received == len(lives)
    assert counts.arriving == counts.queued == counts.running == 0


def test_the_states_add_up_at_any_instant_with_many_threads() -> None:
    counts, over, wrong = RequestCounts(), threading.Event(), []

    def watch() -> None:
        while not over.is_set():
            now = counts.counts
            if not now.add_up:
                wrong.append(now)

    def crowd(offset: int) -> None:
        for i in range(200):
            live(counts, PROGRESS[(i + offset) % 3], WAYS_OUT[(i * 7 + offset) % len(WAYS_OUT)])

    watcher = threading.Thread(target=watch)
    people = [threading.Thread(target=crowd, args=(offset,)) for offset in range(8)]
    watcher.start()
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    over.set()
    watcher.join()
    assert not wrong
    assert counts.counts.add_up
    assert counts.counts.received == 1600


def test_a_sum_that_is_wrong_is_seen() -> None:
    assert not Counts(received=2, admitted=1, done=1).add_up
    assert not Counts(received=2, admitted=1, done=1, running=1).add_up
