"""One live training from its first step to its last: a generator of what is seen of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from learning import names
from learning.live import keeping, measuring, networks, texts
from learning.live.texts import Corpus
from learning.live.training import Point, Run, Sample, Settings, Share
from learning.trainer import Trainer

POINTS = 24  # measurements, the first before any step, more of them early
BENT = 1.5  # how many more
SAMPLED = (0, 2, 6, 10, 16, POINTS)  # the measurements at which it writes
PAUSE = 0.25  # seconds between two news without a measurement
ROWS, LINE = 8, 24  # texts of a list that it writes, of at most so many characters
RUNNING = 160  # characters of a running text
WRITTEN = 1_000  # names that are looked at in the end


def train(settings: Settings, own: str = "", seconds: float = 60.0) -> Iterator[Run]:
    """Everything that is known after every measurement, and often in between.

    own: the text for the name own. seconds: of training, after which it ends where it stands. The
    same settings train the same model, to the bit on one kind of machine (truth: R41).
    """
    corpus = texts.corpus(settings.text, own)
    if settings.model == "counted":
        yield from count(settings, corpus)
        return
    model = networks.built(settings, len(corpus.alphabet))
    live = Live(settings, corpus, model)
    yield live.run
    live.measure()
    yield live.run  # before the first optimiser of a process, which loads torch's compiler
    trainer = live.trainer = networks.new_trainer(settings, model)
    source, started = networks.batches_of(settings, corpus), time.monotonic()
    due, told = points(settings.steps), started
    while not live.run.end:
        loss = float(trainer.update(torch.from_numpy(next(source))))
        now, end = time.monotonic(), ""
        if not math.isfinite(loss):
            end = "diverged"
        elif trainer.finished:
            end = "done"
        elif now - started > seconds:
            end = "late"
        if trainer.step in due or end:
            live.measure()
        if trainer.step in due or end or now - told > PAUSE:
            told = now
            yield live.timed(now - started)
        if end:
            live.end(end)
    yield live.run


def points(steps: int) -> set[int]:
    """The steps after which something is measured."""
    found = np.unique(np.round(steps * (np.arange(1, POINTS + 1) / POINTS) ** BENT).astype(int))
    return {int(step) for step in found if step}


def count(settings: Settings, corpus: Corpus) -> Iterator[Run]:
    """A model that counts: it has nothing to learn step by step, so its two losses are all."""
    model = networks.counted(corpus)
    live = Live(settings, corpus, model)
    live.measure()
    live.end("done")
    yield live.run


class Live:
    """A model in training, what it is measured on, and what has been found so far."""

    def __init__(self, settings: Settings, corpus: Corpus, model: Any) -> None:
        self.settings, self.corpus, self.model = settings, corpus, model
        self.trainer: Trainer | None = None
        """None before the first step, and of a model that counts."""
        length = networks.measured_length(settings)
        self._heldout = measuring.windows_of(corpus.heldout, length)
        self._train = measuring.windows_of(corpus.train, length)
        self._layers = networks.layers_of(model)
        counts = settings.model == "counted"
        bigram = model if counts else networks.counted(corpus)
        size = len(model.counts.counts) if counts else sum(p.numel() for p in model.parameters())
        self.run = Run(
            parameters=size,
            alphabet=len(corpus.alphabet),
            trained=len(corpus.train),
            measured=int(self._heldout[1].sum()),
            bigram=measuring.bits(bigram, self._heldout),
            layers=tuple(self._layers),
        )

    def measure(self) -> None:
        """Both losses and the gradients of the last step, and at some steps what it writes."""
        trainer = self.trainer
        step = trainer.step if trainer else 0
        heldout, train = (measuring.bits(self.model, one) for one in (self._heldout, self._train))
        point = Point(step, measuring.finite(heldout), measuring.finite(train), 0.0)
        if trainer and step:
            scale = max(1.0, trainer.norm / trainer.clip) if math.isfinite(trainer.norm) else 1.0
            point = replace(
                point,
                rate=trainer.optimisers[0].param_groups[0]["lr"],
                norm=measuring.finite(trainer.norm),
                norms=measuring.norms(self._layers, scale),
            )
        self.run = replace(self.run, points=(*self.run.points, point), step=step)
        if len(self.run.points) - 1 in SAMPLED:
            self._write()

    def _write(self) -> None:
        listed = self.corpus.listed
        found = self._written(ROWS, LINE) if listed else self._written(1, RUNNING)
        sample = Sample(self.run.step, found)
        self.run = replace(self.run, samples=(*self.run.samples, sample))

    def _written(self, rows: int, most: int) -> tuple[str, ...]:
        start, seed = self.corpus.start, self.settings.seed
        end = start if self.corpus.listed else None
        written = measuring.write(self.model, start, rows, most, seed, end)
        return tuple(map(self.corpus.spell, written))

    def timed(self, seconds: float) -> Run:
        """What has been found, with the step at which it stands after so many seconds."""
        step = self.trainer.step if self.trainer else 0
        self.run = replace(self.run, step=step, seconds=seconds)
        return self.run

    def end(self, how: str) -> None:
        """Of a model that is whole, its last words, unless they are written, scores and files."""
        if how != "diverged":
            if not self.run.samples or self.run.samples[-1].step != self.run.step:
                self._write()
            self.run = replace(self.run, scores=self._scores())
            card = keeping.card(self.settings, self.run, self.corpus.listed)
            self.run = replace(self.run, files=keeping.folder_of(self.model, self.corpus, card))
        self.run = replace(self.run, end=how)

    def _scores(self) -> tuple[Share, ...]:
        corpus, settings = self.corpus, self.settings
        if settings.text == "memory":
            recalled = measuring.recalled(self.model, corpus)
            return (Share("recalled", recalled, len(corpus.lines[1])),)
        if settings.text not in ("names", "few names"):
            return ()
        written = self._written(WRITTEN, LINE)
        known = measuring.trigrams(names.read())
        copied = sum(one in set(corpus.lines[0]) for one in written) / len(written)
        return (
            Share("familiar", measuring.familiar(written, known), WRITTEN),
            Share("copied", copied, WRITTEN),
        )
