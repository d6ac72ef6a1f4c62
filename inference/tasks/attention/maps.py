"""Where does every head mix its values from?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import BadTrajectory, TooLong
from inference.task import Result, Task
from inference.text.notes import joined, missing_share
from inference.types.tokenized import Detail, Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

LONGEST = 256  # tokens of which a map can still be drawn, and computed at once


@dataclass(frozen=True)
class AttentionMaps:
    """Where every head of every layer mixes its values from."""

    tokens: Tokenized
    weights: NDArray[np.float32]
    """(layers, heads, queries, keys); a query's row sums to 1 over the keys up to itself."""


@dataclass(frozen=True)
class Attention(Task[NDArray[np.float32], AttentionMaps]):
    """Every head's attention over a text of up to `LONGEST` tokens."""

    written: tuple[int, ...] = ()
    """Ids that the model itself has written after the text; they are read as ids and not cut."""

    needs: ClassVar[tuple[Capability, ...]] = ("attend",)
    what: ClassVar[str] = "sentence"

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used, or what is written is no token."""
        limit = min(LONGEST, model.bounds.context)
        tokens = model.cut(self.text, self.what, limit)
        if len(tokens.ids) + len(self.written) > limit:
            given = len(tokens.ids) + len(self.written)
            raise TooLong("sentence and what is written after it", limit, given, model.unit)
        return self.of(tokens, model)

    def of(self, tokens: Tokenized, model: Preprocessor) -> Self:
        vocabulary = model.bounds.vocabulary
        if any(type(one) is not int or not 0 <= one < vocabulary for one in self.written):
            raise BadTrajectory(f"the model knows only {vocabulary:,} tokens")
        return super().of(followed(tokens, self.written, model.tokenizer), model)

    def answer(self, placed: PlacedModel) -> NDArray[np.float32]:
        """(layers, heads, queries, keys). Raises NumericalFault."""
        from inference.decoding import engine  # noqa: PLC0415  # torch

        return engine.attention(placed.model, self.tokens.ids, placed.device.tensors)

    def finish(self, found: Result[NDArray[np.float32]], tokenizer: TextTokenizer) -> AttentionMaps:
        found = replace(found, note=joined(found.note, missing_share(found.value)))
        return AttentionMaps(self.noted(found), found.value)


def followed(tokens: Tokenized, ids: tuple[int, ...], tokenizer: TextTokenizer) -> Tokenized:
    """A text with tokens after it that were written and not typed."""
    ends = [one in tokenizer.ends for one in ids]
    pieces = [b"" if end else tokenizer.bytes_of(one) for one, end in zip(ids, ends, strict=True)]
    details = [Detail("", unknown=False, origin=None, special=end) for end in ends]
    return replace(
        tokens,
        ids=(*tokens.ids, *ids),
        pieces=(*tokens.pieces, *pieces),
        gaps=(*tokens.gaps, *(b"" for _ in ids)) if tokens.gaps else (),
        details=(*tokens.details, *details),
    )
