"""A linear layer without bias whose weights are laid out for the few rows of a decoding step.

On processors of AMD the usual kernel, MKL's, reaches half of what oneDNN does with weights packed
in advance; on Intel's it is the faster one in float32, and packing is for 16 bit alone
(docs/performance.md). The operators are private to torch, so they are used only where they pass a
test against plain float32, and in float32 only where they are faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import torch

TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}  # of the largest result
ROWS_TRIED = (1, 2, 8, 33)


class PackedLinear:
    """x W^T for inference alone; in bfloat16, products are rounded and sums are not."""

    def __init__(self, weight: torch.Tensor, dtype: torch.dtype = torch.float32) -> None:
        """weight: (out, in), the layout of `nn.Linear`."""
        self._plain = weight.detach().float().t().contiguous()  # (in, out), the best for one row
        self._dtype = dtype
        self._packed = pack(weight.detach(), dtype)

    @property
    def dtype(self) -> torch.dtype:
        """What it multiplies in: float32 wherever nothing faster passed the test."""
        return torch.float32 if self._packed is None else self._dtype

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, in) float32. Returns (rows, out) float32."""
        if self._packed is None or (len(x) == 1 and self._dtype is torch.float32):
            return x @ self._plain
        return multiply(x, self._packed)


def pack(weight: torch.Tensor, dtype: torch.dtype) -> torch.Tensor | None:
    """The weight, (out, in), in oneDNN's layout; None where that is missing, wrong or no gain."""
    if weight.device.type != "cpu" or (dtype is torch.float32 and not pays()):
        return None
    return tried(weight, dtype)


@cache
def pays() -> bool:
    """Whether products of float32 are faster here with packed weights, at the rows of a lane set.

    Measured once, the best of many tries on each side, so that other work does not decide.
    """
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(1024, 256, generator=generator)
    x = torch.randn(8, 256, generator=generator)
    packed, plain = tried(weight, torch.float32), weight.t().contiguous()
    if packed is None:
        return False
    return fastest(lambda: multiply(x, packed)) < fastest(lambda: x @ plain)


def fastest(run: Callable[[], torch.Tensor], times: int = 100) -> float:
    """Seconds of the quickest of so many calls."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best


def tried(weight: torch.Tensor, dtype: torch.dtype) -> torch.Tensor | None:
    """The packed weight, unless its products are not those of the plain one."""
    generator = torch.Generator().manual_seed(0)
    try:
        packed: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.to(dtype), None)
        for rows in ROWS_TRIED:
            x = torch.randn(rows, weight.shape[1], generator=generator)
            expected = x @ weight.float().t()
            error = (multiply(x, packed) - expected).abs().max()
            if not error <= TOLERANCE[dtype] * expected.abs().max():
                return None
    except (AttributeError, NotImplementedError, RuntimeError):  # another torch, another processor
        return None
    return packed


def multiply(x: torch.Tensor, packed: torch.Tensor) -> torch.Tensor:
    """x: (rows, in) float32; packed: as from `pack`. Returns (rows, out) float32."""
    product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
        x.to(packed.dtype), packed, None, "none", [], ""
    )
    return product.float()
