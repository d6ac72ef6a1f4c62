"""What may be changed inside a forward pass, row by row: heads removed, attention scores edited or
ruled, cells of a recurrent network held at a value.

An intervention is a value that travels with the call, in its `Trace`; nothing is patched into the
model. Every one names its row, so that an experiment with many arms is one batch. Positions are
those of the text, also where a cache already holds its beginning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
class ScoreRule:
    """Changes all scores of one head, or of every head, before the softmax and before any edit."""

    row: int
    layer: int | None = None
    """None for every layer, and then every head."""
    head: int = 0
    times: float = 1.0
    """What scores are multiplied by: 0 spreads a row evenly over what it may read, and the square
    root of head_width takes back the division."""
    unmasked: bool = False
    """True lets a query read what follows it too; of a text that is read at once."""


@dataclass(frozen=True)
class CellAblation:
    """Holds one cell of a recurrent layer at a value after every step.

    Of an LSTM it is the memory cell, and the output follows from it and the output gate.
    """

    row: int
    layer: int
    cell: int
    value: float = 0.0


@dataclass(frozen=True)
class Interventions:
    """All that is changed in one forward pass; a row that is not named stays as it was."""

    ablations: tuple[HeadAblation, ...] = ()
    edits: tuple[ScoreEdit, ...] = ()
    cells: tuple[CellAblation, ...] = ()
    rules: tuple[ScoreRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ablations or self.edits or self.cells or self.rules)

    def check(self, rows: int, layers: int, heads: int = 0, cells: int = 0) -> None:
        """Raise ValueError where an intervention names what the batch or the model has not.

        heads, cells: of one layer; 0 where the model has none.
        """
        of_heads: tuple[HeadAblation | ScoreEdit, ...] = (*self.ablations, *self.edits)
        if (of_heads or self.rules) and not heads:
            raise ValueError("This model has no attention heads to remove or edit.")
        if self.cells and not cells:
            raise ValueError("This model has no recurrent cells to hold at a value.")
        named = [
            *((one.row, one.layer, ("head", one.head, heads)) for one in of_heads),
            *((one.row, one.layer or 0, ("head", one.head, heads)) for one in self.rules),
            *((one.row, one.layer, ("cell", one.cell, cells)) for one in self.cells),
        ]
        for row, layer, part in named:
            for what, given, count in (("row", row, rows), ("layer", layer, layers), part):
                if not 0 <= given < count:
                    raise ValueError(f"There is no {what} {given}: they go from 0 to {count - 1}.")

    def rule(
        self, layer: int, scores: torch.Tensor, masked: bool, raw: Callable[[], torch.Tensor]
    ) -> torch.Tensor:
        """Apply the rules for a layer to its scores, (rows, heads, queries, keys), masked by -inf.

        masked: whether more than the causal mask of a text read at once hides keys. raw: makes the
        scores before any mask. Raises ValueError where a rule would unmask what is no text.
        """
        rules = [one for one in self.rules if one.layer in (None, layer)]
        if not rules:
            return scores
        if masked and any(one.unmasked for one in rules):
            raise ValueError("The mask can be dropped where a text is read at once.")
        scores, unmasked = scores.clone(), raw()
        for one in rules:
            heads = slice(None) if one.layer is None else slice(one.head, one.head + 1)
            given = (unmasked if one.unmasked else scores)[one.row, heads]
            scores[one.row, heads] = torch.where(given.isneginf(), given, given * one.times)
        return scores

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
