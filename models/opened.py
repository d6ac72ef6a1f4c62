"""A model that has been opened, whoever made it: with its tokenizer, what it can do, its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Capability = Literal["write", "attend", "fill in", "translate"]


@dataclass(frozen=True)
class OpenedModel:
    """A model in float32 on the CPU, ready for inference."""

    name: str
    model: Any
    """A `LanguageModel`; an `EncoderDecoder` where it can translate; a masked model where it can
    fill in, which has no cache."""
    tokenizer: Any
    """A `models.text.tokenizer.Tokenizer`, or what offers the same methods."""
    can: frozenset[Capability]
    layers: int = 0
    """Of attention, as applied in a pass: those of the decoder, where there are two stacks."""
    heads: int = 0
    """Of one layer; 0 in a model without attention."""
    revision: str = ""
    """A commit, or the fingerprint of a folder: what a cache key needs besides the name."""
    notes: tuple[str, ...] = ()
    """Sentences that a view of this model should show."""

    @property
    def context(self) -> int:
        """The longest text in tokens."""
        return int(self.model.context)

    @property
    def vocabulary(self) -> int:
        """How many tokens the model scores."""
        return int(self.model.vocabulary)
