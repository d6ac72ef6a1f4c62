"""Waiting times, against a simulation that advances round by round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.throughput import HALF_LIFE, Throughput, Workload, seconds_until_start

loads = st.builds(Workload, st.integers(1, 16), st.integers(1, 128))


def round_by_round(
    running: list[Workload], ahead: list[Workload], own: Workload, capacity: int, rate: float
) -> float:
    """The obvious way: every round takes a token from everybody who runs."""
    work = [[load.rows, load.tokens] for load in running]
    line = [*ahead, own]
    seconds = 0.0
    while True:
        while line and (not work or sum(r for r, _ in work) + line[0].rows <= capacity):
            first = line.pop(0)
            work.append([first.rows, first.tokens])
            if not line:
                return seconds
        seconds += sum(rows for rows, _ in work) / rate
        work = [[rows, tokens - 1] for rows, tokens in work if tokens > 1]


@given(st.lists(loads, max_size=6), st.lists(loads, max_size=6), loads, st.floats(1, 1e4))
def test_the_wait_is_that_of_the_rounds(
    running: list[Workload], ahead: list[Workload], own: Workload, rate: float
) -> None:
    estimate = seconds_until_start(running, ahead, own, 32, rate)
    assert estimate == pytest.approx(round_by_round(running, ahead, own, 32, rate))


def test_a_case_by_hand() -> None:
    # 4 rows for 10 tokens at 40 row-tokens a second are one second; only then is there room
    assert seconds_until_start([Workload(4, 10)], [], Workload(4, 5), 4, 40) == pytest.approx(1.0)
    # with somebody ahead who needs half a second more
    assert seconds_until_start(
        [Workload(4, 10)], [Workload(4, 5)], Workload(1, 1), 4, 40
    ) == pytest.approx(1.5)
    assert seconds_until_start([Workload(4, 10)], [], Workload(4, 5), 8, 40) == 0.0
    assert seconds_until_start([Workload(4, 10)], [], Workload(4, 5), 4, 0) is None


def test_a_run_larger_than_the_capacity_goes_alone() -> None:
    assert seconds_until_start([Workload(1, 10)], [], Workload(99, 1), 4, 10) == pytest.approx(1.0)
    assert seconds_until_start([], [], Workload(99, 1), 4, 10) == 0.0


def test_the_throughput_follows_a_change() -> None:
    throughput = Throughput()
    assert throughput.rate == 0
    for _ in range(100):
        throughput.measured(10, 0.1)
    assert throughput.rate == pytest.approx(100)
    for _ in range(int(4 * HALF_LIFE / 0.1)):
        throughput.measured(30, 0.1)
    assert throughput.rate == pytest.approx(
        300, rel=0.1
    )  # what was measured 4 half-lives ago counts 1/16
    throughput.measured(0, 0.0)
    assert throughput.rate == pytest.approx(300, rel=0.1)
