"""Where the heads of a model look: one value for every architecture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.attention.maps import farthest_reading, is_causal
from components.attention.maps import token_labels

if TYPE_CHECKING:
    from inference.types.tokenized import Tokenized

ALL_TRAVEL = 64
"""Tokens up to which the maps of all layers go to the page at once; beyond, those of one layer."""
PARTS = ("cross", "encoder", "decoder")
"""Of a translator: its writer reads the source, its reader reads the source, its writer reads what
it has written (Vaswani et al. 2017, section 3.2.3)."""


@dataclass(frozen=True)
class Side:
    """Tokens that ask, or tokens that are asked."""

    ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    labels: tuple[str, ...]
    """How they read."""

    @classmethod
    def of(cls, tokens: Tokenized) -> Side:
        return cls(tokens.ids, tokens.pieces, tuple(token_labels(tokens)))

    def data(self) -> list[dict[str, Any]]:
        """For the API; U+FFFD stands for a part of a character."""
        return [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(self.ids, self.pieces, strict=True)
        ]


@dataclass(frozen=True)
class Seen:
    """Where all heads of one part of a model look."""

    weights: NDArray[np.float32]
    """(layers, heads, queries, keys); every row sums to 1."""
    asking: Side
    """The queries: the tokens that ask."""
    asked: Side
    """The keys; the same object where a text reads itself."""
    note: str = ""
    head: tuple[int, int] | None = None
    """Layer and head that somebody chose, counted from 0; None for the one that tells most."""
    written: int = 0
    """How many of the queries, the last ones, the model wrote itself."""
    writes: bool = False
    """Whether it can write on."""
    part: str = ""
    """Of a translator, one of `parts`."""
    parts: tuple[str, ...] = ()
    age: int = 0
    """Steps of training, of a model that was kept at several `ages`."""
    ages: tuple[int, ...] = ()

    @property
    def causal(self) -> bool:
        """Whether a text reads itself, and no token of it what follows."""
        return self.asking is self.asked and is_causal(self.weights)

    @property
    def opened(self) -> tuple[int, int]:
        """Layer and head that are shown at first."""
        layers, heads = self.weights.shape[:2]
        if self.head and self.head[0] < layers and self.head[1] < heads:
            return self.head
        return (layers - 1, 0) if self.part == "cross" else farthest_reading(self.weights)

    @property
    def telling(self) -> int:
        """The query that is shown at first: the last one, or where a translation looks back."""
        layer, head = self.opened
        peaks = self.weights[layer, head].argmax(axis=1)
        back = np.flatnonzero(np.diff(peaks) < 0) + 1
        of_itself = self.asking is self.asked
        return len(peaks) - 1 if of_itself or not len(back) else int(back[0])

    @property
    def travelling(self) -> tuple[int, ...]:
        """The layers whose maps go to the page whole."""
        if max(self.weights.shape[2:]) <= ALL_TRAVEL:
            return tuple(range(len(self.weights)))
        return (self.opened[0],)
