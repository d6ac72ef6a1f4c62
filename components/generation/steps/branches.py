"""The ways that were tried through a text, as a tree: each run of tokens, then where they part."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from components.shared.drawing.lane_data import named, token_data

if TYPE_CHECKING:
    from inference.tasks.path_scores import PathScores


def tried_data(tried: PathScores | None) -> list[dict[str, Any]]:
    """Every text with the probability of each of its tokens."""
    if tried is None:
        return []
    return [
        {
            "tokens": [
                {**token_data(token, tried), "probability": probability}
                for token, probability in zip(path, probabilities, strict=False)
            ],
            "probability": math.prod(probabilities),
        }
        for path, probabilities in zip(tried.paths, tried.probabilities, strict=True)
    ]


def fork(tried: PathScores | None) -> Markup:
    """The tree of all texts, which wheel.js draws; before there is a second one, how to get it."""
    value = {
        "paths": [
            [
                [token, probability, [[span.text, span.symbol] for span in named(token, tried)]]
                for token, probability in zip(path, probabilities, strict=False)
            ]
            for path, probabilities in zip(tried.paths, tried.probabilities, strict=True)
        ]
        if tried
        else [],
    }
    return Markup('<div class="tried" data-widget="tried" data-value="{}"></div>').format(
        json.dumps(value)
    )
