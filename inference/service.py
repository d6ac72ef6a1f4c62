"""Text in, frozen dataclasses out: the one door between the page and the models."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from inference import tokenizing, vectors
from inference.backend import Backend, Decoding, Result
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong, TooMuch
from inference.limits import Limits
from inference.loading.lazy import LazyResource
from inference.local import LocalBackend, open_torch
from inference.notes import joined, strange, trailing_space, wide
from inference.pieces import generation, leading, pieces, standing
from inference.scheduling.request_counts import Entry, RequestCounts
from inference.status import ServiceStatus
from inference.tasks.trajectory import Trajectory, ids_of
from inference.text import clean
from inference.tokenizing import Segmenter
from inference.types import (
    AttentionMaps,
    Generation,
    GenerationOptions,
    HeadRemovals,
    LaneOptions,
    LaneState,
    Removal,
    Rung,
    Standing,
    Tokenized,
    Waiting,
    WordVectors,
    in_range,
)
from inference.writers import WRITERS, Writer, rungs, writer
from models.text.tokenizer import Tokenizer

T = TypeVar("T")
log = logging.getLogger(__name__)
STORYTELLER = "storyteller"


class Service:
    """Owns texts, limits and counters, and asks a backend to run models. Safe from any thread."""

    def __init__(
        self,
        checkpoints: Path,
        device: str = "auto",
        limits: Limits | None = None,
        half: bool = False,
        backend: Backend | None = None,
    ) -> None:
        """half: compute in 16 bit where the device can. backend: instead of the in-process one."""
        self.limits = limits or Limits()
        self._backend: Backend = backend or LocalBackend(
            checkpoints,
            [one.folder for one in WRITERS.values()],
            open_torch(device, half, self.limits.gpu_share),
            self.limits,
        )
        self.catalog = Catalog(checkpoints, self.limits)
        self._checkpoints = checkpoints
        self._ledger = RequestCounts()
        self._settled = threading.Event()
        self._settled.set()
        self._readers = {one: self._reader(one) for one in WRITERS.values()}
        self._tokenizer = self._readers[WRITERS[STORYTELLER]]
        self._tokenizers = tokenizing.members(checkpoints)
        self._vectors = vectors.members(checkpoints)

    def _reader(self, model: Writer) -> LazyResource[Tokenizer]:
        """The tokenizer that a model reads by."""
        folder = self._checkpoints / model.folder
        name = f"{model.folder} tokenizer"
        return LazyResource(name, lambda: Tokenizer.load(folder), lambda found: found.vocabulary)

    def warm_up(self) -> None:
        """Load everything in the background, so that the first person does not wait for it."""
        self._settled.clear()

        def load() -> None:
            steps = (
                self._tokenizer.get,
                self._vectors[vectors.DEFAULT].get,
                lambda: self._backend.open(STORYTELLER),
                self._prepare_removals,
            )
            for get in steps:
                try:
                    get()
                except OrreryError as error:
                    log.warning("%s", error)
            self._settled.set()

        threading.Thread(target=load, name="orrery-warm-up", daemon=True).start()

    def _prepare_removals(self) -> None:
        """Have the texts written that heads are compared with: nobody is to wait for them later."""
        end = self._tokenizer.get().end_of_text
        deque(self._backend.without_heads(STORYTELLER, (end, end), "mean", end, None), maxlen=0)

    def settled(self) -> ServiceStatus:
        """The status once the warm-up is over, whatever came of it."""
        self._settled.wait(self.limits.seconds)
        return self.status

    def close(self, seconds: float = 10.0) -> None:
        """Admit nobody more, give what is under way `seconds` to end, and end the rest."""
        self._backend.close(seconds)

    @property
    def status(self) -> ServiceStatus:
        """Device, models, and how busy the service is, right now."""
        backend = self._backend.status
        cheap: list[LazyResource[Any]] = [*self._vectors.values(), *self._tokenizers.values()]
        return ServiceStatus(
            device=backend.device,
            models=(
                *(member.status for member in self._readers.values()),
                *backend.models,
                *(member.status for member in cheap),
            ),
            waiting=backend.waiting,
            tokens_per_second=backend.tokens_per_second,
            dtype=backend.dtype,
            note=backend.note,
            requests=self._ledger.counts,
        )

    def tokenize(
        self,
        text: object,
        what: str = "text",
        tokenizer: object = STORYTELLER,
        specials: bool = False,
    ) -> Tokenized:
        """Cut a text into tokens, the storyteller's or those of another of the collection.

        specials: what spells a special token becomes that token. Raises OrreryError on unusable
        text, and where there is no such tokenizer.
        """
        cleaned = clean(text, self.limits.characters, what)
        if tokenizer == STORYTELLER:
            return Segmenter(self._tokenizer.get()).segment(cleaned, specials)
        return tokenizing.chosen(self._tokenizers, tokenizer).segment(cleaned, specials)

    def ladder(self) -> tuple[Rung, ...]:
        """The measured ladder. Raises ModelUnavailable where its figures cannot be read."""
        return rungs(self._checkpoints)

    def word_vectors(self, name: object = vectors.DEFAULT) -> WordVectors:
        """One model's word vectors, read-only, for `analysis.embeddings`. Raises OrreryError."""
        return vectors.chosen(self._vectors, name)

    def word(self, text: object) -> str:
        """One word as a person typed it, ready to be looked up. Raises OrreryError."""
        return clean(text, self.limits.word_characters, "word").text.strip()

    def attention(
        self, text: object, session: str | None = None
    ) -> Iterator[Waiting | AttentionMaps]:
        """Every head's attention over a text of up to `limits.attention_tokens` tokens.

        Yields how the request stands at least every `limits.heartbeat_seconds`, and the maps at
        the end. Leaving the loop cancels the work. session: names the person's page, for
        fairness. Raises OrreryError.
        """
        with self._ledger.request() as entry:
            tokens = self._within(text, "sentence", self.limits.attention_tokens)
            stream = self._backend.attention(STORYTELLER, tokens.ids, session)
            result = yield from answer(stream, entry)
        yield AttentionMaps(replace(tokens, note=joined(tokens.note, result.note)), result.value)

    def without_heads(
        self, text: object, removal: Removal = "mean", session: str | None = None
    ) -> Iterator[Waiting | HeadRemovals]:
        """How predictions move when every head is removed, one by one, over the same texts.

        A stream as `attention` is.
        """
        with self._ledger.request() as entry:
            if removal not in get_args(Removal):
                raise OrreryError(f"A head is removed by one of {', '.join(get_args(Removal))}.")
            tokens = self._within(text, "sentence", self.limits.attention_tokens)
            tokenizer = self._tokenizer.get()
            end = tokenizer.end_of_text
            stream = self._backend.without_heads(STORYTELLER, tokens.ids, removal, end, session)
            result = yield from answer(stream, entry)
        tokens = replace(tokens, note=joined(tokens.note, result.note))
        named = pieces(tokenizer, leading(result.value))
        yield HeadRemovals(tokens, removal, result.value, named, end)

    def generate(
        self,
        prompt: object,
        options: GenerationOptions,
        session: str | None = None,
        model: object = STORYTELLER,
    ) -> Iterator[Generation]:
        """Continue a prompt in every lane at once.

        Yields the newest state at most every `limits.update_seconds`, at least every
        `limits.heartbeat_seconds`, and the last one always; what comes before the first token has
        `waiting` set. Leaving the loop cancels the work within one step. session: names the
        person's page, for fairness. model: a name in `WRITERS`. Raises OrreryError.
        """
        with self._ledger.request() as entry:
            chosen = writer(model)
            tokenizer = self._readers[chosen].get()
            in_range("The length", options.new_tokens, (1, chosen.new), whole=True)
            tokens = self._prompt(prompt, chosen, tokenizer, options.lanes)
            work = Decoding(chosen.folder, tokens.ids, options, tokenizer.end_of_text)
            if work.cost > self.limits.row_tokens:
                raise TooMuch(self.limits.row_tokens, work.cost)
            latest = Result(tuple(LaneState(lane) for lane in options.lanes))
            with closing(self._backend.decode(work, session)) as stream:
                for news in counted(stream, entry):
                    latest = news if isinstance(news, Result) else latest
                    began = any(lane.steps for lane in latest.value)
                    waiting = news if isinstance(news, Waiting) and not began else None
                    yield generation(tokens, tokenizer, latest, waiting)

    def next_token(
        self,
        prompt: object,
        strategy: LaneOptions,
        seed: int = 7,
        written: str = "",
        session: str | None = None,
        model: object = STORYTELLER,
    ) -> Iterator[Waiting | Standing]:
        """What a strategy would write next after a prompt, and from what it would choose.

        written: the ids of the tokens since the prompt, with blanks between them, whoever chose
        them; up to `limits.steps`. To write a token is to ask again with its id at the end, to step
        back is to ask with one fewer. A stream as `attention` is.
        """
        with self._ledger.request() as entry:
            chosen = writer(model)
            tokenizer = self._readers[chosen].get()
            tokens = self._prompt(prompt, chosen, tokenizer, [strategy])
            trail = Trajectory(
                tokens.ids, strategy, seed, ids_of(written), new_tokens=self.limits.steps
            )
            end = tokenizer.end_of_text
            stream = self._backend.look(chosen.folder, trail, end, session)
            result = yield from answer(stream, entry)
        yield standing(tokens, tokenizer, result)

    def _within(self, text: object, what: str, limit: int) -> Tokenized:
        return within(self.tokenize(text, what), what, limit, "tokens")

    def _prompt(
        self, text: object, model: Writer, tokenizer: Tokenizer, lanes: Sequence[LaneOptions]
    ) -> Tokenized:
        """A prompt that this model can continue as asked, with remarks on how it reads it."""
        cleaned = clean(text, self.limits.characters, "prompt")
        tokens = within(Segmenter(tokenizer).segment(cleaned), "prompt", model.prompt, model.unit)
        return replace(
            tokens,
            note=joined(
                tokens.note,
                trailing_space(tokens.text) if tokenizer.unknown is None else "",
                strange(tokens, tokenizer.unknown),
                wide(lanes, tokenizer.vocabulary),
            ),
        )


def within(tokens: Tokenized, what: str, limit: int, unit: str) -> Tokenized:
    """The same text. Raises TooLong beyond `limit` tokens, which are called by their `unit`."""
    if len(tokens.ids) > limit:
        raise TooLong(what, limit, len(tokens.ids), unit)
    return tokens


def counted(stream: Iterator[Waiting | Result[T]], entry: Entry) -> Iterator[Waiting | Result[T]]:
    """The same stream, keeping account of how far the request has come."""
    for news in stream:
        if isinstance(news, Waiting):
            entry.queued()
        else:
            entry.running()
        yield news


def answer(
    stream: Generator[Waiting | Result[T], None, None], entry: Entry
) -> Generator[Waiting, None, Result[T]]:
    """Yield how it stands until a stream ends, and return its one result."""
    results = []
    with closing(stream):
        for news in counted(stream, entry):
            if isinstance(news, Result):
                results.append(news)
            else:
                yield news
    (result,) = results
    return result
