"""What a person should know about how a model reads their request, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from inference.types import LaneOptions, Tokenized

TRAILING_SPACE = (
    "The prompt ends in a space. Most tokens bring their own, so the continuation may stumble."
)


def strange(tokens: Tokenized, unknown: int | None) -> str:
    """A remark that names the characters that a model of characters cannot tell apart."""
    pairs = zip(tokens.text, tokens.ids, strict=False)
    lost = list(dict.fromkeys(c for c, token in pairs if token == unknown))
    if unknown is None or not lost:
        return ""
    more = f" and {len(lost) - 8} more" if len(lost) > 8 else ""
    return f"This model has not learned {' '.join(lost[:8])}{more}; it reads them as unknown."


def wide(lanes: Sequence[LaneOptions], vocabulary: int) -> str:
    """A remark where top-k would keep more than there is."""
    if all(lane.top_k is None or lane.top_k <= vocabulary for lane in lanes):
        return ""
    return f"Top-k keeps all: the vocabulary of this model is {vocabulary}."


def trailing_space(text: str) -> str:
    """A remark on a prompt that ends in a space; nothing on any other."""
    return TRAILING_SPACE if text.endswith(" ") else ""


def joined(*notes: str) -> str:
    """Several remarks as one."""
    return " ".join(filter(None, notes))
