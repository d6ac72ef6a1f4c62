"""What the backends elsewhere are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.service import Service


@pytest.fixture(scope="module")
def near(checkpoints: Path) -> Iterator[Service]:
    """A service that runs its models itself."""
    service = Service(checkpoints, device="cpu")
    yield service
    service.close(0.0)
