"""Text in, frozen dataclasses out: the one door between the page and the models."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from inference.backend import Backend
from inference.bounds import Bounds
from inference.broadcast.rooms import Rooms
from inference.broadcast.topics import Topics
from inference.catalog import Catalog
from inference.cluster.client import RemoteBackend
from inference.collection import STORYTELLER
from inference.entry import LEARNED, Capability, Entry
from inference.errors import InternalError, OrreryError, TooMuch
from inference.lent.backend import LendingBackend, Lent
from inference.limits import Limits
from inference.loading.lazy import LazyResource
from inference.loading.registry import Source
from inference.loading.remembered import Remembered
from inference.loading.trained import TrainedModels
from inference.local import LocalBackend, open_torch
from inference.rungs import HeldOut, NGrams, Rung, dimensions, held_out, rungs
from inference.scheduling.request_counts import RequestCounts
from inference.scheduling.turns import in_turn
from inference.status import ServiceStatus
from inference.task import N, ProcessTask, R, Result, Task, TextTask
from inference.tasks.attention.ablation import Ablation
from inference.text.cleaning import clean
from inference.text.preprocessor import Preprocessor, Segmenter
from inference.types.tokenized import Tokenized
from inference.types.waiting import Waiting
from inference.words import Maps, WordVectors
from learning import names
from models.words import maps, vectors

log = logging.getLogger(__name__)
LOOK_UP = 0.25  # seconds between two looks at the warm-up, by whoever waits for its end
learned = lru_cache(16)(Segmenter.read)
"""Tokenizers that were trained here, by their lines: a view may ask the same one often."""


class Service:
    """Owns texts, limits and counters, and asks a backend to run models. Safe from any thread."""

    def __init__(
        self,
        checkpoints: Path,
        device: str = "auto",
        limits: Limits | None = None,
        half: bool = False,
        backend: Backend | None = None,
        cluster: str | None = None,
        elsewhere: Mapping[str, str] | None = None,
        own_vectors: Mapping[str, str] | None = None,
        own_tokenizers: Mapping[str, str] | None = None,
        lend: Callable[[Mapping[str, Source], Limits, bool], Lent] | None = None,
    ) -> None:
        """half: compute in 16 bit where the device can. backend: instead of the in-process one,
        as is a cluster at a URL.

        elsewhere: folders or Hub ids of other models, by the names that they are to have;
        own_vectors, own_tokenizers: files of word vectors, and of tokenizers, likewise. lend: makes
        what runs these models on a lent GPU, given also `half`. Raises ValueError that names the
        model where one cannot be used.
        """
        self.limits = limits or Limits()
        self.trained = trained = TrainedModels(self.limits)
        self.topics = Topics(self.limits)
        self.rooms = Rooms(self.topics)
        self.catalog = catalog = Catalog(
            checkpoints, self.limits, elsewhere, trained.entry, own_vectors, own_tokenizers
        )
        self._backend = backend or self._runs_models(device, half, cluster)
        self.lending: LendingBackend | None = None
        """Where a page may ask for a GPU that is lent for the length of a run."""
        if lend is not None:
            sources = catalog.sources()
            lent = lend(sources, self.limits, half)
            self._backend = self.lending = LendingBackend(self._backend, lent, sources, self.limits)
        self.counts = RequestCounts()
        self.turn = threading.Lock()
        """Held by whoever computes for a second in a handler, so that a class waits in line."""
        self.remembered = Remembered(self.limits.remembered)
        self._warm = threading.Event()
        self._warm.set()
        self._segmenters = {
            entry.name: self._segmenter(entry)
            for can in ("write", "attend", "cut", "fill in", "translate")
            for entry in catalog.entries(can, listed=False)
        }
        self._vectors = {
            entry.name: self._word_vectors(entry) for entry in catalog.entries("embed")
        }
        self._maps = {entry.name: self._word_maps(entry) for entry in catalog.entries("draw a map")}

    def _runs_models(self, device: str, half: bool, cluster: str | None) -> Backend:
        """In this process, or in the cluster at a URL."""
        if cluster:
            return RemoteBackend(cluster, self.limits, self.trained.files)
        devices, folder = open_torch(device, half, self.limits.gpu_share), self.trained.folder
        return LocalBackend(self.catalog.sources(), devices, self.limits, trained=folder)

    def _segmenter(self, entry: Entry) -> LazyResource[Segmenter]:
        load = partial(self._load_segmenter, entry)
        return LazyResource(f"{entry.name} tokenizer", load, lambda one: one.tokenizer.vocabulary)

    def _load_segmenter(self, entry: Entry) -> Segmenter:
        """Raises ValueError where it is damaged, or has not the vocabulary of its model."""
        if entry.kind == "learned":
            return learned(entry.name.removeprefix(LEARNED))
        facts = self.catalog.elsewhere.get(entry.name)
        own = facts.tokenizer if facts else self.catalog.tokenizers.get(entry.name)
        if own is not None:
            return Segmenter(own)
        segmenter = Segmenter.load(self.catalog.folder(entry), entry.kind == "tokenizer")
        found = segmenter.tokenizer.vocabulary
        stated = found if entry.kind == "tokenizer" else self.catalog.bounds(entry.name).vocabulary
        if found != stated:
            raise ValueError(
                f"its tokenizer.json has {found:,} tokens and its config.json states {stated:,}: "
                "they do not belong together."
            )
        return segmenter

    def _word_vectors(self, entry: Entry) -> LazyResource[WordVectors]:
        load = partial(vectors.load, self.catalog.folder(entry), entry.name)
        if entry.name in self.catalog.vectors:  # mapped, and checked when the app started
            load = partial(self.catalog.vectors.__getitem__, entry.name)
        return LazyResource(f"word vectors {entry.name}", load, lambda one: int(one.unit.size))

    def _word_maps(self, entry: Entry) -> LazyResource[Maps]:
        load = partial(maps.load, self.catalog.folder(entry), entry.name)
        return LazyResource(f"map of {entry.name}", load, lambda one: len(one.rows))

    def warm_up(self) -> None:
        """Load everything in the background, so that the first person does not wait for it."""
        self._warm.clear()
        threading.Thread(target=self._load, name="orrery-warm-up", daemon=True).start()

    def _load(self) -> None:
        first = next(iter(self._vectors.values()))
        steps: tuple[Callable[[], object], ...] = (
            self._segmenters[STORYTELLER].get,
            first.get,
            partial(self._backend.open, STORYTELLER),
            self._prepare_ablation,
            *(partial(self._backend.open, name) for name in self.catalog.elsewhere),
        )
        try:
            for step in steps:
                try:
                    step()
                except Exception as error:  # nobody has asked yet; who does is told
                    foreseen = isinstance(error, OrreryError)
                    log.warning("%s", error if foreseen else InternalError(error).cause)
        finally:
            self._warm.set()

    def _prepare_ablation(self) -> None:
        """Have the texts written that heads are compared with: nobody is to wait for them later."""
        end, *_ = ends = self.preprocessor(STORYTELLER, "remove heads").ends
        nothing = Tokenized("", (end, end), (b"", b""))
        task = Ablation("", tokens=nothing, ends=ends)
        deque(self._backend.run(task, None), maxlen=0)

    async def settled(self) -> ServiceStatus:
        """The status once the warm-up is over, whatever came of it. Holds no thread meanwhile."""
        ends = asyncio.get_running_loop().time() + self.limits.seconds
        while not self._warm.is_set() and asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(LOOK_UP)
        return self.status

    def close(self, seconds: float = 10.0) -> None:
        """Admit nobody more, give what is under way `seconds` to end, and end the rest."""
        self._backend.close(seconds)
        self.trained.close()

    @property
    def status(self) -> ServiceStatus:
        """Device, models, and how busy the service is, right now."""
        backend = self._backend.status
        others: list[LazyResource[Any]] = [
            *self._segmenters.values(),
            *self._vectors.values(),
            *self._maps.values(),
        ]
        return ServiceStatus(
            device=backend.device,
            models=(*backend.models, *(one.status for one in others)),
            waiting=backend.waiting,
            tokens_per_second=backend.tokens_per_second,
            dtype=backend.dtype,
            note=backend.note,
            requests=self.counts.counts,
            work=backend.work,
        )

    def run(
        self, task: Task[N, R], session: str | None = None
    ) -> Generator[Waiting | R, None, None]:
        """Ask a model something.

        Yields how long it has to wait until the first news, then the newest news, of which the
        last is the result; something at least every `limits.heartbeat_seconds`, and news at most
        every `limits.update_seconds`. Leaving the loop cancels the work within one slice of it.
        session: names the person's page, for fairness. Raises OrreryError.
        """
        with self.counts.request(type(task).__name__) as request:
            if isinstance(task, TextTask):
                request.running()
                model = self.preprocessor(task.model, *task.needs)
                yield from in_turn(task.work(model), self.turn)
                return
            prepared, finish = self._prepared(task, session)
            known = prepared.known()
            if known is not None:
                request.running()
                yield known
                return
            latest: Waiting | R | None = None
            with closing(self._backend.run(prepared, session)) as stream:
                for news in stream:
                    if not isinstance(news, Waiting):
                        request.running()
                        latest = finish(news)
                    elif latest is None or isinstance(latest, Waiting):
                        request.queued()
                        latest = news
                    yield latest

    def _prepared(
        self, task: Task[N, R], session: str | None
    ) -> tuple[Task[N, R], Callable[[Result[N]], R]]:
        """A task that can be sent to the backend, and what makes its news into values."""
        if isinstance(task, ProcessTask):
            checked = task.checked(self.limits)
            keep = None if session is None else self.trained.keep
            return checked, lambda found: checked.told(found, keep)
        model = self.preprocessor(task.model, *task.needs)
        prepared = task.prepare(model)
        if prepared.rows * prepared.steps > self.limits.row_tokens:
            raise TooMuch(self.limits.row_tokens, prepared.rows * prepared.steps)
        return prepared, lambda found: prepared.finish(found, model.tokenizer)

    def answer(self, task: Task[Any, R], session: str | None = None) -> R:
        """The result of a task, once it is there. Raises OrreryError."""
        *_, last = self.run(task, session)
        if isinstance(last, Waiting):
            raise TypeError(f"{type(task).__name__} ended without a result.")
        return last

    def preprocessor(self, name: object, *needs: Capability) -> Preprocessor:
        """The text side of a model. Raises ModelUnavailable, or OrreryError where it cannot."""
        entry = self.catalog.entry(name, *needs)
        resource = self._segmenters.get(entry.name)
        segmenter = resource.get() if resource else self._load_segmenter(entry)
        facts, limits = self.catalog.elsewhere.get(entry.name), self.limits
        if entry.kind in ("tokenizer", "own tokenizer", "learned"):
            bounds = Bounds.within(limits, limits.characters, segmenter.tokenizer.vocabulary)
        else:
            bounds = self.catalog.bounds(entry.name)
        model = Preprocessor(segmenter, bounds, limits, entry.unit)
        if facts is not None:
            return replace(
                model,
                opening=facts.opening,
                closing=facts.closing,
                start=facts.start,
                notes=facts.notes,
            )
        end = model.ends[:1]
        start = end[0] if "translate" in entry.can else None
        return replace(model, opening=end * entry.opens, closing=end * entry.closes, start=start)

    def ladder(self) -> tuple[Rung, ...]:
        """The measured ladder. Raises ModelUnavailable where its figures cannot be read."""
        return rungs(self.catalog)

    def held_out(self, names: Sequence[str]) -> tuple[HeldOut, ...]:
        """These models on the same held-out stories. Raises ModelUnavailable, likewise."""
        return held_out(self.catalog, names)

    def dimensions(self) -> tuple[NGrams, ...]:
        """The n-grams of the ladder's text by their length. Raises ModelUnavailable."""
        return dimensions(self.catalog)

    def names(self) -> tuple[str, ...]:
        """First names, the commonest first: a text of its own for models that only count."""
        return names.read()

    def word_vectors(self, name: object = vectors.NAMES[0]) -> WordVectors:
        """One model's word vectors, read-only, for `analysis.embeddings`. Raises OrreryError."""
        return self._vectors[self.catalog.entry(name, "embed").name].get()

    def word_maps(self, name: object = maps.NAMES[0]) -> Maps:
        """The stored maps of one model's words, over rows of its `word_vectors`. Raises
        OrreryError."""
        return self._maps[self.catalog.entry(name, "draw a map").name].get()

    def word(self, text: object) -> str:
        """One word as a person typed it, ready to be looked up. Raises OrreryError."""
        return clean(text, self.limits.word_characters, "word").text.strip()
