"""Remarks on how a model reads a request, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.types.options import LaneOptions
from inference.types.tokenized import Detail, Tokenized
from models.text.characters import named, quoted

ROUNDING = 1e-3  # how far from 1 a sum of weights in float32 may be
TRAILING_SPACE = (
    "The prompt ends in a space. Most tokens bring their own, so the continuation may stumble."
)


def strange(tokens: Tokenized) -> str:
    """A remark that names the characters or words that the model reads as unknown."""
    pairs = zip(tokens.pieces, tokens.details, strict=False)
    lost = [piece.decode("utf-8", errors="replace") for piece, detail in pairs if detail.unknown]
    return f"This model has not learned {_named(lost)}; it reads them as unknown." if lost else ""


def missing_share(weights: NDArray[np.float32]) -> str:
    """A remark where the rows of attention maps, (..., queries, keys), do not sum to 1 (R13)."""
    if weights.sum(axis=-1).min() > 1 - ROUNDING:
        return ""
    return (
        "Part of each head's attention goes to a learned sink, which is no token. The rows of its "
        "maps sum to less than 1; what is missing is the share of the sink."
    )


def changed(pieces: Sequence[bytes], details: Sequence[Detail]) -> str:
    """A remark that names the characters which a tokenizer replaces by others."""
    texts = [
        (piece.decode("utf-8", errors="replace"), detail.changed)
        for piece, detail in zip(pieces, details, strict=True)
        if detail.changed
    ]
    lost = [character for typed, read in texts for character in typed if character not in read]
    if not lost:
        return ""
    seen = [character for typed, read in texts for character in read if character not in typed]
    read = _named(seen) or "nothing"
    return f"This tokenizer reads {_named(lost)} as {read}: what was typed is lost."


def left_out(gaps: Sequence[bytes]) -> str:
    """A remark that names the characters which no token of a model holds."""
    lost = "".join(gap.decode("utf-8", errors="replace") for gap in gaps)
    return f"This model has not learned {_named(lost)}; it reads the text without." if lost else ""


def _named(texts: Sequence[str]) -> str:
    """Up to eight different characters or words, each visible."""
    different = list(dict.fromkeys(texts))
    more = f" and {len(different) - 8} more" if len(different) > 8 else ""
    shown = [named(one) if len(one) == 1 else quoted(one) for one in different[:8]]
    return f"{', '.join(shown)}{more}"


def wide(lanes: Sequence[LaneOptions], vocabulary: int) -> str:
    """A remark where top-k would keep more than there is."""
    if all(lane.top_k is None or lane.top_k <= vocabulary for lane in lanes):
        return ""
    return f"Top-k keeps all: the vocabulary of this model is {vocabulary}."


def several(tokens: Tokenized) -> str:
    """A remark where a text that was to be one token is more than one; nothing otherwise."""
    if len(tokens.ids) == 1:
        return ""
    return f"What you typed is {len(tokens.ids)} tokens for this model; all of them are written."


def trailing_space(text: str) -> str:
    """A remark on a prompt that ends in a space; nothing on any other."""
    return TRAILING_SPACE if text.endswith(" ") else ""


def joined(*notes: str) -> str:
    """Several remarks as one."""
    return " ".join(filter(None, notes))
