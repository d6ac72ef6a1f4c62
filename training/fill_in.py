"""Trains the model that fills in masked tokens, from what stands on both sides of them.

    python -m training.fill_in --data FOLDER

It reads simple and old stories and the English of the sentence pairs in the WordPiece of the
collection. It stops and goes on as the storyteller does.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import tokenizers
import torch

from learning.masking import masked, masked_loss
from learning.optimisers import muon_and_adamw
from learning.run import TrainingRun
from learning.stream import batches, stream_of, windows
from learning.trainer import Schedule, Trainer
from models.text.tokenizer import MASK, Tokenizer
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig
from training import paths
from training.data import corpus, pairs
from training.paths import Paths
from training.storyteller import SIMPLE, STORIES
from training.tokenizers import save

NAME = "fill-in"


@dataclass(frozen=True)
class Recipe:
    """How one run trains."""

    shape: BidirectionalConfig = field(default_factory=BidirectionalConfig)
    """Vocabulary and mask are the tokenizer's, whatever stands here."""
    tokens: int = 12_000_000  # to see in all, masked or not, over every resumed part of the run
    batch: int = 32  # rows of one context
    masked: float = 0.3
    """Of all positions, always by the mask; BERT spares a fifth of them. Twice BERT's share
    teaches twice as much a step (Wettig et al. 2023, arXiv 2202.08005)."""
    dropout: float = 0.0
    matrix_rate: float = 0.02  # Muon, for the matrices inside the layers
    other_rate: float = 2e-3  # AdamW, for embeddings, biases and norms
    weight_decay: float = 0.05
    warm_up: int = 100  # steps
    seed: int = 20261129
    report_every: int = 50  # steps
    save_every: int = 250  # steps
    compile: bool = True

    @property
    def schedule(self) -> Schedule:
        step_tokens = self.batch * self.shape.context
        steps = math.ceil(self.tokens / step_tokens)
        return Schedule(steps, step_tokens, self.warm_up, self.report_every, self.save_every)


def with_mask(folder: Path) -> tokenizers.Tokenizer:
    """The WordPiece of the collection with a mask as its last token."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_special_tokens([MASK])
    return tokenizer


def training_texts(data: Path) -> list[str]:
    """Simple stories three times, for they are few; old ones; every different English sentence.

    Raises CorpusError where a corpus cannot be read.
    """
    texts = [
        document.text
        for name in (SIMPLE, SIMPLE, SIMPLE, STORIES)
        for document in corpus.read(data / name)
        if document.split == "train"
    ]
    found = pairs.read(data / pairs.FILE)
    return texts + list(dict.fromkeys(p.english for p in found if p.split == "train"))


def training_stream(data: Path, tokenizer: Tokenizer, seed: int) -> np.ndarray:
    """All texts in one row of ids, in an order by chance, each opened by end-of-text."""
    texts = training_texts(data)
    order = np.random.default_rng(seed).permutation(len(texts))
    cut = {text: stream_of([text], tokenizer) for text in dict.fromkeys(texts)}  # each text once
    return np.concatenate([cut[texts[i]] for i in order])


def new_run(recipe: Recipe, vocabulary: int, folder: Path) -> tuple[Bidirectional, TrainingRun]:
    """An untrained model and its run at the first step, on a GPU where there is one."""
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    shape = replace(recipe.shape, vocabulary=vocabulary, mask=vocabulary - 1)
    model = Bidirectional(shape, recipe.dropout).to(device)
    matrices = [p for p in model.layers.parameters() if p.dim() == 2]
    chosen = muon_and_adamw(
        model, matrices, recipe.matrix_rate, recipe.other_rate, recipe.weight_decay
    )
    loss = masked_loss(model, round(recipe.masked * shape.context))
    compiled = torch.compile(loss) if recipe.compile else loss
    return model, TrainingRun(Trainer(model, compiled, chosen, recipe.schedule, device), folder)


def train(where: Paths, recipe: Recipe) -> None:
    """Train until all tokens are seen or somebody stops it.

    Needs the WordPiece of the collection. Raises CorpusError and ValueError where corpus or
    tokenizer cannot be read.
    """
    cut, folder = (
        with_mask(where.checkpoints / "tokenizers" / "wordpiece"),
        where.checkpoints / NAME,
    )
    save(cut, folder, recipe.shape.context)
    tokenizer = Tokenizer.load(folder)
    model, run = new_run(recipe, tokenizer.vocabulary, where.runs / NAME)
    run.resume()
    stream = training_stream(where.data, tokenizer, recipe.seed)
    parameters = sum(p.numel() for p in model.parameters())
    step = run.trainer.step
    print(f"{NAME}: {parameters:,} parameters, {len(stream):,} training tokens, from step {step}")
    # a window is one id longer than asked for
    source = windows(stream, model.context - 1, recipe.seed, skip=step * recipe.batch)
    run.run(
        masked(
            batches(source, recipe.batch),
            model.config.mask,
            tokenizer.end_of_text,
            recipe.masked,
            recipe.seed,
            step,
        ),
        lambda: bert_checkpoint.save(model, folder),
        paths.report,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("--tokens", type=int, default=Recipe.tokens)
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    flags = parser.parse_args()
    train(paths.from_flags(flags), Recipe(tokens=flags.tokens, compile=flags.compile))


if __name__ == "__main__":
    main()
