"""What an engine advances: a lane turns its rows of logits into its rows of next ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference import beam, sampling
from inference.sampling import Distribution
from inference.types import Candidate, EndReason, LaneOptions, LaneState, Step

SHOWN = 7  # candidates recorded a step, besides the chosen one


@dataclass(frozen=True)
class Continuation:
    """What a lane wants to read next; no rows at all once it has ended."""

    parents: NDArray[np.int64]
    """(rows,) which of the lane's present rows each next row goes on from."""
    ids: NDArray[np.int64]
    """(rows,) the token that each next row reads."""


ENDED = Continuation(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


class Lane(Protocol):
    """One strategy at work on one prompt. It opens with one row."""

    @property
    def state(self) -> LaneState: ...

    def advance(self, logits: NDArray[np.float32], steps_left: int) -> Continuation:
        """Choose from the logits of the lane's rows, (rows, vocabulary) float32.

        steps_left: how many more tokens may follow the ones chosen now.
        """


def build(options: LaneOptions, seed: int, end_of_text: int, min_new_tokens: int = 0) -> Lane:
    """The lane that `options` describe; end-of-text is forbidden for `min_new_tokens` steps."""
    if options.beams is not None:
        return BeamLane(options, end_of_text, min_new_tokens)
    return SamplingLane(options, seed, end_of_text, min_new_tokens)


class SamplingLane:
    """One row: a chain of processors, then a chooser."""

    def __init__(
        self, options: LaneOptions, seed: int, end_of_text: int, min_new_tokens: int
    ) -> None:
        self.state = LaneState(options)
        self._end_of_text = end_of_text
        self._min_new_tokens = min_new_tokens
        self._processors: list[sampling.Processor] = []
        if options.temperature != 1.0:
            self._processors.append(sampling.temperature(options.temperature))
        if options.top_k is not None:
            self._processors.append(sampling.top_k(options.top_k))
        if options.top_p is not None:
            self._processors.append(sampling.top_p(options.top_p))
        self._choose: sampling.Chooser = sampling.most_probable
        if options.sample:
            self._choose = sampling.dice(np.random.default_rng(seed))

    def advance(
        self, logits: NDArray[np.float32], steps_left: int, forced: int | None = None
    ) -> Continuation:
        """As for every lane; `forced` is written in place of what the lane chooses.

        The dice roll all the same, so that the steps after it are what they would have been.
        """
        given = sampling.ranked(logits[0])
        processed = given
        if len(self.state.steps) < self._min_new_tokens:
            processed = sampling.forbid(self._end_of_text)(processed)
        for process in self._processors:
            processed = process(processed)
        choice = self._choose(processed)
        if not self.state.options.sample:
            processed = sampling.top_k(1)(processed)
        token = choice if forced is None else forced
        step = sampled_step(token, given, processed)
        ended = token == self._end_of_text
        end: EndReason = "end of text" if ended else "length" if steps_left == 0 else "running"
        self.state = LaneState(self.state.options, (*self.state.steps, step), end)
        if end != "running":
            return ENDED
        return Continuation(np.zeros(1, dtype=np.int64), np.array([token]))


class BeamLane:
    """As many rows as there are beams; what is shown is the best hypothesis so far."""

    def __init__(self, options: LaneOptions, end_of_text: int, min_new_tokens: int) -> None:
        if options.beams is None:
            raise ValueError("A beam lane needs a number of beams.")
        self.state = LaneState(options)
        self._min_new_tokens = min_new_tokens
        self._beams = beam.Beams(options.beams, end_of_text)
        self._steps: dict[tuple[int, ...], tuple[Step, ...]] = {(): ()}

    @property
    def candidates(self) -> tuple[beam.BeamCandidate, ...]:
        """What the latest step chose from, kept or not; empty before the first."""
        return self._beams.candidates

    def advance(self, logits: NDArray[np.float32], steps_left: int) -> Continuation:
        before = self._beams
        own = sampling.log_softmax(logits.astype(np.float64))  # (rows, vocabulary)
        log_probabilities = own
        if len(before.running[0].ids) < self._min_new_tokens:
            log_probabilities = own.copy()
            log_probabilities[:, before.end_of_text] = -np.inf
        after = beam.advance(before, log_probabilities)
        self._record(before, after, own)
        self._beams = after
        done = steps_left == 0 or after.is_done(steps_left)
        steps = self._steps[after.best.ids]
        ended = bool(steps) and steps[-1].token == after.end_of_text
        end: EndReason = "running" if not done else "end of text" if ended else "length"
        self.state = LaneState(self.state.options, steps, end)
        if done:
            return ENDED
        return Continuation(after.parents, np.array([h.ids[-1] for h in after.running]))

    def _record(
        self, before: beam.Beams, after: beam.Beams, log_probabilities: sampling.Floats
    ) -> None:
        """Write down the steps of every hypothesis that is still alive, and forget the others."""
        parents = {hypothesis.ids: row for row, hypothesis in enumerate(before.running)}
        alive = (*after.running, *after.finished)
        children: dict[int, list[int]] = {}
        for hypothesis in alive:
            if hypothesis.ids not in self._steps:
                children.setdefault(parents[hypothesis.ids[:-1]], []).append(hypothesis.ids[-1])
        steps = {h.ids: self._steps[h.ids] for h in alive if h.ids in self._steps}
        for row, tokens in children.items():
            best = beam.best_candidates(log_probabilities[row : row + 1], SHOWN)
            ids = before.running[row].ids
            for token in tokens:
                listed = [place for _, place in best]
                step = searched_step(token, tokens, listed, log_probabilities[row])
                steps[(*ids, token)] = (*self._steps[ids], step)
        self._steps = steps


def sampled_step(token: int, given: Distribution, processed: Distribution) -> Step:
    """What a step chose and from what.

    given: the model's own distribution. processed: after temperature and filters.
    """
    place = processed.place(token)
    shown = [*range(min(SHOWN, len(processed.tokens))), *([place] if place >= SHOWN else [])]
    own = given.weights[place if processed.tokens is given.tokens else given.place(token)]
    return record(
        token,
        float(own) / given.total,
        processed.tokens[shown].tolist(),
        processed.weights[shown] / processed.total,
        [place < processed.survivors for place in shown],
        processed.survivors,
        processed.mass,
    )


def searched_step(
    token: int, kept: list[int], best: list[int], log_probabilities: sampling.Floats
) -> Step:
    """What a search chose as one of the tokens that it kept, and what was more probable.

    best: the most probable tokens. log_probabilities: (vocabulary,)
    """
    listed = best if token in best else [*best, token]
    return record(
        token,
        float(np.exp(log_probabilities[token])),
        listed,
        np.exp(log_probabilities[listed]),
        [candidate in kept for candidate in listed],
        len(kept),
        float(np.exp(log_probabilities[kept]).sum()),
    )


def record(
    token: int,
    probability: float,
    listed: list[int],
    probabilities: sampling.Floats,
    kept: list[bool],
    survivors: int,
    mass: float,
) -> Step:
    """A step with the candidates that are shown; the rest is summed up."""
    shares = probabilities.tolist()
    listed_kept = sum(share for share, alive in zip(shares, kept, strict=True) if alive)
    return Step(
        token=token,
        probability=probability,
        candidates=tuple(map(Candidate, listed, shares, kept)),
        survivors=survivors,
        mass=mass,
        rest_kept=max(0.0, mass - listed_kept),
        rest_cut=max(0.0, 1.0 - mass - (sum(shares) - listed_kept)),
    )
