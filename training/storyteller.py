"""Trains the storyteller, a small GPT, on the training stories.

    python -m training.storyteller --data FOLDER --tokens 20_000_000

Stop it at any time (Ctrl-C or SIGTERM): it saves its full state in `runs/storyteller` and the
weights so far in the checkpoint folder, and the same command goes on from there. Without that
state it goes on from the committed weights, with fresh optimisers and a short warm-up.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from learning import trainer
from learning.stream import batches, stream_of, windows
from learning.trainer import Pace, Trainer
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from training import places
from training.data import corpus
from training.evaluation.scoring import bits_per_byte
from training.places import Places
from training.tokenizers import copy

NAME = "storyteller"


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults made the committed storyteller."""

    shape: TransformerConfig = field(default_factory=TransformerConfig)
    """The vocabulary is the tokenizer's, whatever stands here."""
    tokens: int = 20_000_000  # to see in all, over every resumed part of the run
    batch: int = 16  # rows of one context
    matrix_rate: float = 0.02  # Muon, for the matrices inside the blocks
    other_rate: float = 3e-3  # AdamW, for embeddings and norms
    weight_decay: float = 0.05
    warm_up: int = 100  # steps
    seed: int = 20261122
    report_every: int = 50  # steps
    save_every: int = 250  # steps
    compile: bool = True

    @property
    def pace(self) -> Pace:
        step_tokens = self.batch * self.shape.context
        steps = math.ceil(self.tokens / step_tokens)
        return Pace(steps, step_tokens, self.warm_up, self.report_every, self.save_every)


def new_trainer(model: Transformer, recipe: Recipe, folder: Path, device: torch.device) -> Trainer:
    """A run at its first step."""
    loss = trainer.next_token_loss(model.to(device))
    chosen = trainer.optimisers(
        model,
        [p for p in model.blocks.parameters() if p.dim() == 2],
        recipe.matrix_rate,
        recipe.other_rate,
        recipe.weight_decay,
    )
    compiled = torch.compile(loss) if recipe.compile else loss
    return Trainer(model, compiled, chosen, recipe.pace, folder, device)


def resume(run: Trainer, folder: Path, fresh: bool) -> str:
    """Go on from the full state of this machine, else, unless `fresh`, from what `folder` holds."""
    if run.resume():
        return f"resumed at step {run.step} with the full state"
    if not fresh and (folder / "config.json").exists():
        run.model.load_state_dict(checkpoint.load(folder).state_dict())
        return "resumed from the committed weights, with fresh optimisers and a warm-up"
    return "from scratch"


def train(where: Places, recipe: Recipe, fresh: bool = False) -> None:
    """Train on the stories until all tokens are seen or somebody stops it.

    Needs the tokenizer in the checkpoint folder. `fresh` begins from scratch where no run of this
    machine was stopped, whatever weights are committed.
    Raises CorpusError and ValueError where corpus or tokenizer cannot be read.
    """
    torch.manual_seed(recipe.seed)
    folder = where.checkpoints / NAME
    tokenizer = Tokenizer.load(folder)
    documents = list(corpus.read(where.data / "stories.jsonl.xz"))
    stream = stream_of([d.text for d in documents if d.split == "train"], tokenizer)
    sample = [d.text[:20_000] for d in documents if d.split == "heldout"][:12]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Transformer(replace(recipe.shape, vocabulary=tokenizer.vocabulary))
    run = new_trainer(model, recipe, where.runs / NAME, device)
    how = resume(run, folder, fresh)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters:,} parameters on {device}, {len(stream):,} training tokens, {how}")

    def export() -> None:
        checkpoint.save(model, folder)
        copy(folder, folder, model.context)
        if sample:  # a sign of life; `training.evaluate` takes all of the held-out text
            found = bits_per_byte(model, tokenizer, sample, stride=model.context)
            print(f"  held out (sample): {found.bits_per_byte:.4f} bits per byte", flush=True)

    seen = run.step * recipe.batch
    source = windows(stream, model.context, recipe.seed, skip=seen)
    with run.until_signalled():
        run.run(batches(source, recipe.batch), export)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    places.add_flags(parser)
    parser.add_argument("--tokens", type=int, default=Recipe.tokens)
    parser.add_argument("--context", type=int, default=TransformerConfig.context)
    parser.add_argument(
        "--fresh", action="store_true", help="begin from scratch, not from the committed weights"
    )
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    flags = parser.parse_args()
    shape = TransformerConfig(context=flags.context)
    recipe = Recipe(shape, tokens=flags.tokens, compile=flags.compile)
    train(places.from_flags(flags), recipe, flags.fresh)


if __name__ == "__main__":
    main()
