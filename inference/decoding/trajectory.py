"""A trail: all that is needed to stand again where somebody stood in a text, token by token.

The page holds its parts and hands them back with every action, so that the service remembers
nobody. It is small, a link can carry it, and what it leads to depends on nothing else: step k of a
lane that samples uses the k-th number of its dice, whether the token was chosen, forced, or reached
by a branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.decoding.beam import BeamCandidate
from inference.errors import BadTrajectory, OrreryError
from inference.types.generation import LaneState, Step
from inference.types.options import NEW_TOKENS, SEED, LaneOptions, in_range

TOKEN = 2**31 - 1
DIGITS = 10  # of the largest token
ONE_TEXT = (
    "Beam search follows several texts at once, so that no token of it can be forced. Choose "
    "another strategy, or put the words into the prompt."
)


@dataclass(frozen=True)
class Trajectory:
    """A place in the text of one lane. Every change makes a new trail."""

    prompt: tuple[int, ...]
    options: LaneOptions
    seed: int = 7
    chosen: tuple[int, ...] = ()
    """The tokens written so far, whoever chose them; always empty for beam search."""
    searched: int = 0
    """Steps that a beam search has taken; always 0 for any other strategy."""
    new_tokens: int = NEW_TOKENS[1]
    """Where the text ends if it does not end by itself."""

    def __post_init__(self) -> None:
        in_range("The seed", self.seed, SEED, whole=True)
        in_range("The length", self.new_tokens, NEW_TOKENS, whole=True)
        for steps in (self.searched, len(self.chosen)):
            in_range("The number of steps", steps, (0, self.new_tokens), whole=True)
        if not self.prompt:
            raise BadTrajectory("it has no prompt")
        for token in (*self.prompt, *self.chosen):
            in_range("A token", token, (0, TOKEN), whole=True)
        if self.chosen if self.options.beams else self.searched:
            raise BadTrajectory("its steps are not those of its strategy")

    @property
    def steps(self) -> int:
        """How many steps lead from the prompt to here."""
        return self.searched if self.options.beams else len(self.chosen)

    def branch(self, place: int, token: int) -> Trajectory:
        """Go back to where `place` tokens were written, and write this one instead.

        Raises OutOfRange where there is no such place, OrreryError for beam search.
        """
        if self.options.beams:
            raise OrreryError(ONE_TEXT)
        last = min(self.steps, self.new_tokens - 1)
        in_range("The place of a branch", place, (0, last), whole=True)
        return replace(self, chosen=(*self.chosen[:place], token))


@dataclass(frozen=True)
class StepState:
    """What can be seen from a place on a trail."""

    lane: LaneState
    """All that is written so far; of a beam search, the best hypothesis."""
    offered: Step | None
    """What the strategy would write next, and from what it would choose.

    None where the text has ended, and for beam search, which chooses among several texts.
    """
    candidates: tuple[BeamCandidate, ...] = ()
    """Of a beam search: what its latest step chose from, kept or not."""


def ids_of(written: str) -> tuple[int, ...]:
    """The tokens that a page or a link names, with blanks between them. Raises BadTrajectory."""
    words = written.split()
    if not all(word.isdecimal() and word.isascii() and len(word) <= DIGITS for word in words):
        raise BadTrajectory("its tokens are not whole numbers with blanks between them")
    return tuple(map(int, words))
