"""A thousand texts of 20 tokens from one prompt, against `generate(num_return_sequences=...)`.

    python -m benchmarks.draws

Both sides run the storyteller on one torch thread in float32 and draw from the same distribution;
no text ends early. transformers is given the batch size that is its best here. Ours also keeps the
probability of every token. It fails where the mean surprisals of both sides' texts are more than
four standard errors apart.
"""

from __future__ import annotations

import argparse
import math
import sys
from functools import partial
from typing import Any

import numpy as np
import torch
import transformers
from transformers import AutoModelForCausalLM

from benchmarks.decoding import CHECKPOINT, SEED, Contest, Texts, timed
from inference.decoding.many.draws import Plan, batches, prefilled
from inference.types.options import LaneOptions
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.fast import FastTransformer

PROMPT = "Once upon a time, there was a"
TEXTS, STEPS = 1_000, 20
SIZES = (50, 100, 250, 500, 1_000)
STRATEGIES: dict[str, tuple[LaneOptions, dict[str, Any]]] = {
    "sampling": (LaneOptions("a", sample=True), {"top_k": 0}),
    "top-k 40": (LaneOptions("a", sample=True, top_k=40), {"top_k": 40}),
    "top-p 0.9": (LaneOptions("a", sample=True, top_p=0.9), {"top_k": 0, "top_p": 0.9}),
}


def ours(model: FastTransformer, prompt: list[int], options: LaneOptions, texts: int) -> Texts:
    plan = Plan(options, texts, STEPS, SEED, frozenset())
    found = [one for one in batches(model, prefilled(model, prompt), plan) if one is not None]
    return {"tokens": np.concatenate([one.tokens for one in found]).tolist()}


def theirs(model: Any, prompt: list[int], how: dict[str, Any], size: int, texts: int) -> Texts:
    ids = torch.tensor([prompt])
    rows: list[Any] = []
    for _ in range(texts // size):
        output = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            num_return_sequences=size,
            max_new_tokens=STEPS,
            use_cache=True,
            **how,
        )
        rows += output[:, len(prompt) :].tolist()
    return {"tokens": rows}


@torch.inference_mode()
def bits(model: Any, prompt: list[int], texts: Texts) -> torch.Tensor:
    """Of every text the mean surprisal of a token, by transformers: (texts,)."""
    rows = torch.tensor(texts["tokens"])
    ids = torch.cat([torch.tensor([prompt]).expand(len(rows), -1), rows], dim=1)
    costs = []
    for some in ids.split(100):
        logs = model(some[:, :-1]).logits[:, len(prompt) - 1 :].log_softmax(-1)
        costs.append(-logs.gather(2, some[:, len(prompt) :, None]).mean(dim=(1, 2)))
    return torch.cat(costs) / math.log(2)


def standard_errors(one: torch.Tensor, other: torch.Tensor) -> float:
    """How far the means of two samples are apart."""
    spread = (one.var() / len(one) + other.var() / len(other)).sqrt()
    return float((one.mean() - other.mean()) / spread)


def best_size(model: Any, prompt: list[int], how: dict[str, Any]) -> int:
    """The batch size with which transformers takes least time for a thousand texts."""
    taken = {size: timed(partial(theirs, model, prompt, how, size, TEXTS))[1].cpu for size in SIZES}
    return min(taken, key=taken.__getitem__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    us = FastTransformer(checkpoint.load(CHECKPOINT))
    them = AutoModelForCausalLM.from_pretrained(
        CHECKPOINT, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    them.generation_config.eos_token_id = None  # no text ends early
    them.generation_config.pad_token_id = 0
    tokenizer = Tokenizer.load(CHECKPOINT)
    prompt = [tokenizer.end_of_text, *tokenizer.encode(PROMPT)]
    print(
        f"{TEXTS:,} texts of {STEPS} tokens, one torch thread, {rounds} rounds in turns; medians.\n"
        f"transformers {transformers.__version__}, torch {torch.__version__}.\n\n"
        f"{'':<28}{'ours: cpu':>13}{'wall':>13}{'theirs: cpu':>13}{'wall':>13}"
        f"{'cpu ratio':>10}{'wall':>8}"
    )
    for name, (options, how) in STRATEGIES.items():
        size = best_size(them, prompt, how)
        mine = partial(ours, us, prompt, options, TEXTS)
        other = partial(theirs, them, prompt, how, size, TEXTS)
        measured = Contest(f"{name} (their batch {size})", [], [])
        apart = standard_errors(bits(them, prompt, mine()), bits(them, prompt, other()))
        if abs(apart) > 4:
            sys.exit(f"{name}: mean surprisals are {apart:.1f} standard errors apart.")
        for _ in range(rounds):
            measured.ours.append(timed(mine)[1])
            measured.theirs.append(timed(other)[1])
        print(measured.row(), flush=True)


if __name__ == "__main__":
    main()
