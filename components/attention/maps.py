"""The attention widget: all heads as small maps, and one of them as lines and as a map.

The maps travel as 8-bit numbers in an attribute, up to 64 tokens those of all layers at once, so
that switching heads makes no request; beyond, those of the layer in sight.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis.attention import maps as attention
from analysis.tokens import spelled

if TYPE_CHECKING:
    from components.attention.reading.seen import Seen
    from inference.types.tokenized import Tokenized

END_OF_TEXT = "end of text"
SMALL = 64
"""Cells on a side of a small map; of a longer text each stands for several tokens."""


def token_labels(tokens: Tokenized) -> list[str]:
    """How every token reads; one that stands around the text and holds no bytes, by its name."""
    return [
        detail.piece or END_OF_TEXT if detail.special and not piece else spelled(piece)
        for piece, detail in zip(tokens.pieces, tokens.details, strict=True)
    ]


def heads(seen: Seen) -> Markup:
    """The widget, opened on the head that was asked for, with the row of the last token."""
    layers, count, _, keys = seen.weights.shape
    causal, of_itself = seen.causal, seen.asking is seen.asked
    layer, head = seen.opened
    value: dict[str, Any] = {
        "layers": layers,
        "heads": count,
        "labels": list(seen.asked.labels),
        "causal": causal,
        "open": [layer, head, seen.telling],
        "chosen": seen.head is not None,
        "sent": list(seen.travelling),
        "maps": attention.packed(seen.weights[list(seen.travelling)], causal),
        "written": seen.written,
        "writes": seen.writes,
        "part": seen.part,
        "parts": list(seen.parts),
        "age": seen.age,
        "ages": list(seen.ages),
    }
    if not of_itself:
        value["asking"] = list(seen.asking.labels)
    else:
        value["sinks"] = np.round(attention.sink_shares(seen.weights), 4).tolist()
        value["even"] = round(attention.even_share(keys, causal), 4)
        value["isSink"] = attention.is_sink(seen.weights).tolist()
    if len(seen.travelling) < layers:
        small = attention.pooled(seen.weights, SMALL)
        value["small"] = [*small.shape[2:], attention.packed(small, causal)]
    return Markup(
        '<div class="attention" data-widget="attention" data-value="{}" '
        'aria-label="Attention of {} heads over {} tokens"></div>'
    ).format(json.dumps(value, ensure_ascii=False, separators=(",", ":")), layers * count, keys)
