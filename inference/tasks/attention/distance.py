"""How far does a prediction move when the token at some distance before it is another, or gone?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.tasks.attention.passages import PASSAGES
from inference.text.cleaning import clean

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

FARTHEST = 48  # tokens back; the shortest text has more
CHARACTERS = 160  # of a passage, where a token is one: the rest would only take time
ROWS = 8  # changed copies of a text in one slice of work
PLACES = 32  # of a passage, at which a token is changed
SEED = 7
Changed = Literal["removed", "replaced"]


@dataclass(frozen=True)
class Distances:
    """How far the predictions of a model moved."""

    model: str
    unit: str
    """What one token of it is."""
    moved: NDArray[np.float64]
    """(changes, distances): bits of Kullback-Leibler divergence, nan where a text has no such
    prediction. Column 0 is of the newest token."""


@dataclass(frozen=True)
class Distance(Task[NDArray[np.float64], Distances]):
    """Tokens of six texts of ours changed, one by one; it needs no text."""

    text: object = ""
    changed: Changed = "removed"
    """removed, or replaced by another token of the same text, drawn by frequency."""
    passages: tuple[tuple[int, ...], ...] = field(default=(), kw_only=True)
    """Cut for the model; filled in by `prepare`, as the next two are."""
    opened: int = field(default=0, kw_only=True)
    unit: str = field(default="", kw_only=True)

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def __post_init__(self) -> None:
        if self.changed not in get_args(Changed):
            raise OrreryError(f"A token is one of {', '.join(get_args(Changed))}.")

    def prepare(self, model: Preprocessor) -> Self:
        short = model.unit == "characters"
        cut = (
            model.segmenter.segment(clean(text[: CHARACTERS if short else None], len(text))).ids
            for text in PASSAGES
        )
        room = model.bounds.context - len(model.opening)
        passages = tuple((*model.opening, *ids[:room]) for ids in cut)
        return replace(
            self, passages=passages, opened=len(model.opening), ends=model.ends, unit=model.unit
        )

    def program(
        self, placed: PlacedModel
    ) -> Generator[NDArray[np.float64] | None, None, NDArray[np.float64]]:
        """Eight changed copies of a text a slice. Raises NumericalFault."""
        from inference.decoding import reach  # noqa: PLC0415  # torch

        model, device, found = placed.model, placed.device.tensors, []
        dice = np.random.default_rng(SEED)
        for ids in self.passages:
            for places in reach.batched(chosen(len(ids), self.opened), ROWS):
                if self.changed == "removed":
                    moved = reach.removals(model, ids, places, device)
                else:
                    typed = ids[self.opened :]
                    others = [[one for one in typed if one != ids[place]] for place in places]
                    pairs = [
                        (at, int(dice.choice(o))) for at, o in zip(places, others, strict=True)
                    ]
                    moved = reach.swaps(model, ids, pairs, device)
                found.append(moved[:, :FARTHEST])
                yield None
        return np.concatenate(found)

    def finish(self, found: Result[NDArray[np.float64]], tokenizer: TextTokenizer) -> Distances:
        return Distances(self.model, self.unit, found.value)


def chosen(count: int, opened: int) -> list[int]:
    """Places evenly over a text, after what opens it and after its first token."""
    return sorted({int(at) for at in np.linspace(max(opened, 1), count - 1, PLACES)})
