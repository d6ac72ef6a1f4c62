"""Beam search as a pure function from one step to the next.

The canonical form (truth: R22 to R24): candidates are ranked by their summed log-probability, at
least 2B of them are kept in sight, one that ends in end-of-text moves to a finished pool and is
never extended, and finished hypotheses are compared by sum / length ** alpha, the length being
that of the generated tokens. It stops early only when no running beam can still beat the pool.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.sampling import Floats


@dataclass(frozen=True)
class Hypothesis:
    """One text that the search holds: the generated ids and their summed log-probability."""

    ids: tuple[int, ...] = ()
    log_probability: float = 0.0

    def score(self, alpha: float) -> float:
        """Sum of log-probabilities over length ** alpha; alpha 0 leaves the sum as it is."""
        return self.log_probability / float(max(1, len(self.ids)) ** alpha)


@dataclass(frozen=True)
class BeamCandidate:
    """One of the 2B best extensions of a step, and what became of it."""

    parent: int
    """The place, among the beams before the step, of the one it extends."""
    token: int
    log_probability: float
    """Summed over the whole hypothesis."""
    fate: Literal["kept", "finished", "pruned"]
    """Runs on; ended and is in the pool; or dropped, as is an ending that ranks below the beams."""


@dataclass(frozen=True)
class Beams:
    """The state of a search between two steps."""

    width: int
    end_of_text: int
    alpha: float = 0.0
    running: tuple[Hypothesis, ...] = (Hypothesis(),)
    finished: tuple[Hypothesis, ...] = ()
    parents: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    """(running,) the beam of the step before that each running beam extends."""
    candidates: tuple[BeamCandidate, ...] = ()
    """What the latest step chose from, best first; empty before the first."""

    @property
    def best(self) -> Hypothesis:
        """The best of all hypotheses, finished or not, by normalised score."""
        return max((*self.finished, *self.running), key=lambda h: h.score(self.alpha))

    def is_done(self, steps_left: int) -> bool:
        """True when the pool is full and no running beam can still reach it.

        A sum can only fall, so its best future score is that at the length which favours it:
        the longest where alpha is above 0, the present one where it is below.
        """
        if len(self.finished) < self.width:
            return False
        best = max(self.running, key=lambda h: h.log_probability)
        length = len(best.ids) + (steps_left if self.alpha > 0 else 0)
        bound = best.log_probability / float(max(1, length) ** self.alpha)
        return bound <= min(h.score(self.alpha) for h in self.finished)


def best_candidates(scores: Floats, count: int) -> list[tuple[int, int]]:
    """The `count` best (beam, token) pairs of a (beams, vocabulary) table, ties by lower index."""
    flat = scores.ravel()
    count = min(count, int(np.isfinite(flat).sum()))
    threshold = np.partition(flat, -count)[-count]
    above = np.flatnonzero(flat >= threshold)  # in rising order, so the stable sort breaks ties
    best = above[np.argsort(-flat[above], kind="stable")][:count]
    return [divmod(int(index), scores.shape[1]) for index in best]


def advance(beams: Beams, log_probabilities: Floats) -> Beams:
    """One step of the search.

    log_probabilities: (running, vocabulary), log softmax of each running beam's logits.
    """
    sums = np.array([h.log_probability for h in beams.running])[:, None] + log_probabilities
    ranked = [
        (beam, Hypothesis((*beams.running[beam].ids, token), float(sums[beam, token])))
        for beam, token in best_candidates(sums, 2 * beams.width)
    ]
    going_on = [pair for pair in ranked if pair[1].ids[-1] != beams.end_of_text][: beams.width]
    # an ending counts only where it ranks among the beams
    ended = [grown for _, grown in ranked[: beams.width] if grown.ids[-1] == beams.end_of_text]
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
