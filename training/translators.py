"""Trains the translators, from English to French: recurrent, with and without attention, and a
transformer.

    python -m training.translators --data FOLDER [translator] [translator-rnn] ...

They read the same sentence pairs in the same tokens. Each stops and goes on as the storyteller
does.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from learning.optimisers import muon_and_adamw
from learning.run import TrainingRun
from learning.trainer import Schedule, Trainer
from learning.translation import batches, translation_loss
from models.ladder import checkpoint as own_layout
from models.text.tokenizer import Tokenizer
from models.translators import marian_checkpoint
from models.translators.recurrent import RecurrentTranslator, RecurrentTranslatorConfig
from models.translators.transformer import Translator, TranslatorConfig
from training import paths
from training.data import pairs
from training.paths import Paths
from training.tokenizers import copy

TOKENIZER = "multilingual"
Shape = TranslatorConfig | RecurrentTranslatorConfig


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults are those of the transformer."""

    shape: Shape = field(default_factory=TranslatorConfig)
    """The vocabulary is the tokenizer's, whatever stands here."""
    tokens: int = 10_000_000  # of targets, padding included, over every resumed part of the run
    batch: int = 3072  # tokens of targets, padding included
    lengths: tuple[int, ...] = (*range(7, 17), 18, 20, 22, 25, 30, 36, 44)
    """What pairs are padded to, in tokens with the end; longer ones are passed over."""
    dropout: float = 0.0
    smoothing: float = 0.1  # of the targets
    matrix_rate: float = 0.02  # Muon, for the matrices inside the layers
    other_rate: float = 2e-3  # AdamW, for embeddings, biases and norms
    weight_decay: float = 0.05
    warm_up: int = 100  # steps
    seed: int = 20261129
    report_every: int = 50  # steps
    save_every: int = 250  # steps

    @property
    def schedule(self) -> Schedule:
        steps = math.ceil(self.tokens / self.batch)
        return Schedule(steps, self.batch, self.warm_up, self.report_every, self.save_every)


RECIPES = {
    "translator": Recipe(),
    "translator-rnn": Recipe(RecurrentTranslatorConfig(attends=True), 7_500_000),
    "translator-rnn-bottleneck": Recipe(RecurrentTranslatorConfig(attends=False), 4_700_000),
}
"""By the folder that each writes, in the order in which they are trained."""


def numbered(
    found: Sequence[pairs.Pair], tokenizer: Tokenizer, longest: int
) -> list[tuple[list[int], list[int]]]:
    """Both sides of every pair as ids, closed by an end-of-text; none of over `longest` ids."""
    sides = (
        tokenizer.encode_batch([pair.english for pair in found]),
        tokenizer.encode_batch([pair.french for pair in found]),
    )
    end = [tokenizer.end_of_text]
    closed = ((english + end, french + end) for english, french in zip(*sides, strict=True))
    return [pair for pair in closed if max(map(len, pair)) <= longest]


def build(shape: Shape, dropout: float = 0.0) -> Translator | RecurrentTranslator:
    """An untrained model of this shape."""
    if isinstance(shape, TranslatorConfig):
        return Translator(shape, dropout)
    return RecurrentTranslator(shape, dropout)


def new_run(
    recipe: Recipe, tokenizer: Tokenizer, folder: Path
) -> tuple[Translator | RecurrentTranslator, TrainingRun]:
    """An untrained model and its run at the first step, on a GPU where there is one."""
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    shape = replace(recipe.shape, vocabulary=tokenizer.vocabulary)
    model = build(shape, recipe.dropout).to(device)
    matrices = [
        weight
        for name, weight in model.named_parameters()
        if weight.dim() == 2 and min(weight.shape) > 1 and not name.startswith("embedding")
    ]
    rates = (recipe.matrix_rate, recipe.other_rate, recipe.weight_decay)
    optimisers = muon_and_adamw(model, matrices, *rates)
    loss = translation_loss(model, tokenizer.end_of_text, recipe.smoothing)
    return model, TrainingRun(Trainer(model, loss, optimisers, recipe.schedule, device), folder)


def save(model: Translator | RecurrentTranslator, folder: Path) -> None:
    """Write weights and config in the layout of their kind."""
    if isinstance(model, Translator):
        marian_checkpoint.save(model, folder)
    else:
        own_layout.save(model, folder)


def train(where: Paths, recipe: Recipe, name: str) -> None:
    """Train until all tokens are seen or somebody stops it.

    Needs the tokenizer of both languages. Raises CorpusError and ValueError where corpus or
    tokenizer cannot be read.
    """
    tokens, folder = where.checkpoints / "tokenizers" / TOKENIZER, where.checkpoints / name
    tokenizer = Tokenizer.load(tokens)
    known, _ = pairs.split(pairs.read(where.data / pairs.FILE))
    lengths = recipe.lengths
    texts = numbered(known, tokenizer, lengths[-1])
    model, run = new_run(recipe, tokenizer, where.runs / name)
    run.resume()
    parameters, step = sum(p.numel() for p in model.parameters()), run.trainer.step
    print(f"{name}: {parameters:,} parameters, {len(texts):,} pairs, from step {step}", flush=True)

    def export() -> None:
        save(model, folder)
        copy(tokens, folder, model.context)

    run.run(batches(texts, lengths, recipe.batch, recipe.seed, step), export, paths.report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(RECIPES))
    parser.add_argument("--tokens", type=int, help="to see in all, where not the recipe's")
    flags = parser.parse_args()
    unknown = set(flags.names) - RECIPES.keys()
    if unknown:
        parser.error(f"no translator named {', '.join(sorted(unknown))}")
    for name in flags.names or RECIPES:
        recipe = RECIPES[name]
        tokens = flags.tokens or recipe.tokens
        train(paths.from_flags(flags), replace(recipe, tokens=tokens), name)


if __name__ == "__main__":
    main()
