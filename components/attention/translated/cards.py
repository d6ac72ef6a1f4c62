"""The translations side by side, drawn by translation.js; switching makes no request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis.attention.maps import packed_whole
from components.attention.maps import END_OF_TEXT, token_labels
from components.shared.drawing.lane_data import lane_data, name

if TYPE_CHECKING:
    from components.attention.translation import Translated, Translations


def picture(value: Translations) -> Markup:
    """The widget."""
    facts = {
        "source": [short(label) for label in token_labels(value.found[0].aligned.tokens)],
        "translators": [card(one, value) for one in value.found],
    }
    return Markup(
        '<section class="translation" data-widget="translation" data-value="{}"></section>'
    ).format(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))


def card(one: Translated, value: Translations) -> dict[str, Any]:
    """One translator: what it wrote in both ways, and its maps as 8-bit numbers."""
    looks = one.aligned.looks
    layers, heads = looks.maps[0].shape[:2]
    return {
        "title": value.titles[one.model],
        "layers": layers,
        "heads": heads,
        "vector": np.round(looks.vector, 3).tolist(),
        "ways": [
            {
                "name": lane.options.name,
                "text": lane_data(lane, one.written)["text"],
                "bleu": rounded(value.bleu(lane_data(lane, one.written)["text"])),
                "bits": round(lane.bits, 1),
                "cut": lane.end == "length",
                "tokens": [short(name(step.token, one.written)) for step in lane.steps],
                "maps": packed_whole(weights),
            }
            for lane, weights in zip(one.written.lanes, looks.maps, strict=True)
        ],
    }


def rounded(bleu: float | None) -> float | None:
    return None if bleu is None else round(bleu, 1)


def short(label: str) -> str:
    """A label beside a map; the end of a text takes little room."""
    return "end" if label == END_OF_TEXT else label
