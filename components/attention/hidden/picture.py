"""The sentence with its gap, the bars of both models, and the heads: one widget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from components.attention.maps import token_labels

if TYPE_CHECKING:
    from components.attention.hidden.left import FromTheLeft
    from components.attention.masked import Hidden


def picture(value: Hidden, told: dict[str, Any]) -> Markup:
    """The widget, drawn by masked.js. told: the value as `data` has it."""
    filled = value.filled
    typed = [at for at, piece in enumerate(filled.tokens.pieces) if piece]
    layers, heads = filled.weights.shape[:2]
    facts = {
        "labels": token_labels(filled.tokens),
        "at": value.place,
        "first": typed[0],
        "last": typed[-1],
        "layers": layers,
        "heads": heads,
        "open": value.opened,
        "weights": np.round(filled.weights[:, :, value.gap], 4).tolist(),
        "hidden": told["hidden"],
        "filled": [[one["text"], one["probability"]] for one in told["filled"]],
        "others": filled.probabilities.shape[1] - len(told["filled"]),
        "left": told["left"] and left_facts(value.left, told["left"]),
    }
    return Markup('<section class="masked" data-widget="masked" data-value="{}"></section>').format(
        json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    )


def left_facts(left: FromTheLeft | None, told: dict[str, Any]) -> dict[str, Any]:
    """Its bars: the most probable, and what really stands there."""
    if left is None:
        return {}
    begins = left.score.tokens.pieces[left.at + 1].decode("utf-8", "replace").strip()
    return {
        "rows": [[one["text"].strip(), one["probability"]] for one in told["expected"]],
        "true": [begins, left.chance, left.rank, left.whole],
        "others": left.score.vocabulary,
    }
