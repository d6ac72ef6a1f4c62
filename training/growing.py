"""Trains a small storyteller and keeps it at many ages: step 0, then at doubling steps.

    python -m training.growing --data FOLDER

What heads do and when they begin to can be watched in it. It reads simple stories in small tokens
of its own, and among them passages that are told again at once. It stops and goes on as the
storyteller does.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

from learning.stream import batches, stream_of, windows
from learning.trainer import Schedule
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.model import TransformerConfig
from training import paths, storyteller
from training.data import corpus, repeats
from training.paths import Paths
from training.tokenizer_kinds import byte_bpe
from training.tokenizers import save

NAME = "storyteller-growing"


@dataclass(frozen=True)
class Recipe(storyteller.Recipe):
    """The storyteller's recipe in a smaller shape, with the ages at which a snapshot is kept."""

    shape: TransformerConfig = field(
        default_factory=lambda: TransformerConfig(
            vocabulary=1024, context=256, layers=4, width=128, feed_forward=320
        )
    )
    """The vocabulary is that of its tokenizer too."""
    tokens: int = 8192 * 8 * 256  # 8,192 steps
    corpus: str = storyteller.SIMPLE
    batch: int = 8
    told_again: float = 0.03  # of all ids
    first_snapshot: int = 8
    """The first step after 0 that is kept; then 16, 32 and so on, and the last step."""

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The steps that are kept, in order."""
        kept, step = [0], self.first_snapshot
        while step < super().schedule.steps:
            kept.append(step)
            step *= 2
        return (*kept, super().schedule.steps)

    @property
    def schedule(self) -> Schedule:
        return replace(super().schedule, save_also=frozenset(self.snapshots))


def folder_of(where: Paths, step: int) -> Path:
    """Every snapshot is a checkpoint of its own, named by its age in steps."""
    return where.checkpoints / NAME / f"step-{step:05}"


def train(where: Paths, recipe: Recipe) -> None:
    """Train until all tokens are seen or somebody stops it. Raises CorpusError."""
    documents = corpus.read(where.data / recipe.corpus)
    texts = [d.text for d in documents if d.split == "train"]
    cut = byte_bpe(texts, recipe.shape.vocabulary)
    save(cut, where.checkpoints / NAME, recipe.shape.context)  # one tokenizer for all ages
    tokenizer = Tokenizer(cut)
    stream = repeats.mixed_in(
        stream_of(texts, tokenizer),
        recipe.told_again,
        tokenizer.vocabulary,
        tokenizer.end_of_text,
        recipe.seed,
    )
    model, run = storyteller.new_run(recipe, tokenizer.vocabulary, where.runs / NAME)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters:,} parameters, kept at steps {recipe.snapshots}")

    def export() -> None:
        if run.trainer.step in recipe.snapshots:
            checkpoint.save(model, folder_of(where, run.trainer.step))

    if not run.resume():
        export()
    source = windows(stream, model.context, recipe.seed, skip=run.trainer.step * recipe.batch)
    run.run(batches(source, recipe.batch), export, paths.report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    flags = parser.parse_args()
    train(paths.from_flags(flags), Recipe(compile=flags.compile))


if __name__ == "__main__":
    main()
