"""Heads ranked by what their removal does in several sentences: mean and spread, for removal.js."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import ablation
from components.attention.changed import panel
from inference.errors import TooLong
from inference.text.notes import joined

if TYPE_CHECKING:
    from inference.tasks.attention.ablation import HeadRemovals

MORE = 7
"""Sentences beside the one above."""
RANKED = 8  # heads that the page lists


@dataclass(frozen=True)
class Removals:
    """One sentence in full, and others, for which every head was removed the same way."""

    first: HeadRemovals
    others: tuple[HeadRemovals, ...] = ()
    note: str = ""
    """Why a sentence is not among them."""

    @property
    def all(self) -> tuple[HeadRemovals, ...]:
        return (self.first, *self.others)


def sentences(typed: object, first: str) -> tuple[str, ...]:
    """One a line, each once, without the one that stands above. Raises TooLong."""
    lines = (line.strip() for line in typed.splitlines()) if isinstance(typed, str) else ()
    found = tuple(dict.fromkeys(line for line in lines if line and line != first.strip()))
    if len(found) > MORE:
        raise TooLong("list", MORE, len(found), "sentences")
    return found


def data(removals: Removals) -> dict[str, Any]:
    """The first sentence as in `panel.data`, and `ranking`: every head, the greatest mean first.

    `bits` are those by which its removal moves what follows each of the `sentences`; `spread` is
    their standard deviation (n - 1), null of one sentence; `over`: `mean` is a lower bound.
    """
    sweeps = [one.sweep for one in removals.all]
    pairs = [(one.following, one.following_without) for one in sweeps]
    bits = np.array([ablation.moved_bits(*pair) for pair in pairs])  # (sentences, layers, heads)
    over = np.any([ablation.is_lower_bound(*pair) for pair in pairs], axis=0)
    mean, spread = ablation.mean_and_spread(bits)
    order = np.argsort(-mean, axis=None, kind="stable")
    return {
        **panel.data(removals.first),
        "note": joined(removals.first.tokens.note, removals.note),
        "sentences": [one.tokens.text for one in removals.all],
        "ranking": [
            {
                "layer": int(layer) + 1,
                "head": int(head) + 1,
                "mean": float(mean[layer, head]),
                "spread": float(spread[layer, head]) if len(sweeps) > 1 else None,
                "over": bool(over[layer, head]),
                "bits": bits[:, layer, head].tolist(),
            }
            for layer, head in zip(*np.unravel_index(order, mean.shape), strict=True)
        ],
    }


def drawn(removals: Removals) -> dict[str, Any]:
    """The same for the page, which lists the first heads, and of one sentence none."""
    found = data(removals)
    return {**found, "ranking": found["ranking"][:RANKED] if removals.others else []}
