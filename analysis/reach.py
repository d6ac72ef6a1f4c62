"""What can be said of a model's reach: means over predictions, and how sure they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def means(values: Floats) -> tuple[Floats, Floats]:
    """The mean of every column and its standard error, of the rows that are not nan.

    values: (rows, columns). nan where a column has no value, or no two for the error.
    """
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0).sum(axis=0) / count
        squares = np.where(there, (values - mean) ** 2, 0).sum(axis=0)
        error = np.sqrt(squares / (count - 1) / count)
    return np.where(count > 0, mean, np.nan), np.where(count > 1, error, np.nan)


def relative(values: Floats) -> tuple[Floats, Floats]:
    """The mean of every column as a multiple of that of the first, and its standard error.

    values: (rows, columns), all there. The error is the jackknife's: how the ratio moves when one
    row is left out. nan where the first column is 0, and where there is one row alone.
    """
    rows = len(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        totals = values.sum(axis=0)
        ratio = totals / totals[0]
        left = totals - values
        ratios = left / left[:, :1]
        spread = ((ratios - ratios.mean(axis=0)) ** 2).sum(axis=0)
        error = np.sqrt(spread * (rows - 1) / rows)
    defined = totals[0] > 0
    return (
        np.where(defined, ratio, np.nan),
        np.where(defined & (rows > 1), error, np.nan),
    )
