"""What do a model's positions alone add to the scores of its first layer?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

LENGTH = (16, 1024)


@dataclass(frozen=True)
class PositionStates:
    """The mean query and key of a token that is drawn evenly from all, by head of the first layer.

    The product of a query and a key, over the root of their width, is the mean score of two such
    tokens.
    """

    queries: NDArray[np.float32]
    """(heads, positions, head_width): positions is 1 of rotary positions, before any turn, and ends
    where a table of learned positions does."""
    keys: NDArray[np.float32]
    base: float
    """Of rotary positions; 0 where there are none."""
    trained: int
    """The longest text that the model can read, in tokens."""


@dataclass(frozen=True)
class ModelPositions(Task[PositionStates, PositionStates]):
    """A question to the weights; it needs no text."""

    text: object = ""
    length: int = 128

    needs: ClassVar[tuple[Capability, ...]] = ()

    def __post_init__(self) -> None:
        in_range("The length", self.length, LENGTH, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        return replace(self, ends=model.ends)

    def program(
        self, placed: PlacedModel
    ) -> Generator[PositionStates | None, None, PositionStates]:
        """Raises OrreryError of a model whose positions are out of reach."""
        from inference.decoding.inside import positions  # noqa: PLC0415  # torch

        made = positions.mean_token(placed.model, self.length, placed.derived)
        return PositionStates(*(yield from made))

    def finish(self, found: Result[PositionStates], tokenizer: TextTokenizer) -> PositionStates:
        return found.value
