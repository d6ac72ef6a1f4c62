"""Training while people watch: against a plain loop, and beside a service that others use.

    python -m benchmarks.training

Steps a second of the bench against a loop of a few lines over the same model, on one torch thread;
what a training in its process costs five lanes at the same time; and how many of 1,000 names that
the default model writes look right. Fails below what docs/performance.md asks for.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F

from inference.service import Service
from inference.tasks.generate import Generate
from inference.tasks.ladder.train import Train
from inference.types.options import GenerationOptions, Settings
from learning.live import networks
from learning.live.run import train
from learning.live.texts import corpus

CHECKPOINTS = Path("checkpoints")
MODELS = {
    "MLP": Settings(model="mlp", window=8),
    "LSTM": Settings(),
    "GPT": Settings(model="gpt", width=64, layers=2),
}
ROUNDS = 3
LANES = 12
"""Runs of five lanes, each with and without a training."""


def plain(settings: Settings) -> float:
    """CPU seconds of a loop that does nothing but train the same model on the same batches."""
    text = corpus(settings.text)
    model = networks.built(settings, len(text.alphabet))
    optimiser = torch.optim.AdamW(model.parameters(), lr=settings.rate, betas=(0.9, 0.95))
    source, began = networks.batches_of(settings, text), time.process_time()
    for _ in range(settings.steps):
        ids = torch.from_numpy(next(source))
        optimiser.zero_grad()
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimiser.step()
    return time.process_time() - began


def bench(settings: Settings) -> float:
    """CPU seconds of the bench for the same steps, with all that it measures on the way."""
    began = 0.0
    for run in train(settings, seconds=600):
        if not run.points:  # what comes before is text and model, there as here
            began = time.process_time()
        if run.step == settings.steps:  # what comes after is about the model that is done
            return time.process_time() - began
    raise AssertionError("It has not come to its end.")


def steps_against_a_plain_loop() -> bool:
    good = True
    for name, settings in MODELS.items():
        pairs = [(plain(settings), bench(settings)) for _ in range(ROUNDS)]
        ratio = statistics.median(one / other for one, other in pairs)
        rate = settings.steps / statistics.median(other for _, other in pairs)
        print(f"{name}: {rate:.0f} steps/s, {ratio:.2f} of a plain loop (asked: 0.9)", flush=True)
        good &= ratio >= 0.9
    return good


def lanes(service: Service) -> list[float]:
    """Seconds of some runs of five lanes."""
    found = []
    for seed in range(LANES):
        began = time.monotonic()
        service.answer(Generate("Once upon a time", options=GenerationOptions(seed=seed)))
        found.append(time.monotonic() - began)
    return found


def beside(service: Service, work: Callable[[], list[float]]) -> list[float]:
    """What some work returns while a training runs all the time."""
    started, over = threading.Event(), threading.Event()
    task = Train("", settings=Settings(steps=3_000, width=256))

    def run() -> None:
        for news in service.run(task):
            if getattr(news, "step", 0) > 0:
                started.set()
            if over.is_set():
                return

    trainer = threading.Thread(target=run)
    trainer.start()
    started.wait()
    try:
        return work()
    finally:
        over.set()
        trainer.join()


def lanes_beside_a_training() -> bool:
    service = Service(CHECKPOINTS, "cpu")
    lanes(service)
    quiet, busy = lanes(service), beside(service, lambda: lanes(service))
    middle = statistics.median(busy) / statistics.median(quiet)
    late = statistics.quantiles(busy, n=20)[-1] / statistics.quantiles(quiet, n=20)[-1]
    print(f"five lanes beside a training: {middle:.2f} times at the median (asked: 1.3), ", end="")
    print(f"{late:.2f} at p95 (asked: 1.6)", flush=True)
    service.close(1.0)
    return middle <= 1.3 and late <= 1.6


def names() -> bool:
    found = {}
    for settings in (Settings(model="counted"), Settings(), replace(Settings(), steps=1_000)):
        *_, run = train(settings, seconds=600)
        share = next(score.share for score in run.scores if score.name == "familiar")
        found[settings] = share
        title = f"{settings.model}, {run.step:,} steps in {run.seconds:.0f} s"
        print(f"{title}: {100 * share:.0f} % of 1,000 names look right", flush=True)
    return found[Settings()] >= 0.8


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    checks = (steps_against_a_plain_loop, names, lanes_beside_a_training)
    found = [check() for check in checks]  # all of them, also after one that fails
    if not all(found):
        sys.exit("Below what was asked.")


if __name__ == "__main__":
    main()
