"""Five decoding strategies in one batch, against five calls of transformers' `generate`.

    python -m benchmarks.decoding

Both sides run the same checkpoint on one torch thread and write 128 tokens from the same prompt:
the storyteller, and a model of 30 M parameters with random weights. Ours also records every step's
candidates, which `generate` does not. It fails where greedy or beam search writes other tokens
than transformers does. Both sides compute in float32; ours reads the weights in the 16 bit in
which they are stored, where that is the fastest here; the table's head names the kernel.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM

from inference.decoding import engine, lanes
from inference.types.options import LaneOptions, five_lanes
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.fast import FastTransformer
from models.transformer.linear_kernels import FEW, ranking
from models.transformer.model import Transformer, TransformerConfig

CHECKPOINT = Path("checkpoints/storyteller")
PROMPT = "Once upon a time there was a little fox who lived at the edge of a wood."
NEW_TOKENS = 128
SEED = 7

HEAD = (
    f"{'':<28}{'ours: cpu':>13}{'wall':>13}{'theirs: cpu':>13}{'wall':>13}"
    f"{'cpu ratio':>10}{'wall':>8}"
)

Texts = dict[str, list[int]]
"""What each lane wrote, by its name."""

SAME_STRATEGIES: dict[str, dict[str, Any]] = {
    "Greedy": {"do_sample": False},
    "Temperature": {"do_sample": True, "temperature": 0.8, "top_k": 0},
    "Top-k": {"do_sample": True, "top_k": 40},
    "Top-p": {"do_sample": True, "top_p": 0.9, "top_k": 0},
    # the canonical search; transformers' own defaults normalise by length
    "Beam": {
        "do_sample": False,
        "num_beams": 4,
        "length_penalty": 0.0,
        "early_stopping": "never",
    },
}


@dataclass(frozen=True)
class Seconds:
    """One side's cost of one round."""

    cpu: float
    """Of the thread alone: what other programs do on the machine does not count."""
    wall: float


@dataclass(frozen=True)
class Contest:
    """The same work on both sides, round by round."""

    name: str
    ours: list[Seconds]
    theirs: list[Seconds]

    def ratio(self, clock: str) -> float:
        """How many times as fast we are: the median over rounds of each round's ratio."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return statistics.median(getattr(b, clock) / getattr(a, clock) for a, b in pairs)

    def row(self) -> str:
        medians = [
            statistics.median(getattr(seconds, clock) for seconds in side)
            for side in (self.ours, self.theirs)
            for clock in ("cpu", "wall")
        ]
        cells = "".join(f"{median:>11.3f} s" for median in medians)
        return f"{self.name:<28}{cells}{self.ratio('cpu'):>10.2f}{self.ratio('wall'):>8.2f}"


def ours(model: FastTransformer, prompt: list[int], options: tuple[LaneOptions, ...]) -> Texts:
    """All lanes in one batch; end-of-text is forbidden, so that both sides write as much."""
    built = [lanes.build(lane, SEED, 0, min_new_tokens=NEW_TOKENS) for lane in options]
    *_, states = engine.decode(model, prompt, built, NEW_TOKENS)
    return {state.options.name: [step.token for step in state.steps] for state in states}


def theirs(model: Any, prompt: list[int], options: tuple[LaneOptions, ...]) -> Texts:
    """One call of `generate` after another."""
    ids = torch.tensor([prompt])
    texts: Texts = {}
    for lane in options:
        torch.manual_seed(SEED)
        output = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            min_new_tokens=NEW_TOKENS,
            max_new_tokens=NEW_TOKENS,
            use_cache=True,
            **SAME_STRATEGIES[lane.name],
        )
        texts[lane.name] = output[0, len(prompt) :].tolist()
    return texts


def timed(
    work: Callable[[], Texts], clock: Callable[[], float] = time.thread_time
) -> tuple[Texts, Seconds]:
    """clock: of the processor; that of the process where the work is done in other threads."""
    cpu, wall = clock(), time.perf_counter()
    texts = work()
    return texts, Seconds(clock() - cpu, time.perf_counter() - wall)


def contest(name: str, us: Callable[[], Texts], them: Callable[[], Texts], rounds: int) -> Contest:
    """Both sides in turns, after one warm-up each. Exits where texts that must not differ do."""
    differing(us(), them())
    measured = Contest(name, [], [])
    for _ in range(rounds):
        our_texts, our_seconds = timed(us)
        their_texts, their_seconds = timed(them)
        differing(our_texts, their_texts)
        measured.ours.append(our_seconds)
        measured.theirs.append(their_seconds)
    return measured


def differing(our_texts: Texts, their_texts: Texts) -> None:
    """Greedy and beam search have one right answer; a fast wrong one is worth nothing."""
    for name in ("Greedy", "Beam"):
        if our_texts.get(name) != their_texts.get(name):
            sys.exit(f"{name}: our tokens differ from those of transformers; nothing to compare.")
        if name in our_texts and len(our_texts[name]) != NEW_TOKENS:
            sys.exit(f"{name}: {len(our_texts[name])} tokens instead of {NEW_TOKENS}.")


@torch.no_grad()
def larger() -> Transformer:
    """30 M parameters, random but far from flat, so that every next token is a clear choice."""
    torch.manual_seed(SEED)
    model = Transformer(TransformerConfig(8192, 256, 8, heads=8, width=512, feed_forward=1408))
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.08)
            weight.copy_(weight.half())  # as checkpoints are stored
    return model.eval()


def compete(
    size: str, folder: Path, us: FastTransformer, names: tuple[str, ...], rounds: int
) -> None:
    """Contests on one checkpoint, each printed when it is over."""
    prompt = Tokenizer.load(CHECKPOINT).encode(PROMPT)
    them = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    for name in names:
        options = five_lanes() if name == "five lanes" else (LaneOptions("Greedy"),)
        measured = contest(
            f"{size}, {name}",
            lambda options=options: ours(us, prompt, options),
            lambda options=options: theirs(them, prompt, options),
            rounds,
        )
        print(measured.row(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="at least 7 for a steady median")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    print(
        f"{NEW_TOKENS} tokens written, one torch thread, {rounds} rounds in turns; medians.\n"
        f"transformers {transformers.__version__}, torch {torch.__version__}. CPU time is the "
        "thread's: other programs disturb it less than wall time.\n"
        f"Fastest kernel for linear layers here: {ranking(FEW)[0].__name__}.\n\n"
        f"{HEAD}"
    )
    storyteller, contests = checkpoint.load(CHECKPOINT), ("one greedy row", "five lanes")
    compete("storyteller", CHECKPOINT, FastTransformer(storyteller), contests, rounds)
    with tempfile.TemporaryDirectory() as folder:
        model = larger()
        checkpoint.save(model, Path(folder), torch.float32)
        compete("30 M", Path(folder), FastTransformer(model), contests[:1], rounds)


if __name__ == "__main__":
    main()
