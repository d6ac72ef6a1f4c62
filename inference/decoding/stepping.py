"""Steps a model along a trajectory: token by token what `engine.decode` does in one go.

A pure function of the trajectory. What the model has read is cached, bounded by bytes; where the
cache has dropped it, the trajectory is read again the same way, one token after the other, so that
every number comes out the same to the last bit.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
import torch
from cachetools import LRUCache
from numpy.typing import NDArray

from inference.decoding import lanes
from inference.decoding.batch import to_numpy
from inference.decoding.lanes import BeamLane, Continuation, SamplingLane
from inference.decoding.trajectory import StepState, Trajectory
from inference.errors import BadTrajectory, NumericalFault, TooLong
from models.contract import C, LanguageModel

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel


@dataclass(frozen=True)
class Stepper(Generic[C]):
    """A model that is stepped through. Its snapshots belong to these very weights."""

    model: LanguageModel[C]
    ends: int | Collection[int]
    """The token that ends a text, or several."""
    device: str = "cpu"


def placed_stepper(
    placed: PlacedModel, ends: int | Collection[int]
) -> tuple[Stepper[Any], Snapshots]:
    """A loaded model to step through, and what it has read for anybody so far."""
    cached: Snapshots = placed.derived.setdefault("snapshots", snapshots())
    return Stepper(placed.decoding, ends, placed.device.tensors), cached


@dataclass(frozen=True)
class Snapshot:
    """What a model has read; never changed once it is cached."""

    cache: Any
    logits: tuple[NDArray[np.float32], ...]
    """(rows, vocabulary) after the prompt and after every step."""


Snapshots = LRUCache[Hashable, Snapshot]
SNAPSHOT_BYTES = 16_000_000  # for each model


def snapshots(limit: int = SNAPSHOT_BYTES) -> Snapshots:
    """A cache of up to `limit` bytes: what was used longest ago goes first."""
    return LRUCache(limit, getsizeof=nbytes)


@torch.inference_mode()
def look(stepper: Stepper[C], at: Trajectory, cached: Snapshots) -> StepState:
    """The state at the end of a trajectory. Raises BadTrajectory, TooLong or NumericalFault."""
    _check(stepper, at)
    snapshot = _longest_cached(at, cached) or _prefilled(stepper, at)
    cache, logits = snapshot.cache, list(snapshot.logits)
    known = len(logits)
    lane = lanes.build(at.options, at.seed, stepper.ends, prompt=at.prompt)
    for step in range(at.steps):
        if lane.state.end != "running":
            raise BadTrajectory("it goes on after the end of its text")
        going_on = _take(lane, logits[step], at, step)
        if step + 1 == len(logits) and len(going_on.ids):
            if len(logits) == known:
                cache = copy.deepcopy(cache)  # the cached one stays as it is
            logits.append(_read(stepper, cache, going_on, len(logits)))
    if len(logits) > known or known == 1:
        _cache(Snapshot(cache, tuple(logits)), at, cached)
    return _seen(lane, at, logits)


@torch.inference_mode()
def after_prompt(stepper: Stepper[C], at: Trajectory, cached: Snapshots) -> NDArray[np.float32]:
    """The logits of what follows the prompt, (vocabulary,), whatever has been written since.

    Raises BadTrajectory, TooLong or NumericalFault.
    """
    row: NDArray[np.float32] = prompt_read(stepper, at, cached).logits[0][0]
    return row


@torch.inference_mode()
def prompt_read(stepper: Stepper[C], at: Trajectory, cached: Snapshots) -> Snapshot:
    """The prompt as the model has read it, whatever has been written since.

    Raises BadTrajectory, TooLong or NumericalFault.
    """
    _check(stepper, at)
    snapshot = cached.get(_key(at, 0))
    if snapshot is None:
        snapshot = _prefilled(stepper, at)
        _cache(snapshot, at, cached)
    return snapshot


def _cache(snapshot: Snapshot, at: Trajectory, cached: Snapshots) -> None:
    """Keep what has been read, where it is not larger than all that may be kept."""
    if nbytes(snapshot) <= cached.maxsize:
        cached[_key(at, len(snapshot.logits) - 1)] = snapshot


def _seen(lane: lanes.Lane, at: Trajectory, logits: list[NDArray[np.float32]]) -> StepState:
    written = lane.state
    if isinstance(lane, BeamLane):
        return StepState(written, None, lane.candidates)
    if written.end != "running":
        return StepState(written, None)
    lane.advance(logits[at.steps], at.new_tokens - at.steps - 1)
    return StepState(written, lane.state.steps[-1])


def _take(lane: lanes.Lane, logits: NDArray[np.float32], at: Trajectory, step: int) -> Continuation:
    """Repeat one step of the trajectory."""
    left = at.new_tokens - step - 1
    if isinstance(lane, SamplingLane):
        return lane.advance(logits, left, forced=at.chosen[step])
    return lane.advance(logits, left)


def _check(stepper: Stepper[C], at: Trajectory) -> None:
    """Refuse what the model cannot read before it reads anything."""
    longest = stepper.model.context - at.new_tokens
    if len(at.prompt) > longest:
        raise TooLong("prompt", longest, len(at.prompt), "tokens")
    if max((*at.prompt, *at.chosen)) >= stepper.model.vocabulary:
        raise BadTrajectory(f"the model knows only {stepper.model.vocabulary:,} tokens")


def _key(at: Trajectory, steps: int) -> Hashable:
    """All that decides what has been read after so many steps, and nothing else.

    Lanes that write the same tokens share it, whatever their strategy; a beam search reads what
    its own steps decide.
    """
    search = (at.options.beams, at.new_tokens, steps) if at.options.beams else None
    return at.prompt, at.chosen[:steps], search


def _longest_cached(at: Trajectory, cached: Snapshots) -> Snapshot | None:
    for steps in range(at.steps, -1, -1):
        snapshot = cached.get(_key(at, steps))
        if snapshot is not None:
            return snapshot
    return None


def _prefilled(stepper: Stepper[C], at: Trajectory) -> Snapshot:
    cache = stepper.model.new_cache(rows=1)
    prompt = torch.tensor([at.prompt], device=stepper.device)
    logits = stepper.model.forward(prompt, cache)[:, -1]
    return Snapshot(cache, (_checked(logits, step=1),))


def _read(stepper: Stepper[C], cache: C, going_on: Continuation, step: int) -> NDArray[np.float32]:
    """The logits after every row has read its next token, (rows, vocabulary)."""
    cache.reorder(torch.from_numpy(going_on.parents))
    column = torch.from_numpy(going_on.ids)[:, None].to(stepper.device)  # (rows, 1)
    return _checked(stepper.model.forward(column, cache)[:, -1], step + 1)


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
