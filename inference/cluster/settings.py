"""What `python -m inference.cluster` is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ClusterSettings:
    """How many replicas, of what; a replica holds one process with one worker."""

    checkpoints: Path
    device: str = "auto"
    half: bool = False
    gpu_share: float = 1.0
    """Of a GPU for each replica; several share one."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    fewest: int = 1
    most: int = 2
    """Replicas that decode, between which Ray Serve scales."""

    def __post_init__(self) -> None:
        if not 1 <= self.fewest <= self.most:
            raise ValueError(
                f"replicas must be FEWEST-MOST, two numbers from 1, not {self.fewest}-{self.most}."
            )
        if not self.checkpoints.is_dir():
            raise ValueError(f"checkpoints must be a folder; {self.checkpoints} is none.")
