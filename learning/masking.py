"""Masked language modelling: batches in which some tokens are to be filled in, and their loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from models.transformer.bidirectional import Bidirectional

IGNORED = -100  # a target that is not counted


def mask(ids: NDArray[np.int64], hidden: NDArray[np.bool_], mask_id: int) -> NDArray[np.int64]:
    """(2, rows, positions): the ids with those of `hidden` masked, and those alone as targets."""
    return np.stack([np.where(hidden, mask_id, ids), np.where(hidden, ids, IGNORED)])


def masked(
    batches: Iterator[np.ndarray], mask_id: int, special: int, share: float, seed: int, step: int
) -> Iterator[np.ndarray]:
    """Batches for `masked_loss`, the first of them for the step number `step`.

    In every row `share` of the positions are drawn, and masked where they are not of the id
    `special`, always by `mask_id`. The same step gets the same mask, so that a resumed run goes on
    as it would have.
    """
    for number, ids in enumerate(batches, start=step):
        drawn = np.random.default_rng((seed, number)).random(ids.shape)
        last = np.sort(drawn, axis=1)[:, [round(share * ids.shape[1]) - 1]]
        yield mask(ids, (drawn <= last) & (ids != special), mask_id)


def masked_loss(model: Bidirectional, most: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """The loss on (2, rows, positions) inputs and targets: mean nats of the masked ids.

    most: masked positions in any row; only so many of each row are scored, which saves a quarter
    of the time.
    """

    def loss(pair: torch.Tensor) -> torch.Tensor:
        _, at = (pair[1] != IGNORED).to(torch.uint8).topk(most, dim=1)  # (rows, most)
        hidden = model.hidden(pair[0])
        logits = model.scores(hidden.gather(1, at[..., None].expand(-1, -1, hidden.shape[-1])))
        targets = pair[1].gather(1, at).flatten()
        return F.cross_entropy(logits.flatten(0, 1).float(), targets, ignore_index=IGNORED)

    return loss
