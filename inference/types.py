"""What goes into the service and what comes out: frozen, free of torch, safe to send anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inference.errors import OrreryError, OutOfRange, about
from learning.live import training as training
from learning.live.training import Run as Run
from learning.live.training import Settings as Settings
from models.text.merges import Merge as Merge
from models.text.merges import Origin as Origin
from models.text.merges import PieceScore as PieceScore

BEAMS = (2, 8)
NEW_TOKENS = (1, 256)
SEED = (0, 2**32 - 1)
DICE = (0, 15)
ROWS = (1, 16)
PLACES = (1, 512)
"""Of a layer, a head or a token, counted from 1."""
PART = ":"
"""Behind the name of a page, where it runs several tasks of one kind at once, each as a part."""
MOST_BITS = 1074.0
"""The surprisal of the smallest probability that float64 can hold; that of a 0 is larger."""


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
class Waiting:
    """How long a request has to wait that has no result yet."""

    ahead: int = 0
    """People whose runs are under way or come first."""
    seconds: float | None = None
    """About how long until it begins; None where nothing has been measured yet."""
    loading: str = ""
    """The model that it waits for."""
    doing: str = ""
    """A sentence on how far work is that has no picture yet."""

    @property
    def sentence(self) -> str:
        """What to tell the person; empty where the wait is too short to speak of."""
        if self.doing:
            return self.doing
        if self.loading:
            return f"Loading the model {self.loading}."
        if not self.ahead:
            return ""
        people = "1 person is" if self.ahead == 1 else f"{self.ahead} people are"
        known = "" if self.seconds is None else f"; {about(self.seconds)}"
        return f"{people} ahead of you{known}."


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


@dataclass(frozen=True)
class Detail:
    """What is known about a token beside its number."""

    piece: str
    """As a vocabulary with marks for the place in a word writes it; empty without such marks."""
    unknown: bool
    """The text here is no token of the vocabulary; the model sees only that something stood."""
    origin: Origin | None
    special: bool = False
    """It marks something, such as the end of a text, and stands for no text."""
    changed: str = ""
    """What the model reads here, where that differs from the text and is not unknown."""


@dataclass(frozen=True)
class Tokenized:
    """A text and its tokens; pieces and gaps in turn, joined, are the bytes of the text."""

    text: str
    ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    """The bytes of the text that each token covers."""
    note: str = ""
    gaps: tuple[bytes, ...] = ()
    """What no token holds, before every token and after the last; () where that is nothing."""
    details: tuple[Detail, ...] = ()
    """Of every token, where more than its bytes is known."""

    @property
    def opened(self) -> int:
        """How many tokens stand before the text and hold none of it, such as an end-of-text."""
        around = [d.special and not p for p, d in zip(self.pieces, self.details, strict=False)]
        return next((i for i, one in enumerate(around) if not one), len(around))


@dataclass(frozen=True)
class Rung:
    """One model of the ladder, as it was measured."""

    name: str
    title: str
    bits: float
    """Per character of the held-out stories."""
    sees: str
    """What of the text before a character it sees, in words."""
    size: int
    unit: str
    """What `size` counts: parameters or counts."""


@dataclass(frozen=True)
class HeldOut:
    """How well a model predicts the held-out stories."""

    name: str
    perplexity: float
    """Per token of its own, which for a model over characters is a character."""
    per_byte: float
    """Bits: comparable between tokenizers (truth: R5)."""


@dataclass(frozen=True)
class NGrams:
    """n-grams of one length over the ladder's alphabet, in its training text and elsewhere."""

    order: int
    possible: int
    different: int
    """That the training text holds."""
    read: int
    """In the training text, each as often as it occurs."""
    held_out: int
    """Likewise in the held-out stories."""
    unseen: int
    """Of those, how many occur nowhere in the training text."""


@dataclass(frozen=True)
class AttentionMaps:
    """Where every head of every layer mixes its values from."""

    tokens: Tokenized
    weights: NDArray[np.float32]
    """(layers, heads, queries, keys); a query's row sums to 1 over the keys up to itself."""


Removal = Literal["zero", "mean", "resample"]
"""What takes the place of a head that is removed; see `inference.decoding.head_sweep`."""


@dataclass(frozen=True)
class HeadSweep:
    """How a text is predicted with nothing removed, and without each head alone."""

    bits: NDArray[np.float64]
    """(positions - 1,) surprisal of every token after the first."""
    bits_without: NDArray[np.float64]
    """(layers, heads, positions - 1) the same without that head."""
    following: NDArray[np.float64]
    """(vocabulary,) probability of what follows the text."""
    following_without: NDArray[np.float64]
    """(layers, heads, vocabulary)"""


@dataclass(frozen=True)
class HeadRemovals:
    """The sweep over a text that somebody typed."""

    tokens: Tokenized
    removal: Removal
    sweep: HeadSweep
    pieces: Mapping[int, bytes]
    """The bytes of the ten most probable tokens, with nothing removed and without each head."""
    end_of_text: int
