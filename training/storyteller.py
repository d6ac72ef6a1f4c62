"""Trains the storyteller, a small GPT, on the training stories.

    python -m training.storyteller --data FOLDER --tokens 20_000_000

Stop it at any time (Ctrl-C or SIGTERM): it saves its full state in `runs/storyteller` and the
weights so far in the checkpoint folder, and the same command goes on from there. Without that
state it goes on from the committed weights, with fresh optimisers and a short warm-up.
"""

from __future__ import annotations

import argparse
import csv
import math
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import torch
import torch.nn.functional as F

from models import checkpoint
from models.tokenizer import Tokenizer
from models.transformer import Transformer, TransformerConfig
from training import corpus, run_state
from training.scoring import bits_per_byte

CHECKPOINT = Path("checkpoints/storyteller")
RUN = Path("runs/storyteller")


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults made the committed storyteller."""

    tokens: int = 20_000_000  # to see in all, over every resumed part of the run
    batch: int = 32  # rows of `context` tokens
    matrix_rate: float = 0.02  # Muon, for the matrices inside the blocks
    other_rate: float = 3e-3  # AdamW, for embeddings and norms
    weight_decay: float = 0.05
    warm_up: int = 100  # steps
    seed: int = 20261122
    report_every: int = 50  # steps
    save_every: int = 250  # steps
    compile: bool = True


def learning_rate(step: int, steps: int, warm_up: int) -> float:
    """Share of the peak rate: linear warm-up, then linear to a twentieth of it.

    Linear decay beats cosine at every short budget; Bergsma et al. 2025, arXiv 2502.15938.
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 1 - 0.95 * min(1.0, (step - warm_up) / max(1, steps - warm_up))


def optimisers(model: Transformer, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices of the blocks, AdamW for everything else."""
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(matrices, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay),
        torch.optim.AdamW(others, lr=recipe.other_rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def windows(stream: np.ndarray, length: int, seed: int, skip: int) -> Iterator[np.ndarray]:
    """Windows of `length` + 1 ids, every epoch in a new order and from a new offset.

    `skip` windows are passed over, so that a resumed run sees what it has not seen.
    """
    epoch = 0
    while True:
        generator = np.random.default_rng((seed, epoch))
        offset = int(generator.integers(length))
        starts = np.arange(offset, len(stream) - length, length)
        generator.shuffle(starts)
        for start in starts[skip:]:
            yield stream[start : start + length + 1]
        skip = max(0, skip - len(starts))
        epoch += 1


def stream_of(documents: list[str], tokenizer: Tokenizer) -> np.ndarray:
    """All documents in one row of ids, each one opened by end-of-text."""
    ids: list[int] = []
    for encoded in tokenizer.encode_batch(documents):
        ids += [tokenizer.end_of_text, *encoded]
    return np.asarray(ids, dtype=np.int64)


class Trainer:
    """One run: model, optimisers, the place in the corpus, and the log."""

    def __init__(self, model: Transformer, recipe: Recipe, device: torch.device) -> None:
        self.recipe = recipe
        self.device = device
        self.model = model.to(device).train()
        self.optimisers = optimisers(model, recipe)
        self.peaks = [group["lr"] for o in self.optimisers for group in o.param_groups]
        self.step = 0
        self.stopped = False
        self.forward = torch.compile(self._loss) if recipe.compile else self._loss

    @property
    def step_tokens(self) -> int:
        return self.recipe.batch * self.model.context

    @property
    def steps(self) -> int:
        return math.ceil(self.recipe.tokens / self.step_tokens)

    def _loss(self, ids: torch.Tensor) -> torch.Tensor:
        logits = self.model(ids[:, :-1])  # (batch, context, vocabulary)
        return F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        """One step of both optimisers on one batch; returns the loss in nats per token."""
        share = learning_rate(self.step, self.steps, self.recipe.warm_up)
        groups = [group for o in self.optimisers for group in o.param_groups]
        for group, peak in zip(groups, self.peaks, strict=True):
            group["lr"] = peak * share
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            loss: torch.Tensor = self.forward(ids)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return loss.detach()

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopped = True

    def save(self) -> None:
        run_state.save(RUN, self.model, self.optimisers, self.step)
        checkpoint.save(self.model, CHECKPOINT)

    def resume(self) -> str:
        """Go on from the full state of this machine, else from the committed weights."""
        if (RUN / run_state.STATE).exists():
            self.step = run_state.load(RUN, self.model, self.optimisers)
            return f"resumed at step {self.step} with the full state"
        if (CHECKPOINT / "config.json").exists():
            self.model.load_state_dict(checkpoint.load(CHECKPOINT).state_dict())
            return "resumed from the committed weights, with fresh optimisers and a warm-up"
        return "from scratch"

    def run(self, train: np.ndarray, held_out: list[str], tokenizer: Tokenizer) -> None:
        """Train until all tokens are seen or the run is stopped; report, save as it goes."""
        seen = self.step * self.recipe.batch
        source = windows(train, self.model.context, self.recipe.seed, skip=seen)
        started, first, losses = time.monotonic(), self.step, []
        while self.step < self.steps and not self.stopped:
            batch = np.stack([next(source) for _ in range(self.recipe.batch)])
            losses.append(self.update(torch.from_numpy(batch).to(self.device)))
            if self.step % self.recipe.report_every == 0:
                self.report(float(torch.stack(losses).mean()), started, first)
                losses = []
            if self.step % self.recipe.save_every == 0:
                self.save()
                self.score(held_out, tokenizer)
        self.save()

    def report(self, loss: float, started: float, first: int) -> None:
        """One line on the screen and in the log; `first` is the step this part began at."""
        seconds = time.monotonic() - started
        rate = (self.step - first) * self.step_tokens / seconds
        left = (self.steps - self.step) * self.step_tokens / rate / 60
        seen = self.step * self.step_tokens
        print(
            f"step {self.step}/{self.steps}  {seen / 1e6:.2f} M tokens  loss {loss:.4f}  "
            f"{rate:,.0f} tokens/s  {left:.1f} min left",
            flush=True,
        )
        RUN.mkdir(parents=True, exist_ok=True)
        with (RUN / "log.csv").open("a", newline="") as file:
            csv.writer(file).writerow([self.step, seen, f"{loss:.5f}", f"{rate:.0f}"])

    def score(self, held_out: list[str], tokenizer: Tokenizer) -> None:
        """Bits per byte on a sample, as a sign of life; `training.evaluate` takes all of it."""
        self.model.eval()
        found = bits_per_byte(self.model, tokenizer, held_out, stride=self.model.context)
        self.model.train()
        print(f"  held out (sample): {found.bits_per_byte:.4f} bits per byte", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("--tokens", type=int, default=Recipe.tokens)
    parser.add_argument("--fresh", action="store_true", help="ignore weights and earlier state")
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    options = parser.parse_args()
    recipe = Recipe(tokens=options.tokens, compile=options.compile)
    torch.manual_seed(recipe.seed)
    tokenizer = Tokenizer.load(CHECKPOINT)
    documents = list(corpus.read(corpus.data_folder(options.data) / "stories.jsonl.xz"))
    train = stream_of([d.text for d in documents if d.split == "train"], tokenizer)
    sample = [d.text[:20_000] for d in documents if d.split == "heldout"][:12]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Transformer(TransformerConfig(vocabulary=tokenizer.vocabulary))
    trainer = Trainer(model, recipe, device)
    how = "from scratch" if options.fresh else trainer.resume()
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters:,} parameters on {device}, {len(train):,} training tokens, {how}")
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, trainer.stop)
    trainer.run(train, sample, tokenizer)


if __name__ == "__main__":
    main()
