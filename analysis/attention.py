"""What can be said about attention maps, and how they travel to the page."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

SINK_SHARE = 0.3  # from this mean share on, the first token's column may be called a sink,
SINK_TIMES = 2.5  # if it is so many times what attention spread evenly would give it


def packed(weights: NDArray[np.float32]) -> str:
    """Lower triangles of all maps as 8-bit numbers, 255 for a weight of 1, in base64.

    weights: (layers, heads, queries, keys), causal. The order is layer, head, query, key, and a
    weight is off by at most 1 / 510. All maps of a text travel in one message.
    """
    _, _, queries, keys = weights.shape
    rows, columns = np.tril_indices(queries, m=keys)
    triangles = np.rint(weights[:, :, rows, columns] * 255).astype(np.uint8)
    return base64.b64encode(triangles.tobytes()).decode("ascii")


def sink_shares(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean weight on the first token, over all later queries: (layers, heads).

    Heads that find nothing to read put their weight on the first token; Xiao et al. 2024,
    arXiv 2309.17453. The first query is left out: it has nothing else to attend to (truth: R12).
    Only of a text of one token it is the whole: 1.
    """
    later = weights[:, :, min(1, weights.shape[2] - 1) :, 0]
    shares: NDArray[np.float64] = later.mean(axis=2, dtype=np.float64)
    return shares


def even_share(tokens: int) -> float:
    """What `sink_shares` would be if every query spread its weight evenly: mean of 1 / (i + 1)."""
    return float(np.mean(1 / np.arange(min(2, tokens), tokens + 1)))


def is_sink(weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a first column is a sink and not only the work of a short text: (layers, heads)."""
    shares = sink_shares(weights)
    return (shares >= SINK_SHARE) & (shares >= SINK_TIMES * even_share(weights.shape[2]))


def farthest_reading(weights: NDArray[np.float32]) -> tuple[int, int]:
    """(layer, head) whose last query puts most weight on one token of the middle of the text.

    The middle leaves out the first token, where sinks are, and the last two, which are near by
    themselves. weights: (layers, heads, queries, keys), causal. (0, 0) for up to three tokens.
    """
    middle = weights[:, :, -1, 1:-2]
    if not middle.shape[2]:
        return 0, 0
    peaks = middle.max(axis=2)
    layer, head = np.unravel_index(int(peaks.argmax()), peaks.shape)
    return int(layer), int(head)
