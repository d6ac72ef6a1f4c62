"""Filters that mind what stands in the text already.

Each is made anew for every step, from the ids that stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from inference.decoding.sampling import Distribution, Floats, LogitsProcessor


def repetition_penalty(value: float, ids: Sequence[int]) -> LogitsProcessor:
    """Divide a positive logit of every token among `ids` by `value`, multiply a negative one.

    Keskar et al. 2019, arXiv 1909.05858. `ids` are prompt and continuation.
    """
    if not value > 0:
        raise ValueError(f"The repetition penalty must be above 0, not {value}.")
    return _changed(dict.fromkeys(ids, value), lambda x, v: np.where(x > 0, x / v, x * v))


def presence_penalty(value: float, ids: Sequence[int]) -> LogitsProcessor:
    """Take `value` from the logit of every token among `ids`, the continuation alone.

    As in the API of OpenAI, and in vLLM.
    """
    return _changed(dict.fromkeys(ids, value), np.subtract)


def frequency_penalty(value: float, ids: Sequence[int]) -> LogitsProcessor:
    """Take `value` from a token's logit for every time it stands among `ids`, the continuation."""
    return _changed({one: value * count for one, count in Counter(ids).items()}, np.subtract)


def no_repeat_ngram(n: int, ids: Sequence[int]) -> LogitsProcessor:
    """Forbid every token that would write n tokens a second time.

    Paulus et al. 2018, arXiv 1705.04304. `ids` are prompt and continuation. Where that would
    forbid all that is left, all of it stays.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}.")
    last = tuple(ids[len(ids) - n + 1 :]) if n > 1 else ()
    starts = range(len(ids) - n + 1)
    repeated = {ids[i + n - 1] for i in starts if tuple(ids[i : i + n - 1]) == last}

    def without(given: Distribution) -> Distribution:
        free = ~np.isin(given.tokens, list(repeated))
        if free[: given.survivors].all() or not free[: given.survivors].any():
            return given
        logits = np.where(free, given.logits, -np.inf)
        return _ordered(given, logits, int(free[: given.survivors].sum()))

    return without


def _changed(
    numbers: Mapping[int, float], change: Callable[[Floats, Floats], Floats]
) -> LogitsProcessor:
    """Change the logits of some tokens, each by a number of its own."""

    def penalise(given: Distribution) -> Distribution:
        of_token = np.zeros(int(given.tokens.max()) + 1)
        touched = np.zeros(len(of_token), dtype=bool)
        named = [one for one in numbers if one < len(of_token)]
        of_token[named], touched[named] = [numbers[one] for one in named], True
        if not touched.any():
            return given
        at = touched[given.tokens]
        logits = given.logits.copy()
        logits[at] = change(given.logits[at], of_token[given.tokens[at]])
        return _ordered(given, logits, given.survivors)

    return penalise


def _ordered(given: Distribution, logits: Floats, survivors: int) -> Distribution:
    """The same tokens with other logits, survivors before the others, ties by lower id."""
    cut = np.arange(len(logits)) >= given.survivors
    order = np.lexsort((given.tokens, -logits, cut | np.isneginf(logits)))
    return Distribution.of(given.tokens[order], logits[order], survivors)
