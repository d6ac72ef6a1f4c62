"""Text in, frozen dataclasses out: the one door between the page and the models."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from inference import tokenizing
from inference.collection import Member
from inference.errors import OrreryError, TooLong
from inference.text import clean
from inference.tokenizing import Cutter
from inference.types import (
    AttentionMaps,
    Generation,
    GenerationOptions,
    HeadRemovals,
    HeadSweep,
    LaneState,
    Removal,
    ServiceStatus,
    Tokenized,
    WordVectors,
)
from inference.worker import Worker
from models import word_vectors
from models.tokenizer import Tokenizer

if TYPE_CHECKING:
    from inference.backend import LocalBackend

log = logging.getLogger(__name__)
STORYTELLER = "storyteller"
WORD_VECTORS = "word-vectors"
TRAILING_SPACE = (
    "The prompt ends in a space. Most tokens bring their own, so the continuation may stumble."
)


@dataclass(frozen=True)
class Limits:
    """What one request may cost; beyond it the answer is a sentence that says so."""

    characters: int = 2_000
    word_characters: int = 80
    prompt_tokens: int = 128
    attention_tokens: int = 64
    jobs: int = 64
    """Requests at work at once, over everybody; the next one is told how many are ahead."""
    seconds: float = 60.0
    update_seconds: float = 0.04
    """At most one update of a stream in this time: more than a screen can show."""


class Service:
    """Owns the models, the worker and the limits. Safe to call from any thread."""

    def __init__(
        self, checkpoints: Path, device: str = "auto", limits: Limits | None = None
    ) -> None:
        self.limits = limits or Limits()
        self._checkpoints = checkpoints
        self._device = device
        self._worker = Worker(self.limits.jobs)
        self._local: LocalBackend | None = None
        self._settled = threading.Event()
        self._settled.set()
        self._rate = 0.0
        folder = checkpoints / STORYTELLER
        self._tokenizer: Member[Tokenizer] = Member(
            f"{STORYTELLER} tokenizer", lambda: Tokenizer.load(folder), lambda t: t.vocabulary
        )
        self._tokenizers = tokenizing.members(checkpoints)
        self._storyteller: Member[int] = Member(
            STORYTELLER, lambda: self._backend().load(STORYTELLER), lambda parameters: parameters
        )
        self._vectors: Member[WordVectors] = Member(
            WORD_VECTORS,
            lambda: word_vectors.load(checkpoints / WORD_VECTORS),
            lambda vectors: int(vectors.unit.size),
        )

    def _backend(self) -> LocalBackend:
        """Only ever called on the worker: torch takes longer to import than the page to serve."""
        if self._local is None:
            from inference.backend import LocalBackend  # noqa: PLC0415  # see above

            self._local = LocalBackend(self._checkpoints, self._device)
        return self._local

    def warm_up(self) -> None:
        """Load everything in the background, so that the first person does not wait for it."""
        self._settled.clear()

        def load() -> None:
            on_worker = partial(self._worker.call, self._storyteller.get, self.limits.seconds)
            for get in (self._tokenizer.get, self._vectors.get, on_worker):
                try:
                    get()
                except OrreryError as error:
                    log.warning("%s", error)
            self._settled.set()

        threading.Thread(target=load, name="orrery-warm-up", daemon=True).start()

    def settled(self) -> ServiceStatus:
        """The status once the warm-up is over, whatever came of it."""
        self._settled.wait(self.limits.seconds)
        return self.status

    @property
    def status(self) -> ServiceStatus:
        """Device, models, and how busy the service is, right now."""
        members: list[Member[Any]] = [self._tokenizer, self._storyteller, self._vectors]
        members += self._tokenizers.values()
        return ServiceStatus(
            device=self._local.device if self._local else "starting",
            models=tuple(member.status for member in members),
            waiting=self._worker.waiting,
            tokens_per_second=self._rate,
        )

    def tokenize(
        self, text: object, what: str = "text", tokenizer: object = STORYTELLER
    ) -> Tokenized:
        """Cut a text into tokens, the storyteller's or those of another of the collection.

        Raises OrreryError on unusable text, and where there is no such tokenizer.
        """
        cleaned = clean(text, self.limits.characters, what)
        if tokenizer == STORYTELLER:
            return Cutter(self._tokenizer.get()).cut(cleaned)
        return tokenizing.chosen(self._tokenizers, tokenizer).cut(cleaned)

    def word_vectors(self) -> WordVectors:
        """The word vectors, read-only, for `analysis.embeddings`."""
        return self._vectors.get()

    def word(self, text: object) -> str:
        """One word as a person typed it, ready to be looked up. Raises OrreryError."""
        return clean(text, self.limits.word_characters, "word").text.strip()

    def attention(self, text: object) -> AttentionMaps:
        """Every head's attention over a text of up to `limits.attention_tokens` tokens."""
        tokens = self._within(text, "sentence", self.limits.attention_tokens)

        def work() -> AttentionMaps:
            self._storyteller.get()
            return AttentionMaps(tokens, self._backend().attention(STORYTELLER, list(tokens.ids)))

        return self._worker.call(work, self.limits.seconds)

    def without_heads(self, text: object, removal: Removal = "mean") -> HeadRemovals:
        """How predictions move when every head is removed, one by one, over the same texts."""
        if removal not in get_args(Removal):
            raise OrreryError(f"A head is removed by one of {', '.join(get_args(Removal))}.")
        tokens = self._within(text, "sentence", self.limits.attention_tokens)
        tokenizer = self._tokenizer.get()
        end = tokenizer.end_of_text

        def work() -> HeadSweep:
            self._storyteller.get()
            return self._backend().without_heads(STORYTELLER, list(tokens.ids), removal, end)

        sweep = self._worker.call(work, self.limits.seconds)
        pieces = {token: tokenizer.bytes_of(token) for token in leading(sweep)}
        return HeadRemovals(tokens, removal, sweep, pieces, end)

    def generate(self, prompt: object, options: GenerationOptions) -> Iterator[Generation]:
        """Continue a prompt in every lane at once.

        Yields the newest state at most every `limits.update_seconds`, and the last one always.
        Leaving the loop cancels the work within one step. Raises OrreryError.
        """
        tokens = self._within(prompt, "prompt", self.limits.prompt_tokens)
        tokenizer = self._tokenizer.get()
        note = " ".join(filter(None, (tokens.note, TRAILING_SPACE * tokens.text.endswith(" "))))

        def work() -> Iterator[tuple[LaneState, ...]]:
            self._storyteller.get()
            began = time.monotonic()
            ids, end = list(tokens.ids), tokenizer.end_of_text
            for states in self._backend().generate(STORYTELLER, ids, options, end):
                written = sum(len(state.steps) for state in states)
                self._rate = written / max(1e-6, time.monotonic() - began)
                yield states

        job = self._worker.submit(work, self.limits.seconds)
        for states in job.results(self.limits.update_seconds):
            pieces = {token: tokenizer.bytes_of(token) for token in mentioned(states)}
            pieces |= dict(zip(tokens.ids, tokens.pieces, strict=True))
            yield Generation(
                tokens.ids, states, pieces, tokenizer.vocabulary, tokenizer.end_of_text, note
            )

    def _within(self, text: object, what: str, limit: int) -> Tokenized:
        tokens = self.tokenize(text, what)
        if len(tokens.ids) > limit:
            raise TooLong(what, limit, len(tokens.ids), "tokens")
        return tokens


def leading(sweep: HeadSweep, count: int = 10) -> set[int]:
    """The most probable tokens after the text, with nothing removed and without each head."""
    rows = [sweep.following, *sweep.following_without.reshape(-1, len(sweep.following))]
    return {int(token) for row in rows for token in np.argsort(-row, kind="stable")[:count]}


def mentioned(states: tuple[LaneState, ...]) -> Iterator[int]:
    """Every token that the lanes wrote or could have written, as far as they show it."""
    for state in states:
        for step in state.steps:
            yield from (candidate.token for candidate in step.candidates)
