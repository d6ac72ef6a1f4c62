"""What does a model bet on next, at every place of a text: by tokens, or by symbols of a game?"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.opened import opened
from inference.text.pieces import end_of_text, pieces
from inference.text.symbols import SYMBOLS, symbols_of
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class TokenBets:
    """A text, and the probability of every token before each of its own."""

    tokens: Tokenized
    """After an end-of-text, or else the first of them, which is given."""
    chances: NDArray[np.float64]
    """(tokens but the first, vocabulary)"""
    pieces: Mapping[int, bytes]
    """The bytes of every token of the vocabulary."""
    end_of_text: int


@dataclass(frozen=True)
class NextTokens(Task[NDArray[np.float64], TokenBets]):
    """The probability of every token before each token of a text that begins after its end."""

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used."""
        return self.of(opened(model, self.text, self.what), model)

    def program(
        self, placed: PlacedModel
    ) -> Generator[NDArray[np.float64] | None, None, NDArray[np.float64]]:
        """(tokens, vocabulary). Raises NumericalFault."""
        return chances(self.tokens.ids, placed)

    def finish(self, found: Result[NDArray[np.float64]], tokenizer: TextTokenizer) -> TokenBets:
        spelled = pieces(tokenizer, range(tokenizer.vocabulary))
        return TokenBets(self.noted(found), found.value, spelled, end_of_text(tokenizer))


@dataclass(frozen=True)
class NextSymbol(Task[NDArray[np.float64], NDArray[np.float64]]):
    """(characters, symbols) the probability of every symbol before each character of a text.

    That of a symbol is the sum over all tokens that are spelled so, the end of the text among the
    other signs: it is taken over the whole vocabulary (truth: R18).
    """

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, or a token is no character."""
        tokens = opened(model, self.text, self.what)
        if len(tokens.ids) != len(tokens.text) + 1:
            raise OrreryError("This model reads no single characters. Choose one that does.")
        return self.of(tokens, model)

    def program(
        self, placed: PlacedModel
    ) -> Generator[NDArray[np.float64] | None, None, NDArray[np.float64]]:
        """(characters, vocabulary). Raises NumericalFault."""
        return chances(self.tokens.ids, placed)

    def finish(
        self, found: Result[NDArray[np.float64]], tokenizer: TextTokenizer
    ) -> NDArray[np.float64]:
        spelled = pieces(tokenizer, range(found.value.shape[1]))
        symbols = symbols_of(spelled[i].decode("utf-8", "replace") for i in range(len(spelled)))
        folded = np.zeros((len(found.value), len(SYMBOLS)))
        np.add.at(folded.T, np.array(symbols), found.value.T)
        return folded


def chances(
    ids: Sequence[int], placed: PlacedModel
) -> Generator[NDArray[np.float64] | None, None, NDArray[np.float64]]:
    """(ids but the first, vocabulary), a slice a window. Raises NumericalFault."""
    from inference.decoding import scoring  # noqa: PLC0415  # torch

    model, parts = placed.model, []
    for start, end, first in scoring.windows(len(ids), model.context):
        logs = scoring.following(model, ids[start : end - 1], end - first, placed.device.tensors)
        parts.append(logs.exp().numpy())
        yield None
    return np.concatenate(parts)
