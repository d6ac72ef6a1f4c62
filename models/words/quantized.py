"""Vectors in 8 bit: whole numbers from -127 to 127 with one scale a row.

A row's largest number becomes 127, so that every number is off by at most half a step, 1/254 of
that largest one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models import files

STEPS = 127


def quantized(name: str, vectors: NDArray[np.floating]) -> files.Arrays:
    """(rows, width) numbers as arrays for a file: `name` in 8 bit and `name_scale`, (rows,).

    The scales are what a step is worth. They are 32 bits each, since 16 would cost precision and
    save 2 bytes of some 100 a row.
    """
    exact = vectors.astype(np.float32)
    scales = np.abs(exact).max(axis=1) / np.float32(STEPS)
    steps = np.rint(exact / np.maximum(scales, np.finfo(np.float32).tiny)[:, None])
    return {name: steps.astype(np.int8), f"{name}_scale": scales.astype(np.float32)}


def numbers(name: str, arrays: files.Arrays) -> NDArray[np.float32]:
    """(rows, width) of `name`, whether stored in 8 bit or in floating point.

    Raises KeyError where it is missing, ValueError where it holds no finite numbers.
    """
    stored = arrays[name]
    if stored.dtype != np.int8:
        return files.weights(name, stored)
    scales = files.weights(f"{name}_scale", arrays[f"{name}_scale"])
    if scales.shape != (len(stored),):
        raise ValueError(f"{name} has {len(stored)} rows but {len(scales)} scales.")
    return stored.astype(np.float32) * scales[:, None]
