"""What is said about maps, and that the 8-bit triangles hold what they should."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.attention.maps import (
    even_share,
    is_causal,
    is_sink,
    packed,
    packed_whole,
    pooled,
    sink_shares,
)


def causal(layers: int, heads: int, tokens: int, seed: int = 0) -> NDArray[np.float32]:
    """Random maps whose rows sum to 1 over the keys up to themselves."""
    scores = np.exp(np.random.default_rng(seed).normal(size=(layers, heads, tokens, tokens)) * 2)
    scores = np.tril(scores)
    return (scores / scores.sum(axis=-1, keepdims=True)).astype(np.float32)


def unpacked(
    text: str, layers: int, heads: int, tokens: int, causal: bool = True
) -> NDArray[np.float64]:
    """What the page makes of a message."""
    rows, columns = np.tril_indices(tokens) if causal else np.indices((tokens, tokens))
    rows, columns = rows.ravel(), columns.ravel()
    weights = np.zeros((layers, heads, tokens, tokens))
    triangles = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
    weights[:, :, rows, columns] = triangles.reshape(layers, heads, -1) / 255
    return weights


@pytest.mark.parametrize("tokens", [1, 2, 7, 64])
def test_maps_survive_the_journey_to_within_half_a_step(tokens: int) -> None:
    weights = causal(2, 3, tokens)
    arrived = unpacked(packed(weights), 2, 3, tokens)
    assert np.abs(arrived - weights).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("tokens", [2, 7])
def test_maps_that_look_both_ways_arrive_whole(tokens: int) -> None:
    scores = np.random.default_rng(1).random((2, 3, tokens, tokens)).astype(np.float32)
    weights = scores / scores.sum(axis=-1, keepdims=True)
    assert is_causal(causal(2, 3, tokens)) and not is_causal(weights)
    arrived = unpacked(packed(weights), 2, 3, tokens, causal=False)
    assert np.abs(arrived - weights).max() <= 0.5 / 255 + 1e-6
    assert even_share(tokens, causal=False) == pytest.approx(1 / tokens)


def test_maps_between_two_texts_arrive_whole_even_where_they_look_causal() -> None:
    weights = np.zeros((2, 1, 2, 3), dtype=np.float32)
    weights[:, 0, 0, 0] = weights[:, 0, 1, 1] = 1
    assert is_causal(weights)
    arrived = np.frombuffer(base64.b64decode(packed_whole(weights)), dtype=np.uint8)
    np.testing.assert_array_equal(arrived.reshape(weights.shape), 255 * weights)


@pytest.mark.parametrize("tokens", [3, 64, 65, 200, 256])
def test_small_maps_keep_every_peak_and_stay_causal(tokens: int) -> None:
    weights = causal(2, 1, tokens)
    small, step = pooled(weights, 64), -(-tokens // 64)
    assert small.shape == (2, 1, -(-tokens // step), -(-tokens // step))
    assert max(small.shape) <= 64 and is_causal(small)
    for query, key in (
        (0, 0),
        (tokens - 1, 0),
        (tokens - 1, tokens - 1),
        (tokens // 2, tokens // 3),
    ):
        rows, columns = (slice(i // step * step, i // step * step + step) for i in (query, key))
        expected = max(float(x) for line in weights[1, 0, rows, columns] for x in line)
        assert small[1, 0, query // step, key // step] == expected


def test_small_maps_of_two_texts_keep_their_shape() -> None:
    assert pooled(np.ones((1, 1, 100, 7), dtype=np.float32), 64).shape == (1, 1, 50, 4)


def test_all_maps_of_a_text_are_a_small_message() -> None:
    assert len(packed(causal(6, 4, 64))) == pytest.approx(6 * 4 * 64 * 65 / 2 * 4 / 3, rel=0.01)


def test_r12_the_sink_is_the_mean_first_column_without_the_first_query() -> None:
    weights = np.zeros((1, 1, 3, 3), dtype=np.float32)
    weights[0, 0] = [[1, 0, 0], [0.5, 0.5, 0], [0.25, 0.25, 0.5]]
    assert sink_shares(weights)[0, 0] == pytest.approx(0.375)


def test_r12_a_short_text_alone_makes_no_sink() -> None:
    even = np.tril(np.ones((1, 1, 4, 4), dtype=np.float32))
    even /= even.sum(axis=-1, keepdims=True)
    assert sink_shares(even)[0, 0] == pytest.approx(even_share(4)) == pytest.approx(13 / 36)
    assert not is_sink(even).any()
    parked = np.zeros((1, 1, 16, 16), dtype=np.float32)
    parked[..., 0] = 1.0
    assert is_sink(parked).all()


def test_a_single_token_has_nothing_but_itself_to_read() -> None:
    alone = causal(2, 3, 1)
    assert sink_shares(alone).tolist() == [[1.0] * 3] * 2
    assert even_share(1) == 1.0
    assert not is_sink(alone).any()
