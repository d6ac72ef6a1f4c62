"""The pairs of a text in the window network, against one window at a time by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inference import wire
from inference.errors import EmptyText, OrreryError, TooLong
from inference.loading.device import PlacedModel, TorchDevice
from inference.service import Service
from inference.tasks.ladder.sliding_window import SlidingWindow, SlidWindow
from inference.types.tokenized import Tokenized
from models.ladder.window import Window

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


def test_every_pair_is_what_the_layers_make_of_its_window(tiny_window: Window) -> None:
    ids = (3, 9, 9, 1, 60, 2, 7, 5)
    device = TorchDevice("cpu")
    placed = PlacedModel(tiny_window, device, device.dtype, tiny_window)
    task = SlidingWindow("", "tiny", tokens=Tokenized("", ids, (b"",) * len(ids)))
    found = task.answer(placed)
    assert found.size == 5 and found.vectors.shape == (65, 8)
    for k in range(1, len(ids)):
        window = [64] * max(0, 5 - k) + list(ids[max(0, k - 5) : k])
        x = torch.cat([tiny_window.embedding.weight[i] for i in window])
        x = torch.relu(tiny_window.norms[0](tiny_window.first(x)))
        x = x + torch.relu(tiny_window.norms[1](tiny_window.hidden[0](x)))
        expected = tiny_window.output(x).softmax(0).detach().numpy()
        assert found.chances[k - 1] == pytest.approx(expected, abs=1e-5)
    assert found.chances.sum(axis=1) == pytest.approx(np.ones(7))


@pytest.mark.weights
def test_a_text_comes_back_with_its_pieces_and_bad_ones_are_refused() -> None:
    service = Service(CHECKPOINTS, "cpu")
    found = service.answer(SlidingWindow("a\r\n\U0001f642"))
    assert isinstance(found, SlidWindow) and found.size == 16
    assert len(found.chances) == len(found.tokens.ids) - 1
    assert "has not learned" in found.tokens.note
    again = wire.loads(wire.dumps(found), wire.known())
    assert (again.chances == found.chances).all() and again.pieces == found.pieces
    for text, error in (("", EmptyText), (None, EmptyText), ("x" * 65, TooLong)):
        with pytest.raises(error):
            service.answer(SlidingWindow(text))
    with pytest.raises(OrreryError, match="A pair needs two characters"):
        service.answer(SlidingWindow("a"))
    with pytest.raises(OrreryError, match="gru cannot slide a window"):
        service.answer(SlidingWindow("ab", "gru"))
