"""How well the attention of a translator can be read as links between words, head by head."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.attention.links import error_rate, in_order, linked, words_of
from components.attention.translated.known import SENTENCES

if TYPE_CHECKING:
    from inference.service import Service

Scores = Mapping[str, NDArray[np.float64]]
"""Of every translator with attention (layers, heads + 1): the alignment error rate of every head,
and last that of the mean of a layer's heads."""


def scored(service: Service, models: tuple[str, ...]) -> Scores:
    """It is the same for everybody, so each model is asked once and the answer remembered."""
    found = {
        model: service.remembered.get(("alignment errors", model), partial(errors, service, model))
        for model in models
    }
    return {model: rates for model, rates in found.items() if len(rates)}


def errors(service: Service, model: str) -> NDArray[np.float64]:
    """Over our sentences, with our translations forced. Raises OrreryError."""
    from inference.tasks.attention.alignment import LONGEST, Align  # noqa: PLC0415  # a long chain

    reads = service.preprocessor(model, "translate")
    links = []
    for known in SENTENCES:
        target = reads.cut(known.target, Align.what, LONGEST)
        aligned = service.answer(Align(known.source, model, (target.ids,)))
        maps = aligned.looks.maps[0]
        if not len(maps):
            return np.zeros((0, 0))
        words = words_of(target.pieces, known.target), words_of(aligned.tokens.pieces, known.source)
        whole = np.concatenate([maps, maps.mean(axis=1, keepdims=True)], axis=1)
        links.append([[linked(head, *words) for head in layer] for layer in whole])
    layers, heads = len(links[0]), len(links[0][0])
    return np.array(
        [
            [
                error_rate(
                    (one[layer][head], known) for one, known in zip(links, SENTENCES, strict=True)
                )
                for head in range(heads)
            ]
            for layer in range(layers)
        ]
    )


def word_for_word() -> float:
    """The error rate of linking every word to the one at its place, without any model."""
    return error_rate((in_order(known), known) for known in SENTENCES)


def best(scores: Scores) -> tuple[str, int, int]:
    """Model, layer and head with the fewest errors; the head after the last is their mean."""
    model = min(scores, key=lambda one: scores[one].min())
    layer, head = np.unravel_index(int(scores[model].argmin()), scores[model].shape)
    return model, int(layer), int(head)
