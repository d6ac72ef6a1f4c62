"""One cell of one attention head, taken apart, and what the model says once it is changed.

Every change is a row of one batch, made by `Interventions`; nothing is patched into the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from inference.decoding.batch import to_numpy
from inference.errors import NumericalFault, OutOfRange
from inference.tasks.attention.cell import OpenedCell
from models.contract import Trace
from models.interventions import Interventions, ScoreEdit, ScoreRule
from models.transformer.model import Block, Transformer, TransformerConfig, rotate

CHANGES = ("none", "score", "root", "mask", "uniform", "root everywhere", "mask everywhere")
"""The rows of the batch, in order."""


@torch.inference_mode()
def opened(
    model: Transformer,
    ids: Sequence[int],
    place: tuple[int, int],
    cell: tuple[int, int],
    score: float,
    device: str = "cpu",
) -> OpenedCell:
    """place: layer and head. cell: query and key, both counted from 0. score: what the cell's
    becomes under the change "score". Raises OutOfRange, NumericalFault."""
    layer, head = place
    config = model.config
    check_place(config, place)
    text = torch.tensor([list(ids)], device=device)
    trace = Trace(interventions(place, cell, score, config.head_width))
    logits = model(text.expand(len(CHANGES), -1), trace=trace)[:, -1].double().cpu()
    if not torch.isfinite(logits).all():
        raise NumericalFault(1)
    projected = projections(model, trace.hidden[layer][:1], layer)[:, 0, head]
    turned = rotate(projected[:2], *model.rotary[:, : len(ids)])
    queries, keys = torch.stack([projected[:2], turned], dim=1)
    return OpenedCell(
        weights=to_numpy(trace.attention[layer][0, head]),
        queries=to_numpy(queries),
        keys=to_numpy(keys),
        values=to_numpy(projected[2]),
        changed=to_numpy(trace.attention[layer][:, head, cell[0]]),
        following=logits.softmax(-1).numpy(),
        layers=config.layers,
        heads=config.heads,
    )


def check_place(config: TransformerConfig, place: tuple[int, int]) -> None:
    """place: layer and head, counted from 0. Raises OutOfRange, which counts them from 1."""
    for what, given, count in zip(
        ("layer", "head"), place, (config.layers, config.heads), strict=True
    ):
        if not 0 <= given < count:
            raise OutOfRange(f"The {what}", 1, count, given + 1, whole=True)


def interventions(
    place: tuple[int, int], cell: tuple[int, int], score: float, width: int
) -> Interventions:
    """One row a change, the first unchanged. width: of a head."""
    root = math.sqrt(width)
    return Interventions(
        edits=(ScoreEdit(1, *place, *cell, score),),
        rules=(
            ScoreRule(2, *place, times=root),
            ScoreRule(3, *place, unmasked=True),
            ScoreRule(4, *place, times=0.0),
            ScoreRule(5, times=root),
            ScoreRule(6, unmasked=True),
        ),
    )


def projections(model: Transformer, state: torch.Tensor, layer: int) -> torch.Tensor:
    """Queries, keys and values of a layer before they are turned, (3, rows, heads, tokens,
    head_width), from the state that it is given, (rows, tokens, width)."""
    block = model.blocks[layer]
    assert isinstance(block, Block)
    return block.attention.project(block.attention_norm(state))
