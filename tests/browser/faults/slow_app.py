"""The real app on a slow device: `python -m tests.browser.faults.slow_app --port ...`."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import torch

import app
from inference.collection import STORYTELLER
from inference.limits import Limits
from inference.loading.device import Devices, TorchDevice
from inference.local import LocalBackend
from inference.service import Service
from tests.inference.faulty import FaultyDevice

FIRST, EACH = 4.0, 0.3  # seconds that reading a prompt takes, and every step after it


def slowly(ids: torch.Tensor, number: int) -> None:
    """The texts that heads are compared with have 16 rows, and are none of a person's business."""
    rows, positions = ids.shape
    if rows == 1 and positions > 1:
        time.sleep(FIRST)
    elif rows <= 8:
        time.sleep(EACH)


def service(jobs: int, checkpoints: Path, *_: object, **__: object) -> Service:
    """In place of the app's own, whatever its settings say."""
    devices = Devices(FaultyDevice(slowly), TorchDevice("cpu"))
    limits = Limits(jobs=jobs, rows=8, step_seconds=60.0)
    backend = LocalBackend({STORYTELLER: checkpoints / STORYTELLER}, lambda: devices, limits)
    return Service(checkpoints, limits=limits, backend=backend)


def main(jobs: int = Limits.jobs) -> None:
    """Start it; whoever comes while there are so many requests is refused."""
    app.Service = partial(service, jobs)  # type: ignore[assignment, misc]
    app.main()


if __name__ == "__main__":
    main()
