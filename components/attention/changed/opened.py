"""A cell of an attention map as numbers, for the API and for cell.js."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis.attention.maps import packed
from components.attention.maps import token_labels
from components.shared.drawing.lane_data import name, token_data

if TYPE_CHECKING:
    from inference.tasks.attention.cell import CellOfText

CHANGES = (
    ("none", "Nothing"),
    ("score", "This score"),
    ("root", "No division by \u221ad"),
    ("mask", "No mask"),
    ("uniform", "Even attention"),
    ("root everywhere", "No \u221ad in any head"),
    ("mask everywhere", "No mask in any head"),
)
"""What the batch calls its rows, and what the page does; all but the first can be chosen."""


def worked(value: CellOfText) -> dict[str, Any]:
    """All that is said of the cell, with exact numbers."""
    opened, query, key = value.opened, value.query, value.key
    asked, offered = opened.queries[:, query], opened.keys[:, key]
    terms = asked[1] * offered[1]
    root = math.sqrt(len(terms))
    scores = (opened.queries[1, query] @ opened.keys[1].T) / root
    weights = opened.weights[query]
    mixed = weights @ opened.values
    lengths = np.linalg.norm(opened.values, axis=1)
    return {
        "note": value.tokens.note,
        "tokens": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(value.tokens.ids, value.tokens.pieces, strict=True)
        ],
        "layer": value.layer + 1,
        "head": value.head + 1,
        "query": query + 1,
        "key": key + 1,
        "query_vector": asked[0].tolist(),
        "query_turned": asked[1].tolist(),
        "key_vector": offered[0].tolist(),
        "key_turned": offered[1].tolist(),
        "terms": terms.tolist(),
        "dot": float(terms.sum()),
        "root": root,
        "score": float(scores[key]),
        "weight": float(weights[key]),
        "row": [
            {"score": float(scores[at]), "weight": float(weights[at])} for at in range(query + 1)
        ],
        "value": opened.values[key].tolist(),
        "value_length": float(lengths[key]),
        "mixed": mixed.tolist(),
        "changes": [_change(value, i, called) for i, (called, _) in enumerate(CHANGES)],
    }


def _change(value: CellOfText, i: int, called: str) -> dict[str, Any]:
    before, after = value.opened.following[0], value.opened.following[i]
    return {
        "change": called,
        "weight": float(value.opened.changed[i, value.key]),
        "score": _finite(value.score) if called == "score" else None,
        "following": [
            {
                **token_data(one, value),
                "before": float(before[one]),
                "after": float(after[one]),
            }
            for one in value.leading(i)
        ],
    }


def _finite(score: float) -> float | str:
    """JSON has no infinity."""
    return score if math.isfinite(score) else "-inf"


def drawn(value: CellOfText) -> Markup:
    """The widget: the map of the head, the sum of the cell, and bars before and after."""
    found = worked(value)
    following = value.opened.following
    changes = []
    for i, (one, (_, title)) in enumerate(zip(found["changes"], CHANGES, strict=True)):
        shown = list(value.leading(i))
        rest = [1 - float(following[at, shown].sum()) for at in (0, i)]
        rows = [[name(t, value), float(following[0, t]), float(following[i, t])] for t in shown]
        changes.append({"title": title, "weight": one["weight"], "rows": rows, "rest": rest})
    facts = {
        **{key: found[key] for key in ("layer", "head", "query", "key", "dot", "root", "score")},
        **{key: found[key] for key in ("weight", "row", "value_length")},
        **{
            key: [round(one, 3) for one in found[key]]
            for key in ("query_vector", "query_turned", "key_vector", "key_turned", "terms")
        },
        "value": [round(one, 3) for one in found["value"]],
        "mixed": [round(one, 3) for one in found["mixed"]],
        "labels": token_labels(value.tokens),
        "map": packed(value.opened.weights[None, None]),
        "layers": value.opened.layers,
        "heads": value.opened.heads,
        "set": _finite(value.score),
        "others": following.shape[1] - len(value.leading(0)),
        "changes": changes,
    }
    return Markup(
        '<section class="opened-cell" data-widget="cell" data-value="{}"></section>'
    ).format(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))


def lesson() -> Markup:
    """Four tokens with four numbers each, drawn and computed in the browser by hand.js."""
    facts = {
        "labels": ["the", "cat", "saw", "it"],
        "query": [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 3, 0, 1]],
        "key": [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [1, 0, 0, 1]],
        "value": [[1, 0, 0, 0], [0, 4, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]],
    }
    return Markup(
        '<section class="by-hand" data-widget="by-hand" data-value="{}"></section>'
    ).format(json.dumps(facts))
