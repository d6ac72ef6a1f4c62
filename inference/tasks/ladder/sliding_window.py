"""Which (context, next) pairs is a text cut into, and what does the window network make of them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import NumericalFault, OrreryError
from inference.task import Result, Task
from inference.text.notes import joined, strange
from inference.text.pieces import end_of_text, pieces
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer


class Slid(NamedTuple):
    """What the program finds."""

    size: int
    vectors: NDArray[np.float32]
    chances: NDArray[np.float64]


@dataclass(frozen=True)
class SlidWindow:
    """A text under the sliding window of a network."""

    tokens: Tokenized
    size: int
    """Tokens in the window."""
    vectors: NDArray[np.float32]
    """(vocabulary + 1, width): of every token, and last of the nothing before a text."""
    chances: NDArray[np.float64]
    """(pairs, vocabulary): of what comes next, for every pair; rows sum to 1.

    Pair k (from 0) has the token k + 1 as its next one, and the `size` tokens before as context."""
    pieces: tuple[bytes, ...]
    """The bytes of every token, by its number."""
    end_of_text: int


@dataclass(frozen=True)
class SlidingWindow(Task[Slid, SlidWindow]):
    """All pairs of a text of up to `limits.attention_tokens` tokens."""

    model: str = "mlp"

    needs: ClassVar[tuple[Capability, ...]] = ("slide a window",)

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, or has no pair."""
        ready = super().prepare(model)
        if len(ready.tokens.ids) < 2:
            raise OrreryError("A pair needs two characters. Type a longer text.")
        return ready

    def answer(self, placed: PlacedModel) -> Slid:
        """Raises NumericalFault."""
        import torch  # noqa: PLC0415  # heavy

        model = placed.model
        with torch.inference_mode():
            ids = torch.tensor([self.tokens.ids[:-1]], device=placed.device.tensors)
            chances = model.forward(ids)[0].cpu().double().softmax(-1).numpy()
            vectors = model.embedding.weight.float().cpu().numpy()
        if not np.isfinite(chances).all():
            raise NumericalFault(1)
        return Slid(model.config.window, vectors, chances)

    def finish(self, found: Result[Slid], tokenizer: TextTokenizer) -> SlidWindow:
        slid = found.value
        every = pieces(tokenizer, range(slid.chances.shape[1]))
        spelled = tuple(every[token] for token in sorted(every))
        tokens = self.noted(Result(slid, joined(found.note, strange(self.tokens))))
        end = end_of_text(tokenizer)
        return SlidWindow(tokens, slid.size, slid.vectors, slid.chances, spelled, end)
