"""What the growing storyteller knows at every age, and when its heads begin to look back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from models.contract import Trace
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer
from training.evaluation import metrics, scoring

SECTION = "Held-out simple stories, age by age"
BIRTHS = "When heads are born"
BORN = 0.3  # of its attention, which a head that spreads it evenly never gives to one place
BEFORE, AGAIN = "on the token just before", "on what came after the same token earlier"
ROWS = 16  # texts of random tokens
DOCUMENTS = 150  # held-out ones, the first: every age reads them all
SPAN = 50  # tokens before all come again, or half a context
SEED = 20261125


def evaluate(folder: Path, documents: list[str], step_tokens: int, stride: int) -> metrics.Figures:
    """One row for every age that is there, from the youngest, and when heads begin to look back.

    step_tokens: what one step learns from. Raises CheckpointError on a folder that is not whole.
    """
    tokenizer = Tokenizer.load(folder)
    ages = {
        f"{int(path.name.removeprefix('step-')):,} steps": measure(
            checkpoint.load(path), tokenizer, documents[:DOCUMENTS], step_tokens, stride, path
        )
        for path in sorted(folder.glob("step-*"))
    }
    born = {"previous-token head": birth(ages, BEFORE), "induction head": birth(ages, AGAIN)}
    return {SECTION: ages, BIRTHS: born}


def birth(ages: Mapping[str, Mapping[str, Any]], score: str) -> dict[str, metrics.Value]:
    """Between which two ages the best head's score first passes `BORN`; "never" where it does not.

    ages: from the youngest, each with its scores.
    """
    names = list(ages)
    grown = next((i for i, name in enumerate(names) if ages[name][score] > BORN), None)
    if grown is None:
        return {"not yet at": names[-1], "there at": "never"}
    return {"not yet at": names[grown - 1] if grown else "never", "there at": names[grown]}


def measure(
    model: Transformer,
    tokenizer: Tokenizer,
    documents: list[str],
    step_tokens: int,
    stride: int,
    path: Path,
) -> dict[str, metrics.Value]:
    """The figures of one age."""
    before, again = looking_back(model)
    score = scoring.bits_per_byte(model, tokenizer, documents, stride)
    return {
        "tokens seen": int(path.name.removeprefix("step-")) * step_tokens,
        "bits per byte": round(score.bits_per_byte, 4),
        BEFORE: round(float(before.max()), 3),
        "by head": place(before),
        AGAIN: round(float(again.max()), 3),
        "by that head": place(again),
    }


@torch.inference_mode()
def looking_back(model: Transformer) -> tuple[torch.Tensor, torch.Tensor]:
    """Every head's mean attention to two places, (layers, heads) each.

    On random tokens that all come a second time: to the token just before, and, in the second
    half, to the one that followed the same token in the first, which is what makes an induction
    head (Olsson et al. 2022, arXiv 2209.11895).
    """
    generator = torch.Generator().manual_seed(SEED)
    span = min(SPAN, model.context // 2)
    once = torch.randint(1, model.vocabulary, (ROWS, span), generator=generator)
    trace = Trace()
    model.forward(torch.cat([once, once], dim=1), trace=trace)
    maps = torch.stack(trace.attention)  # (layers, rows, heads, queries, keys)
    before = maps.diagonal(-1, -2, -1).mean(dim=(1, 3))
    again = maps.diagonal(1 - span, -2, -1)[..., 1:].mean(dim=(1, 3))
    return before, again


def place(values: torch.Tensor) -> str:
    """The layer and head of the largest, counted from 1 as on the page."""
    layer, head = divmod(int(values.argmax()), values.shape[1])
    return f"layer {layer + 1}, head {head + 1}"
