"""How do predictions move when every head is removed, one by one?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.pieces import pieces
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from models.text.protocol import TextTokenizer

Removal = Literal["zero", "mean", "resample"]
"""What takes the place of a head that is removed; see `inference.decoding.head_sweep`."""


@dataclass(frozen=True)
class HeadSweep:
    """How a text is predicted with nothing removed, and without each head alone."""

    bits: NDArray[np.float64]
    """(positions - 1,) surprisal of every token after the first."""
    bits_without: NDArray[np.float64]
    """(layers, heads, positions - 1) the same without that head."""
    following: NDArray[np.float64]
    """(vocabulary,) probability of what follows the text."""
    following_without: NDArray[np.float64]
    """(layers, heads, vocabulary)"""


@dataclass(frozen=True)
class HeadRemovals:
    """The sweep over a text that somebody typed."""

    tokens: Tokenized
    removal: Removal
    sweep: HeadSweep
    pieces: Mapping[int, bytes]
    """The bytes of the ten most probable tokens, with nothing removed and without each head."""
    end_of_text: int


@dataclass(frozen=True)
class Ablation(Task[HeadSweep, HeadRemovals]):
    """Every head removed, each alone, over the same text. Raises OrreryError on another removal."""

    removal: Removal = "mean"

    needs: ClassVar[tuple[Capability, ...]] = ("remove heads",)
    what: ClassVar[str] = "sentence"

    def __post_init__(self) -> None:
        if self.removal not in get_args(Removal):
            raise OrreryError(f"A head is removed by one of {', '.join(get_args(Removal))}.")

    def program(self, placed: PlacedModel) -> Generator[HeadSweep | None, None, HeadSweep]:
        """The first sweep over a model writes the reference texts, a slice a step.

        Raises NumericalFault.
        """
        from inference.decoding import head_sweep  # noqa: PLC0415  # torch

        kept, device = placed.derived, placed.device.tensors
        if "sweep" not in kept:
            opening = self.tokens.ids[: self.tokens.opened] or self.ends[:1]
            known = yield from head_sweep.reference(placed.model, opening, self.ends, device)
            kept["sweep"] = head_sweep.HeadSweeper(placed.model, known, device)
            yield None
        found: HeadSweep = kept["sweep"](self.tokens.ids, self.removal)
        return found

    def finish(self, found: Result[HeadSweep], tokenizer: TextTokenizer) -> HeadRemovals:
        named: Mapping[int, bytes] = pieces(tokenizer, leading(found.value))
        return HeadRemovals(self.noted(found), self.removal, found.value, named, self.ends[0])


def leading(sweep: HeadSweep, count: int = 10) -> set[int]:
    """The most probable tokens after the text, with nothing removed and without each head."""
    rows = [sweep.following, *sweep.following_without.reshape(-1, len(sweep.following))]
    return {int(token) for row in rows for token in np.argsort(-row, kind="stable")[:count]}
