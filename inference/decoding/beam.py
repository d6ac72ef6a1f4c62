"""Beam search as a pure function from one step to the next.

The canonical form (truth: R22 to R24): candidates are ranked by their summed log-probability, at
least 2B of them are kept in sight, one that ends in end-of-text moves to a finished pool and is
never extended, and finished hypotheses are compared by sum / length ** alpha, the length being
that of the generated tokens. Unless it is told otherwise it stops early only when no running beam
can still beat the pool.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.decoding.sampling import log_softmax


@dataclass(frozen=True, eq=False)  # no two hold the same text, and comparing long ones takes time
class Hypothesis:
    """One text that the search holds: the generated ids and their summed log-probability."""

    ids: tuple[int, ...] = ()
    log_probability: float = 0.0

    def score(self, alpha: float) -> float:
        """Sum of log-probabilities over length ** alpha; alpha 0 leaves the sum as it is."""
        return self.log_probability / float(max(1, len(self.ids)) ** alpha)


@dataclass(frozen=True)
class BeamCandidate:
    """One of the best extensions of a step, and what became of it."""

    parent: int
    """The place, among the beams before the step, of the one it extends."""
    token: int
    log_probability: float
    """Summed over the whole hypothesis."""
    fate: Literal["kept", "finished", "pruned"]
    """Runs on; ended and is in the pool; or dropped, as is an ending that ranks below the beams."""


EarlyStopping = bool | Literal["never"]
"""When a search whose pool is full stops, as in transformers: True at once; False when no running
beam would reach the pool if it ended now; "never" when none can reach it at any length."""


@dataclass(frozen=True)
class Beams:
    """The state of a search between two steps."""

    width: int
    ends: frozenset[int]
    """The tokens that end a text."""
    alpha: float = 0.0
    running: tuple[Hypothesis, ...] = (Hypothesis(),)
    finished: tuple[Hypothesis, ...] = ()
    parents: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    """(running,) the beam of the step before that each running beam extends."""
    candidates: tuple[BeamCandidate, ...] = ()
    """What the latest step chose from, best first; empty before the first."""
    early_stopping: EarlyStopping = "never"

    @property
    def candidates_wanted(self) -> int:
        """How many extensions leave `width` that go on, whichever of them end."""
        return max(2, 1 + len(self.ends)) * self.width

    @property
    def best(self) -> Hypothesis:
        """The best of all hypotheses, finished or not, by normalised score."""
        return max((*self.finished, *self.running), key=lambda h: h.score(self.alpha))

    def is_done(self, steps_left: int) -> bool:
        """True when the pool is full and the search stops, by `early_stopping`.

        A sum can only fall, so its best future score is that at the length which favours it:
        the longest where alpha is above 0, the present one where it is below.
        """
        if len(self.finished) < self.width:
            return False
        if self.early_stopping is True:
            return True
        best = max(self.running, key=lambda h: h.log_probability)
        later = steps_left if self.alpha > 0 and self.early_stopping == "never" else 0
        bound = best.log_probability / float(max(1, len(best.ids) + later) ** self.alpha)
        return bound <= min(h.score(self.alpha) for h in self.finished)

    def outcome(self, steps_left: int) -> Hypothesis:
        """What a search returns that ends here: where it stopped early, a finished hypothesis."""
        if steps_left == 0 or len(self.finished) < self.width:
            return self.best
        return max(self.finished, key=lambda h: h.score(self.alpha))


@dataclass(frozen=True)
class Shortlist:
    """The most probable tokens of one row of logits; a search looks no further."""

    tokens: list[int]
    """Most probable first, ties by lower id."""
    log_probabilities: list[float]
    """Of these tokens, over the whole vocabulary."""

    @classmethod
    def of(cls, logits: NDArray[np.float32], count: int) -> Shortlist:
        """Read the `count` best off one row, (vocabulary,), without ordering the others."""
        log_probabilities = log_softmax(logits.astype(np.float64))
        count = min(count, len(logits))
        least = np.partition(logits, -count)[-count]
        tokens = np.flatnonzero(logits >= least)  # in rising order, so the stable sort breaks ties
        tokens = tokens[np.argsort(-logits[tokens], kind="stable")[:count]]
        return cls(tokens.tolist(), log_probabilities[tokens].tolist())


def advance(
    beams: Beams, rows: Sequence[Shortlist], forbidden: frozenset[int] = frozenset()
) -> Beams:
    """One step of the search.

    rows: for each running beam, its `candidates_wanted` best tokens or more, or whatever the
    vocabulary has, and one more for every token that is forbidden.
    """
    ranked = [
        (beam, Hypothesis((*beams.running[beam].ids, token), log_probability))
        for beam, token, log_probability in best_extensions(beams, rows, forbidden)
    ]
    going_on = [pair for pair in ranked if pair[1].ids[-1] not in beams.ends][: beams.width]
    # an ending counts only where it ranks among the beams
    ended = [grown for _, grown in ranked[: beams.width] if grown.ids[-1] in beams.ends]
    pool = sorted((*beams.finished, *ended), key=lambda h: -h.score(beams.alpha))[: beams.width]
    running = tuple(grown for _, grown in going_on)
    return replace(
        beams,
        running=running,
        finished=tuple(pool),
        parents=np.array([beam for beam, _ in going_on], dtype=np.int64),
        candidates=tuple(
            BeamCandidate(
                beam,
                grown.ids[-1],
                grown.log_probability,
                "kept" if grown in running else "finished" if grown in pool else "pruned",
            )
            for beam, grown in ranked
        ),
    )


def best_extensions(
    beams: Beams, rows: Sequence[Shortlist], forbidden: frozenset[int]
) -> list[tuple[int, int, float]]:
    """The best (beam, token, summed log-probability), ties by lower beam, then lower token."""
    extensions = [
        (hypothesis.log_probability + log_probability, beam, token)
        for beam, (hypothesis, row) in enumerate(zip(beams.running, rows, strict=True))
        for token, log_probability in zip(row.tokens, row.log_probabilities, strict=True)
        if token not in forbidden and log_probability > -math.inf
    ]
    extensions.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [(beam, token, total) for total, beam, token in extensions[: beams.candidates_wanted]]
