"""What is one cell of an attention map made of, and what depends on it?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import PLACES, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

SCORES = (-1_000.0, 1_000.0)
LONGEST = 128
"""Tokens of a text; what travels is one head's map and one row."""
LEADING = 6
"""Tokens whose probability is shown under a change."""


@dataclass(frozen=True)
class OpenedCell:
    """One head over one text, and the model's answer to every change.

    The changes are those of `inference.decoding.inside.cell.CHANGES`, the first being none.
    """

    weights: NDArray[np.float32]
    """(queries, keys) of the head as it is."""
    queries: NDArray[np.float32]
    """(2, tokens, head_width) before and after they are turned by their place; likewise `keys`."""
    keys: NDArray[np.float32]
    values: NDArray[np.float32]
    """(tokens, head_width)"""
    changed: NDArray[np.float32]
    """(changes, keys) the weights of the query under every change."""
    following: NDArray[np.float64]
    """(changes, vocabulary) probability of what follows the text."""
    layers: int
    heads: int
    """Of one layer."""


@dataclass(frozen=True)
class CellOfText:
    """A cell of the map of a text that somebody typed."""

    tokens: Tokenized
    layer: int
    """Counted from 0, as are `head`, `query` and `key`."""
    head: int
    query: int
    key: int
    score: float
    """What the cell's score becomes under the change "score"."""
    opened: OpenedCell
    pieces: Mapping[int, bytes]
    """The bytes of the tokens that lead before or after a change."""
    end_of_text: int

    def leading(self, change: int) -> tuple[int, ...]:
        """The tokens that lead with nothing changed or under this change, most moved included."""
        before, after = self.opened.following[0], self.opened.following[change]
        order = np.argsort(-np.maximum(before, after), kind="stable")[:LEADING]
        return tuple(order.tolist())


@dataclass(frozen=True)
class AttentionCell(Task[OpenedCell, CellOfText]):
    """One cell taken apart. Layer, head, query and key are counted from 1."""

    layer: int = 1
    head: int = 1
    query: int = 1
    key: int = 1
    score: float = 0.0

    needs: ClassVar[tuple[Capability, ...]] = ("open a cell",)
    what: ClassVar[str] = "sentence"

    def __post_init__(self) -> None:
        """Raises OutOfRange."""
        for what in ("layer", "head", "query", "key"):
            in_range(f"The {what}", getattr(self, what), PLACES, whole=True)
        if self.score != -math.inf:
            in_range("The score", self.score, SCORES)

    def prepare(self, model: Preprocessor) -> Self:
        limit = min(LONGEST, model.bounds.context)
        return self.of(model.cut(self.text, self.what, limit), model)

    def of(self, tokens: Tokenized, model: Preprocessor) -> Self:
        """A query that the text has not becomes its last, a key that it cannot see the query.

        Raises OrreryError where the only key of a query would be masked.
        """
        query = min(self.query, len(tokens.ids))
        key = min(self.key, query)
        if self.score == -math.inf and query == 1:
            raise OrreryError(
                "The first token reads itself alone, so that its score cannot be -inf. Choose "
                "another cell."
            )
        moved = (query, key) != (self.query, self.key)
        remark = f"Row {query}, column {key} is shown: there is no such cell as asked."
        tokens = replace(tokens, note=joined(tokens.note, remark if moved else ""))
        return replace(super().of(tokens, model), query=query, key=key)

    def answer(self, placed: PlacedModel) -> OpenedCell:
        """Raises NumericalFault, or OutOfRange where the model has no such layer or head."""
        from inference.decoding.inside import cell  # noqa: PLC0415  # torch

        place, at = (self.layer - 1, self.head - 1), (self.query - 1, self.key - 1)
        ids, device = self.tokens.ids, placed.device.tensors
        return cell.opened(placed.model, ids, place, at, self.score, device)

    def finish(self, found: Result[OpenedCell], tokenizer: TextTokenizer) -> CellOfText:
        cell = CellOfText(
            self.noted(found),
            *(self.layer - 1, self.head - 1, self.query - 1, self.key - 1, self.score),
            found.value,
            {},
            end_of_text(tokenizer),
        )
        shown = {one for i in range(len(found.value.following)) for one in cell.leading(i)}
        return replace(cell, pieces=pieces(tokenizer, sorted(shown)))
