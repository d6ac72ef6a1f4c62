"""Six ways of positions, against transformers' own and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from analysis.positions.schemes import (
    alibi_slopes,
    bucket,
    frequencies,
    rotary_kept,
    similarity,
    sinusoids,
    turned,
    unfinished,
    window,
)


def test_sinusoids_are_those_of_marian() -> None:
    from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

    theirs = MarianSinusoidalPositionalEmbedding(200, 64)
    theirs.weight.data.copy_(theirs.create_weight())
    np.testing.assert_allclose(sinusoids(200, 64), theirs.weight.detach().numpy(), atol=1e-5)


def test_a_sinusoid_by_hand() -> None:
    expected = [np.sin(3), np.sin(0.03), np.cos(3), np.cos(0.03)]
    np.testing.assert_allclose(sinusoids(4, 4)[3], expected)


@pytest.mark.parametrize("base", [100.0, 10_000.0])
def test_vectors_are_turned_as_llama_turns_them(base: float) -> None:
    from transformers.models.llama.configuration_llama import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

    config = LlamaConfig(
        hidden_size=32,
        num_attention_heads=2,
        head_dim=16,
        rope_parameters={"rope_type": "default", "rope_theta": base},
    )
    vectors = torch.randn(1, 2, 50, 16, generator=torch.Generator().manual_seed(0))
    cosine, sine = LlamaRotaryEmbedding(config)(vectors, torch.arange(50)[None])
    theirs, _ = apply_rotary_pos_emb(vectors, vectors, cosine, sine)
    np.testing.assert_allclose(turned(vectors.double().numpy(), base), theirs.numpy(), atol=1e-5)


def test_what_is_left_of_a_product_is_that_of_turned_vectors() -> None:
    ones = np.ones((40, 16))
    products = turned(ones, 500) @ turned(ones, 500).T / 16
    kept = rotary_kept(np.arange(40.0), 16, 500)
    for back in range(40):
        np.testing.assert_allclose(np.diagonal(products, -back), kept[back], atol=1e-12)


def test_a_waves_cosine_is_the_mean_of_its_pairs() -> None:
    """p(i)·p(j) = sum of cos((i - j) f): so both schemes fall off alike."""
    np.testing.assert_allclose(
        similarity(sinusoids(30, 16))[:, 0], rotary_kept(np.arange(30.0), 16), atol=1e-12
    )


@pytest.mark.parametrize("heads", [1, 4, 8, 16])
def test_slopes_are_those_of_bloom(heads: int) -> None:
    from transformers.models.bloom.modeling_bloom import build_alibi_tensor

    theirs = build_alibi_tensor(torch.ones(1, 5), heads, torch.float32)  # (heads, 1, keys)
    expected = theirs[:, 0, 1].numpy()  # what a step to the right adds
    np.testing.assert_allclose(alibi_slopes(heads), expected, rtol=1e-6)


def test_eight_slopes_by_hand() -> None:
    assert alibi_slopes(8).tolist() == [1 / 2**h for h in range(1, 9)]
    with pytest.raises(ValueError, match="power of two"):
        alibi_slopes(6)


@pytest.mark.parametrize(("buckets", "farthest"), [(32, 128), (16, 64)])
def test_buckets_are_those_of_t5(buckets: int, farthest: int) -> None:
    from transformers.models.t5.modeling_t5 import T5Attention

    back = np.arange(-20, 1100)
    theirs = T5Attention._relative_position_bucket(
        torch.from_numpy(-back), False, buckets, farthest
    )
    assert bucket(back, buckets, farthest).tolist() == theirs.tolist()


def test_a_window_by_hand() -> None:
    assert window(np.array([-1, 0, 1, 2, 3]), 3).tolist() == [False, True, True, True, False]


def test_pairs_that_finish_no_turn_by_hand() -> None:
    """Frequencies 1, 0.1, 0.01, 0.001: a turn takes 6.3, 63, 628 and 6,283 positions."""
    np.testing.assert_allclose(frequencies(8), [1, 0.1, 0.01, 0.001])
    assert [unfinished(8, 10_000, length) for length in (6, 7, 100, 700, 7000)] == [4, 3, 2, 1, 0]


def test_a_width_that_makes_no_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        frequencies(7)
