"""Masks hide the share that is asked for, the same ones at the same step, and no marks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch

from learning.masking import IGNORED, mask, masked, masked_loss
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig

MASK, END = 99, 0


def endless() -> Iterator[np.ndarray]:
    ids = np.arange(4 * 64).reshape(4, 64) % 90
    while True:
        yield ids


def test_what_is_hidden_becomes_the_target_and_nothing_else() -> None:
    hidden = np.array([[True, False, True]])
    inputs, targets = mask(np.array([[5, 6, 7]]), hidden, MASK)
    assert inputs.tolist() == [[MASK, 6, MASK]]
    assert targets.tolist() == [[5, IGNORED, 7]]


def test_a_share_is_masked_and_ends_of_texts_never() -> None:
    found = list(islice(masked(endless(), MASK, END, 0.15, seed=1, step=0), 40))
    inputs = np.stack([pair[0] for pair in found])
    ends = np.broadcast_to(next(endless()) == END, inputs.shape)
    assert not (inputs[ends] == MASK).any()
    assert abs((inputs[~ends] == MASK).mean() - 0.15) < 0.01


def test_a_resumed_run_meets_the_masks_that_it_would_have_met() -> None:
    whole = list(islice(masked(endless(), MASK, END, 0.15, seed=1, step=0), 5))
    assert not np.array_equal(whole[3], whole[4])
    resumed = next(masked(endless(), MASK, END, 0.15, seed=1, step=3))
    assert np.array_equal(resumed, whole[3])


def test_only_masked_positions_count_in_the_loss() -> None:
    model = Bidirectional(
        BidirectionalConfig(vocabulary=10, mask=9, context=8, layers=1, heads=2, width=8)
    )
    pair = torch.tensor([[[9, 1, 2, 9], [1, 9, 2, 3]], [[4, -100, -100, 5], [-100, 6, -100, -100]]])
    logits = torch.log_softmax(model(pair[0]), -1)
    chosen = torch.stack([logits[0, 0, 4], logits[0, 3, 5], logits[1, 1, 6]])
    torch.testing.assert_close(masked_loss(model, 2)(pair), -chosen.mean())


def test_no_row_has_more_masks_than_the_loss_has_room_for() -> None:
    found = list(islice(masked(endless(), MASK, END, 0.3, seed=1, step=0), 40))
    assert max((pair[1] != IGNORED).sum(1).max() for pair in found) <= round(0.3 * 64)
