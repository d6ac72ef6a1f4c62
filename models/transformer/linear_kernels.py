"""A linear layer without bias, multiplied by the kernel that is fastest on this processor.

Three are tried. MKL's is the usual one. oneDNN's reads weights that are packed in advance: twice as
fast on AMD's processors. FBGEMM's reads packed weights of 16 bit and multiplies in 32: checkpoints
are stored in float16, so nothing is rounded, and half as many bytes come from memory, which is what
a step of few rows waits for. The one is private to torch, the other is to be dropped some day, so a
kernel takes part only where it is there and its products are right (docs/performance.md).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from itertools import takewhile

import torch

Multiply = Callable[[torch.Tensor], torch.Tensor]
"""x W^T of one weight: (rows, in) float32 to (rows, out) float32."""
Kernel = Callable[[torch.Tensor], Multiply]
"""Lays a weight out, (out, in) float32."""

# Where it is gone `tried` will see it; until then nobody who starts the app need know.
warnings.filterwarnings("ignore", message="fbgemm_.* is deprecated")
TOLERANCE = 1e-5  # of the largest result
ROWS_TRIED = (1, 2, 8, 33)
FEW, MANY = 8, 256  # rows that kernels are compared at: those of five lanes, and of a sweep
STREAM = 24  # weights of 1 MB each: no core's own cache holds them, nor those of a model
ROUNDS = 9
GAIN = 0.95  # of the usual kernel's time, or less: packing takes memory


def usual(weight: torch.Tensor) -> Multiply:
    """What torch does by itself."""
    transposed = weight.t().contiguous()  # (in, out), the best for one row
    return lambda x: x @ transposed


def onednn(weight: torch.Tensor) -> Multiply:
    """Packed in float32; one row is faster without."""
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, None)
    run = torch.ops.mkldnn._linear_pointwise
    return lambda x: x @ weight.t() if len(x) == 1 else run(x, packed, None, "none", [], "")


def fbgemm(weight: torch.Tensor) -> Multiply:
    """Packed in float16; with AVX-512 no row depends on the others, to the last bit.

    Raises ValueError where it would round.
    """
    if not torch.equal(weight.half().float(), weight):
        raise ValueError("These weights need more than 16 bit.")
    packed = torch.fbgemm_pack_gemm_matrix_fp16(weight)
    return lambda x: torch.fbgemm_linear_fp16_weight_fp32_activation(x, packed, None)


KERNELS: tuple[Kernel, ...] = (usual, onednn, fbgemm)


def linear(weight: torch.Tensor) -> Multiply:
    """The layer with this weight, (out, in), and with the fastest kernel that is right for it.

    Measured for few rows; any number works.
    """
    return packed(weight, FEW) or usual(weight.detach().float())


def packed(weight: torch.Tensor, rows: int) -> Multiply | None:
    """The layer with a kernel faster than the usual one, FEW or MANY rows; None where none is."""
    if weight.device.type == "cpu":
        weight = weight.detach().float()
        for kernel in takewhile(lambda one: one is not usual, ranking(rows)):
            if (multiply := tried(kernel, weight)) is not None:
                return multiply
    return None


@cache
def ranking(rows: int) -> tuple[Kernel, ...]:
    """The kernels that are right here, fastest first, measured once for each number of rows.

    Those that gain less than 5 % on the usual one come after it.
    """
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(rows, 256, generator=generator)
    count = max(1, STREAM * FEW // rows)  # many rows compute for longer than they wait for weights
    weights = torch.randn(1024, 256, generator=generator).half().float().repeat(count, 1, 1)
    seconds = {}
    for kernel in KERNELS:
        if tried(kernel, weights[0]) is not None:
            layers = [kernel(weight) for weight in weights]
            seconds[kernel] = fastest(layers, x) * (GAIN if kernel is usual else 1)
    return tuple(sorted(seconds, key=seconds.__getitem__))


def fastest(layers: Sequence[Multiply], x: torch.Tensor) -> float:
    """Seconds for all layers: the least of some rounds, so that other work does not decide."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for layer in layers:
            layer(x)
        best = min(best, time.perf_counter() - began)
    return best


def tried(kernel: Kernel, weight: torch.Tensor) -> Multiply | None:
    """The weight in the kernel's layout; None where its products are not those of plain float32."""
    generator = torch.Generator().manual_seed(0)
    try:
        multiply = kernel(weight)
        for rows in ROWS_TRIED:
            x = torch.randn(rows, weight.shape[1], generator=generator)
            expected = x @ weight.t()
            error = (multiply(x) - expected).abs().max()
            if not error <= TOLERANCE * expected.abs().max():
                return None
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return None  # another torch, another processor, or weights it cannot hold
    return multiply
