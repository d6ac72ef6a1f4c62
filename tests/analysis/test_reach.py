"""Means over predictions and their standard errors, against cases by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.reach import means, relative


def test_means_leave_out_what_is_not_there() -> None:
    values = np.array([[1.0, 4.0, np.nan], [3.0, np.nan, np.nan], [5.0, 8.0, np.nan]])
    mean, error = means(values)
    assert mean[:2].tolist() == [3.0, 6.0] and np.isnan(mean[2])
    assert error[0] == pytest.approx(np.std([1, 3, 5], ddof=1) / np.sqrt(3))
    assert error[1] == pytest.approx(np.std([4, 8], ddof=1) / np.sqrt(2))
    assert np.isnan(means(values[:1])[1]).all()


def test_r32_a_gradient_is_relative_to_the_newest_character_with_an_interval() -> None:
    values = np.random.default_rng(3).uniform(1, 2, (7, 4))
    ratio, error = relative(values)
    assert ratio[0] == 1 and error[0] == 0
    np.testing.assert_allclose(ratio, values.mean(axis=0) / values[:, 0].mean())
    left = [np.delete(values, i, axis=0) for i in range(7)]
    ratios = np.array([one.mean(axis=0) / one[:, 0].mean() for one in left])
    np.testing.assert_allclose(error, np.sqrt(6) * ratios.std(axis=0))  # the jackknife


def test_nothing_is_relative_to_nothing() -> None:
    assert np.isnan(relative(np.array([[0.0, 1.0], [0.0, 2.0]]))[0]).all()
    ratio, error = relative(np.array([[2.0, 1.0]]))
    assert ratio.tolist() == [1.0, 0.5] and np.isnan(error).all()
