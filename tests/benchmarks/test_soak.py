"""The soak can fail: by its rule, and on a server that really leaks."""

from __future__ import annotations

import asyncio
import sys

import pytest

from benchmarks import server
from benchmarks.server import Usage
from benchmarks.soak import Reading, an_hour, grown, soak

BEFORE = Reading(200, Usage(500.0, 10.0, files=10, threads=12))


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (Usage(509.0, 99.0, 14, 16), []),
        (Usage(400.0, 99.0, 1, 1), []),
        (Usage(511.0, 99.0, 10, 12), ["memory grew from 500.0 to 511.0 MB"]),
        (Usage(500.0, 99.0, 15, 12), ["open files grew from 10 to 15"]),
        (Usage(500.0, 99.0, 10, 17), ["threads grew from 12 to 17"]),
    ],
)
def test_growth_is_told_from_what_comes_and_goes(usage: Usage, words: list[str]) -> None:
    assert grown(BEFORE, Reading(1_200, usage)) == words


def test_growth_an_hour_is_the_slope_of_the_least_squares_line() -> None:
    """By hand: means 30 min and 503 MB; 0.5 h squared twice, 3 MB; so 3 / 0.5 = 6 MB an hour."""
    readings = [
        Reading(n, Usage(megabytes, 0.0, 0, 0), seconds)
        for n, megabytes, seconds in ((1, 500.0, 0.0), (2, 503.0, 1_800.0), (3, 506.0, 3_600.0))
    ]
    assert an_hour(readings) == pytest.approx(6.0)
    late = [*readings[:2], Reading(3, Usage(503.0, 0.0, 0, 0), 3_600.0)]
    assert an_hour(late) == pytest.approx(3.0)


@pytest.mark.thorough
@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_server_that_leaks_is_found_out() -> None:
    with server.running(["-m", "tests.benchmarks.leaky_app"]) as leaky:
        first, last = asyncio.run(soak(leaky, [20, 60], seed=1))
    found = grown(first, last)
    assert [what.split(" grew")[0] for what in found] == ["memory", "threads"]
    assert last.usage.megabytes - first.usage.megabytes > 35
