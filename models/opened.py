"""What is known of a model, whoever made it: before its weights are read, and once it is opened."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

Capability = Literal[
    "write",
    "attend",
    "remove heads",
    "open a cell",
    "follow a token",
    "time attention",
    "fill in",
    "translate",
]
INSIDE: frozenset[Capability] = frozenset({"open a cell", "follow a token", "time attention"})
"""What can be asked only of a transformer in our own code, whose every part is known."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A model before its weights are read."""

    name: str
    reference: str
    """What opens this very model again: a folder, or a Hub id with its commit."""
    folder: Path
    """Where its files are."""
    tokenizer: Any
    """A `models.text.protocol.TextTokenizer` that knows all its `ends`."""
    can: frozenset[Capability]
    context: int
    """The longest text in tokens."""
    vocabulary: int
    """How many tokens the model scores."""
    parameters: int
    opening: tuple[int, ...] = ()
    """What stands before every text that it reads: Llama's <s>, BERT's [CLS]."""
    closing: tuple[int, ...] = ()
    """What stands after every text that it reads as a whole: BERT's [SEP], a translator's </s>."""
    start: int | None = None
    """What a target text starts with, of a model that translates."""
    ours: bool = False
    """In a layout of ours, and then laid out anew for decoding."""
    notes: tuple[str, ...] = ()
    """Sentences that a view of this model should show."""


@dataclass(frozen=True, kw_only=True)
class OpenedModel(ModelFacts):
    """A model in float32 on the CPU, ready for inference."""

    model: Any
    """A `LanguageModel`; an `EncoderDecoder` where it can translate; a masked model where it can
    fill in, which has no cache."""
    layers: int = 0
    """Of attention, as applied in a pass: those of the decoder, where there are two stacks."""
    heads: int = 0
    """Of one layer; 0 in a model without attention."""

    @property
    def facts(self) -> ModelFacts:
        """The same without the model."""
        return ModelFacts(**{one.name: getattr(self, one.name) for one in fields(ModelFacts)})
