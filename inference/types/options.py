"""What may be chosen before a run, and within which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from inference.errors import OrreryError, OutOfRange
from learning.live import training as training
from learning.live.training import Settings as Settings

BEAMS = (2, 8)
NEW_TOKENS = (1, 256)
SEED = (0, 2**32 - 1)
DICE = (0, 15)
ROWS = (1, 16)
PLACES = (1, 512)
"""Of a layer, a head or a token, counted from 1."""


def in_range(what: str, value: float, limits: tuple[float, float], whole: bool = False) -> None:
    """Raise OutOfRange unless `value` is a number within `limits`; nan is within none."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = number and limits[0] <= value <= limits[1]
    if not fits or (whole and not isinstance(value, int)):
        raise OutOfRange(what, *limits, value, whole)


class Filter(NamedTuple):
    """What a filter of a lane's chain is called, and what numbers it takes."""

    label: str
    low: float
    high: float
    off: float | None = None
    """The number with which it does nothing."""
    whole: bool = False

    @property
    def limits(self) -> tuple[float, float]:
        """Between which its number lies."""
        return self.low, self.high


FILTERS: Mapping[str, Filter] = {
    "repetition_penalty": Filter("The repetition penalty", 1.0, 5.0, off=1.0),
    "presence_penalty": Filter("The presence penalty", -2.0, 2.0, off=0.0),
    "frequency_penalty": Filter("The frequency penalty", -2.0, 2.0, off=0.0),
    "no_repeat_ngram": Filter("n of the n-grams that must not repeat", 1, 64, whole=True),
    "temperature": Filter("Temperature", 0.1, 2.0, off=1.0),
    "top_k": Filter("k", 1, 4096, whole=True),
    "top_p": Filter("p", 0.01, 1.0),
    "min_p": Filter("min-p", 0.0, 1.0),
    "typical_p": Filter("typical p", 0.01, 1.0),
}
"""The fields of `LaneOptions` that change what is chosen from, in the order of transformers."""


@dataclass(frozen=True)
class LaneOptions:
    """One way of choosing the next token; the defaults alone are greedy.

    Every filter is off unless it is given a number.
    """

    name: str
    sample: bool = False
    """False takes the most probable survivor; True rolls the dice."""
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    beams: int | None = None
    """A number makes the lane a beam search, which ignores every filter."""
    min_p: float | None = None
    typical_p: float | None = None
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    no_repeat_ngram: int | None = None
    order: tuple[str, ...] = tuple(FILTERS)
    """Names of all filters, in the order in which those that are on follow each other."""
    dice: int = 0
    """Added to the seed of the run: lanes with the same number roll the same dice."""

    def __post_init__(self) -> None:
        for name, one in FILTERS.items():
            number = getattr(self, name)
            if number is not None or one.off is not None:
                in_range(one.label, number, one.limits, one.whole)
        if self.beams is not None:
            in_range("The number of beams", self.beams, BEAMS, whole=True)
        in_range("The number of the dice", self.dice, DICE, whole=True)
        if sorted(map(str, self.order)) != sorted(FILTERS):
            raise OrreryError(f"The order of the filters names each of {', '.join(FILTERS)} once.")

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of those that are on, in their order."""
        return tuple(name for name in self.order if getattr(self, name) != FILTERS[name].off)

    @property
    def rows(self) -> int:
        return self.beams or 1


def five_lanes(
    temperature: float = 0.8, top_k: int = 40, top_p: float = 0.9, beams: int = 4
) -> tuple[LaneOptions, ...]:
    """The strategies that the Generation tab sets side by side, each with its own one dial."""
    return (
        LaneOptions("Greedy"),
        LaneOptions("Temperature", sample=True, temperature=temperature),
        LaneOptions("Top-k", sample=True, top_k=top_k),
        LaneOptions("Top-p", sample=True, top_p=top_p),
        LaneOptions("Beam", beams=beams),
    )


@dataclass(frozen=True)
class GenerationOptions:
    """Everything but the prompt that decides what is generated."""

    lanes: tuple[LaneOptions, ...] = field(default_factory=five_lanes)
    new_tokens: int = 40
    seed: int = 7
    """Lanes that sample share it: the same dice in every lane, unless a lane has its own."""

    def __post_init__(self) -> None:
        in_range("The number of rows", sum(lane.rows for lane in self.lanes), ROWS)
        in_range("The length", self.new_tokens, NEW_TOKENS, whole=True)
        in_range("The seed", self.seed, SEED, whole=True)
