"""Where does every head mix its values from?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task
from inference.text.notes import joined, missing_share
from inference.types import AttentionMaps

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from models.text.protocol import TextTokenizer


@dataclass(frozen=True)
class Attention(Task[NDArray[np.float32], AttentionMaps]):
    """Every head's attention over a text of up to `limits.attention_tokens` tokens."""

    needs: ClassVar[tuple[Capability, ...]] = ("attend",)
    what: ClassVar[str] = "sentence"

    def answer(self, placed: PlacedModel) -> NDArray[np.float32]:
        """(layers, heads, queries, keys). Raises NumericalFault."""
        from inference.decoding import engine  # noqa: PLC0415  # torch

        return engine.attention(placed.model, self.tokens.ids, placed.device.tensors)

    def finish(self, found: Result[NDArray[np.float32]], tokenizer: TextTokenizer) -> AttentionMaps:
        found = replace(found, note=joined(found.note, missing_share(found.value)))
        return AttentionMaps(self.noted(found), found.value)
