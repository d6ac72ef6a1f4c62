"""What the growing storyteller knows at every age, and when its heads begin to look back."""

from __future__ import annotations

from pathlib import Path

import torch

from models.contract import Trace
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer
from training.evaluation import metrics, scoring

SECTION = "Held-out stories, age by age"
ROWS = 16  # texts of random tokens
SPAN = 48  # tokens before all come again, or half a context
SEED = 20261125


def evaluate(
    folder: Path, documents: list[str], step_tokens: int, stride: int
) -> dict[str, dict[str, metrics.Value]]:
    """One row for every age that is there, from the youngest.

    step_tokens: what one step learns from. Raises CheckpointError on a folder that is not whole.
    """
    tokenizer = Tokenizer.load(folder)
    return {
        f"{int(path.name.removeprefix('step-')):,} steps": measure(
            checkpoint.load(path), tokenizer, documents, step_tokens, stride, path
        )
        for path in sorted(folder.glob("step-*"))
    }


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
        "on the token just before": round(float(before.max()), 3),
        "by head": place(before),
        "on what came after the same token earlier": round(float(again.max()), 3),
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
