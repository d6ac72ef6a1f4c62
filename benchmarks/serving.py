"""Thirty-two people at once in one running batch, against serving them one after another.

    python -m benchmarks.serving [--rows 16 32 64 128 256]

Everybody asks for five lanes (eight rows) of 64 tokens on a prompt of their own, all in the same
moment. Both sides are our own engine on one torch thread, in turns, and must write the same
tokens. The time to the first token counts from that moment.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from inference.decoding import batch, lanes
from inference.decoding.batch import Batch
from inference.decoding.request import Request
from inference.types.options import five_lanes
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.fast import FastTransformer

CHECKPOINT = Path("checkpoints/storyteller")
NEW_TOKENS = 64
ANIMALS = ("fox", "bear", "owl", "hare")
PLACES = ("in a wood", "by the sea", "on a hill", "under a bridge")
ENDINGS = ("and was always hungry.", "with seven sons.")

Texts = list[list[list[int]]]
"""By person, then lane."""


@dataclass(frozen=True)
class Served:
    """What it took to serve everybody once."""

    cpu: float
    """Seconds of the thread alone."""
    wall: float
    first_tokens: list[float]
    """Wall seconds until each person saw something."""


def prompts(tokenizer: Tokenizer) -> list[list[int]]:
    return [
        tokenizer.encode(f"Once upon a time a {animal} lived {place} {ending}")
        for animal in ANIMALS
        for place in PLACES
        for ending in ENDINGS
    ]


def request(prompt: list[int], seed: int) -> Request:
    """End-of-text is forbidden, so that everybody writes as much."""
    built = [lanes.build(lane, seed, 0, min_new_tokens=NEW_TOKENS) for lane in five_lanes()]
    return Request(prompt, built, NEW_TOKENS)


def serve(model: FastTransformer, given: list[list[int]], rows: int) -> tuple[Texts, Served]:
    """Everybody in one batch of up to `rows` rows a step; 0 rows: one person after another."""
    everybody = [request(prompt, seed) for seed, prompt in enumerate(given)]
    waves = [everybody] if rows else [[person] for person in everybody]
    first: dict[int, float] = {}
    cpu, wall = time.thread_time(), time.perf_counter()
    for wave in waves:
        running = Batch(model, rows=rows or batch.ROWS)
        for person in wave:
            running.join(person)
        while running.requests:
            for person in running.step():
                first.setdefault(id(person), time.perf_counter() - wall)
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
    texts = [[[step.token for step in state.steps] for state in r.states] for r in everybody]
    return texts, Served(cpu, wall, [first[id(person)] for person in everybody])


def median(rounds: list[Served], of: Callable[[Served], float]) -> float:
    return statistics.median(map(of, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[batch.ROWS])
    parser.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    torch.set_num_threads(1)
    model = FastTransformer(checkpoint.load(CHECKPOINT))
    given = prompts(Tokenizer.load(CHECKPOINT))
    sides = {rows: partial(serve, model, given, rows) for rows in (0, *flags.rows)}
    rounds: dict[int, list[Served]] = {rows: [] for rows in sides}
    for _ in range(flags.rounds):
        written: Texts | None = None
        for rows, side in sides.items():
            texts, served = side()
            if texts != (written := written or texts):
                sys.exit("Somebody was given other tokens in the batch than alone.")
            rounds[rows].append(served)
    tokens = sum(len(lane) for person in texts for lane in person)
    print(
        f"{len(given)} people, five lanes of {NEW_TOKENS} tokens each, {flags.rounds} rounds in "
        f"turns; medians.\n\n{'':<22}{'tokens per s: cpu':>18}{'wall':>8}{'cpu ratio':>11}"
        f"{'wall':>7}{'first token, s: first':>23}{'last':>7}"
    )
    for rows, served in rounds.items():
        pairs = list(zip(rounds[0], served, strict=True))
        print(
            f"{f'{rows} rows a step' if rows else 'one after another':<22}"
            f"{tokens / median(served, lambda s: s.cpu):>18,.0f}"
            f"{tokens / median(served, lambda s: s.wall):>8,.0f}"
            f"{statistics.median(alone.cpu / ours.cpu for alone, ours in pairs):>11.2f}"
            f"{statistics.median(alone.wall / ours.wall for alone, ours in pairs):>7.2f}"
            f"{median(served, lambda s: min(s.first_tokens)):>23.2f}"
            f"{median(served, lambda s: max(s.first_tokens)):>7.2f}"
        )


if __name__ == "__main__":
    main()
