"""What would the model say if it stopped after every layer?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.pieces import end_of_text, pieces
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from models.text.protocol import TextTokenizer

SHOWN = 8  # tokens of a cell


@dataclass(frozen=True)
class LensReading:
    """By state, from the embedding (0) to the last block, and position."""

    top: NDArray[np.int64]
    """(states, positions, some) the most probable next tokens, best first; of equals the lower
    first."""
    chances: NDArray[np.float64]
    """(states, positions, some)"""
    entropy: NDArray[np.float64]
    """(states, positions) in bits."""
    ranks: NDArray[np.int64]
    """(states, positions) of the final choice among all, from 1; equals share one."""
    final: NDArray[np.float64]
    """(states, positions) probability of the final choice."""

    @property
    def leads(self) -> NDArray[np.int64]:
        """(positions,) the first state in which the final choice leads."""
        found: NDArray[np.int64] = (self.top[:, :, 0] == self.top[-1, :, 0]).argmax(axis=0)
        return found

    @property
    def settled(self) -> NDArray[np.int64]:
        """(positions,) the state from which on it leads to the end."""
        other = (self.top[:, :, 0] != self.top[-1, :, 0])[::-1]
        found: NDArray[np.int64] = np.where(other.any(axis=0), len(other) - other.argmax(axis=0), 0)
        return found


@dataclass(frozen=True)
class LensOverText:
    """A text under the lens."""

    tokens: Tokenized
    reading: LensReading
    pieces: Mapping[int, bytes]
    """The bytes of every token that is shown."""
    vocabulary: int
    end_of_text: int


@dataclass(frozen=True)
class Lens(Task[LensReading, LensOverText]):
    """The logit lens over a text of up to `limits.attention_tokens` tokens."""

    needs: ClassVar[tuple[Capability, ...]] = ("write", "attend")
    what: ClassVar[str] = "sentence"

    def program(self, placed: PlacedModel) -> Generator[LensReading | None, None, LensReading]:
        """Raises NumericalFault, or OrreryError where the model cannot be read so."""
        from inference.decoding.inside import lens  # noqa: PLC0415  # torch

        device = placed.device.tensors
        return (yield from lens.read(placed.model, self.tokens.ids, SHOWN, device))

    def finish(self, found: Result[LensReading], tokenizer: TextTokenizer) -> LensOverText:
        return LensOverText(
            self.noted(found),
            found.value,
            pieces(tokenizer, np.unique(found.value.top).tolist()),
            tokenizer.vocabulary,
            end_of_text(tokenizer),
        )
