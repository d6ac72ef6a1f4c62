"""What may be changed inside a forward pass, row by row: heads removed, attention scores edited.

An intervention is a value that travels with the call, in its `Trace`; nothing is patched into the
model. Every one names its row, so that an experiment with many arms is one batch. Positions are
those of the text, also where a cache already holds its beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class HeadAblation:
    """Replaces what one head of one layer mixed, before the output projection (truth: R16)."""

    row: int
    layer: int
    head: int
    replacement: torch.Tensor | None = None
    """None for zeros; (head_width,) the same at every position; or (positions, head_width)."""


@dataclass(frozen=True)
class ScoreEdit:
    """Changes the score of one query for one key before the softmax, so rows still sum to 1."""

    row: int
    layer: int
    head: int
    query: int
    key: int
    value: float
    """What the score, QK / sqrt(head_width), becomes; -inf masks the key."""
    add: bool = False
    """True adds `value` to the score instead."""

    def __post_init__(self) -> None:
        if math.isnan(self.value) or self.value == math.inf:
            raise ValueError(f"A score can be edited by a number or -inf, not {self.value}.")
        if not 0 <= self.key <= self.query:
            raise ValueError(
                f"Query {self.query} cannot read key {self.key}: "
                "a token reads itself and what came before."
            )


@dataclass(frozen=True)
class Interventions:
    """All that is changed in one forward pass; a row that is not named stays as it was."""

    ablations: tuple[HeadAblation, ...] = ()
    edits: tuple[ScoreEdit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ablations or self.edits)

    def check(self, rows: int, layers: int, heads: int) -> None:
        """Raise ValueError where an intervention names what the batch or the model has not."""
        everything: tuple[HeadAblation | ScoreEdit, ...] = (*self.ablations, *self.edits)
        for one in everything:
            for what, given, count in (
                ("row", one.row, rows),
                ("layer", one.layer, layers),
                ("head", one.head, heads),
            ):
                if not 0 <= given < count:
                    raise ValueError(f"There is no {what} {given}: they go from 0 to {count - 1}.")

    def edit(self, layer: int, scores: torch.Tensor, starts: Sequence[int]) -> torch.Tensor:
        """Apply a layer's edits to its scores, (rows, heads, queries, keys), masked by -inf.

        starts: (rows,) where in its text each row's first query stands. Raises ValueError where
        a query is left without any key.
        """
        edits = [one for one in self.edits if one.layer == layer]
        if not edits:
            return scores
        scores = scores.clone()
        for one in edits:
            queries, keys = scores.shape[2:]
            query = one.query - starts[one.row]
            if 0 <= query < queries:
                key = one.key + keys - queries - starts[one.row]  # rows end together
                before = scores[one.row, one.head, query, key] if one.add else 0.0
                scores[one.row, one.head, query, key] = before + one.value
        if scores.isneginf().all(dim=-1).any():
            raise ValueError(
                "Every key of a query is masked; it must be able to read one at least."
            )
        return scores

    def ablate(self, layer: int, mixed: torch.Tensor, starts: Sequence[int]) -> torch.Tensor:
        """Apply a layer's ablations to what its heads mixed: (rows, heads, queries, head_width).

        starts: as in `edit`.
        """
        ablations = [one for one in self.ablations if one.layer == layer]
        if not ablations:
            return mixed
        mixed = mixed.clone()
        for one in ablations:
            mixed[one.row, one.head] = _placed(one.replacement, starts[one.row], mixed)
        return mixed


def _placed(replacement: torch.Tensor | None, start: int, mixed: torch.Tensor) -> torch.Tensor:
    """A replacement for the positions at hand; it broadcasts to (queries, head_width)."""
    count, width = mixed.shape[2:]
    if replacement is None:
        return mixed.new_zeros(width)
    if replacement.shape == (width,):
        return replacement.to(mixed)
    if replacement.dim() == 2 and replacement.shape[1] == width:
        placed = replacement[start : start + count]
        if len(placed) == count:
            return placed.to(mixed)
    raise ValueError(
        f"A replacement of shape {tuple(replacement.shape)} does not cover positions {start} to "
        f"{start + count - 1} of a head of width {width}."
    )
