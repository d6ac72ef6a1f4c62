"""The removal panel: what every head's removal does, drawn by removal.js.

All heads travel in one message, so that going from head to head makes no request.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis import ablation
from analysis.tokens import spelled
from components.shared.drawing.lane_data import name

if TYPE_CHECKING:
    from inference.tasks.attention.ablation import HeadRemovals

SHOWN = 7  # tokens a head


def data(removals: HeadRemovals) -> dict[str, Any]:
    """What every head's removal does, by layer and head.

    `moved` and `cost` are bits, of the next token and a token of the sentence; `over`: `moved` is
    a lower bound. `rows` are (token, probability before, probability without the head) of the
    tokens that lead or move most, `rest` is all others together. `open` is the (layer, head) whose
    removal moves the next token most.
    """
    sweep = removals.sweep
    layers, heads, vocabulary = sweep.following_without.shape
    moved = ablation.moved_bits(sweep.following, sweep.following_without)
    return {
        "note": removals.tokens.note,
        "layers": layers,
        "heads": heads,
        "after": spelled(removals.tokens.pieces[-1]),
        "moved": moved.tolist(),
        "over": ablation.is_lower_bound(sweep.following, sweep.following_without).tolist(),
        "cost": ablation.cost(sweep.bits, sweep.bits_without).tolist(),
        "rows": [[rows(removals, layer, head) for head in range(heads)] for layer in range(layers)],
        "rest": [[rest(removals, layer, head) for head in range(heads)] for layer in range(layers)],
        "others": max(0, vocabulary - SHOWN),
        "open": most_moving(removals),
    }


def removal(value: dict[str, Any]) -> Markup:
    """The panel, opened on the head whose removal moves the next token most."""
    return Markup(
        '<section class="removal" data-widget="removal" data-value="{}"></section>'
    ).format(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def most_moving(removals: HeadRemovals) -> tuple[int, int]:
    """(layer, head) whose removal moves the next-token distribution most."""
    sweep = removals.sweep
    moved = ablation.moved_bits(sweep.following, sweep.following_without)
    layer, head = np.unravel_index(int(moved.argmax()), moved.shape)
    return int(layer), int(head)


def rows(removals: HeadRemovals, layer: int, head: int) -> list[tuple[str, float, float]]:
    """(label, probability before, probability without this head) of the leading tokens."""
    before = removals.sweep.following
    after = removals.sweep.following_without[layer, head]
    return [
        (name(token, removals), float(before[token]), float(after[token]))
        for token in ablation.movers(before, after, SHOWN).tolist()
    ]


def rest(removals: HeadRemovals, layer: int, head: int) -> tuple[float, float]:
    """Probability of all other tokens together, before and without this head."""
    before = removals.sweep.following
    after = removals.sweep.following_without[layer, head]
    others = np.delete(np.arange(len(before)), ablation.movers(before, after, SHOWN))
    return float(before[others].sum()), float(after[others].sum())
