"""Gradients against finite differences, swaps against passes one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding.reach import gradients, removals, scaled, swaps

IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
NETWORKS = ["tiny_window", "tiny_rnn", "tiny_gru", "tiny_lstm", "tiny"]


@pytest.fixture(params=NETWORKS)
def model(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def slow(model: Any, place: int, back: int) -> float:
    """The norm of the gradient, by nudging every number of one embedding up and down."""
    double = type(model)(model.config).double().eval()
    double.load_state_dict({name: part.double() for name, part in model.state_dict().items()})
    ids, moved = torch.tensor([IDS]), place - back
    weight, nudge, found = double.embedding.weight, 1e-6, []

    def log_p(change: torch.Tensor) -> float:
        def add(_: Any, __: Any, embedded: torch.Tensor) -> torch.Tensor:
            out = embedded.clone()
            if out.dim() == 3:
                out[0, moved] += change
            else:  # a window's places at the prediction alone: other windows do not reach it
                slot = out.shape[2] - 1 - back
                if slot >= 0:
                    out[0, place, slot] += change
            return out

        handle = double.embedding.register_forward_hook(add)
        with torch.inference_mode():
            logits = double.forward(ids)
        handle.remove()
        return float(logits[0, place].log_softmax(-1)[IDS[place + 1]])

    for i in range(weight.shape[1]):
        change = torch.zeros(weight.shape[1], dtype=torch.float64)
        change[i] = nudge
        found.append((log_p(change) - log_p(-change)) / (2 * nudge))
    return float(np.linalg.norm(found))


def test_r32_gradients_are_those_of_finite_differences(model: Any) -> None:
    found = gradients(model, IDS, [6, 8], "cpu")
    assert found is not None and found.shape == (2, len(IDS))
    for back in (0, 1, 3, 6):
        assert found[0, back] == pytest.approx(slow(model, 6, back), rel=1e-3, abs=1e-7)
    assert np.isnan(found[0, 7:]).all() and np.isnan(found[1, 9:]).all()
    assert not np.isnan(found[0, :7]).any()


def test_beyond_its_window_a_network_has_no_gradient_and_a_swap_moves_nothing(
    tiny_window: Any,
) -> None:
    size = tiny_window.config.window
    found = gradients(tiny_window, IDS, [8], "cpu")
    assert found is not None
    assert (found[0, :size] > 0).all() and (found[0, size:9] == 0).all()
    moved = swaps(tiny_window, IDS, [(1, 7)], "cpu")
    assert (moved[0, :size] > 0).all() and (moved[0, size:9] == 0).all()


def test_counts_have_no_gradient_and_do_not_see_beyond_their_order(tiny_ngram: Any) -> None:
    assert gradients(tiny_ngram, IDS, [6], "cpu") is None
    moved = swaps(tiny_ngram, IDS, [(2, 60)], "cpu")
    assert (moved[0, : tiny_ngram.config.order - 1] > 0).all()
    assert moved[0, tiny_ngram.config.order - 1 : 8] == pytest.approx(0, abs=1e-9)


@torch.inference_mode()
def test_a_swap_moves_a_prediction_by_the_divergence_of_two_passes(model: Any) -> None:
    found = swaps(model, IDS, [(0, 7), (4, 8)], "cpu")
    for row, (place, other) in enumerate([(0, 7), (4, 8)]):
        changed = [*IDS[:place], other, *IDS[place + 1 :]]
        p, q = (
            model.forward(torch.tensor([ids]))[0].double().softmax(-1).numpy()
            for ids in (IDS, changed)
        )
        expected = (p * np.log2(p / q)).sum(-1)[place:]
        np.testing.assert_allclose(found[row, : len(expected)], expected, rtol=1e-3, atol=1e-6)
        assert np.isnan(found[row, len(expected) :]).all()


def test_a_scaled_network_is_another_and_the_first_stays(tiny_rnn: Any) -> None:
    before = [layer.state_weight.clone() for layer in tiny_rnn.layers]
    other = scaled(tiny_rnn, 3.0)
    for layer, scaled_layer, weight in zip(tiny_rnn.layers, other.layers, before, strict=True):
        assert torch.equal(layer.state_weight, weight)
        torch.testing.assert_close(scaled_layer.state_weight, 3 * weight)
        assert torch.equal(scaled_layer.input_weight, layer.input_weight)


@torch.inference_mode()
@pytest.mark.parametrize("name", [*NETWORKS, "tiny_ngram"])
def test_what_is_left_out_moves_a_prediction_by_the_divergence_of_two_passes(
    name: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(name)
    found = removals(model, IDS, [1, 4], "cpu")
    for row, place in enumerate([1, 4]):
        p = model.forward(torch.tensor([IDS]))[0].double().softmax(-1).numpy()
        q = model.forward(torch.tensor([IDS[:place] + IDS[place + 1 :]]))[0].double()
        # the newest character is at the place: what is said without it is said one place earlier
        for at in range(place, len(IDS)):
            other = q.softmax(-1).numpy()[at - 1]
            expected = (p[at] * np.log2(p[at] / other)).sum()
            assert found[row, at - place] == pytest.approx(expected, rel=1e-3, abs=1e-6)
        assert np.isnan(found[row, len(IDS) - place :]).all()
