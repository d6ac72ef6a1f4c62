"""All roles as one widget, drawn by roles.js."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.attention.maps import is_causal, packed_whole
from analysis.attention.sinks import without_first
from analysis.tokens import spelled
from components.attention.maps import token_labels
from components.attention.scores.definitions import DEFINITIONS
from components.attention.scores.scored import Scored, first_by_length, scored, weighted_maps

if TYPE_CHECKING:
    from inference.tasks.attention.roles import LooksOverText


def drawn(found: LooksOverText) -> Markup:
    """The widget: the best head of every role, all its scores, and maps of two texts."""
    layers, heads = found.looks.trained.text.shape[:2]
    shares = first_by_length(found)
    facts = {
        "layers": layers,
        "heads": heads,
        "causal": is_causal(found.looks.trained.repeated),
        "roles": [_role(one) for one in scored(found)],
        "byLength": None if shares is None else np.round(shares, 4).tolist(),
        "maps": maps_of(found),
        "labels": {
            "text": token_labels(found.tokens),
            "random": [spelled(found.pieces[one]) for one in found.looks.drawn] * 2,
        },
        "text": found.tokens.text,
        "model": found.model.partition("/step-")[0],  # Heads names a model, and opens its last age
    }
    return Markup('<section class="roles" data-widget="roles" data-value="{}"></section>').format(
        json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    )


def maps_of(found: LooksOverText) -> dict[str, str]:
    """All heads' maps by their names: of the text in three ways, and of random tokens."""
    text, weighted = found.looks.trained.text, weighted_maps(found)
    maps: dict[str, NDArray[np.floating]] = {
        "text": text,
        "rest": without_first(text),
        "random": found.looks.trained.shown,
    }
    if weighted is not None:
        maps["length"] = weighted
    return {name: packed_whole(one.astype(np.float32)) for name, one in maps.items()}


def _role(one: Scored) -> dict[str, Any]:
    definition = DEFINITIONS[one.role]
    return {
        "key": one.role,
        "title": definition.title,
        "score": definition.score,
        "source": definition.source,
        "even": round(one.even, 4),
        "trained": np.round(one.trained, 4).tolist(),
        "untrained": None if one.untrained is None else np.round(one.untrained, 4).tolist(),
        "best": one.best,
        "cells": pairs(one.cells),
    }


def pairs(cells: NDArray[np.bool_]) -> list[list[int]]:
    """(query, key) of every cell."""
    found: list[list[int]] = np.argwhere(cells).tolist()
    return found
