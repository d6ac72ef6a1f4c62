"""Remarks on how a model reads a request, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from inference.types import Detail, LaneOptions, Tokenized
from models.text.characters import named

TRAILING_SPACE = (
    "The prompt ends in a space. Most tokens bring their own, so the continuation may stumble."
)


def strange(tokens: Tokenized, unknown: int | None) -> str:
    """A remark that names the characters that a model of characters reads as unknown."""
    pairs = zip(tokens.text, tokens.ids, strict=False)
    lost = [character for character, token in pairs if token == unknown]
    if unknown is None or not lost:
        return ""
    return f"This model has not learned {_named(lost)}; it reads them as unknown."


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


def _named(characters: Sequence[str]) -> str:
    """Up to eight different characters, each visible."""
    different = list(dict.fromkeys(characters))
    more = f" and {len(different) - 8} more" if len(different) > 8 else ""
    return f"{', '.join(map(named, different[:8]))}{more}"


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
