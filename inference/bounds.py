"""How much a model may be asked for, from its `config.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.limits import Limits
from inference.types.options import NEW_TOKENS

CONTEXTS = ("context", "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")
VOCABULARIES = ("vocabulary", "vocab_size")
UNSTATED = 512  # tokens of context where a model names none, as with relative positions


@dataclass(frozen=True)
class Bounds:
    """How much a model may be asked for, in its own tokens."""

    context: int
    """The longest text, prompt and continuation together."""
    vocabulary: int
    prompt: int
    """The longest prompt."""
    new_tokens: int
    """The longest continuation of a short prompt."""

    @classmethod
    def of(cls, config: Mapping[str, Any], limits: Limits) -> Bounds:
        """From the content of a `config.json`. Raises ValueError where it states too little."""
        context = next((config[key] for key in CONTEXTS if key in config), UNSTATED)
        vocabulary = next((config[key] for key in VOCABULARIES if key in config), None)
        for number in (context, vocabulary):
            if type(number) is not int or number < 2:
                raise ValueError("config.json is damaged: it states no context or vocabulary.")
        return cls.within(limits, context, int(vocabulary or 0))

    @classmethod
    def within(cls, limits: Limits, context: int, vocabulary: int) -> Bounds:
        """Those of a model, within the limits for all of them."""
        prompt, most = min(limits.prompt_tokens, context - 1), min(NEW_TOKENS[1], context - 1)
        return cls(context, vocabulary, prompt, most)

    def room(self, prompt: int) -> int:
        """How many tokens may follow a prompt of so many."""
        return min(self.new_tokens, self.context - prompt)
