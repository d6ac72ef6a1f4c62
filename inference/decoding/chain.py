"""The filters of a lane, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from inference.decoding import penalties, sampling
from inference.decoding.sampling import LogitsProcessor
from inference.types.options import LaneOptions

ALONE: Mapping[str, Callable[[Any], LogitsProcessor]] = {
    "temperature": sampling.temperature,
    "top_k": sampling.top_k,
    "top_p": sampling.top_p,
    "min_p": sampling.min_p,
    "typical_p": sampling.typical_p,
}
MINDING_THE_TEXT: Mapping[str, Callable[[Any, Sequence[int]], LogitsProcessor]] = {
    "repetition_penalty": penalties.repetition_penalty,
    "no_repeat_ngram": penalties.no_repeat_ngram,
}
MINDING_THE_CONTINUATION: Mapping[str, Callable[[Any, Sequence[int]], LogitsProcessor]] = {
    "presence_penalty": penalties.presence_penalty,
    "frequency_penalty": penalties.frequency_penalty,
}


def chain(
    options: LaneOptions, prompt: Sequence[int], written: Iterable[int]
) -> Iterator[tuple[str, LogitsProcessor]]:
    """The filters that are on, in their order, for the token that follows (truth: R21).

    prompt, written: the ids that stand there, and those that the lane has added; looked at only
    where a filter minds them.
    """
    names = options.filters
    added = () if ALONE.keys() >= set(names) else tuple(written)
    for name in names:
        value = getattr(options, name)
        if name in ALONE:
            yield name, ALONE[name](value)
        elif name in MINDING_THE_TEXT:
            yield name, MINDING_THE_TEXT[name](value, (*prompt, *added))
        else:
            yield name, MINDING_THE_CONTINUATION[name](value, added)
