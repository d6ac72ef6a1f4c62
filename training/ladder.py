"""Trains the ladder: one kind of language model after another on the same characters.

    python -m training.ladder --data FOLDER [bigram] [gpt] ...

From counting pairs to a small GPT. Every rung reads the same characters once. The networks first
try learning rates on a small part of them. A stopped run goes on by the same command.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from learning.optimisers import adamw, matrices_of, muon_and_adamw
from learning.run import TrainingRun
from learning.stream import read_on, stream_of, windows_once
from learning.trainer import Schedule, Trainer, next_token_loss
from learning.truncated_bptt import TruncatedBPTT
from models import files
from models.ladder import checkpoint as own_layout
from models.ladder.ngram import NGram, NGramConfig, count
from models.ladder.recurrent import Recurrent, RecurrentConfig
from models.ladder.window import Window, WindowConfig
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from training import paths
from training.data import corpus
from training.paths import Paths
from training.tokenizers import copy

FOLDER = "ladder"
TRAINING = "training.json"
Rate = tuple[str, float]
"""The optimiser of the matrices, muon or adamw, and its peak rate."""


@dataclass(frozen=True)
class Network:
    """A rung that is trained: its shape, and what one step of it learns from."""

    shape: TransformerConfig | WindowConfig | RecurrentConfig
    """The vocabulary is the tokenizer's, whatever stands here."""
    rows: int
    length: int
    """Characters of a row; a recurrent network is unrolled over as many."""
    pieces: int = 1
    """Steps for which a recurrent network reads on in each row before it begins elsewhere."""

    @property
    def step_characters(self) -> int:
        return self.rows * self.length


NETWORKS = {
    "mlp": Network(WindowConfig(1, window=16, embedding=24, hidden=512, layers=2), 16, 256),
    "rnn": Network(RecurrentConfig("rnn", 1, embedding=64, hidden=520, layers=2), 64, 64, 32),
    "gru": Network(RecurrentConfig("gru", 1, embedding=64, hidden=304, layers=2), 64, 64, 32),
    "lstm": Network(RecurrentConfig("lstm", 1, embedding=64, hidden=264, layers=2), 32, 128, 16),
    "gpt": Network(
        TransformerConfig(context=256, layers=5, heads=4, width=128, feed_forward=336), 8, 256
    ),
}
ORDERS = {"bigram": 2, "trigram": 3, "five-gram": 5}
RUNGS = (*ORDERS, *NETWORKS)
SECOND = "-second"
TIED = ("rnn", "gru", "lstm", "gpt")
"""Rungs so close that each is trained from a second seed too, in a folder with that ending."""


@dataclass(frozen=True)
class Recipe:
    """How the ladder is trained; the defaults made the committed one."""

    networks: Mapping[str, Network] = field(default_factory=lambda: NETWORKS)
    characters: int = 13_107_200
    searched: int = 1_638_400  # characters of a short run that tries a rate
    rates: tuple[Rate, ...] = (
        *(("muon", rate) for rate in (0.01, 0.02, 0.04, 0.08)),
        ("adamw", 0.004),
    )
    other_rate: float = 3e-3  # AdamW, for embeddings, norms and biases beside Muon
    weight_decay: float = 0.02
    warm_up: int = 50  # steps
    seed: int = 20261125
    report_every: int = 50  # steps
    save_every: int = 200  # steps
    compile: bool = True

    def schedule(self, name: str, characters: int) -> Schedule:
        """How long a network trains on so many characters, each of them seen once."""
        step = self.networks[name].step_characters
        return Schedule(characters // step, step, self.warm_up, self.report_every, self.save_every)


def characters(data: Path, tokenizer: Tokenizer, recipe: Recipe) -> np.ndarray:
    """What every rung reads: the opening share of every training story, as one row of ids.

    A whole number of steps of every network, and one id before them. Raises CorpusError where the
    stories are shorter than that.
    """
    stories = corpus.read(data / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "train"]
    share = min(1.0, 1.01 * recipe.characters / sum(map(len, texts)))
    order = np.random.default_rng(recipe.seed).permutation(len(texts))
    stream = stream_of([texts[i][: round(share * len(texts[i]))] for i in order], tokenizer)
    step = math.lcm(*(one.step_characters * one.pieces for one in recipe.networks.values()))
    count = min(len(stream) - 1, recipe.characters) // step * step
    if not count:
        raise corpus.CorpusError(f"stories.jsonl.xz holds only {len(stream)} training characters.")
    return stream[: count + 1]


def built(network: Network, seed: int, vocabulary: int) -> Transformer | Window | Recurrent:
    """The untrained network, the same for the same seed."""
    torch.manual_seed(seed)
    shape = replace(network.shape, vocabulary=vocabulary)
    if isinstance(shape, TransformerConfig):
        return Transformer(shape)
    return Window(shape) if isinstance(shape, WindowConfig) else Recurrent(shape)


def new_trainer(
    name: str, recipe: Recipe, rate: Rate, vocabulary: int, schedule: Schedule
) -> Trainer:
    """A run of one network at its first step."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = recipe.networks[name]
    model: nn.Module = built(network, recipe.seed, vocabulary).to(device)
    kind, peak = rate
    if kind == "muon":
        chosen = muon_and_adamw(
            model, matrices_of(model), peak, recipe.other_rate, recipe.weight_decay
        )
    else:
        chosen = [adamw(model.parameters(), peak)]
    if isinstance(model, Recurrent):
        model = TruncatedBPTT(model, network.rows, network.pieces)
        return Trainer(model, model.loss, chosen, schedule, device)
    loss = next_token_loss(model)
    compiled = torch.compile(loss) if recipe.compile else loss
    return Trainer(model, compiled, chosen, schedule, device)


def batches_of(
    trainer: Trainer, stream: np.ndarray, network: Network, seed: int
) -> Iterator[np.ndarray]:
    """The batches of a run from its next step on; every id but the first is predicted once."""
    if isinstance(trainer.model, TruncatedBPTT):
        return read_on(stream, network.rows, network.length, network.pieces, seed, trainer.step)
    return windows_once(stream, network.rows, network.length, seed, trainer.step)


def search(
    name: str, recipe: Recipe, stream: np.ndarray, vocabulary: int, folder: Path
) -> dict[str, float]:
    """Bits per character of short runs by rate, each over its last quarter, not seen before.

    A rate that was tried before a stop is not tried again.
    """
    path = folder / "search.json"
    found: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    schedule = recipe.schedule(name, min(recipe.searched, len(stream) - 1))
    for kind, peak in recipe.rates:
        label = f"{kind} {peak:g}"
        if label in found:
            continue
        trainer = new_trainer(name, recipe, (kind, peak), vocabulary, schedule)
        source = batches_of(trainer, stream, recipe.networks[name], recipe.seed)
        last = list(trainer.train(source))[-max(1, schedule.steps // 4) :]
        found[label] = round(float(np.mean(last)) / math.log(2), 4)
        print(f"{name}: {label} gives {found[label]} bits per character", flush=True)
        files.write_json(path, found)
    return found


def train_network(
    name: str, recipe: Recipe, stream: np.ndarray, tokenizer: Tokenizer, where: Paths
) -> bool:
    """Search the rate, train, and write the folder of one network; False where it was stopped.

    A second seed trains at the rate that was found for the first.
    """
    first = name.removesuffix(SECOND)
    tried = search(first, recipe, stream, tokenizer.vocabulary, where.runs / FOLDER / first)
    kind, peak = min(tried, key=lambda label: tried[label]).split()
    schedule = recipe.schedule(first, len(stream) - 1)
    seeded = recipe if name == first else replace(recipe, seed=recipe.seed + 1)
    trainer = new_trainer(first, seeded, (kind, float(peak)), tokenizer.vocabulary, schedule)
    run = TrainingRun(trainer, where.runs / FOLDER / name)
    run.resume()
    wrapped = trainer.model
    model: Any = wrapped.model if isinstance(wrapped, TruncatedBPTT) else wrapped
    size = sum(p.numel() for p in model.parameters())
    print(f"{name}: {size:,} parameters, {kind} at {peak}, from step {trainer.step}", flush=True)
    batches = batches_of(trainer, stream, recipe.networks[first], seeded.seed)
    run.run(batches, lambda: None, paths.report)
    if not trainer.finished:
        print(f"{name} stopped at step {trainer.step}; the same command goes on from there.")
        return False
    store = checkpoint.save if isinstance(model, Transformer) else own_layout.save
    store(model, where.checkpoints / FOLDER / name)
    facts = {
        "characters": len(stream) - 1,
        "seconds": round(run.seconds),
        "optimiser": kind,
        "learning rate": float(peak),
        "bits per character by rate, in the search": tried,
    }
    finish(name, where, facts, model.context if isinstance(model, Transformer) else None)
    return True


def count_ngrams(name: str, stream: np.ndarray, tokenizer: Tokenizer, where: Paths) -> None:
    """Count, and write the folder of one n-gram model."""
    started = time.monotonic()
    config = NGramConfig(tokenizer.vocabulary, ORDERS[name])
    model = NGram(config, count(stream, config))
    own_layout.save(model, where.checkpoints / FOLDER / name)
    seconds = round(time.monotonic() - started)
    finish(name, where, {"characters": len(stream) - 1, "seconds": seconds})
    print(f"{name}: {len(model.counts.counts):,} counts after {seconds} s", flush=True)


def finish(name: str, where: Paths, facts: dict[str, Any], context: int | None = None) -> None:
    """Lay tokenizer and what is known of the training beside the weights."""
    folder = where.checkpoints / FOLDER / name
    copy(where.checkpoints / "tokenizers" / "characters", folder, context)
    files.write_json(folder / TRAINING, facts)


def train(where: Paths, recipe: Recipe, names: tuple[str, ...] = RUNGS) -> None:
    """Train these rungs and write their folders.

    Needs the tokenizer of characters in the checkpoint folder. Raises CorpusError and ValueError
    where corpus or tokenizer cannot be read.
    """
    tokenizer = Tokenizer.load(where.checkpoints / "tokenizers" / "characters")
    stream = characters(where.data, tokenizer, recipe)
    print(f"{len(stream) - 1:,} characters", flush=True)
    for name in names:
        if name in ORDERS:
            count_ngrams(name, stream, tokenizer, where)
        elif not train_network(name, recipe, stream, tokenizer, where):
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    parser.add_argument(
        "names", nargs="*", metavar="rung", help="a name in RUNGS, or one of a second seed"
    )
    flags = parser.parse_args()
    everything = (*RUNGS, *(f"{name}{SECOND}" for name in TIED))
    unknown = set(flags.names) - set(everything)
    if unknown:
        parser.error(f"no rung named {', '.join(sorted(unknown))}")
    recipe = Recipe(compile=flags.compile)
    train(paths.from_flags(flags), recipe, tuple(flags.names) or everything)


if __name__ == "__main__":
    main()
