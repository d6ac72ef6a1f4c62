"""The perceptron sees its window, in order, and nothing else."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from models.ladder.state_cache import windows
from models.ladder.window import Window


def test_windows_end_at_their_position_and_reach_back_over_the_seam() -> None:
    seen, last = windows(torch.tensor([[7, 8, 9]]), torch.tensor([[1, 2]]))
    assert seen.tolist() == [[[8, 9, 1], [9, 1, 2]]]
    assert last.tolist() == [[9, 1, 2]]


@torch.no_grad()
def test_it_equals_the_same_perceptron_on_each_window_alone(tiny_window: Window) -> None:
    ids = [5, 3, 60, 2, 2, 17, 4, 33]
    found = tiny_window(torch.tensor([ids]))[0]
    padded = [tiny_window.vocabulary] * 4 + ids  # nothing stands before a text
    for position, logits in enumerate(found):
        seen = padded[position : position + 5]
        side_by_side = torch.cat([tiny_window.embedding.weight[i] for i in seen])
        x = F.relu(tiny_window.norms[0](tiny_window.first(side_by_side)))
        x = x + F.relu(tiny_window.norms[1](tiny_window.hidden[0](x)))
        torch.testing.assert_close(logits, tiny_window.output(x), rtol=0, atol=1e-5)


@torch.no_grad()
def test_what_lies_before_the_window_changes_nothing(tiny_window: Window) -> None:
    near, far = torch.tensor([[1, 2, 3, 4, 5, 6]]), torch.tensor([[9, 2, 3, 4, 5, 6]])
    torch.testing.assert_close(tiny_window(near)[:, 5], tiny_window(far)[:, 5])
    assert not torch.allclose(tiny_window(near)[:, 4], tiny_window(far)[:, 4])
