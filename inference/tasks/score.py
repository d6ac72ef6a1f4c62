"""How does a model read a text: what does every token cost, and what was expected?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.opened import opened
from inference.text.pieces import end_of_text, pieces
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class Scored:
    """What a model says of every token of a text after the first, and what it is."""

    bits: NDArray[np.float64]
    """(tokens,) surprisal."""
    entropy: NDArray[np.float64]
    """(tokens,) of what could have come, in bits, over the whole vocabulary (truth: R18)."""
    ranks: NDArray[np.int64]
    """(tokens,) 1 for the most probable; ties by lower id."""
    expected: NDArray[np.int64]
    """(tokens, some) the most probable ids, best first."""
    chances: NDArray[np.float64]
    """(tokens, some) their probabilities."""
    parameters: int
    """Numbers that it has learned; of a model of counts, counts stored."""
    context: int
    """Tokens that it can see."""


@dataclass(frozen=True)
class TextScore:
    """A text and how a model reads it."""

    tokens: Tokenized
    """After an end-of-text, or else the first of them, which is given and costs nothing."""
    scored: Scored
    pieces: Mapping[int, bytes]
    """The bytes of every token that was expected."""
    vocabulary: int
    end_of_text: int

    @property
    def given(self) -> str:
        """What is not scored: empty after an end-of-text, else the first character."""
        return self.tokens.pieces[0].decode("utf-8", errors="replace")

    @property
    def per_character(self) -> float:
        """Bits per scored character: comparable between tokenizers (truth: R5)."""
        return float(self.scored.bits.sum()) / (len(self.tokens.text) - len(self.given))

    @property
    def per_byte(self) -> float:
        """Bits per scored byte of the text in UTF-8: comparable between tokenizers (truth: R5)."""
        held = len(self.tokens.text.encode()) - len(self.tokens.pieces[0])
        return float(self.scored.bits.sum()) / held

    @property
    def perplexity(self) -> float:
        """Per token: of how many equally probable ones each came, on average."""
        return float(2 ** self.scored.bits.mean())

    @property
    def context(self) -> int:
        """About how many characters of such a text the model can see."""
        return round(self.scored.context * len(self.tokens.text) / len(self.scored.bits))

    @property
    def spans(self) -> NDArray[np.int64]:
        """(tokens, 2) where every scored token starts and ends in the text, in bytes."""
        held = [len(piece) for piece in self.tokens.pieces]
        gaps = [len(gap) for gap in self.tokens.gaps[:-1]] or [0] * len(held)
        ends = np.cumsum(held) + np.cumsum(gaps)
        return np.stack([ends - held, ends], axis=1)[1:]


@dataclass(frozen=True)
class Score(Task[Scored, TextScore]):
    """Every token of a text that begins after an end-of-text, as the model reads it.

    A model that was trained on one text alone has no such token: the first of the text is given.
    """

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError on unusable text."""
        return self.of(opened(model, self.text, self.what), model)

    def program(self, placed: PlacedModel) -> Generator[Scored | None, None, Scored]:
        """Raises NumericalFault."""
        from inference.decoding import scoring  # noqa: PLC0415  # torch

        model, device = placed.model, placed.device.tensors
        read = yield from scoring.read(model, self.tokens.ids, device)
        return Scored(*read, scoring.held(model), model.context)

    def finish(self, found: Result[Scored], tokenizer: TextTokenizer) -> TextScore:
        return TextScore(
            self.noted(found),
            found.value,
            pieces(tokenizer, np.unique(found.value.expected).tolist()),
            tokenizer.vocabulary,
            end_of_text(tokenizer),
        )
