"""How an n-gram model backs off: what every order knows of one context."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.ladder.ngram import Level, NGram
from models.ladder.order import Order


def back_off(model: NGram, context: Sequence[int]) -> tuple[Order, ...]:
    """Every order, the first and shortest one first; below it lies an even spread.

    context: ids, of which the last `order` - 1 count; fewer are as after the start of a text.
    """
    nothing = [model.vocabulary] * (model.config.order - 1)
    seen = [*nothing, *context][len(context) :]
    found = []
    for order, level in enumerate(model.levels, 1):
        assert isinstance(level, Level)
        code = 0
        for token in seen[len(seen) - order + 1 :]:
            code = code * model.base + token
        found.append(one_order(order, level, code, model.vocabulary))
    return tuple(found)


def one_order(order: int, level: Level, code: int, vocabulary: int) -> Order:
    """What a level holds of the context with this code."""
    contexts = level.contexts.cpu().numpy()
    at = int(np.searchsorted(contexts, code))
    counts, kept, left = np.zeros(vocabulary, dtype=np.int64), np.zeros(vocabulary), 1.0
    if at < len(contexts) and contexts[at] == code:
        part = slice(*level.starts[at : at + 2].tolist())
        tokens = level.tokens[part].cpu().numpy()
        counts[tokens], kept[tokens] = level.counts[part].cpu(), level.kept[part].cpu()
        left = float(level.left[at])
    zero, one, two, more = level.taken.tolist()
    return Order(order, counts, (zero, one, two, more), kept, left)
