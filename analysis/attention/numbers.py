"""Vectors and matrices on their way to the page: few bytes a number, in base64."""

from __future__ import annotations

import base64
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


def packed_numbers(numbers: NDArray[Any], bits: Literal[8, 16, 32]) -> dict[str, Any]:
    """An array for `orrery.numbers` of the page.

    With 32 bits as they are, in float32. Else as whole numbers of so many bits, `most` standing for
    the largest: off by at most `most` / 254, or `most` / 65534. The order is that of the array.
    """
    if bits == 32:
        return {"bits": bits, "most": 1, "data": _text(numbers.astype("<f4"))}
    steps = 2 ** (bits - 1) - 1
    most = float(np.abs(numbers).max(initial=0.0)) or 1.0
    whole = np.rint(numbers / most * steps).astype(f"<i{bits // 8}")
    return {"bits": bits, "most": most, "data": _text(whole)}


def _text(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
