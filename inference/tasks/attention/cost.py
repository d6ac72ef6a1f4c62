"""What does attention cost on the machine that serves, by the length of a text?"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.task import Result, Task

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

KEPT = "attention cost"
FRESH = 60.0  # seconds in which nobody measures it again


@dataclass(frozen=True)
class AttentionSeconds:
    """Seconds, the fastest of some repetitions, over lengths in tokens."""

    lengths: NDArray[np.int64]
    written_out: NDArray[np.float64]
    """One layer's attention in separate operations."""
    fused: NDArray[np.float64]
    """The same by the fused kernel."""
    read: NDArray[np.int64]
    """Tokens before the one that comes next."""
    again: NDArray[np.float64]
    """The whole model for one token, which reads them all again."""
    cached: NDArray[np.float64]
    """The same with their keys and values kept."""
    layers: int
    heads: int
    head_width: int
    threads: int
    """Of torch."""
    device: str


def fastest(new: AttentionSeconds, old: AttentionSeconds | None) -> AttentionSeconds:
    """Of two measurements of one model: other work on the machine can only have delayed either."""
    if old is None:
        return new
    names = ("written_out", "fused", "again", "cached")
    return replace(new, **{n: np.minimum(getattr(new, n), getattr(old, n)) for n in names})


@dataclass(frozen=True)
class AttentionCost(Task[AttentionSeconds, AttentionSeconds]):
    """Measured for everybody, once a minute at most; the fastest ever counts. It needs no text."""

    text: object = ""

    needs: ClassVar[tuple[Capability, ...]] = ("time attention",)

    def prepare(self, model: Preprocessor) -> Self:
        return replace(self, ends=model.ends)

    def program(
        self, placed: PlacedModel
    ) -> Generator[AttentionSeconds | None, None, AttentionSeconds]:
        """A repetition a slice."""
        from inference.decoding.inside import cost  # noqa: PLC0415  # torch

        kept, device, now = placed.derived, placed.device, time.monotonic()
        before, at = kept.get(KEPT, (None, -FRESH))
        if now - at >= FRESH:
            made = yield from cost.measure(placed.model, placed.decoding, device.tensors)
            kept[KEPT] = fastest(AttentionSeconds(*made, device.name), before), time.monotonic()
        found: AttentionSeconds = kept[KEPT][0]
        return found

    def finish(self, found: Result[AttentionSeconds], tokenizer: TextTokenizer) -> AttentionSeconds:
        return found.value
