"""The in-process backend: models on one device, run by the engine.

Everything here needs torch and runs on the worker's thread. A client of a remote server can
stand in its place by offering the same methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference import ablation, device, engine, lanes, wide
from inference.types import GenerationOptions, HeadSweep, LaneState, Removal
from models import checkpoint
from models.transformer import Transformer


class LocalBackend:
    """Holds the loaded transformers and runs them."""

    def __init__(self, folder: Path, device_setting: str) -> None:
        engine.prepare()
        self._folder = folder
        self._models: dict[str, Transformer] = {}
        self._sweeps: dict[str, tuple[wide.Parts, ablation.Reference]] = {}
        self.device = device.choose(device_setting)

    def load(self, name: str) -> int:
        """Load a model and count its parameters. Raises ValueError on missing or damaged files."""
        model = checkpoint.load(self._folder / name).to(self.device)
        self._models[name] = model
        return sum(weight.numel() for weight in model.parameters())

    def generate(
        self, name: str, prompt: list[int], options: GenerationOptions, end_of_text: int
    ) -> Iterator[tuple[LaneState, ...]]:
        """All lanes, after every step."""
        built = [lanes.build(lane, options.seed, end_of_text) for lane in options.lanes]
        return engine.decode(
            self._models[name], prompt, built, options.new_tokens, device=self.device
        )

    def attention(self, name: str, ids: list[int]) -> NDArray[np.float32]:
        """(layers, heads, queries, keys)."""
        return engine.attention(self._models[name], ids, device=self.device)

    def without_heads(
        self, name: str, ids: list[int], removal: Removal, end_of_text: int
    ) -> HeadSweep:
        """Every head removed, one by one. The first call also writes the reference texts."""
        model = self._models[name]
        if name not in self._sweeps:
            reference = ablation.reference(model, end_of_text, self.device)
            self._sweeps[name] = wide.packed(model), reference
        parts, reference = self._sweeps[name]
        replacement = reference.replacement(removal, len(ids))
        return ablation.sweep(model, ids, replacement, self.device, parts)
