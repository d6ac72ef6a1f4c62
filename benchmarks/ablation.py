"""Every head removed, one by one: one growing batch, against one forward call a head.

    python -m benchmarks.ablation

The text has 64 tokens, the storyteller runs in float32 on one torch thread, and all sides compute
the same: the surprisal of every next token and the distribution after the last, for each head.
Ours is measured twice: with weights packed, as in the app, and without, which is what batching and
starting above the removed head give by themselves. Two opponents: the same model with fused
attention and a hook that zeroes the head, and plain transformers with the same hook. It fails
where the results differ.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import AutoModelForCausalLM

from inference.decoding import head_sweep
from inference.tasks.attention.ablation import HeadSweep
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint, packed

CHECKPOINT = Path("checkpoints/storyteller")
TEXT = (
    "The cat sat by the fire because the cat was cold, and it slept until the old woman came "
    "home with a basket of apples. She put the basket on the table, took off her wet shoes, and "
    "said to the cat that the road had been long and that the wind had been blowing all day over "
    "the hills."
)
TOKENS = 64
CLOSE = 1e-4  # bits, and probability

Sweep = Callable[[], HeadSweep]


def one_call_a_head(
    logits: Callable[[torch.Tensor], torch.Tensor], projections: list[Any], heads: int
) -> Callable[[list[int]], HeadSweep]:
    """The obvious sweep: a hook before a layer's output projection zeroes one head's slice."""

    def predict(text: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scores = logits(text)[0]
        truth = scores[:-1].gather(-1, text[0, 1:, None])[:, 0]
        return (scores[:-1].logsumexp(dim=-1) - truth) / np.log(2), scores[-1].double().softmax(-1)

    def without(text: torch.Tensor, projection: Any, head: int) -> Any:
        width = projection.in_features // heads

        def zero(_: Any, given: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
            changed = given[0].clone()
            changed[:, :, head * width : (head + 1) * width] = 0
            return (changed,)

        handle = projection.register_forward_pre_hook(zero)
        try:
            return predict(text)
        finally:
            handle.remove()

    @torch.inference_mode()
    def sweep(ids: list[int]) -> HeadSweep:
        text = torch.tensor([ids])
        found = [predict(text)]
        found += [without(text, place, head) for place in projections for head in range(heads)]
        bits, following = (torch.stack(part).double().numpy() for part in zip(*found, strict=True))
        grid = (len(projections), heads, -1)
        return HeadSweep(bits[0], bits[1:].reshape(grid), following[0], following[1:].reshape(grid))

    return sweep


def differing(ours: HeadSweep, theirs: HeadSweep, name: str) -> None:
    """A fast wrong sweep is worth nothing."""
    for field in ("bits", "bits_without", "following", "following_without"):
        off = np.abs(getattr(ours, field) - getattr(theirs, field)).max()
        if off > CLOSE:
            sys.exit(f"{field} differs from {name} by {off:.2g}; nothing to compare.")


def measure(sides: dict[str, Sweep], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """(CPU, wall) seconds of every side in every round, the sides in turns after a warm-up."""
    ours, *others = sides
    for name in others:
        differing(sides[ours](), sides[name](), name)
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            cpu, wall = time.thread_time(), time.perf_counter()
            work()
            seconds[name].append((time.thread_time() - cpu, time.perf_counter() - wall))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="at least 7 for a steady median")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model = checkpoint.load(CHECKPOINT)
    other = AutoModelForCausalLM.from_pretrained(
        CHECKPOINT, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    ids = Tokenizer.load(CHECKPOINT).encode(TEXT)[:TOKENS]
    if len(ids) < TOKENS:
        sys.exit(f"The text has {len(ids)} tokens and not {TOKENS}.")
    config = model.config
    nothing = torch.zeros(config.layers, config.heads, 1, config.head_width)
    parts = packed.for_many(model)
    slow = one_call_a_head(model, [b.attention.output for b in model.blocks], config.heads)
    theirs = one_call_a_head(
        lambda text: other(text, use_cache=False).logits,
        [layer.self_attn.o_proj for layer in other.model.layers],
        config.heads,
    )
    sides: dict[str, Sweep] = {
        "packed growing batch": lambda: head_sweep.sweep(model, ids, nothing, parts=parts),
        "plain growing batch": lambda: head_sweep.sweep(model, ids, nothing),
        "one call a head, ours": lambda: slow(ids),
        "one call a head, transformers": lambda: theirs(ids),
    }
    seconds = measure(sides, rounds)
    print(
        f"{config.layers * config.heads} heads, {TOKENS} tokens, one torch thread, {rounds} rounds "
        f"in turns; medians.\ntransformers {transformers.__version__}, torch {torch.__version__}. "
        f"Ratios are medians of each round's.\n\n{'':<32}{'cpu':>10}{'wall':>10}"
        f"{'cpu ratio':>12}{'wall':>8}"
    )
    ours = seconds["packed growing batch"]
    for name, measured in seconds.items():
        cpu, wall = (statistics.median(clock) for clock in zip(*measured, strict=True))
        ratios = (
            statistics.median(b[clock] / a[clock] for a, b in zip(ours, measured, strict=True))
            for clock in (0, 1)
        )
        cells = "".join(f"{ratio:>{w}.2f}" for ratio, w in zip(ratios, (12, 8), strict=True))
        print(f"{name:<32}{1000 * cpu:>7.0f} ms{1000 * wall:>7.0f} ms{cells}")


if __name__ == "__main__":
    main()
