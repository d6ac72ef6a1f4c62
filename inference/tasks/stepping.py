"""Follows a trail through a model: step by step what `engine.decode` does in one go.

A pure function of the trail. What the model has read is kept in a cache bounded by bytes; where
that has let go of it, the trail is read again along the same path, one token after the other, so
that every number comes out the same to the last bit.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding import lanes
from inference.decoding.batch import to_numpy
from inference.decoding.lanes import BeamLane, Continuation, SamplingLane
from inference.errors import BadTrajectory, NumericalFault, OrreryError, TooLong
from inference.lru import ByteLRU
from inference.tasks.trajectory import StepState, Trajectory
from models.contract import C, LanguageModel


@dataclass(frozen=True)
class Reader(Generic[C]):
    """A model that trails lead through."""

    model: LanguageModel[C]
    revision: str
    """Names these very weights: another revision must not meet this one's cache."""
    end_of_text: int
    device: str = "cpu"


@dataclass(frozen=True)
class Snapshot:
    """What a model has read, never changed once it is kept."""

    cache: Any
    logits: tuple[NDArray[np.float32], ...]
    """(rows, vocabulary) after the prompt and after every step."""


Snapshots = ByteLRU[Hashable, Snapshot]


def advance(reader: Reader[C], trail: Trajectory, kept: Snapshots) -> tuple[Trajectory, StepState]:
    """One step further by the trail's own strategy.

    n steps from the prompt write what the lane writes in n steps of `engine.decode`. Raises
    OrreryError where the text has ended, and what `look` raises.
    """
    state = look(reader, trail, kept)
    if state.lane.end != "running":
        raise OrreryError("The text has ended here. Step back, or branch off before its end.")
    if state.offered is None:
        further = replace(trail, searched=trail.searched + 1)
    else:
        further = trail.force(state.offered.token)
    return further, look(reader, further, kept)


@torch.inference_mode()
def look(reader: Reader[C], trail: Trajectory, kept: Snapshots) -> StepState:
    """The state at the end of a trail. Raises BadTrajectory, TooLong or NumericalFault."""
    _check(reader, trail)
    snapshot = _longest_kept(reader, trail, kept) or _prefilled(reader, trail)
    cache, logits = snapshot.cache, list(snapshot.logits)
    known = len(logits)
    lane = lanes.build(trail.options, trail.seed, reader.end_of_text)
    for step in range(trail.steps):
        if lane.state.end != "running":
            raise BadTrajectory("it goes on after the end of its text")
        going_on = _take(lane, logits[step], trail, step)
        if step + 1 == len(logits) and len(going_on.ids):
            if len(logits) == known:
                cache = copy.deepcopy(cache)  # the kept one stays as it is
            logits.append(_read(reader, cache, going_on, len(logits)))
    if len(logits) > known or known == 1:
        snapshot = Snapshot(cache, tuple(logits))
        kept.put(_key(reader, trail, len(logits) - 1), snapshot, nbytes(snapshot))
    return _seen(lane, trail, logits)


def _seen(lane: lanes.Lane, trail: Trajectory, logits: list[NDArray[np.float32]]) -> StepState:
    written = lane.state
    if isinstance(lane, BeamLane):
        return StepState(written, None, lane.candidates)
    if written.end != "running":
        return StepState(written, None)
    lane.advance(logits[trail.steps], trail.new_tokens - trail.steps - 1)
    return StepState(written, lane.state.steps[-1])


def _take(
    lane: lanes.Lane, logits: NDArray[np.float32], trail: Trajectory, step: int
) -> Continuation:
    """Repeat one step of the trail."""
    left = trail.new_tokens - step - 1
    if isinstance(lane, SamplingLane):
        return lane.advance(logits, left, forced=trail.chosen[step])
    return lane.advance(logits, left)


def _check(reader: Reader[C], trail: Trajectory) -> None:
    """Refuse what the model cannot read before it reads anything."""
    room = reader.model.context - trail.new_tokens
    if len(trail.prompt) > room:
        raise TooLong("prompt", room, len(trail.prompt), "tokens")
    if max((*trail.prompt, *trail.chosen)) >= reader.model.vocabulary:
        raise BadTrajectory(f"the model knows only {reader.model.vocabulary:,} tokens")


def _key(reader: Reader[C], trail: Trajectory, steps: int) -> Hashable:
    """All that decides what has been read after so many steps, and nothing else.

    Lanes that write the same tokens share it, whatever their strategy; a beam search reads what
    its own steps decide.
    """
    search = (trail.options.beams, trail.new_tokens, steps) if trail.options.beams else None
    return reader.revision, trail.prompt, trail.chosen[:steps], search


def _longest_kept(reader: Reader[C], trail: Trajectory, kept: Snapshots) -> Snapshot | None:
    for steps in range(trail.steps, -1, -1):
        snapshot = kept.get(_key(reader, trail, steps))
        if snapshot is not None:
            return snapshot
    return None


def _prefilled(reader: Reader[C], trail: Trajectory) -> Snapshot:
    cache = reader.model.new_cache(rows=1)
    prompt = torch.tensor([trail.prompt], device=reader.device)
    logits = reader.model.forward(prompt, cache)[:, -1]
    return Snapshot(cache, (_checked(logits, step=1),))


def _read(reader: Reader[C], cache: C, going_on: Continuation, step: int) -> NDArray[np.float32]:
    """The logits after every row has read its next token, (rows, vocabulary)."""
    cache.reorder(torch.from_numpy(going_on.parents))
    column = torch.from_numpy(going_on.ids)[:, None].to(reader.device)  # (rows, 1)
    return _checked(reader.model.forward(column, cache)[:, -1], step + 1)


def _checked(logits: torch.Tensor, step: int) -> NDArray[np.float32]:
    scores = to_numpy(logits).copy()  # or the last position would keep those of the whole prompt
    if not np.isfinite(scores).all():
        raise NumericalFault(step)
    return scores


def nbytes(value: object) -> int:
    """Bytes of all arrays and tensors in a value; one that is held twice counts twice."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return int(value.nbytes)
    if isinstance(value, list | tuple):
        return sum(map(nbytes, value))
    if isinstance(value, Mapping):
        return sum(map(nbytes, value.values()))
    return sum(map(nbytes, vars(value).values())) if hasattr(value, "__dict__") else 0
