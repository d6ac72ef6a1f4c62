"""What does a model of characters bet on next, at every place of a text, symbol by symbol?"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.opened import opened
from inference.text.pieces import pieces
from inference.text.symbols import SYMBOLS, symbols_of

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


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
        from inference.decoding import scoring  # noqa: PLC0415  # torch

        ids, model = self.tokens.ids, placed.model
        parts = []
        for start, end, first in scoring.windows(len(ids), model.context):
            read = ids[start : end - 1]
            logs = scoring.following(model, read, end - first, placed.device.tensors)
            parts.append(logs.exp().numpy())
            yield None
        return np.concatenate(parts)

    def finish(
        self, found: Result[NDArray[np.float64]], tokenizer: TextTokenizer
    ) -> NDArray[np.float64]:
        chances = found.value
        spelled = pieces(tokenizer, range(chances.shape[1]))
        symbols = symbols_of(spelled[i].decode("utf-8", "replace") for i in range(len(spelled)))
        folded = np.zeros((len(chances), len(SYMBOLS)))
        np.add.at(folded.T, np.array(symbols), chances.T)
        return folded
