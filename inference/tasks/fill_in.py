"""What could stand in the gaps of a text, by what stands on both sides of them?

A masked model fills gaps and is no language model: its probabilities are of a token in its place,
and are called so wherever those of a next token stand beside them (truth: R27).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import ModelUnavailable, NoGap, OrreryError, TooLong
from inference.task import Result, Task
from inference.text.pieces import pieces
from inference.types.options import in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

GAPS = 16  # in one text
SHOWN = (1, 100)


@dataclass(frozen=True)
class Filled:
    """What the model says of every gap."""

    probabilities: NDArray[np.float64]
    """(gaps, vocabulary)."""
    weights: NDArray[np.float32]
    """(layers, heads, gaps, tokens): where every gap mixes its values from. No layers where that
    was not asked for."""


@dataclass(frozen=True)
class FilledGaps:
    """What a masked model expects in every gap of a text."""

    tokens: Tokenized
    """The text, with the ends that the model was trained with; a gap holds what it hides."""
    gaps: tuple[int, ...]
    """The places of the gaps among the tokens, from left to right."""
    probabilities: NDArray[np.float64]
    """(gaps, vocabulary): of every token in every gap, each gap by itself; a row sums to 1."""
    likeliest: tuple[tuple[int, ...], ...]
    """The most probable tokens of each gap, most probable first; of equals the lower id first."""
    pieces: Mapping[int, bytes]
    """The bytes of the likeliest tokens, and of those that are hidden."""
    weights: NDArray[np.float32]
    """As of `Filled`; every row sums to 1."""

    def rank(self, gap: int, token: int) -> int:
        """The place of a token among all that could stand in a gap, from 1; equals share one.

        gap: counted from 0 among `gaps`.
        """
        row = self.probabilities[gap]
        return 1 + int((row > row[token]).sum())


@dataclass(frozen=True)
class FillIn(Task[Filled, FilledGaps]):
    """The distribution over every gap: a mask in the text, or a token of it that is hidden."""

    hide: tuple[int, ...] = ()
    """Tokens to hide, by their places among the tokens of a result; after `prepare`, every gap."""
    shown: int = 10
    """How many of the likeliest tokens are named."""
    looks: bool = False
    """Whether it is told, too, where the gaps look."""
    mask: int = field(default=-1, kw_only=True)
    """The token of a gap; filled in by `prepare`."""

    needs: ClassVar[tuple[Capability, ...]] = ("fill in",)

    def __post_init__(self) -> None:
        in_range("The number of tokens shown", self.shown, SHOWN, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        """Read a mask in the text as a gap, and find all gaps.

        Raises NoGap, TooLong, OutOfRange where a hidden token is none of the text's, or OrreryError
        on another special token.
        """
        mask = model.tokenizer.mask
        if mask is None:
            raise ModelUnavailable(self.model, "its tokenizer has no token for a gap.")
        tokens = model.cut(self.text, self.what, model.bounds.prompt, specials=True)
        typed = [place for place, piece in enumerate(tokens.pieces) if piece]  # not the ends
        for place in typed:
            self._check(tokens, place, (mask, model.tokenizer.unknown))
        for place in self.hide:
            in_range("The place of a hidden token", place, (typed[0], typed[-1]), whole=True)
        masked = (place for place in typed if tokens.ids[place] == mask)
        gaps = tuple(sorted({*self.hide, *masked}))
        if not gaps:
            raise NoGap(model.tokenizer.piece(mask))
        if len(gaps) > GAPS:
            raise TooLong(self.what, GAPS, len(gaps), "gaps")
        return replace(self.of(tokens, model), hide=gaps, mask=mask)

    def _check(self, tokens: Tokenized, place: int, allowed: tuple[int | None, ...]) -> None:
        if tokens.details[place].special and tokens.ids[place] not in allowed:
            name = tokens.pieces[place].decode()
            raise OrreryError(f"{name} ends a text and cannot stand in one. Take it out.")

    def answer(self, placed: PlacedModel) -> Filled:
        """Raises NumericalFault."""
        from inference.decoding import engine  # noqa: PLC0415  # torch

        ids, device = list(self.tokens.ids), placed.device.tensors
        for gap in self.hide:
            ids[gap] = self.mask
        weights = np.zeros((0, 0, len(self.hide), len(ids)), dtype=np.float32)
        if self.looks:
            weights = engine.attention(placed.model, ids, device)[:, :, list(self.hide)]
        return Filled(engine.fill(placed.model, ids, self.hide, device), weights)

    def finish(self, found: Result[Filled], tokenizer: TextTokenizer) -> FilledGaps:
        value = found.value
        order = np.argsort(-value.probabilities, axis=1, kind="stable")[:, : self.shown]
        likeliest = tuple(tuple(row) for row in order.tolist())
        hidden = (self.tokens.ids[gap] for gap in self.hide)
        named = pieces(tokenizer, {*hidden, *(token for row in likeliest for token in row)})
        tokens = self.noted(found)
        return FilledGaps(tokens, self.hide, value.probabilities, likeliest, named, value.weights)
