"""What does a recurrent network hold under every character, and what does one cell do?"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import NotLearned, OrreryError
from inference.task import Result, Task
from inference.tasks.ladder.probe import PROBE
from inference.text.cleaning import clean
from inference.text.notes import joined, strange
from inference.text.pieces import end_of_text, pieces
from inference.types.generation import Generation, LaneState
from inference.types.options import SEED, GenerationOptions, LaneOptions, in_range
from inference.types.tokenized import Tokenized
from models.text.properties import PROPERTIES, correlations

if TYPE_CHECKING:
    from inference.decoding.cells import KnownCells, Reading
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

CHARACTERS = 240  # of a text: three lines and a half of a screen
CELLS = 100_000  # more than any model has; each says what it has
WRITTEN = 64  # characters that are written after the text, untouched and with the cell held
TEMPERATURE = 0.5  # of the dice: at 1 a network of this size misspells what it has not forgotten
Held = Literal["zero", "mean"]
"""At what a cell is held: 0, or its mean over the probe."""


@dataclass(frozen=True)
class Follower:
    """The cell that follows a property of the probe most closely, and what it is worth here."""

    follows: str
    cell: int
    """Counted from 0 through the layers."""
    on_probe: float
    """Pearson's r over the probe, on which the cell was chosen."""
    here: float
    """Over the text; nan where the property does not change in it."""
    bits_without: float
    """Bits per character of the text with the cell held."""


@dataclass(frozen=True)
class StateSweep:
    """A text in a recurrent network, and what one cell does."""

    width: int
    """Cells of one layer."""
    layers: int
    followers: tuple[Follower, ...]
    cell: int
    """The one that is shown and held."""
    value: float
    """At which it is held."""
    inside: Mapping[str, NDArray[np.float32]]
    """(characters,) of the cell and of each of its gates, by name; the cell itself first."""
    bits: NDArray[np.float64]
    """(characters - 1,) surprisal of every character after the first."""
    bits_without: NDArray[np.float64]
    following: NDArray[np.float64]
    """(vocabulary,) probability of what follows the text."""
    following_without: NDArray[np.float64]
    written: tuple[LaneState, LaneState]
    """What the model goes on with, untouched and with the cell held, by the same dice."""


@dataclass(frozen=True)
class CellStates:
    """The same of a text that somebody typed."""

    tokens: Tokenized
    sweep: StateSweep
    written: Generation
    """Two lanes, untouched and with the cell held."""


@dataclass(frozen=True)
class CellState(Task[StateSweep, CellStates]):
    """The states and gates of one cell, and the text without it."""

    follows: str = "quotes"
    """A property of `PROPERTIES`: the cell that follows it most closely is shown and held."""
    cell: int = 0
    """Any other cell instead, counted from 1; 0 is the one found."""
    held: Held = "zero"
    seed: int = 7
    probe: tuple[int, ...] = field(default=(), kw_only=True)
    """The probe, cut for the model; filled in by `prepare`, as the next two are."""
    places: tuple[int, ...] = field(default=(), kw_only=True)
    """Which characters of the probe these are: a model may not have all."""
    read: tuple[str, ...] = field(default=(), kw_only=True)
    """One character of the text for every token."""

    needs: ClassVar[tuple[Capability, ...]] = ("keep a state",)

    def __post_init__(self) -> None:
        if self.follows not in PROPERTIES:
            raise OrreryError(f"A cell follows one of {', '.join(PROPERTIES)}.")
        if self.held not in get_args(Held):
            raise OrreryError(f"A cell is held at one of {', '.join(get_args(Held))}.")
        in_range("The cell", self.cell, (0, CELLS), whole=True)
        in_range("The seed", self.seed, SEED, whole=True)

    def prepare(self, model: Preprocessor) -> Self:
        tokens = model.cut(self.text, self.what, CHARACTERS)
        if len(tokens.ids) - tokens.opened < 2:
            raise OrreryError("One character says nothing about a state. Type a few more.")
        tokens = replace(tokens, note=joined(tokens.note, strange(tokens)))
        probe = model.segmenter.segment(clean(PROBE, len(PROBE)))
        if not probe.ids:
            raise NotLearned("text on which its cells are found")
        places, read = places_of(probe), characters(tokens.pieces)
        return replace(self.of(tokens, model), probe=probe.ids, places=places, read=read)

    def program(self, placed: PlacedModel) -> Generator[StateSweep | None, None, StateSweep]:
        """The first one over a model reads the probe. Raises NumericalFault, or OutOfRange where
        the model has no such cell."""
        from inference.decoding import cells  # noqa: PLC0415  # torch
        from models.interventions import CellAblation  # noqa: PLC0415  # torch

        model, kept, device = placed.model, placed.derived, placed.device.tensors
        if "cells" not in kept:
            kept["cells"] = yield from cells.on_probe(model, self.probe, PROBE, self.places, device)
        known: KnownCells = kept["cells"]
        in_range("The cell", self.cell, (0, len(known.means)), whole=True)
        best = {name: strongest(r) for name, r in known.follows.items()}
        chosen = self.cell - 1 if self.cell else best[self.follows]
        arms = (chosen, *best.values())  # a row each, after the untouched one
        values = known.means if self.held == "mean" else np.zeros_like(known.means)
        width = model.config.hidden
        held = [
            CellAblation(row, cell // width, cell % width, float(values[cell]))
            for row, cell in enumerate(arms, 1)
        ]
        reading = cells.read(model, [self.tokens.ids] * (len(arms) + 1), device, held)
        yield None
        lanes, text, ends = [], self.tokens.ids, self.ends
        for alone in ((), (replace(held[0], row=0),)):
            going = cells.Held(model, alone)
            lanes.append((yield from cells.written(going, text, ends, self.dice, device)))
        return StateSweep(
            width=width,
            layers=len(reading.inside),
            followers=self.followers(known, reading, best),
            cell=chosen,
            value=float(values[chosen]),
            inside={n: v[:, chosen % width] for n, v in reading.inside[chosen // width].items()},
            bits=reading.bits[0],
            bits_without=reading.bits[1],
            following=reading.following[0],
            following_without=reading.following[1],
            written=(lanes[0], lanes[1]),
        )

    @property
    def dice(self) -> GenerationOptions:
        """How both lanes go on."""
        lane = LaneOptions("Sampled", sample=True, temperature=TEMPERATURE)
        return GenerationOptions((lane,), WRITTEN, self.seed)

    def followers(
        self, known: KnownCells, reading: Reading, best: Mapping[str, int]
    ) -> tuple[Follower, ...]:
        """For every property the cell that was found, and how it does on this text."""
        return tuple(
            Follower(
                follows=name,
                cell=cell,
                on_probe=float(known.follows[name][cell]),
                here=float(correlations(reading.cells[:, [cell]], PROPERTIES[name](self.read))[0]),
                bits_without=float(reading.bits[2 + row].mean()),
            )
            for row, (name, cell) in enumerate(best.items())
        )

    def finish(self, found: Result[StateSweep], tokenizer: TextTokenizer) -> CellStates:
        tokens, sweep = self.noted(found), found.value
        written = Generation(
            prompt=tokens.ids,
            lanes=sweep.written,
            pieces=pieces(tokenizer, range(tokenizer.vocabulary)),
            vocabulary=tokenizer.vocabulary,
            end_of_text=end_of_text(tokenizer),
            note=tokens.note,
            opened=tokens.opened,
        )
        return CellStates(tokens, sweep, written)


def strongest(r: NDArray[np.float64]) -> int:
    """The cell with the largest correlation of either sign; of equals the first."""
    return int(np.nanargmax(np.abs(r))) if not np.isnan(r).all() else 0


def places_of(tokens: Tokenized) -> tuple[int, ...]:
    """Which characters of a text its tokens hold, one each."""
    found, at = [], 0
    for piece, gap in zip(tokens.pieces, tokens.gaps, strict=False):
        at += len(gap.decode())
        found.append(at)
        at += len(piece.decode())
    return tuple(found)


def characters(read: Sequence[bytes]) -> tuple[str, ...]:
    """One character for every token; U+FFFD where it holds none that can be read."""
    return tuple(piece.decode("utf-8", errors="replace")[:1] or "\ufffd" for piece in read)
