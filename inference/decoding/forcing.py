"""A model reads a true text up to a place, goes on by itself, and reads the true text again."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding import sampling, scoring
from inference.errors import NumericalFault
from inference.types.forced import Floats, Forced
from models.contract import LanguageModel


@dataclass(frozen=True)
class Plan:
    """Where texts are cut, and what happens there."""

    places: tuple[int, ...]
    """How many characters of the true text are read before each cut."""
    elsewhere: NDArray[np.int64]
    """(places, samples, own): true characters of other places, read instead of own ones."""
    ends: tuple[int, ...]
    """Tokens that are never written."""
    again: int
    """True characters that are read after the own ones."""
    temperature: float
    seed: int


def run(
    model: LanguageModel[Any], ids: Sequence[int], plan: Plan, device: str
) -> Generator[None, None, Forced]:
    """A slice a place, then one a character. Raises NumericalFault."""
    count, samples, own = plan.elsewhere.shape
    cache, last = None, []
    for place in plan.places:
        one = model.new_cache(1)
        last.append(_step(model, torch.tensor([ids[:place]], device=device), one))
        one.expand(2 * samples)
        if cache is None:
            cache = one
        else:
            cache.join(one)
        yield None
    logs = np.concatenate(last).repeat(2 * samples, axis=0)  # (rows, vocabulary), in nats
    dice = np.random.default_rng(plan.seed).random((own, count, samples))
    written = np.zeros((count, samples, own), dtype=np.int64)
    bits = np.zeros((count, 2, samples, own + plan.again))
    written_bits = np.zeros((count, samples, own))
    for step in range(own + plan.again):
        truth = np.array([ids[place + step] for place in plan.places])
        rows = logs.reshape(count, 2, samples, -1)
        bits[..., step] = -rows[np.arange(count), :, :, truth] / np.log(2)
        read = np.broadcast_to(truth[:, None, None], (count, 2, samples)).copy()
        if step < own:
            chosen = _chosen(rows[:, 0], dice[step], plan.temperature, plan.ends)
            written[..., step] = read[:, 0] = chosen
            picked = np.take_along_axis(rows[:, 0], chosen[..., None], axis=-1)[..., 0]
            written_bits[..., step] = -picked / np.log(2)
            read[:, 1] = plan.elsewhere[..., step]
        logs = _step(model, torch.from_numpy(read.reshape(-1, 1)).to(device), cache)
        yield None
    after_truth = scoring.bits(model, ids, len(ids) - 1, device)
    forced = [after_truth[place - 1 :][: own + plan.again] for place in plan.places]
    return Forced(np.stack(forced), bits[:, 0], bits[:, 1], written, written_bits)


@torch.inference_mode()
def _step(model: LanguageModel[Any], ids: torch.Tensor, cache: Any) -> Floats:
    """Log-probabilities of what follows, (rows, vocabulary). Raises NumericalFault."""
    logs: Floats = model.forward(ids, cache)[:, -1].double().log_softmax(-1).cpu().numpy()
    if not np.isfinite(logs).all():
        raise NumericalFault(1)
    return logs


def _chosen(
    logs: Floats, dice: Floats, temperature: float, ends: Collection[int]
) -> NDArray[np.int64]:
    """A token for each row by its own number; logs: (places, samples, vocabulary)."""
    found = np.zeros(dice.shape, dtype=np.int64)
    for row in np.ndindex(*dice.shape):
        given = sampling.ranked(logs[row].astype(np.float32))
        for end in ends:
            given = sampling.forbid(end)(given)
        found[row] = sampling.drawn(sampling.temperature(temperature)(given), float(dice[row]))
    return found
