"""What a view of positions shows: a map, a curve a head, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.positions.distance import ByDistance, by_distance, spread
from analysis.positions.schemes import turned, unfinished
from components.attention.placing.schemes import SCHEMES
from components.shared.drawing.numbers import percent

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.tasks.attention.positions import PositionStates

Numbers = NDArray[np.float64]
CELLS = 192  # of a map, along a side
MODELS = {
    "fill-in": "Fill-in: learned",
    "storyteller": "Storyteller: rotary",
    "storyteller-books": "Storyteller of old books: rotary",
    "gpt": "Small GPT: rotary",
    "translator": "Translator: sinusoidal",
}
LAYOUTS = {"gpt2": "learned", "llama": "rotary"}
"""Of models from elsewhere, by the `model_type` of their config.json."""
HEADS = 8  # of one model, that are drawn
SCORE = "mean score of two random tokens"
EVEN = 0.005  # as a share: less is rounding


@dataclass(frozen=True)
class Placed:
    """One way of positions, up to a length."""

    key: str
    title: str
    unit: str
    length: int
    head: int
    """Whose map it is, from 1."""
    map: Numbers
    """(cells, cells) of queries by keys, every `step`th position; nan where nothing is."""
    step: int
    curves: tuple[ByDistance, ...]
    """Of every head."""
    trained: int
    """The longest text of a trained model in tokens; 0 of a formula."""
    said: str
    signed: bool
    note: str = ""

    @property
    def spread(self) -> float:
        """How much the chosen head's scores of one distance differ, as a share of all."""
        return spread(self.curves[self.head - 1])


def of_formula(key: str, length: int, base: float, head: int) -> Placed:
    scheme = SCHEMES[key]
    scores = scheme.scores(length, base)
    said = scheme.said(length, base)
    return _placed(key, scheme.title, scheme.unit, scores, head, 0, said, scheme.signed)


def offered(catalog: Catalog) -> dict[str, str]:
    """The models whose own positions can be read, with their titles."""
    names = {one.name for one in catalog.entries()}
    found = {name: title for name, title in MODELS.items() if name in names}
    for entry in catalog.entries("write", "attend"):
        if entry.kind == "elsewhere" and catalog.layout(entry.name) in LAYOUTS:
            found[entry.name] = f"{entry.title}: {LAYOUTS[catalog.layout(entry.name)]}"
    return found


def of_model(
    name: str, title: str, states: PositionStates, length: int, base: float, head: int
) -> Placed:
    """states: at `length` positions, or fewer where the model has no more."""
    count = len(states.queries)
    if count > HEADS:
        states = replace(states, queries=states.queries[:HEADS], keys=states.keys[:HEADS])
    scores = model_scores(states, length, base)
    said = _of_rotary(states, base) if states.base else _of_table(name, states)
    if count > HEADS:
        said += f" Of {count} heads the first {HEADS} are shown."
    return _placed(name, f"{title}, layer 1", SCORE, scores, head, states.trained, said, True)


def model_scores(states: PositionStates, length: int, base: float) -> Numbers:
    """(heads, length, length) mean scores of two random tokens, nan where there is no position, and
    of a model that reads from left to right for later keys. base: of rotary positions."""
    queries, keys = states.queries.astype(np.float64), states.keys.astype(np.float64)
    heads, known, width = queries.shape
    if states.base:
        shape = (heads, length, width)
        queries, keys = (turned(np.broadcast_to(one, shape), base) for one in (queries, keys))
        known = length
    found = np.full((heads, length, length), nan)
    found[:, :known, :known] = queries @ keys.transpose(0, 2, 1) / sqrt(width)
    if states.base:
        found[:, ~np.tri(length, dtype=bool)] = nan
    return found


def _placed(
    key: str,
    title: str,
    unit: str,
    scores: Numbers,
    head: int,
    trained: int,
    said: str,
    signed: bool,
) -> Placed:
    heads, length, _ = scores.shape
    shown, step = min(head, heads), -(-length // CELLS)
    ahead = bool(np.isfinite(scores[0, 0, 1]))
    curves = tuple(by_distance(one, ahead) for one in scores)
    note = f"There is no head {head}: head {shown} of {heads} is shown." if shown < head else ""
    grid = scores[shown - 1, ::step, ::step]
    return Placed(
        *(key, title, unit, length, shown, grid, step, curves, trained),
        *(said + _how_even(curves[shown - 1], unit), signed, note),
    )


def _how_even(curve: ByDistance, unit: str) -> str:
    """Whether distance says all, where that is a question."""
    if unit != SCORE:
        return ""
    share = spread(curve)
    if share < EVEN:
        return " Scores of one distance are the same wherever it stands in the text."
    return f" Scores of one distance differ by {percent(share, 0)} of the whole range on average."


def _of_rotary(states: PositionStates, base: float) -> str:
    width, pairs = states.queries.shape[-1], states.queries.shape[-1] // 2
    never = unfinished(width, base, states.trained)
    with_base = f"Base {base:,.0f}"
    if base != states.base:
        with_base += f", where it was trained with {states.base:,.0f}"
    return (
        f"Its own queries and keys, {width} numbers a head, turned by position. {with_base}. "
        f"It was trained on up to {states.trained:,} tokens; {never} of {pairs} pairs do not "
        "finish one turn within them, and in a longer text stand at angles never met before."
    )


def _of_table(name: str, states: PositionStates) -> str:
    if name == "translator":
        return (
            "Its own queries and keys, in the encoder. A sinusoidal vector is added to each token. "
            f"It reads up to {states.trained:,}; the formula goes on beyond."
        )
    return (
        "Its own queries and keys. A vector that it has learned is added to each token, one for "
        f"each of {states.trained:,} positions. Beyond them there is none, and the map ends."
    )
