"""Which pieces would BPE or WordPiece learn from this text, merge by merge?"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from inference.entry import LEARNED, Capability
from inference.errors import OrreryError
from inference.task import TextTask
from inference.tasks.vocabulary.cutting import Cutting, Matching, Merging, Word, matching
from inference.tasks.vocabulary.measured import (
    AHEAD,
    MERGES,
    SHOWN,
    Measured,
    Unseen,
    measured,
    text_beside,
)
from inference.text.cleaning import clean
from inference.types.options import in_range
from inference.types.waiting import Waiting
from learning import bpe
from learning.wordpiece import ScoredPairs
from models.text import learned as line
from models.text.protocol import RuledTokenizer
from models.text.rules import LongestMatch, Merges
from models.text.symbols import (
    INSIDE,
    Symbols,
    bytes_of,
    joined,
    merges_of,
    symbols_of,
    tokenizer_file,
    words_of,
    written,
)
from models.text.tokenizer import ALPHABET

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

LONGEST = 50_000  # characters of a text


@dataclass(frozen=True)
class LearnedMerge:
    """One merge that was learned."""

    token: int
    """What both become."""
    left: int
    right: int
    ahead: tuple[tuple[int, ...], ...]
    """(left, right, count) of the first pairs just before, this one before all others; in
    WordPiece also how often left and right stand anywhere."""
    tokens: int
    """Of the whole text, cut with the merges up to this one."""


@dataclass(frozen=True)
class LearnedMerges:
    """A tokenizer that was learned from one text."""

    note: str
    symbols: tuple[str, ...]
    """Every token as the vocabulary writes it: the alphabet, then one for every merge."""
    pieces: Mapping[int, bytes]
    alphabet: int
    """Tokens before the first merge."""
    tokens: int
    """Of the text then."""
    measured: Measured
    unseen: Unseen | None
    steps: tuple[LearnedMerge, ...]
    words: tuple[Word, ...]
    """Of the beginning of the text, and how each is put together."""
    ours: int
    """Merges of the tokenizer of the collection that it is compared with; in WordPiece, pieces."""
    kind: Symbols
    end_of_text: int = -1

    @property
    def name(self) -> str:
        """What other tasks may call it: all that it is. "" where that is too long to be sent."""
        pairs = [line.Pair(*one.ahead[0][:3]) for one in self.steps]
        found = line.line_of(self.kind, self.symbols[: self.alphabet], pairs)
        return found and LEARNED + found

    @property
    def title(self) -> str:
        """What it is called on the page."""
        return line.titled(self.kind, len(self.steps))

    def inside(self, token: int) -> bool:
        """Whether a token is marked as one that never begins a word."""
        return self.kind == "wordpiece" and self.symbols[token].startswith(INSIDE)

    @property
    def file(self) -> dict[str, Any]:
        """The content of its tokenizer.json."""
        return tokenizer_file(
            self.symbols, [(one.left, one.right) for one in self.steps], self.kind
        )


@dataclass(frozen=True)
class LearnMerges(TextTask[LearnedMerges]):
    """BPE or WordPiece of somebody's own text; `model` names what it is compared with."""

    kind: Symbols = "bytes"
    merges: int = 200
    other: object = ""
    """A text to be compared on, as somebody typed it; none where it is empty."""

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def __post_init__(self) -> None:
        in_range("The number of merges", self.merges, MERGES, whole=True)
        if self.kind not in get_args(Symbols):
            raise OrreryError(
                "A tokenizer begins with bytes or with characters, or is WordPiece or Unigram."
            )

    def work(self, model: Preprocessor) -> Iterator[Waiting | LearnedMerges]:
        cleaned = clean(self.text, LONGEST, self.what)
        text, kind, ours = cleaned.text, self.kind, model.segmenter.tokenizer
        other = text_beside(self.other)
        words = written(text, kind)
        begun = {symbols_of(word, kind): count for word, count in words.items()}
        alphabet = tuple(sorted(ALPHABET)) if kind == "bytes" else letters(begun)
        learned = yield from self.learned(begun, alphabet)
        tokens = sum(len(word) * count for word, count in begun.items())
        symbols, steps = told(learned, alphabet, tokens, kind)
        cutting = cutting_by(symbols, len(alphabet), steps, kind)
        if isinstance(cutting, Matching):  # what is cut need not be what training merged
            yield Waiting(doing="Cutting the text with the pieces of every step.")
            (tokens, *later), _ = cutting.counts(words)
            steps = tuple(replace(one, tokens=now) for one, now in zip(steps, later, strict=True))
        # so far that the last of these words ends, or is longer than what is shown of it
        beginning = words_of(text[: 2 * SHOWN + 1], kind)
        shown = tuple(cutting.cut(one, SHOWN) for one in beginning if one.start < SHOWN)
        used = {token for one in shown for token in cutting.used(one)}
        used |= {token for one in steps for pair in one.ahead for token in pair[:2]}
        used |= {one.token for one in steps}
        yield LearnedMerges(
            cleaned.note,
            symbols,
            {token: bytes_of(symbols[token], kind) for token in used},
            len(alphabet),
            tokens,
            measured(text, ours),
            unseen(other, cutting, kind, ours),
            steps,
            shown,
            learned_by(ours),
            kind,
        )

    def learned(
        self, words: Mapping[tuple[str, ...], int], alphabet: tuple[str, ...]
    ) -> Generator[Waiting, None, list[bpe.Learned]]:
        """All merges; on the way how many there are."""
        pairs = ScoredPairs if self.kind == "wordpiece" else bpe.Pairs
        found: list[bpe.Learned] = []
        for one in bpe.learn(words, alphabet, self.merges, AHEAD, pairs):
            found.append(one)
            yield Waiting(doing=f"{len(found):,} of {self.merges:,} merges are made.")
        return found


def unseen(text: str, cutting: Cutting, kind: Symbols, ours: TextTokenizer) -> Unseen | None:
    """The other text cut so; None where there is none."""
    if not text:
        return None
    tokens, unknown = cutting.counts(written(text, kind))
    return Unseen(measured(text, ours), tuple(tokens), unknown)


def learned_by(tokenizer: TextTokenizer) -> int:
    """How many merges a tokenizer knows; of WordPiece, which has none, its pieces."""
    rules = tokenizer.rules if isinstance(tokenizer, RuledTokenizer) else None
    if isinstance(rules, LongestMatch):
        return len(rules.vocabulary)
    return len(rules.products) if isinstance(rules, Merges) else 0


def letters(words: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All that words consist of before the first merge."""
    return tuple(sorted({symbol for word in words for symbol in word}))


def told(
    learned: list[bpe.Learned], alphabet: tuple[str, ...], tokens: int, kind: Symbols
) -> tuple[tuple[str, ...], tuple[LearnedMerge, ...]]:
    """All tokens, and the merges by their numbers."""
    symbols = list(alphabet)
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    steps = []
    for one in learned:
        ahead = tuple(
            (ids[left], ids[right], count, *(parts or ()))
            for (left, right), count, parts in one.ahead
        )
        made = joined(*one.pair, kind)
        if made not in ids:
            ids[made] = len(symbols)
            symbols.append(made)
        tokens -= one.fewer
        left, right = ahead[0][:2]
        steps.append(LearnedMerge(ids[made], left, right, ahead, tokens))
    return tuple(symbols), tuple(steps)


def cutting_by(
    symbols: tuple[str, ...], alphabet: int, steps: tuple[LearnedMerge, ...], kind: Symbols
) -> Cutting:
    """What cuts words with these merges."""
    if kind == "wordpiece":
        return matching(symbols, alphabet, [one.token for one in steps])
    made = [(one.left, one.right, one.token) for one in steps]
    return Merging(merges_of(symbols, made, kind), kind, len(steps))
