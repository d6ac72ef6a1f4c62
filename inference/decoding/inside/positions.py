"""The query and the key of a random token at every position, in the first layer of a model.

Tokens are drawn evenly and independently, so the mean score of two of them is the product of their
mean query and their mean key: what is left of a score once it depends on positions alone.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.inside import positions_elsewhere
from inference.errors import OrreryError
from models.transformer.bidirectional import Bidirectional
from models.transformer.model import Transformer
from models.translators.transformer import Translator, sinusoids

NAME = "mean token"
SLICE = 16  # positions at once, with every token at each


class MeanToken(NamedTuple):
    """The mean token of one model. positions: 1 where the token itself does not know its own."""

    queries: NDArray[np.float32]
    """(heads, positions, head_width), before any turn."""
    keys: NDArray[np.float32]
    """Likewise."""
    base: float
    """Of rotary positions; 0 where there are none."""
    trained: int
    """The longest text that it can read."""


def mean_token(model: Any, length: int, kept: dict[str, Any]) -> Generator[None, None, MeanToken]:
    """At up to `length` positions. kept: what was found of this model before.

    Raises OrreryError of a model of another kind.
    """
    if isinstance(model, Transformer):
        return rotary(model)
    if isinstance(model, Translator):
        return sinusoidal(model, length)
    if isinstance(model, Bidirectional):
        if NAME not in kept:
            kept[NAME] = yield from learned(model)
        found: MeanToken = kept[NAME]
        return found._replace(queries=found.queries[:, :length], keys=found.keys[:, :length])
    if NAME not in kept:
        kept[NAME] = yield from elsewhere(model)
    known: MeanToken = kept[NAME]
    return known._replace(queries=known.queries[:, :length], keys=known.keys[:, :length])


def elsewhere(model: Any) -> Generator[None, None, MeanToken]:
    """Of a model of `transformers`. Raises OrreryError of one in another layout."""
    found = positions_elsewhere.layout(model)
    if found is None:
        raise OrreryError("How this model knows positions cannot be read from outside.")
    parts, means = [], found.mean()
    while True:
        with torch.inference_mode():
            state = next(means, None)
        if state is None:
            break
        parts.append(state)
        yield None
    with torch.inference_mode():
        query, key = found.pair(torch.cat(parts))
    return MeanToken(_numbers(query), _numbers(key), found.base, model.context)


@torch.inference_mode()
def rotary(model: Transformer) -> MeanToken:
    """Of a model that turns queries and keys: the token is the same everywhere."""
    block: Any = model.blocks[0]
    state = block.attention_norm(model.embedding.weight).mean(dim=0)
    query, key, _ = block.attention.project(state[None, None])[:, 0]  # (heads, 1, head)
    config = model.config
    return MeanToken(_numbers(query), _numbers(key), config.rotary_base, config.context)


def learned(model: Bidirectional) -> Generator[None, None, MeanToken]:
    """Of a model with a table of positions: all of them."""
    states, count = [], model.context
    for start in range(0, count, SLICE):
        with torch.inference_mode():
            places = model.position.weight[start : start + SLICE]
            states.append(
                model.embedding_norm(model.embedding.weight[None] + places[:, None]).mean(dim=1)
            )
        yield None
    layer: Any = model.layers[0]
    with torch.inference_mode():
        state = torch.cat(states)
        query, key = (_split(part(state), layer.heads) for part in (layer.query, layer.key))
    return MeanToken(query, key, 0.0, model.context)


@torch.inference_mode()
def sinusoidal(model: Translator, length: int) -> MeanToken:
    """Of the translator's encoder, whose formula goes on beyond what it was trained on."""
    layer: Any = model.encoder[0]
    width = model.config.width
    mean = model.embedding.weight.mean(dim=0) * math.sqrt(width)
    state = mean + sinusoids(length, width).to(mean)
    query, key = (_split(part(state), layer.heads) for part in (layer.query, layer.key))
    return MeanToken(query, key, 0.0, model.context)


def _split(x: torch.Tensor, heads: int) -> NDArray[np.float32]:
    """(positions, width) as (heads, positions, head_width)."""
    return _numbers(x.view(len(x), heads, -1).transpose(0, 1))


def _numbers(x: torch.Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = x.float().cpu().numpy()
    return found
