"""What does a model hold of a token: its input vector, those beside it, and what follows it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.types.options import in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class InputVectors:
    """The input vectors of a model, and what it expects after a text with one token more."""

    lengths: NDArray[np.float32]
    """(vocabulary,) Euclidean length of every input vector."""
    cosines: NDArray[np.float32]
    """(vocabulary,) of the token's input vector with every one, itself included."""
    favourite: int
    """The token that the model finds most probable after the text alone; of equals the first."""
    after_favourite: NDArray[np.float64]
    """(vocabulary,) probability of what follows the text and that token."""
    after_token: NDArray[np.float64]
    """(vocabulary,) likewise of the text and the token that was asked for."""


@dataclass(frozen=True)
class TokenInModel:
    """One token in a model, after a text that somebody typed."""

    tokens: Tokenized
    token: int
    vectors: InputVectors


@dataclass(frozen=True)
class TokenVectors(Task[InputVectors, TokenInModel]):
    """One token of a model's vocabulary, read after a text."""

    token: int = 0

    needs: ClassVar[tuple[Capability, ...]] = ("write",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, OutOfRange without such a token."""
        last = model.tokenizer.vocabulary - 1
        in_range("The token", self.token, (0, last), whole=True)
        limit = min(model.limits.attention_tokens, model.bounds.context - 1)
        tokens = model.cut(self.text, self.what, limit)
        return self.of(tokens, model)

    def answer(self, placed: PlacedModel) -> InputVectors:
        """Raises NumericalFault, or OrreryError of a model without a table of input vectors."""
        from inference.decoding.inside import input_vectors  # noqa: PLC0415  # torch

        ids, device = self.tokens.ids, placed.device.tensors
        return InputVectors(*input_vectors.read(placed.model, ids, self.token, device))

    def finish(self, found: Result[InputVectors], tokenizer: TextTokenizer) -> TokenInModel:
        return TokenInModel(self.noted(found), self.token, found.value)
