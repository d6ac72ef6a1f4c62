"""How often has each token followed each other in what an n-gram model has read?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.pieces import pieces

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class PairCounts:
    """The counts of a bigram model."""

    pieces: tuple[bytes, ...]
    """The bytes of every token, by its number."""
    counts: NDArray[np.int64]
    """(vocabulary, vocabulary): how often the token of a column followed that of a row."""


@dataclass(frozen=True)
class Pairs(Task[NDArray[np.int64], PairCounts]):
    """The pairs that a model has counted; it needs no text."""

    text: object = ""
    model: str = "bigram"

    needs: ClassVar[tuple[Capability, ...]] = ("count",)

    def prepare(self, model: Preprocessor) -> Self:
        return replace(self, ends=model.ends)

    def answer(self, placed: PlacedModel) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = placed.model.pairs()
        return counts

    def finish(self, found: Result[NDArray[np.int64]], tokenizer: TextTokenizer) -> PairCounts:
        every = pieces(tokenizer, range(len(found.value)))
        return PairCounts(tuple(every[token] for token in sorted(every)), found.value)
