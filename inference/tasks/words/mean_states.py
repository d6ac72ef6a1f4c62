"""What does a model hold of a word, or of a whole sentence, after every layer?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from inference.entry import Capability
from inference.errors import OrreryError, TooLong
from inference.task import Result, Task
from inference.text.notes import joined
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

SENTENCES = 16  # in one question


@dataclass(frozen=True)
class SentenceStates:
    """One vector a layer for every sentence: the mean over the tokens that were asked for."""

    sentences: tuple[Tokenized, ...]
    spans: tuple[tuple[int, int], ...]
    """Of each sentence, which characters were asked for: from, to."""
    places: tuple[tuple[int, ...], ...]
    """Which of its tokens hold them."""
    states: NDArray[np.float32]
    """(layers + 1, sentences, width): the residual stream after the embedding and every layer."""
    note: str = ""


@dataclass(frozen=True)
class MeanStates(Task[NDArray[np.float32], SentenceStates]):
    """The states of a word in several sentences; of all tokens of each where no word is named.

    `text` is a tuple of sentences, each read by itself. A word of several tokens is the mean of
    their states.
    """

    word: str = ""
    sentences: tuple[Tokenized, ...] = field(default=(), kw_only=True)
    """Filled in by `prepare`, as the next two are."""
    spans: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)
    places: tuple[tuple[int, ...], ...] = field(default=(), kw_only=True)

    needs: ClassVar[tuple[Capability, ...]] = ("attend",)
    what: ClassVar[str] = "sentence"

    def prepare(self, model: Preprocessor) -> Self:
        """Raises TooLong, or OrreryError where a sentence does not hold the word."""
        texts = self.text if isinstance(self.text, tuple) else (self.text,)
        if len(texts) > SENTENCES:
            raise TooLong("list", SENTENCES, len(texts), "sentences")
        limit = min(model.limits.attention_tokens, model.bounds.context)
        read = tuple(model.cut(text, self.what, limit) for text in texts)
        spans = tuple(span_of(self.word, one.text) for one in read)
        for number, (one, span) in enumerate(zip(read, spans, strict=True), start=1):
            if span[0] == span[1]:
                missing = f"the word '{self.word}'" if self.word else "a word"
                raise OrreryError(f"Sentence {number} does not hold {missing}: {one.text[:60]}")
        places = tuple(tokens_at(one, span) for one, span in zip(read, spans, strict=True))
        task = self.of(read[0], model)
        return replace(task, sentences=read, spans=spans, places=places)

    def program(
        self, placed: PlacedModel
    ) -> Generator[NDArray[np.float32] | None, None, NDArray[np.float32]]:
        """A sentence a slice. Raises NumericalFault, or OrreryError of a model that does not tell
        its states."""
        from inference.decoding import engine  # noqa: PLC0415  # torch

        found = []
        for one, places in zip(self.sentences, self.places, strict=True):
            states = engine.hidden(placed.model, one.ids, placed.device.tensors)
            if not len(states):
                raise OrreryError(f"{self.model} does not tell what it holds inside.")
            found.append(states[:, list(places)].mean(axis=1))
            yield None
        return np.stack(found, axis=1)

    def finish(
        self, found: Result[NDArray[np.float32]], tokenizer: TextTokenizer
    ) -> SentenceStates:
        notes = dict.fromkeys(one.note for one in self.sentences if one.note)
        note = joined(*notes, found.note)
        return SentenceStates(self.sentences, self.spans, self.places, found.value, note)


def span_of(word: str, text: str) -> tuple[int, int]:
    """Where a word first stands in a text, whole and in any case; all of it where none is named.

    (0, 0) where it does not.
    """
    if not word:
        return 0, len(text.rstrip())
    spellings = {word, *(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))}
    either = "|".join(map(re.escape, sorted(spellings)))  # an accent is typed in two ways
    found = re.search(rf"(?<!\w)(?:{either})(?!\w)", text, re.IGNORECASE)
    return found.span() if found else (0, 0)


def tokens_at(tokens: Tokenized, span: tuple[int, int]) -> tuple[int, ...]:
    """The tokens that hold some of these characters."""
    start, end = (len(tokens.text[:place].encode()) for place in span)
    ranges = enumerate(_ranges(tokens))
    return tuple(i for i, (low, high) in ranges if low < high and low < end and high > start)


def _ranges(tokens: Tokenized) -> Sequence[tuple[int, int]]:
    """Between which bytes of the text every token stands."""
    found, at = [], 0
    gaps = tokens.gaps or (b"",) * len(tokens.pieces)
    for gap, piece in zip(gaps, tokens.pieces, strict=False):  # one more gap ends the text
        at += len(gap)
        found.append((at, at + len(piece)))
        at += len(piece)
    return found
