"""The model of a live training, and what trains it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from learning.live.measuring import CHARACTERS
from learning.live.texts import Corpus
from learning.live.training import Settings
from learning.optimisers import Decay, constant, cosine, linear, optimisers
from learning.stream import random_windows
from learning.trainer import Schedule, Trainer, next_token_loss
from models.ladder.ngram import NGram, NGramConfig, count
from models.ladder.recurrent import CELLS, Recurrent, RecurrentConfig
from models.ladder.table import Table, TableConfig
from models.ladder.window import Window, WindowConfig
from models.transformer.model import Transformer, TransformerConfig

EMBEDDING = 32  # numbers for a character, at most
LENGTH = 32  # characters of a row, for models that see a fixed number of the last ones
DECAYS: dict[str, Decay] = {"constant": constant, "cosine": cosine, "linear": linear}
WARM_UP = 20  # in one of so many steps, for the schedules that warm up


def length_of(settings: Settings) -> int:
    """Characters of a row: an MLP gets more than its window, so that most see a full one."""
    fixed = {"table": LENGTH, "mlp": max(LENGTH, 2 * settings.window)}
    return fixed.get(settings.model, settings.window)


def measured_length(settings: Settings) -> int:
    """Likewise of a row whose loss is measured: a whole text where the last few are all it sees."""
    return CHARACTERS if settings.model in ("table", "mlp") else settings.window


def built(settings: Settings, vocabulary: int) -> nn.Module:
    """The untrained network, the same for the same seed. Raises KeyError for an unknown name."""
    torch.manual_seed(settings.seed)
    width, layers, dropout = settings.width, settings.layers, settings.dropout
    embedding = min(EMBEDDING, width)
    if settings.model == "table":
        return Table(TableConfig(vocabulary))
    if settings.model == "mlp":
        return Window(WindowConfig(vocabulary, settings.window, embedding, width, layers), dropout)
    if settings.model == "gpt":
        heads = 4 if width % 8 == 0 and width >= 64 else 2
        shape = TransformerConfig(
            vocabulary, settings.window, layers, heads, width, feed_forward=8 * width // 3
        )
        return Transformer(shape, dropout)
    if settings.model not in CELLS:
        raise KeyError(settings.model)
    return Recurrent(RecurrentConfig(settings.model, vocabulary, embedding, width, layers), dropout)


def counted(corpus: Corpus, order: int = 2) -> NGram:
    """The model that has counted the training text."""
    config = NGramConfig(len(corpus.alphabet), order)
    return NGram(config, count(corpus.train, config))


def new_trainer(settings: Settings, model: nn.Module) -> Trainer:
    """A training at its first step, in float32 on the CPU."""
    warm_up = 0 if settings.schedule == "constant" else settings.steps // WARM_UP
    schedule = Schedule(
        settings.steps,
        settings.batch * length_of(settings),
        warm_up,
        decay=DECAYS[settings.schedule],
    )
    chosen = optimisers(settings.optimiser, model, settings.rate, settings.weight_decay)
    loss, clip = next_token_loss(model), settings.clip or math.inf
    return Trainer(model, loss, chosen, schedule, torch.device("cpu"), clip, torch.float32)


def batches_of(settings: Settings, corpus: Corpus) -> Iterator[np.ndarray]:
    """The batches of a training from its first step on."""
    return random_windows(corpus.train, settings.batch, length_of(settings), settings.seed)


def layers_of(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The weights by the layer that they belong to, from the bottom up."""
    found: dict[str, list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        part, *rest = name.split(".")
        if part in ("layers", "blocks", "norms"):
            part = f"layer {int(rest[0]) + 1}"
        elif part in ("first", "hidden"):
            part = f"layer {int(rest[0]) + 2 if part == 'hidden' else 1}"
        elif part == "norm":
            part = "output"
        found.setdefault(part, []).append(weight)
    order = sorted(found, key=lambda one: {"embedding": "0", "output": "z"}.get(one, one))
    return {name: found[name] for name in order}
