"""What an engine advances: a lane turns its rows of logits into its rows of next ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.decoding import beam, sampling
from inference.decoding.chain import chain
from inference.decoding.sampling import Distribution
from inference.types.generation import Candidate, EndReason, LaneState, Step
from inference.types.options import LaneOptions

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


def build(
    options: LaneOptions,
    seed: int,
    end_of_text: int | Collection[int],
    min_new_tokens: int = 0,
    prompt: Sequence[int] = (),
) -> Lane:
    """The lane that `options` describe.

    end_of_text: the token that ends a text, or several; forbidden for `min_new_tokens` steps.
    prompt: the ids that the lane goes on from, for filters that mind them.
    """
    ends = frozenset([end_of_text] if isinstance(end_of_text, int) else end_of_text)
    if options.beams is not None:
        return BeamLane(options, ends, min_new_tokens)
    return SamplingLane(options, seed + options.dice, ends, min_new_tokens, prompt)


class SamplingLane:
    """One row: a chain of processors, then a chooser."""

    def __init__(
        self,
        options: LaneOptions,
        seed: int,
        ends: frozenset[int],
        min_new_tokens: int,
        prompt: Sequence[int] = (),
    ) -> None:
        self.state = LaneState(options)
        self._ends = ends
        self._min_new_tokens = min_new_tokens
        self._prompt = tuple(prompt)
        self._generator = np.random.default_rng(seed) if options.sample else None

    def advance(
        self, logits: NDArray[np.float32], steps_left: int, forced: int | None = None
    ) -> Continuation:
        """As for every lane; `forced` is written in place of what the lane chooses.

        The dice roll all the same, so that the steps after it are what they would have been.
        """
        given = sampling.ranked(logits[0])
        processed = given
        if len(self.state.steps) < self._min_new_tokens:
            for one in sorted(self._ends):
                processed = sampling.forbid(one)(processed)
        written = (step.token for step in self.state.steps)
        for _, process in chain(self.state.options, self._prompt, written):
            processed = process(processed)
        number = None
        if self._generator is None:
            choice = sampling.most_probable(processed)
            processed = sampling.top_k(1)(processed)
        else:
            number = self._generator.random()  # exactly one a step (truth: R25)
            choice = sampling.drawn(processed, number)
        token = choice if forced is None else forced
        step = sampled_step(token, given, processed, number)
        ended = token in self._ends
        end: EndReason = "end of text" if ended else "length" if steps_left == 0 else "running"
        self.state = LaneState(self.state.options, (*self.state.steps, step), end)
        if end != "running":
            return ENDED
        return Continuation(np.zeros(1, dtype=np.int64), np.array([token]))


class BeamLane:
    """As many rows as there are beams; what is shown is the best hypothesis so far."""

    def __init__(self, options: LaneOptions, ends: frozenset[int], min_new_tokens: int) -> None:
        if options.beams is None:
            raise ValueError("A beam lane needs a number of beams.")
        self.state = LaneState(options)
        self._min_new_tokens = min_new_tokens
        self._beams = beam.Beams(options.beams, ends)
        # the ends may be forbidden, and are then looked past
        self._looked_at = max(self._beams.candidates_wanted, SHOWN) + len(ends)
        self._steps: dict[beam.Hypothesis, tuple[Step, ...]] = {self._beams.best: ()}

    @property
    def candidates(self) -> tuple[beam.BeamCandidate, ...]:
        """What the latest step chose from, kept or not; empty before the first."""
        return self._beams.candidates

    def advance(self, logits: NDArray[np.float32], steps_left: int) -> Continuation:
        before = self._beams
        rows = [beam.Shortlist.of(row, self._looked_at) for row in logits]
        early = len(before.running[0].ids) < self._min_new_tokens
        after = beam.advance(before, rows, before.ends if early else frozenset())
        self._record(before, after, rows)
        self._beams = after
        done = steps_left == 0 or after.is_done(steps_left)
        steps = self._steps[after.best]
        ended = bool(steps) and steps[-1].token in after.ends
        end: EndReason = "running" if not done else "end of text" if ended else "length"
        self.state = LaneState(self.state.options, steps, end)
        if done:
            return ENDED
        return Continuation(after.parents, np.array([h.ids[-1] for h in after.running]))

    def _record(
        self, before: beam.Beams, after: beam.Beams, rows: Sequence[beam.Shortlist]
    ) -> None:
        """Write down the steps of every hypothesis that is still alive, and forget the others."""
        steps = {h: self._steps[h] for h in after.finished if h in self._steps}
        parents = dict(zip(after.running, after.parents.tolist(), strict=True))
        texts = [hypothesis.ids for hypothesis in before.running]
        parents |= {h: texts.index(h.ids[:-1]) for h in after.finished if h not in steps}
        for row, parent in enumerate(before.running):
            children = [h for h, place in parents.items() if place == row]
            if children:
                tokens = [child.ids[-1] for child in children]
                recorded = searched_steps(tokens, rows[row])
                for child, step in zip(children, recorded, strict=True):
                    steps[child] = (*self._steps[parent], step)
        self._steps = steps


def sampled_step(
    token: int, given: Distribution, processed: Distribution, number: float | None
) -> Step:
    """What a step chose and from what.

    given: the model's own distribution. processed: after temperature and filters. number: what
    the dice showed, if they were rolled.
    """
    rank = processed.rank(token)
    shown = processed.most_probable(SHOWN)
    if rank not in shown:
        shown.append(rank)
    own = given.weights[rank if processed.tokens is given.tokens else given.rank(token)]
    return record(
        token,
        float(own) / given.total,
        processed.tokens[shown].tolist(),
        (processed.weights[shown] / processed.total).tolist(),
        [at < processed.survivors for at in shown],
        processed.survivors,
        processed.mass,
        number,
    )


def searched_steps(kept: list[int], row: beam.Shortlist) -> list[Step]:
    """What a search chose as each of the tokens that it kept, and what was more probable."""
    shares = dict(zip(row.tokens, np.exp(row.log_probabilities).tolist(), strict=True))
    mass = sum(shares[token] for token in kept)
    steps = []
    for token in kept:
        listed = row.tokens[:SHOWN]
        if token not in listed:
            listed = [*listed, token]
        own = [shares[one] for one in listed]
        alive = [one in kept for one in listed]
        steps.append(record(token, shares[token], listed, own, alive, len(kept), mass))
    return steps


def record(
    token: int,
    probability: float,
    listed: list[int],
    shares: list[float],
    kept: list[bool],
    survivors: int,
    mass: float,
    number: float | None = None,
) -> Step:
    """A step with the candidates that are shown, and their shares; the rest is summed up."""
    listed_kept = sum(share for share, alive in zip(shares, kept, strict=True) if alive)
    return Step(
        token=token,
        probability=probability,
        candidates=tuple(map(Candidate, listed, shares, kept)),
        survivors=survivors,
        mass=mass,
        rest_kept=max(0.0, mass - listed_kept),
        rest_cut=max(0.0, 1.0 - mass - (sum(shares) - listed_kept)),
        dice=number,
    )
