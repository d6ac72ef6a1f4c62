"""Which pieces would a tokenizer learn from this text, merge by merge?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args

from inference.entry import LEARNED, Capability
from inference.errors import OrreryError
from inference.task import Task
from inference.text.cleaning import clean
from inference.types.options import in_range
from learning import bpe
from models.text import learned as line
from models.text.byte_pairs import (
    Symbols,
    bytes_of,
    counted,
    merges_of,
    symbols_of,
    tokenizer_file,
    words_of,
)
from models.text.protocol import RuledTokenizer
from models.text.rules import Merges, Pretoken, WordCut, mentioned, merged
from models.text.tokenizer import ALPHABET

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor
    from models.text.protocol import TextTokenizer

MERGES = (1, 1_000)
LONGEST = 50_000  # characters of a text
UNSEEN = 600  # of another text
SHOWN = 600  # bytes of it in which words begin that are cut on the page
NONE = -1  # the token of a letter that has none
AHEAD = 6  # most frequent pairs that are told before every merge


@dataclass(frozen=True)
class LearnedMerge:
    """One merge that was learned."""

    token: int
    """What both become."""
    left: int
    right: int
    ahead: tuple[tuple[int, int, int], ...]
    """(left, right, count) of the most frequent pairs just before, this one first."""
    tokens: int
    """Of the whole text, once it is merged."""


@dataclass(frozen=True)
class Measured:
    """How long a text is, and how many tokens the tokenizer of the collection makes of it.

    Words are what whitespace parts.
    """

    size: int
    """Bytes."""
    words: int
    ours: int


@dataclass(frozen=True)
class Unseen:
    """Another text in the tokenizer that was learned."""

    measured: Measured
    letters: int
    """Tokens before the first merge."""
    ranks: tuple[int, ...]
    """Of every merge that is made in it, in order: each leaves a token fewer."""
    unknown: int
    """Letters that the text which was learned from has not."""


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
    words: tuple[WordCut, ...]
    """Of the beginning of the text, and how each is put together."""
    ours: int
    """Merges of the tokenizer of the collection that it is compared with."""
    kind: Symbols
    end_of_text: int = -1

    @property
    def name(self) -> str:
        """What other tasks may call it: all that it is. "" where that is too long to be sent."""
        pairs = [line.Pair(*one.ahead[0]) for one in self.steps]
        found = line.line_of(self.kind, self.symbols[: self.alphabet], pairs)
        return found and LEARNED + found

    @property
    def file(self) -> dict[str, Any]:
        """The content of its tokenizer.json."""
        return tokenizer_file(
            self.symbols, [(one.left, one.right) for one in self.steps], self.kind
        )


@dataclass(frozen=True)
class LearnMerges(Task[None, LearnedMerges]):
    """BPE from somebody's own text; `model` names the tokenizer that it is compared with."""

    kind: Symbols = "bytes"
    merges: int = 200
    other: object = ""
    """A text to be compared on, as somebody typed it; none where it is empty."""
    found: LearnedMerges | None = None

    needs: ClassVar[tuple[Capability, ...]] = ("cut",)

    def __post_init__(self) -> None:
        in_range("The number of merges", self.merges, MERGES, whole=True)
        if self.kind not in get_args(Symbols):
            raise OrreryError("A tokenizer begins with bytes or with characters.")

    def prepare(self, model: Preprocessor) -> Self:
        """Raises OrreryError where the text cannot be used."""
        cleaned = clean(self.text, LONGEST, self.what)
        text, kind = cleaned.text, self.kind
        words = counted(text, kind)
        alphabet = tuple(sorted(ALPHABET)) if kind == "bytes" else letters(words)
        learned = list(bpe.learn(words, alphabet, self.merges, AHEAD))
        tokens = sum(len(word) * count for word, count in words.items())
        symbols, steps = told(learned, alphabet, tokens)
        rules = merges_of(symbols, [(one.left, one.right, one.token) for one in steps], kind)
        # so far that the last of these words ends, or is longer than what is shown of it
        beginning = words_of(text[: 2 * SHOWN + 1], kind)
        first = (one for one in beginning if one.start < SHOWN)
        shown = tuple(cut_word(one, rules, kind) for one in first)
        used = {token for one in shown for token in mentioned(one)}
        used |= {token for one in steps for pair in one.ahead for token in pair[:2]}
        used |= {one.token for one in steps}
        ours = model.segmenter.tokenizer
        return replace(
            self,
            found=LearnedMerges(
                cleaned.note,
                symbols,
                {token: bytes_of(symbols[token], kind) for token in used},
                len(alphabet),
                tokens,
                measured(text, ours),
                self.unseen(rules, ours),
                steps,
                shown,
                merges_in(ours),
                kind,
            ),
        )

    def unseen(self, rules: Merges, ours: TextTokenizer) -> Unseen | None:
        """The other text by these rules. Raises OrreryError where it cannot be used."""
        if isinstance(self.other, str) and not self.other.strip():
            return None
        text = clean(self.other, UNSEEN, "other text").text
        known = replace(rules, unknown=NONE)
        words = [known.letters(one.written) for one in words_of(text, self.kind)]
        return Unseen(
            measured(text, ours),
            sum(map(len, words)),
            tuple(sorted(one.rank for word in words for one in merged(word, known))),
            sum(word.count(NONE) for word in words),
        )

    def known(self) -> LearnedMerges | None:
        return self.found


def measured(text: str, ours: TextTokenizer) -> Measured:
    return Measured(len(text.encode()), len(text.split()), len(ours.encode(text)))


def merges_in(tokenizer: TextTokenizer) -> int:
    """How many merges a tokenizer knows."""
    rules = tokenizer.rules if isinstance(tokenizer, RuledTokenizer) else None
    return len(rules.products) if isinstance(rules, Merges) else 0


def letters(counted: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """All characters and all last characters of words."""
    return tuple(sorted({symbol for word in counted for symbol in word}))


def told(
    learned: list[bpe.Learned], alphabet: tuple[str, ...], tokens: int
) -> tuple[tuple[str, ...], tuple[LearnedMerge, ...]]:
    """All tokens, and the merges by their numbers."""
    symbols = list(alphabet)
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    steps = []
    for one in learned:
        ahead = tuple((ids[left], ids[right], count) for (left, right), count in one.ahead)
        made = "".join(one.pair)
        if made not in ids:
            ids[made] = len(symbols)
            symbols.append(made)
        tokens -= one.fewer
        left, right, _ = ahead[0]
        steps.append(LearnedMerge(ids[made], left, right, ahead, tokens))
    return tuple(symbols), tuple(steps)


def cut_word(word: Pretoken, rules: Merges, kind: Symbols) -> WordCut:
    """One word of the text with its merges; of a very long one, its beginning."""
    letters = symbols_of(word.written, kind)[:SHOWN]
    tokens = tuple(rules.vocabulary[letter] for letter in letters)
    return WordCut(word, tokens, merged(tokens, rules), ())
