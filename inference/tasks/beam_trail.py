"""What does a beam search follow, step by step, and what does it drop?"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.decoding.beam import BeamCandidate, Beams, EarlyStopping, Hypothesis
from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Result, Task
from inference.text.notes import joined
from inference.text.pieces import end_of_text, pieces
from inference.types.options import in_range
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

BEAMS = (1, 8)
STEPS = (1, 24)
ALPHA = (-2.0, 2.0)


@dataclass(frozen=True)
class Searched:
    """A search from its first step on."""

    steps: tuple[tuple[BeamCandidate, ...], ...]
    """What every step chose from, best first. Those that are kept are, in this order, the beams
    whose places the next step's candidates name as their parents."""
    outcome: Hypothesis
    """What the search returns."""
    greedy: Hypothesis
    """What greedy decoding writes, in as many steps at most."""
    transitions: NDArray[np.float64] | None = None
    """(vocabulary, vocabulary) log-probabilities of a token after a token, of a bigram model."""


@dataclass(frozen=True)
class BeamTrail:
    """The same of a prompt that somebody typed."""

    tokens: Tokenized
    task: FollowBeams
    searched: Searched
    pieces: Mapping[int, bytes]
    """The bytes of every token that is mentioned; of a bigram model, of all."""
    end_of_text: int


@dataclass(frozen=True)
class FollowBeams(Task[Searched, BeamTrail]):
    """Search, and keep all candidates of all steps.

    alpha, early_stopping: `length_penalty` and `early_stopping` of transformers.
    """

    beams: int = 4
    new_tokens: int = 8
    alpha: float = 0.0
    early_stopping: EarlyStopping = "never"

    needs: ClassVar[tuple[Capability, ...]] = ("write",)
    what: ClassVar[str] = "prompt"

    def __post_init__(self) -> None:
        in_range("The number of beams", self.beams, BEAMS, whole=True)
        in_range("The number of steps", self.new_tokens, STEPS, whole=True)
        in_range("The length penalty", self.alpha, ALPHA)
        if not (isinstance(self.early_stopping, bool) or self.early_stopping == "never"):
            raise OrreryError("Early stopping is True, False or never.")

    def prepare(self, model: Preprocessor) -> Self:
        """The search takes as many steps as the model has room for, and a note says so."""
        tokens = model.prompt(self.text, ())
        room = model.bounds.room(len(tokens.ids))
        if room >= self.new_tokens:
            return self.of(tokens, model)
        said = f"After this prompt there is room for {room:,} {model.unit}; so far it searches."
        tokens = replace(tokens, note=joined(tokens.note, said))
        return replace(self.of(tokens, model), new_tokens=room)

    def program(self, placed: PlacedModel) -> Generator[Searched | None, None, Searched]:
        """A slice a step. Raises NumericalFault."""
        from inference.decoding.many import search  # noqa: PLC0415  # torch

        device, ends = placed.device.tensors, frozenset(self.ends)
        wide = Beams(self.beams, ends, self.alpha, early_stopping=self.early_stopping)
        found = []
        for beams in (wide, Beams(1, ends)):
            trail = []
            for after in search.search(
                placed.decoding, self.tokens.ids, beams, self.new_tokens, device
            ):
                trail.append(after)
                yield None
            found.append(trail)
        searched, greedy = found
        left = self.new_tokens - len(searched)
        bigram = getattr(placed.model.config, "order", 0) == 2
        return Searched(
            tuple(step.candidates for step in searched),
            searched[-1].outcome(left),
            greedy[-1].outcome(self.new_tokens - len(greedy)),
            search.transitions(placed.model, device) if bigram else None,
        )

    def finish(self, found: Result[Searched], tokenizer: TextTokenizer) -> BeamTrail:
        searched = found.value
        known = range(tokenizer.vocabulary) if searched.transitions is not None else ()
        mentioned = {one.token for step in searched.steps for one in step}
        return BeamTrail(
            self.noted(found),
            self,
            searched,
            pieces(tokenizer, {*mentioned, *searched.greedy.ids, *known}),
            end_of_text(tokenizer),
        )
