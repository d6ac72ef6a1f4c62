"""Costs that are counted, against torch's profiler and sums done by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import numpy as np
import pytest
import torch

from analysis.positions.cost import Shape, slope
from inference.decoding.inside.cost import fused, written_out

STORYTELLER = Shape(6, 4, 64)


def test_the_storytellers_sums_by_hand() -> None:
    assert STORYTELLER.scores(2048) == 4 * 2048 * 2048 == 16_777_216
    assert STORYTELLER.multiplications(2) == 4 * (2 * 2) * 64 * 2
    assert STORYTELLER.written_bytes(2048) == 201_326_592
    assert STORYTELLER.fused_bytes(2048) == 2_097_152
    assert STORYTELLER.cache_bytes(1) == 12_288


def peak(work: Callable[[], object]) -> int:
    """Most bytes at once that are allocated meanwhile."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        held = work()
    del held
    results = watched.profiler.kineto_results.events()  # type: ignore[union-attr]
    events = sorted((e.start_ns(), e.nbytes()) for e in results if e.name() == "[memory]")
    return max(accumulate(size for _, size in events))


@pytest.mark.parametrize("length", [512, 1024])
def test_memory_is_what_the_profiler_sees(length: int) -> None:
    given = torch.randn(3, 1, 4, length, 64).unbind()
    mask = length * length  # of one byte each
    measured = peak(lambda: written_out(*given))
    counted = STORYTELLER.written_bytes(length)
    assert counted <= measured <= counted + 2 * mask
    block = 1_500_000  # on which the kernel works
    measured, counted = peak(lambda: fused(*given)), STORYTELLER.fused_bytes(length)
    assert counted <= measured <= counted + block


def test_both_kernels_compute_the_same() -> None:
    given = torch.randn(3, 2, 4, 100, 64, generator=torch.Generator().manual_seed(1)).unbind()
    torch.testing.assert_close(written_out(*given), fused(*given), rtol=1e-4, atol=1e-5)


def test_a_slope_by_hand() -> None:
    lengths = np.array([2.0, 4, 8])
    assert slope(lengths, 5 * lengths**2) == pytest.approx(2)
    assert slope(lengths, lengths * 0 + 7) == pytest.approx(0)
    with pytest.raises(ValueError, match="positive"):
        slope(lengths, lengths * 0)
