"""Where in a sentence does a translator look while it writes each token of its translations?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

LONGEST = 40  # tokens of a sentence whose map can be read on one screen


@dataclass(frozen=True)
class Looks:
    """What a translator saw of its source."""

    maps: tuple[NDArray[np.float32], ...]
    """Of every target (layers, heads, target tokens, source tokens); no layers where a model has
    no attention to the source. Every row of a head sums to 1."""
    vector: NDArray[np.float32]
    """(width,) all that a model without attention knows of the source; () of any other."""
    reading: NDArray[np.float32]
    """(layers, heads, source tokens, source tokens) of the reader of the source to itself; no
    layers where it has no attention."""
    writing: tuple[NDArray[np.float32], ...]
    """Of every target (layers, heads, target tokens, target tokens) of the writer to what it has
    written: its row t is of the token before token t, which it reads to write that one."""


@dataclass(frozen=True)
class Aligned:
    """A sentence, and where a translator looked in it."""

    tokens: Tokenized
    """The sentence, with the end-of-text that closes it."""
    looks: Looks


@dataclass(frozen=True)
class Align(Task[Looks, Aligned]):
    """The attention of a translator to its source, over targets that it has written."""

    targets: tuple[tuple[int, ...], ...] = ()
    """Ids without the token that a target starts with; at least one target, and none is empty."""
    longest: int = LONGEST
    """Tokens of the sentence."""

    needs: ClassVar[tuple[Capability, ...]] = ("translate",)
    what: ClassVar[str] = "sentence"

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the sentence cannot be used, TooLong beyond `longest`."""
        limit = min(self.longest, model.bounds.prompt)
        return self.of(model.cut(self.text, self.what, limit), model)

    def program(self, placed: PlacedModel) -> Generator[Looks | None, None, Looks]:
        """A target a slice. Raises NumericalFault."""
        from inference.decoding.inside.alignment import look  # noqa: PLC0415  # torch

        found = []
        for target in self.targets:
            found.append(look(placed.model, self.tokens.ids, target, placed.device.tensors))
            yield None
        return Looks(
            tuple(one.weights for one in found),
            found[0].vector,
            found[0].reading,
            tuple(one.writing for one in found),
        )

    def finish(self, found: Result[Looks], tokenizer: TextTokenizer) -> Aligned:
        return Aligned(self.noted(found), found.value)
