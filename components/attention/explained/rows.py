"""The explanations of one prediction as rows over the same tokens, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.attention.explanation import agreement, rollout

if TYPE_CHECKING:
    from inference.tasks.attention.explanation import ExplainedText

Floats = NDArray[np.float64]
TAKEN = {"removed": "left out", "replaced": "replaced"}
"""By the mean of all embeddings."""
OUT_OF_REACH = "Not here: where this architecture keeps its values is not known."


@dataclass(frozen=True)
class Row:
    """One explanation."""

    key: str
    name: str
    means: str
    """What its numbers are, in a sentence."""
    unit: str
    """share, length or bits."""
    values: Floats | None
    """(tokens,); None where this model has none."""


KINDS = (
    (
        "attention",
        "Attention",
        "Share of the last position's attention in this layer, mean of its heads: where values are "
        "mixed from.",
        "share",
    ),
    (
        "weighted",
        "Attention \N{MULTIPLICATION SIGN} value",
        "Length of the vector that the token adds in this layer: its value, weighted, through the "
        "output projection, heads summed (Kobayashi et al. 2020).",
        "length",
    ),
    (
        "rollout",
        "Rollout",
        "Share that reaches the last position through all layers, if half of every layer's input "
        "passed by it (Abnar and Zuidema 2020).",
        "share",
    ),
    (
        "gradient",
        "Gradient \N{MULTIPLICATION SIGN} input",
        "Bits that the prediction would gain if the token's vector grew by its own length, judged "
        "by the slope at the text alone.",
        "bits",
    ),
    (
        "integrated",
        "Integrated gradients",
        "Bits that the token adds on the straight way from the mean of all embeddings to the text "
        "(Sundararajan et al. 2017).",
        "bits",
    ),
    (
        "occlusion",
        "Occlusion",
        "Bits that the prediction loses when this token alone is taken away.",
        "bits",
    ),
)
"""Key, name, meaning and unit of every row, in their order."""


def rows(text: ExplainedText, layer: int) -> list[Row]:
    """layer: whose attention is shown, counted from 0."""
    found = text.explained
    values = (
        found.weights[layer, -1].astype(np.float64),
        None if found.added is None else found.added[layer].astype(np.float64),
        rollout(found.weights),
        found.gradient,
        found.integrated,
        found.occluded,
    )
    made = [Row(*kind, one) for kind, one in zip(KINDS, values, strict=True)]
    made[-1] = replace(made[-1], name=f"{made[-1].name}: {TAKEN[text.taken]}")
    return made


def correlations(found: list[Row]) -> Floats:
    """Spearman's of the sizes of every two rows, (rows, rows); nan where one is missing."""
    there = [i for i, row in enumerate(found) if row.values is not None]
    table = np.full((len(found), len(found)), np.nan)
    sizes = np.abs(np.stack([row.values for row in found if row.values is not None]))
    table[np.ix_(there, there)] = agreement(sizes)
    return table
