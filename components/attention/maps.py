"""The attention widget: all heads as small maps, one of them large, drawn by heads.js.

The maps travel once, as 8-bit numbers in an attribute; switching heads makes no request.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.attention import maps
from analysis.tokens import spelled
from inference.types import Tokenized

END_OF_TEXT = "end of text"


def token_labels(tokens: Tokenized) -> list[str]:
    """How every token reads; one that stands around the text and holds no bytes, by its name."""
    return [
        detail.piece or END_OF_TEXT if detail.special and not piece else spelled(piece)
        for piece, detail in zip(tokens.pieces, tokens.details, strict=True)
    ]


def heads(weights: NDArray[np.float32], labels: Sequence[str], opened: tuple[int, int]) -> Markup:
    """weights: (layers, heads, tokens, tokens). labels: how each token reads.

    opened: (layer, head) of the large map at first, with the row of the last token.
    """
    layers, count, tokens, _ = weights.shape
    causal = maps.is_causal(weights)
    value = {
        "layers": layers,
        "heads": count,
        "labels": list(labels),
        "sinks": np.round(maps.sink_shares(weights), 4).tolist(),
        "causal": causal,
        "even": round(maps.even_share(tokens, causal), 4),
        "isSink": maps.is_sink(weights).tolist(),
        "open": [*opened, tokens - 1],
        "maps": maps.packed(weights),
    }
    return Markup(
        '<div class="attention" data-widget="attention" data-value="{}" '
        'aria-label="Attention of {} heads over {} tokens"></div>'
    ).format(json.dumps(value, ensure_ascii=False), layers * count, tokens)
