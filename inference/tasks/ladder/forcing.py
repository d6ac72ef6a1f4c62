"""What do a model's own words cost it? Teacher forcing against reading what it wrote."""

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
from inference.types.forced import Forced
from inference.types.options import SEED, LaneOptions, in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

CHARACTERS = 240  # of a text, at most
OWN = (1, 32)
AGAIN = 24  # true characters that are read after the own ones
READ = 16  # true characters before the first cut
PLACES = 20
SAMPLES = 4


@dataclass(frozen=True)
class TextForced:
    """What own words cost over a text that somebody typed."""

    tokens: Tokenized
    places: tuple[int, ...]
    own: int
    forced: NDArray[np.float64]
    """As in `inference.types.forced.Forced`, and so are those below."""
    after_own: NDArray[np.float64]
    after_elsewhere: NDArray[np.float64]
    written: NDArray[np.int64]
    written_bits: NDArray[np.float64]
    pieces: Mapping[int, bytes]
    """The bytes of every token that was written."""


@dataclass(frozen=True)
class Forcing(Task[Forced, TextForced]):
    """Cut a text after several words, and let the model write so many characters at each."""

    own: int = 24
    temperature: float = 1.0
    seed: int = 7

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def __post_init__(self) -> None:
        in_range("The number of own characters", self.own, OWN, whole=True)
        LaneOptions("", sample=True, temperature=self.temperature)  # checks it
        in_range("The seed", self.seed, SEED, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        tokens = model.cut(self.text, self.what, min(CHARACTERS, model.bounds.prompt))
        prepared = self.of(replace(tokens, note=joined(tokens.note, strange(tokens))), model)
        if len(prepared.places) < 2:
            least = READ + self.own + AGAIN
            raise OrreryError(
                f"The text needs several words and about {2 * least} {model.unit}: {READ} are read "
                f"before the first cut, and {self.own + AGAIN} are scored after the last."
            )
        return prepared

    @property
    def places(self) -> tuple[int, ...]:
        """Cuts, evenly among those that follow a blank."""
        return cuts(self.tokens.pieces, self.own + AGAIN)

    def program(self, placed: PlacedModel) -> Generator[Forced | None, None, Forced]:
        """Raises NumericalFault."""
        from inference.decoding import forcing  # noqa: PLC0415  # torch

        ids, places = self.tokens.ids, self.places
        plan = forcing.Plan(
            places,
            elsewhere(ids, places, self.own, self.seed),
            self.ends,
            AGAIN,
            self.temperature,
            self.seed,
        )
        return (yield from forcing.run(placed.model, ids, plan, placed.device.tensors))

    def finish(self, found: Result[Forced], tokenizer: TextTokenizer) -> TextForced:
        value = found.value
        return TextForced(
            self.noted(found),
            self.places,
            self.own,
            value.forced,
            value.own,
            value.elsewhere,
            value.written,
            value.written_bits,
            {int(one): tokenizer.bytes_of(int(one)) for one in np.unique(value.written)},
        )


def cuts(pieces: Sequence[bytes], after: int) -> tuple[int, ...]:
    """Up to `PLACES` places behind a blank, with `READ` tokens before and so many after each."""
    last = len(pieces) - after
    there = [i for i in range(READ, last + 1) if pieces[i - 1].isspace()]
    if len(there) <= PLACES:
        return tuple(there)
    return tuple(there[round(i)] for i in np.linspace(0, len(there) - 1, PLACES))


def elsewhere(ids: Sequence[int], places: Sequence[int], own: int, seed: int) -> NDArray[np.int64]:
    """(places, samples, own): what the text goes on with at other cuts, drawn by the seed."""
    dice = np.random.default_rng(seed)
    found = np.zeros((len(places), SAMPLES, own), dtype=np.int64)
    for row, place in enumerate(places):
        others = [one for one in places if one != place]
        for sample, other in enumerate(dice.choice(others, SAMPLES)):
            found[row, sample] = ids[other : other + own]
    return found
