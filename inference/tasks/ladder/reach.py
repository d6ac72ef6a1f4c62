"""How far back does a model look?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.notes import joined, strange
from inference.types.options import SEED, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

CHARACTERS = (12, 200)
FACTOR = (0.5, 4.0)
PREDICTIONS = 16  # whose gradients are taken
SWAPS = 32  # places at which a character is swapped
ROWS = 8  # copies of the text in one slice of work


@dataclass(frozen=True)
class Reached:
    """What the predictions of a model depend on; distance 0 is the character just read."""

    gradients: NDArray[np.float64] | None
    """(predictions, distances): the norm of the gradient of log p(next character) with respect to
    the embedding of a character; None of a model of counts, which has none."""
    swaps: NDArray[np.float64]
    """(swaps, distances): bits by which a prediction moves, nan beyond the text."""


@dataclass(frozen=True)
class TextReach:
    """The same of a text that somebody typed."""

    tokens: Tokenized
    model: str
    factor: float
    reached: Reached


@dataclass(frozen=True)
class Reach(Task[Reached, TextReach]):
    """Gradients and swaps over a text, of a model that writes."""

    factor: float = 1.0
    """By which the recurrent matrices of a network that has some are multiplied."""
    seed: int = 7
    """Draws what a character is swapped for: another one of the same text."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def __post_init__(self) -> None:
        in_range("The factor", self.factor, FACTOR)
        in_range("The seed", self.seed, SEED, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        least, most = CHARACTERS
        tokens = model.cut(self.text, self.what, most)
        if len(tokens.ids) < least or len(set(tokens.ids)) < 2:
            raise OrreryError(
                f"The text needs {least} {model.unit} at least, not all of them the same."
            )
        return self.of(replace(tokens, note=joined(tokens.note, strange(tokens))), model)

    def program(self, placed: PlacedModel) -> Generator[Reached | None, None, Reached]:
        """Raises NumericalFault, or OrreryError where a factor is asked of a model without
        recurrence."""
        from inference.decoding import reach  # noqa: PLC0415  # torch

        model, device, ids = placed.model, placed.device.tensors, self.tokens.ids
        if self.factor != 1:
            if not hasattr(model.config, "cell"):
                raise OrreryError(f"{self.model} has no recurrent matrix to multiply.")
            model = reach.scaled(model, self.factor)
        places, others = predicted(len(ids)), swapped(ids, self.seed)
        gradients, swaps = [], []
        for some in reach.batched(places, ROWS):
            gradients.append(reach.gradients(model, ids, some, device))
            yield None
        for pairs in reach.batched(others, ROWS):
            swaps.append(reach.swaps(model, ids, pairs, device))
            yield None
        farthest = places[0] + 1  # beyond it not every prediction has a character
        there = [one[:, :farthest] for one in gradients if one is not None]
        return Reached(
            np.concatenate(there) if there else None, np.concatenate(swaps)[:, :farthest]
        )

    def finish(self, found: Result[Reached], tokenizer: TextTokenizer) -> TextReach:
        return TextReach(self.noted(found), self.model, self.factor, found.value)


def predicted(count: int) -> list[int]:
    """After which of so many characters is predicted: evenly over the last two fifths."""
    return sorted({int(place) for place in np.linspace(0.6 * count, count - 2, PREDICTIONS)})


def swapped(ids: Sequence[int], seed: int) -> list[tuple[int, int]]:
    """Places evenly over a text, each with another of its characters, drawn by frequency."""
    dice = np.random.default_rng(seed)
    places = sorted({int(place) for place in np.linspace(0, len(ids) - 1, SWAPS)})
    others = ([one for one in ids if one != ids[place]] for place in places)
    return [(place, int(dice.choice(other))) for place, other in zip(places, others, strict=True)]
