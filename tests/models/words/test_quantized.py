"""Vectors in 8 bit come back within half a step, and damaged ones are refused."""

from __future__ import annotations

import numpy as np
import pytest

from models.words.quantized import STEPS, numbers, quantized


@pytest.fixture
def vectors() -> np.ndarray:
    lengths = np.array([1e-3, 1.0, 40.0], dtype=np.float32)[:, None]
    return np.random.default_rng(0).standard_normal((3, 200), dtype=np.float32) * lengths


def test_every_number_comes_back_within_half_a_step_of_its_row(vectors: np.ndarray) -> None:
    arrays = quantized("vectors", vectors)
    assert arrays["vectors"].dtype == np.int8 and arrays["vectors"].nbytes == vectors.nbytes / 4
    half_a_step = np.abs(vectors).max(axis=1, keepdims=True) / STEPS / 2
    assert (np.abs(numbers("vectors", arrays) - vectors) <= half_a_step * 1.001).all()
    assert (np.abs(arrays["vectors"]).max(axis=1) == STEPS).all()


def test_cosines_hardly_move(vectors: np.ndarray) -> None:
    back = numbers("vectors", quantized("vectors", vectors))
    for before, after in ((vectors[0], back[0]), (vectors[2], back[2])):
        cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
        assert cosine > 0.9999


def test_a_row_of_zeros_stays_one() -> None:
    assert not numbers("v", quantized("v", np.zeros((2, 4), dtype=np.float32))).any()


def test_floating_point_is_read_as_before(vectors: np.ndarray) -> None:
    half = vectors.astype(np.float16)
    assert (numbers("vectors", {"vectors": half}) == half.astype(np.float32)).all()


def test_scales_must_be_there_fit_and_be_finite(vectors: np.ndarray) -> None:
    arrays = quantized("vectors", vectors)
    with pytest.raises(KeyError, match="vectors_scale"):
        numbers("vectors", {"vectors": arrays["vectors"]})
    with pytest.raises(ValueError, match="3 rows but 2 scales"):
        numbers("vectors", arrays | {"vectors_scale": arrays["vectors_scale"][:2]})
    wrong = arrays["vectors_scale"].copy()
    wrong[1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        numbers("vectors", arrays | {"vectors_scale": wrong})
