"""How many bits does a model need for a text?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import ModelUnavailable
from inference.task import Result, Task
from inference.text.notes import joined, strange
from inference.types import Detail, Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

TOKENS = 1_000  # of a text


@dataclass(frozen=True)
class Scored:
    """What a model needs for a text, and what it is."""

    bits: NDArray[np.float64]
    """Of every token after the first."""
    parameters: int
    """Numbers that it has learned; of a model of counts, counts stored."""
    context: int
    """Tokens that it can see."""


@dataclass(frozen=True)
class TextScore:
    """A text and what a model needs for it."""

    tokens: Tokenized
    """After an end-of-text, which is given and costs nothing."""
    scored: Scored

    @property
    def per_character(self) -> float:
        """Bits per character of the text: comparable between tokenizers (truth: R5)."""
        return float(self.scored.bits.sum()) / len(self.tokens.text)

    @property
    def context(self) -> int:
        """About how many characters of such a text the model can see."""
        return round(self.scored.context * len(self.tokens.text) / len(self.scored.bits))


@dataclass(frozen=True)
class Score(Task[Scored, TextScore]):
    """The surprisal of every token of a text that begins after an end-of-text."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError on unusable text, ModelUnavailable where no token ends a text."""
        if not model.ends:
            raise ModelUnavailable(self.model, "it has no token before the first of a text.")
        # a text may be longer than the context: it is read in windows
        reads = replace(model, bounds=replace(model.bounds, context=TOKENS + 2))
        tokens = reads.cut(self.text, self.what, TOKENS)
        if not tokens.opened:
            end = Detail("", unknown=False, origin=None, special=True)
            tokens = replace(
                tokens,
                ids=(model.ends[0], *tokens.ids),
                pieces=(b"", *tokens.pieces),
                gaps=(b"", *tokens.gaps) if tokens.gaps else (),
                details=(end, *tokens.details),
            )
        return self.of(replace(tokens, note=joined(tokens.note, strange(tokens))), model)

    def program(self, placed: PlacedModel) -> Generator[Scored | None, None, Scored]:
        """Raises NumericalFault."""
        from inference.decoding import scoring  # noqa: PLC0415  # torch

        model, device = placed.model, placed.device.tensors
        bits = yield from scoring.surprisals(model, self.tokens.ids, device)
        return Scored(bits, scoring.held(model), model.context)

    def finish(self, found: Result[Scored], tokenizer: TextTokenizer) -> TextScore:
        return TextScore(self.noted(found), found.value)
