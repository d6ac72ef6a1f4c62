"""Looks into a recurrent network: what its cells hold, and what it does without one of them.

A cell is one number of one layer: of an LSTM the memory cell, of the others the hidden state.
Cells are counted from 0 through the layers, the lowest layer first.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.batch import to_numpy
from inference.decoding.engine import decode
from inference.decoding.lanes import build
from inference.errors import NumericalFault
from inference.types.generation import LaneState
from inference.types.options import GenerationOptions
from models.contract import Trace
from models.interventions import CellAblation, Interventions
from models.ladder.recurrent import Recurrent
from models.ladder.state_cache import StateCache
from models.text.properties import PROPERTIES, correlations

SLICE = 64  # characters read between two looks at who else wants something


@dataclass(frozen=True)
class KnownCells:
    """What a text that is the same for everybody says about the cells of a model."""

    follows: Mapping[str, NDArray[np.float64]]
    """By property, (cells,): Pearson's r of every cell with it; nan where the cell is constant."""
    means: NDArray[np.float64]
    """(cells,)"""


def on_probe(
    model: Recurrent, ids: Sequence[int], text: Sequence[str], places: Sequence[int], device: str
) -> Generator[None, None, KnownCells]:
    """Read the probe in slices.

    ids: of the characters that the model has. text: all of them, as people read them. places: where
    each of the ids stands among them.
    """
    cache, parts = model.new_cache(1), []
    for start in range(0, len(ids), SLICE):
        reading = read(model, [ids[start : start + SLICE]], device, cache=cache)
        parts.append(reading.cells)
        yield None
    cells = np.concatenate(parts)
    follows = {name: correlations(cells, of(text)[list(places)]) for name, of in PROPERTIES.items()}
    return KnownCells(follows, cells.mean(axis=0, dtype=np.float64))


@dataclass(frozen=True)
class Reading:
    """One pass over a text, in several rows of which the first is untouched."""

    bits: NDArray[np.float64]
    """(rows, characters - 1): surprisal of every character after the first."""
    following: NDArray[np.float64]
    """(rows, vocabulary): probability of what follows the text."""
    cells: NDArray[np.float32]
    """(characters, cells) of the first row."""
    inside: tuple[Mapping[str, NDArray[np.float32]], ...]
    """A layer each, of the first row: (characters, width) by name, the state and every gate."""


@torch.inference_mode()
def read(
    model: Recurrent,
    rows: Sequence[Sequence[int]],
    device: str,
    held: Sequence[CellAblation] = (),
    cache: StateCache | None = None,
) -> Reading:
    """Raises NumericalFault where a number is not finite."""
    ids, trace = torch.tensor(rows, device=device), Trace(Interventions(cells=tuple(held)))
    logits = model(ids, cache, trace).double().log_softmax(-1).cpu()
    if not torch.isfinite(logits).all():
        raise NumericalFault(1)
    scored = logits[:, :-1].gather(-1, ids[:, 1:, None].cpu())[..., 0]
    inside = tuple(
        {name: to_numpy(values[0]) for name, values in parts(carried, gates)}
        for carried, gates in zip(trace.states, trace.gates, strict=True)
    )
    return Reading(
        bits=(scored / -np.log(2)).numpy(),
        following=logits[:, -1].exp().numpy(),
        cells=np.concatenate([to_numpy(layer[0, :, -1]) for layer in trace.states], axis=1),
        inside=inside,
    )


def parts(
    carried: torch.Tensor, gates: Mapping[str, torch.Tensor]
) -> Iterator[tuple[str, torch.Tensor]]:
    """What a layer holds after every position, by name; the cell itself first."""
    two = carried.shape[2] == 2
    yield ("memory" if two else "state"), carried[:, :, -1]
    for name, values in gates.items():
        yield f"{name} gate", values
    if two:
        yield "output", carried[:, :, 0]


class Held:
    """A language model of one row, some of whose cells are held at a value."""

    def __init__(self, model: Recurrent, cells: tuple[CellAblation, ...]) -> None:
        self.model, self.cells = model, cells
        self.vocabulary, self.context = model.vocabulary, model.context

    def new_cache(self, rows: int) -> StateCache:
        return self.model.new_cache(rows)

    def forward(
        self, ids: torch.Tensor, cache: StateCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        logits: torch.Tensor = self.model(ids, cache, Trace(Interventions(cells=self.cells)))
        return logits


def written(
    model: Held, ids: Sequence[int], ends: Sequence[int], options: GenerationOptions, device: str
) -> Generator[None, None, LaneState]:
    """How the model goes on in one lane, a step a slice."""
    (chosen,) = options.lanes
    lane = build(chosen, options.seed, ends)
    for _ in decode(model, ids, [lane], options.new_tokens, device):
        yield None
    return lane.state
