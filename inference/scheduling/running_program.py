"""A task that runs as a program of its own, slice by slice."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from inference.loading.device import PlacedModel
from inference.scheduling.job import Job


class RunningProgram:
    """One program on one device. For the worker's thread alone."""

    def __init__(self, job: Job[Any], placed: PlacedModel, hold: ExitStack) -> None:
        """hold: keeps the model from being unloaded until `close`."""
        self.job = job
        self.device, self.dtype = placed.device, placed.dtype
        self.done = 0
        """Slices so far."""
        self._slices = job.task.program(placed)
        self._hold = hold

    def advance(self) -> tuple[Any, bool]:
        """Do one slice: its news, and whether it was the last. Raises whatever the program does."""
        try:
            news, last = next(self._slices), False
        except StopIteration as end:
            news, last = end.value, True
        self.done += 1
        return news, last

    def stop(self) -> None:
        """Let go of what the program holds, but not of its model."""
        self._slices.close()

    def close(self) -> None:
        """Let go of the model too. Harmless the second time."""
        self.stop()
        self._hold.close()
