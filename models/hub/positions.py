"""Where a model of `transformers` starts to count positions, and how many it can tell apart."""

from __future__ import annotations

from typing import Any

from torch import nn

UNBOUNDED_CONTEXT = 512  # of a model with relative positions, which names no longest text


def first_position(inner: Any) -> int:
    """The position of a text's first token: padding id + 1 in RoBERTa and its kin, otherwise 0."""
    table = _table(inner)
    return 0 if table is None or table.padding_idx is None else table.padding_idx + 1


def context_of(inner: Any) -> int:
    """The longest text in tokens that is read with one set of positions."""
    table = _table(inner)
    if table is not None:
        return table.num_embeddings - first_position(inner)
    return switch_of(inner) or _stated(inner)


def switch_of(inner: Any) -> int | None:
    """The length at which LongRoPE changes all rotary angles; None in other models.

    Keys in the cache keep the angles of the short text, and in a batch the longest row would
    decide for all, so no text may cross it.
    """
    config = inner.config.get_text_config()
    stored = getattr(config, "rope_parameters", None) or {}
    for rope in (stored, *stored.values()):  # one set of parameters, or one a kind of layer
        if isinstance(rope, dict) and rope.get("rope_type") == "longrope":
            length = rope.get("original_max_position_embeddings")
            length = length or getattr(config, "original_max_position_embeddings", None)
            return min(int(length), _stated(inner)) if length else None
    return None


def notes_on(inner: Any) -> tuple[str, ...]:
    """What to say of a context that is shorter than the config states."""
    switch, stated = switch_of(inner), _stated(inner)
    if switch is None or switch >= stated:
        return ()
    return (
        f"Texts have at most {switch:,} tokens here, the length of its original training. Beyond "
        f"that, up to {stated:,} tokens, this model changes the positions of the whole text.",
    )


def _stated(inner: Any) -> int:
    config = inner.config.get_text_config()
    return getattr(config, "max_position_embeddings", None) or UNBOUNDED_CONTEXT


def _table(inner: Any) -> nn.Embedding | None:
    for name, table in inner.named_modules():
        if name.endswith("position_embeddings") and isinstance(table, nn.Embedding):
            return table
    return None
