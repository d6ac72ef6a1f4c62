"""What can be said about attention maps, and how they travel to the page."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

SINK_SHARE = 0.3  # from this mean share on, the first token's column may be called a sink,
SINK_TIMES = 2.5  # if it is so many times what attention spread evenly would give it


def is_causal(weights: NDArray[np.float32]) -> bool:
    """Whether no query of these maps, (layers, heads, queries, keys), looks past itself."""
    return not np.triu(weights, 1).any()


def packed(weights: NDArray[np.float32], causal: bool | None = None) -> str:
    """All maps as 8-bit numbers, 255 for a weight of 1, in base64: of causal ones the lower
    triangles, of others the squares.

    weights: (layers, heads, queries, keys). The order is layer, head, query, key, and a weight is
    off by at most 1 / 510. causal: known already, as where only some layers are there.
    """
    _, _, queries, keys = weights.shape
    triangles = is_causal(weights) if causal is None else causal
    seen = np.tri(queries, keys, 0 if triangles else keys, dtype=bool)
    maps = np.rint(weights[..., seen] * 255).astype(np.uint8)
    return base64.b64encode(maps.tobytes()).decode("ascii")


def packed_whole(weights: NDArray[np.float32]) -> str:
    """The same of maps between two texts, which have no triangle: every weight is there."""
    return base64.b64encode(np.rint(weights * 255).astype(np.uint8).tobytes()).decode("ascii")


def pooled(weights: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """The same maps with at most so many queries and keys, each the greatest of its neighbours.

    weights: (layers, heads, queries, keys). Of causal maps the result is causal, and a bright cell
    or line stays bright, which a mean would lose.
    """
    _, _, queries, keys = weights.shape
    step = -(-max(queries, keys) // most)
    starts = [np.arange(0, count, step) for count in (queries, keys)]
    rows = np.maximum.reduceat(weights, starts[0], axis=2)
    found: NDArray[np.float32] = np.maximum.reduceat(rows, starts[1], axis=3)
    return found


def sink_shares(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean weight on the first token, over all later queries: (layers, heads).

    Heads that find nothing to read put their weight on the first token; Xiao et al. 2024,
    arXiv 2309.17453. The first query is left out: it has nothing else to attend to (truth: R12).
    Only of a text of one token it is the whole: 1.
    """
    later = weights[:, :, min(1, weights.shape[2] - 1) :, 0]
    shares: NDArray[np.float64] = later.mean(axis=2, dtype=np.float64)
    return shares


def even_share(tokens: int, causal: bool = True) -> float:
    """What `sink_shares` would be if every query spread its weight evenly over what it sees.

    That is the mean of 1 / (i + 1), or 1 / tokens where every query sees the whole text.
    """
    return float(np.mean(1 / np.arange(min(2, tokens), tokens + 1))) if causal else 1 / tokens


def is_sink(weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a first column is a sink and not only the work of a short text: (layers, heads)."""
    shares = sink_shares(weights)
    even = even_share(weights.shape[2], is_causal(weights))
    return (shares >= SINK_SHARE) & (shares >= SINK_TIMES * even)


def farthest_reading(weights: NDArray[np.float32]) -> tuple[int, int]:
    """(layer, head) whose last query puts most weight on one token of the middle of the text.

    The middle leaves out the first token, where sinks are, and the last two, which are near by
    themselves. weights: (layers, heads, queries, keys). (0, 0) for up to three tokens.
    """
    middle = weights[:, :, -1, 1:-2]
    if not middle.shape[2]:
        return 0, 0
    peaks = middle.max(axis=2)
    layer, head = np.unravel_index(int(peaks.argmax()), peaks.shape)
    return int(layer), int(head)
