"""Numbers come through to within what is promised of them."""

from __future__ import annotations

import base64
import struct
from typing import Any, Literal

import numpy as np
import pytest

from analysis.attention.numbers import packed_numbers


def unpacked(found: dict[str, Any]) -> list[float]:
    """Slowly, as the format says it."""
    data = base64.b64decode(found["data"])
    kind = {8: "b", 16: "h", 32: "f"}[found["bits"]]
    step = 1 if found["bits"] == 32 else found["most"] / (2 ** (found["bits"] - 1) - 1)
    return [one * step for (one,) in struct.iter_unpack(f"<{kind}", data)]


@pytest.mark.parametrize(("bits", "within"), [(8, 1 / 254), (16, 1 / 65534), (32, 0)])
def test_numbers_come_through(bits: Literal[8, 16, 32], within: float) -> None:
    numbers = np.random.default_rng(3).normal(0, 7, (5, 9)).astype(np.float32)
    found = unpacked(packed_numbers(numbers, bits))
    most = np.abs(numbers).max()
    np.testing.assert_allclose(found, numbers.ravel(), rtol=0, atol=1.0001 * within * most)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_nothing_but_zeros_and_nothing_at_all_come_through(bits: Literal[8, 16, 32]) -> None:
    assert unpacked(packed_numbers(np.zeros(3), bits)) == [0, 0, 0]
    assert unpacked(packed_numbers(np.zeros(0), bits)) == []
