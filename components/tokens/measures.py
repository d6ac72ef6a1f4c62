"""The figures of a tokenizer that is trained here, on its own text and on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference.tasks.vocabulary.measured import Measured, Unseen


def figures(measured: Measured) -> dict[str, int]:
    return {"bytes": measured.size, "words": measured.words, "ours": measured.ours}


def unseen(found: Unseen | None) -> dict[str, Any] | None:
    """The other text by the same measures, once all is learned."""
    if found is None:
        return None
    return {**figures(found.measured), "tokens": found.tokens[-1], "unknown": found.unknown}


def drawn_unseen(found: Unseen | None) -> dict[str, Any] | None:
    """What train.js counts its tokens by, at every step."""
    if found is None:
        return None
    return {"text": figures(found.measured), "tokens": found.tokens, "unknown": found.unknown}
