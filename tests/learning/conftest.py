"""A small model, text with a pattern that it can learn, and a trainer for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from learning.optimisers import muon_and_adamw
from learning.stream import batches, windows
from learning.trainer import Schedule, Trainer, next_token_loss
from models.transformer.model import Transformer, TransformerConfig

SCHEDULE = Schedule(steps=20, step_tokens=4 * 32, warm_up=2, report_every=10, save_every=15)


@pytest.fixture(scope="session")
def stream() -> np.ndarray:
    """Each id is the one before plus 1 or 2."""
    return np.random.default_rng(0).integers(1, 3, 10_000).cumsum() % 50


@pytest.fixture
def source(stream: np.ndarray) -> Callable[..., Iterator[np.ndarray]]:
    def batches_from(step: int = 0) -> Iterator[np.ndarray]:
        return batches(windows(stream, 32, seed=1, skip=step * 4), rows=4)

    return batches_from


@pytest.fixture
def new_trainer() -> Callable[..., Trainer]:
    def built(kind: type[Trainer] = Trainer) -> Trainer:
        torch.manual_seed(5)
        shape = TransformerConfig(50, context=32, layers=2, heads=2, width=32, feed_forward=64)
        model = Transformer(shape)
        matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
        chosen = muon_and_adamw(model, matrices, 0.02, other_rate=0.01, weight_decay=0.05)
        return kind(model, next_token_loss(model), chosen, SCHEDULE, torch.device("cpu"))

    return built
