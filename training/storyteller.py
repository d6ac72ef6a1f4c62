"""Trains the storytellers, small GPTs of one shape that differ in nothing but what they read.

    python -m training.storyteller --data FOLDER [storyteller-books] [storyteller]

Stop it at any time (Ctrl-C or SIGTERM): it saves its full state in `runs/` and the weights so far
in the checkpoint folder, and the same command goes on from there. Without that state it goes on
from the committed weights, with fresh optimisers and a short warm-up.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from learning.optimisers import muon_and_adamw
from learning.run import TrainingRun
from learning.stream import batches, stream_of, windows
from learning.trainer import Schedule, Trainer, next_token_loss
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from training import paths
from training.data import corpus
from training.evaluation.scoring import bits_per_byte
from training.paths import Paths
from training.tokenizers import copy

NAME, BOOKS = "storyteller", "storyteller-books"
STORIES, SIMPLE = "stories.jsonl.xz", "simple.jsonl.xz"


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults are those of the storyteller of old books."""

    shape: TransformerConfig = field(default_factory=TransformerConfig)
    """The vocabulary is the tokenizer's, whatever stands here."""
    tokens: int = 20_000_000  # to see in all, over every resumed part of the run
    corpus: str = STORIES
    begin_with: str = ""
    """The model whose weights it begins with, where they are there; else it begins untrained."""
    batch: int = 16  # rows of one context
    dropout: float = 0.0  # of what every branch adds to the residual stream
    matrix_rate: float = 0.02  # Muon, for the matrices inside the blocks
    other_rate: float = 3e-3  # AdamW, for embeddings and norms
    weight_decay: float = 0.05
    warm_up: int = 100  # steps
    seed: int = 20261122
    report_every: int = 50  # steps
    save_every: int = 250  # steps
    compile: bool = True

    @property
    def schedule(self) -> Schedule:
        step_tokens = self.batch * self.shape.context
        steps = math.ceil(self.tokens / step_tokens)
        return Schedule(steps, step_tokens, self.warm_up, self.report_every, self.save_every)


RECIPES = {
    BOOKS: Recipe(),
    NAME: Recipe(
        tokens=16_000_000,
        corpus=SIMPLE,
        begin_with=BOOKS,
        dropout=0.1,
        matrix_rate=0.015,
        other_rate=2e-3,
        weight_decay=0.1,
        warm_up=60,
    ),
}
"""By the folder that each writes, in the order in which they are trained."""


def new_run(recipe: Recipe, vocabulary: int, folder: Path) -> tuple[Transformer, TrainingRun]:
    """An untrained model and its run at the first step, on a GPU where there is one."""
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Transformer(replace(recipe.shape, vocabulary=vocabulary), recipe.dropout).to(device)
    loss = next_token_loss(model)
    chosen = muon_and_adamw(
        model,
        [p for p in model.blocks.parameters() if p.dim() == 2],
        recipe.matrix_rate,
        recipe.other_rate,
        recipe.weight_decay,
    )
    compiled = torch.compile(loss) if recipe.compile else loss
    return model, TrainingRun(Trainer(model, compiled, chosen, recipe.schedule, device), folder)


def resume(run: TrainingRun, folders: list[Path]) -> str:
    """Go on from the full state of this machine, else from the weights of the first folder."""
    if run.resume():
        return f"resumed at step {run.trainer.step} with the full state"
    for folder in folders:
        if (folder / "config.json").exists():
            run.trainer.model.load_state_dict(checkpoint.load(folder).state_dict())
            return f"from the weights of {folder.name}, with fresh optimisers and a warm-up"
    return "from scratch"


def train(where: Paths, recipe: Recipe, name: str = NAME, fresh: bool = False) -> None:
    """Train on the recipe's corpus until all tokens are seen or somebody stops it.

    Needs the tokenizer in the folder of the storyteller. `fresh` passes over the weights that the
    model's own folder holds. Raises CorpusError and ValueError where corpus or tokenizer cannot be
    read.
    """
    folder = where.checkpoints / name
    tokenizer = Tokenizer.load(where.checkpoints / NAME)
    documents = list(corpus.read(where.data / recipe.corpus))
    stream = stream_of([d.text for d in documents if d.split == "train"], tokenizer)
    sample = [d.text[:5_000] for d in documents if d.split == "heldout"][:150]
    model, run = new_run(recipe, tokenizer.vocabulary, where.runs / name)
    known = [where.checkpoints / recipe.begin_with] if recipe.begin_with else []
    how = resume(run, known if fresh else [folder, *known])
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{name}: {parameters:,} parameters, {len(stream):,} training tokens, {how}")

    def export() -> None:
        checkpoint.save(model, folder)
        copy(where.checkpoints / NAME, folder, model.context)
        if sample:  # a sign of life; `training.evaluate` takes all of the held-out text
            found = bits_per_byte(model, tokenizer, sample, stride=model.context)
            print(f"  held out (sample): {found.bits_per_byte:.4f} bits per byte", flush=True)

    seen = run.trainer.step * recipe.batch
    source = windows(stream, model.context, recipe.seed, skip=seen)
    run.run(batches(source, recipe.batch), export, paths.report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(RECIPES))
    parser.add_argument("--tokens", type=int, help="to see in all, where not the recipe's")
    parser.add_argument(
        "--fresh", action="store_true", help="begin anew, not from the committed weights"
    )
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    flags = parser.parse_args()
    unknown = set(flags.names) - RECIPES.keys()
    if unknown:
        parser.error(f"no storyteller named {', '.join(sorted(unknown))}")
    for name in flags.names or RECIPES:
        recipe = RECIPES[name]
        recipe = replace(recipe, tokens=flags.tokens or recipe.tokens, compile=flags.compile)
        train(paths.from_flags(flags), recipe, name, flags.fresh)


if __name__ == "__main__":
    main()
