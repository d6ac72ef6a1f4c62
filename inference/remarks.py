"""What a person should know about how a model reads their request, in sentences."""

from __future__ import annotations

from inference.types import GenerationOptions, Tokenized


def strange(tokens: Tokenized, unknown: int | None) -> str:
    """A remark that names the characters that a model of characters cannot tell apart."""
    pairs = zip(tokens.text, tokens.ids, strict=False)
    lost = list(dict.fromkeys(c for c, token in pairs if token == unknown))
    if unknown is None or not lost:
        return ""
    more = f" and {len(lost) - 8} more" if len(lost) > 8 else ""
    return f"This model has not learned {' '.join(lost[:8])}{more}; it reads them as unknown."


def wide(options: GenerationOptions, vocabulary: int) -> str:
    """A remark where top-k would keep more than there is."""
    if all(lane.top_k is None or lane.top_k <= vocabulary for lane in options.lanes):
        return ""
    return f"Top-k keeps all: the vocabulary of this model is {vocabulary}."
