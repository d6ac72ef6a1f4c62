"""What lanes have written, and what every token was chosen from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from inference.types.options import LaneOptions

MOST_BITS = 1074.0
"""The surprisal of the smallest probability that float64 can hold; that of a 0 is larger."""


class Candidate(NamedTuple):  # made dozens of times a step
    """One token that could have come next."""

    token: int
    probability: float
    """Over the whole vocabulary, after temperature and before any cut."""
    kept: bool


@dataclass(frozen=True)
class Step:
    """One token that a lane chose, and what it chose from."""

    token: int
    probability: float
    """That the model itself gave the token, at temperature 1."""
    candidates: tuple[Candidate, ...]
    """The most probable ones, most probable first; the chosen one is always among them."""
    survivors: int
    """How many of the vocabulary the lane could choose from."""
    mass: float
    """Probability of all survivors, before they are renormalised."""
    rest_kept: float
    """Probability of survivors that are not among `candidates`."""
    rest_cut: float
    dice: float | None = None
    """The uniform number in [0, 1) drawn for this step; None where nothing is drawn."""

    @property
    def surprisal(self) -> float:
        """Bits of surprise: -log2 of the model's probability; `MOST_BITS` where that is 0."""
        return -math.log2(self.probability) if self.probability else MOST_BITS


EndReason = Literal["running", "end of text", "length"]


@dataclass(frozen=True)
class LaneState:
    """All that a lane has written so far."""

    options: LaneOptions
    steps: tuple[Step, ...] = ()
    end: EndReason = "running"

    @property
    def bits_per_token(self) -> float:
        """Mean surprisal of what was written; nan before the first token."""
        return self.bits / len(self.steps) if self.steps else math.nan

    @property
    def bits(self) -> float:
        """Surprisal of all that was written together: -log2 of its probability."""
        return sum(step.surprisal for step in self.steps)


@dataclass(frozen=True)
class Generation:
    """The state of all lanes after some step; every update holds the whole of it."""

    prompt: tuple[int, ...]
    lanes: tuple[LaneState, ...]
    pieces: Mapping[int, bytes]
    """The bytes of every token that is mentioned."""
    vocabulary: int
    end_of_text: int
    """The token that ends a text; its bytes are a name and not text."""
    note: str = ""
    """What was changed or cut short, in a sentence; empty when nothing was."""
    opened: int = 0
    """How many of the prompt's first tokens stand before what was typed."""
    offered: Step | None = None
    """Where somebody writes token by token: what the one lane would write next, and from what it
    would choose; None at the end of a text."""
