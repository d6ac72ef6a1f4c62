"""What attention takes on this machine: seconds by length, in slices of one repetition each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from models.transformer.model import Transformer

LENGTHS = (128, 256, 512, 1024, 2048)
TIMES, ENOUGH = 5, 0.3  # repetitions, or seconds: the fastest counts, others can only disturb
STEPS = 6  # likewise, of which each makes the text longer
SHORTEST = 16  # tokens that a model has read before a step
Seconds = NDArray[np.float64]


class Measured(NamedTuple):
    """Seconds, the fastest of some repetitions, over lengths in tokens."""

    lengths: NDArray[np.int64]
    written_out: Seconds
    """One layer's attention in separate operations."""
    fused: Seconds
    """The same by the fused kernel."""
    read: NDArray[np.int64]
    """Tokens before the one that comes next."""
    again: Seconds
    """The whole model for one token, which reads them all again."""
    cached: Seconds
    """The same with their keys and values kept."""
    layers: int
    heads: int
    head_width: int
    threads: int


def written_out(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Causal attention with every matrix in memory. (rows, heads, positions, head_width) each."""
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(dim=-1) @ value


def fused(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The same by torch's kernel, which holds no matrix of scores.

    Block by block with a running softmax: Dao et al. 2022, arXiv 2205.14135, algorithm 1.
    """
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)


def measure(model: Transformer, decoding: Any, device: str) -> Generator[None, None, Measured]:
    """Attention of the model's shape on random numbers, then the model itself step by step.

    decoding: the same model, laid out for writing text.
    """
    config, kernels = model.config, []
    for kernel in (written_out, fused):
        kernels.append((yield from _kernel(kernel, config.heads, config.head_width, device)))
    read = lengths_of(model.context)
    again, cached = [], []
    for count in read:
        again.append((yield from _again(decoding, count, device)))
        cached.append((yield from _cached(decoding, count, device)))
    return Measured(
        np.array(LENGTHS),
        *(kernels[0], kernels[1]),
        *(np.array(read), np.array(again), np.array(cached)),
        *(config.layers, config.heads, config.head_width, torch.get_num_threads()),
    )


def lengths_of(context: int) -> list[int]:
    """Doubling, and at last as many tokens as leave room for the steps."""
    most = context - STEPS
    doubling = [SHORTEST << i for i in range(20) if SHORTEST << i <= most * 0.75]
    return [*doubling, most]


def _kernel(
    kernel: Callable[..., torch.Tensor], heads: int, width: int, device: str
) -> Generator[None, None, Seconds]:
    fastest = []
    for length in LENGTHS:
        given = torch.randn(3, 1, heads, length, width, device=device).unbind()
        fastest.append((yield from _fastest(partial(kernel, *given), device)))
    return np.array(fastest)


def _fastest(work: Callable[[], object], device: str) -> Generator[None, None, float]:
    """A repetition a slice."""
    times: list[float] = []
    while len(times) < TIMES and sum(times) < ENOUGH:
        times.append(_timed(work, device))
        yield None
    return min(times)


def _again(model: Any, count: int, device: str) -> Generator[None, None, float]:
    """The next token after `count`, with nothing kept."""
    ids = torch.ones(1, count + 1, dtype=torch.int64, device=device)
    return (yield from _fastest(lambda: model.forward(ids, model.new_cache(1)), device))


@torch.inference_mode()
def _read(model: Any, count: int, device: str) -> Any:
    cache = model.new_cache(1)
    model.forward(torch.ones(1, count, dtype=torch.int64, device=device), cache)
    return cache


def _cached(model: Any, count: int, device: str) -> Generator[None, None, float]:
    """The next tokens after `count`, whose keys and values are kept."""
    cache = _read(model, count, device)
    yield None
    one = torch.ones(1, 1, dtype=torch.int64, device=device)
    times = [_timed(lambda: model.forward(one, cache), device) for _ in range(STEPS)]
    yield None
    return min(times)


@torch.inference_mode()
def _timed(work: Callable[[], object], device: str) -> float:
    """Seconds until the device is done; of one torch thread those in which it really ran, so that
    other work on the machine is not counted."""
    alone = device == "cpu" and torch.get_num_threads() == 1
    now = time.thread_time if alone else time.perf_counter
    if device == "cuda":
        torch.cuda.synchronize()
    start = now()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return now() - start
