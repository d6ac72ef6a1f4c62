"""Sentence pairs in batches of equal length, and the loss of a translator on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch.nn.attention import SDPBackend, sdpa_kernel

from learning.masking import IGNORED

Ids = Sequence[int]


def padded(texts: Sequence[Ids], length: int) -> NDArray[np.int64]:
    """(texts, length) ids; what lies behind the end of a text is `IGNORED`."""
    rows = np.full((len(texts), length), IGNORED, dtype=np.int64)
    for row, ids in zip(rows, texts, strict=True):
        row[: len(ids)] = ids
    return rows


def batches(
    pairs: Sequence[tuple[Ids, Ids]],
    lengths: Sequence[int],
    tokens: int,
    seed: int,
    step: int,
) -> Iterator[NDArray[np.int64]]:
    """Sources and targets, (2, rows, length), the first batch being that of step number `step`.

    Pairs of about one length are padded to the next of `lengths`, so that there are few shapes
    and little padding; each batch has `tokens` positions of targets, or slightly fewer. Every
    epoch is in a new order, and passes over the few pairs that fill no batch. Raises ValueError
    where a pair is longer than all `lengths`, or no batch can be filled.
    """
    longest = np.array([max(len(source), len(target)) for source, target in pairs])
    place = np.searchsorted(lengths, longest)
    if (place == len(lengths)).any():
        raise ValueError(f"A pair has more than {lengths[-1]} tokens.")
    epoch = 0
    while True:
        generator = np.random.default_rng((seed, epoch))
        plan = []
        for bucket, length in enumerate(lengths):
            rows = max(1, tokens // length)
            members = generator.permutation(np.flatnonzero(place == bucket))
            plan += [members[i : i + rows] for i in range(0, len(members) - rows + 1, rows)]
        if not plan:
            raise ValueError(f"{len(pairs)} pairs fill no batch of {tokens} tokens.")
        order = generator.permutation(len(plan))
        for i in order[step:]:
            length = lengths[place[plan[i][0]]]
            sides = zip(*(pairs[j] for j in plan[i]), strict=True)
            yield np.stack([padded(side, length) for side in sides])
        step = max(0, step - len(plan))
        epoch += 1


def translation_loss(
    model: Any, end_of_text: int, smoothing: float = 0.0
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The loss on (2, rows, length) sources and targets: mean nats of the target's ids.

    Each id is predicted from the source and the true ids before it, the first after an
    end-of-text. smoothing: the share of each target that is spread over all ids; Szegedy et al.
    2016, arXiv 1512.00567.
    """

    def loss(pair: torch.Tensor) -> torch.Tensor:
        source, target = pair.unbind()
        before = F.pad(target[:, :-1], (1, 0), value=end_of_text)
        with sdpa_kernel(SDPBackend.MATH):  # on a CPU the fused one is six times slower, backward
            logits = model.teach(source.clamp(min=0), source != IGNORED, before.clamp(min=0))
        return F.cross_entropy(
            logits.flatten(0, 1).float(),
            target.flatten(),
            ignore_index=IGNORED,
            label_smoothing=smoothing,
        )

    return loss
