"""A device that fails on schedule, in place of one that nobody has at hand."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import torch

Schedule = Callable[[torch.Tensor, int], None]
"""Called before every forward pass with its ids, (rows, positions), and its number; may raise."""
Corruption = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From ids and logits to the logits that come out."""


def out_of_memory() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


def device_lost() -> torch.AcceleratorError:
    return torch.AcceleratorError("CUDA error: an illegal memory access was encountered", 700)


def late(guilty: Schedule) -> Schedule:
    """As on a device that queues its work: where one pass goes wrong, the next one is told."""
    wrong = False

    def schedule(ids: torch.Tensor, number: int) -> None:
        nonlocal wrong
        if wrong:
            raise device_lost()
        try:
            guilty(ids, number)
        except BaseException:
            wrong = True

    return schedule


class FaultyDevice:
    """Computes on the CPU, says that it is something else, and fails when the test wants it to."""

    def __init__(
        self,
        schedule: Schedule = lambda ids, number: None,
        corruption: Corruption = lambda ids, logits: logits,
        name: str = "cuda",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.name, self.tensors = name, "cpu"
        self.dtype = dtype
        self.schedule = schedule
        self.corruption = corruption
        self.lacks_from: int | None = None
        """The pass from which on models that were placed in 16 bit lack an operation."""
        self.calls = 0
        self.places = 0
        self.released = 0
        self.dead = False
        self.touched_after_death = 0
        self.lock = threading.Lock()

    def place(self, model: Any) -> Any:
        self._touch()
        self.places += 1
        return FaultyModel(model, self)

    def for_decoding(self, model: Any) -> Any:
        return model

    def release(self) -> None:
        self._touch()
        self.released += 1

    def lower(self) -> bool:
        lowered = self.dtype != torch.float32
        self.dtype = torch.float32
        return lowered

    def forward(
        self, model: Any, dtype: torch.dtype, ids: torch.Tensor, *rest: Any, **named: Any
    ) -> torch.Tensor:
        """dtype: in which the model was placed."""
        self._touch()
        with self.lock:
            self.calls += 1
            number = self.calls
        try:
            self.schedule(ids, number)
            if dtype != torch.float32 and number >= (self.lacks_from or number + 1):
                raise NotImplementedError(f'"softmax" not implemented for {dtype}')
        except torch.AcceleratorError:
            self.dead = True
            raise
        return self.corruption(ids, model.forward(ids, *rest, **named))

    def _touch(self) -> None:
        if self.dead:
            self.touched_after_death += 1
            raise device_lost()


class FaultyModel:
    """A model whose every forward pass goes through the device."""

    def __init__(self, model: Any, device: FaultyDevice) -> None:
        self._model = model
        self._device = device
        self._dtype = device.dtype

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def forward(self, ids: torch.Tensor, *rest: Any, **named: Any) -> torch.Tensor:
        return self._device.forward(self._model, self._dtype, ids, *rest, **named)


def seldom(seed: int, chance: float, faults: list[Callable[[], BaseException]]) -> Schedule:
    """Fail by the dice: each pass with this chance, with one of these."""
    dice = random.Random(seed)

    def schedule(ids: torch.Tensor, number: int) -> None:
        if dice.random() < chance:
            raise dice.choice(faults)()

    return schedule
