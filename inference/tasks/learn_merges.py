"""Which pieces would a tokenizer learn from this text, merge by merge?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args

from inference.entry import Capability
from inference.errors import OrreryError
from inference.task import Task
from inference.text.cleaning import clean
from inference.types import in_range
from learning import bpe
from models.text.byte_pairs import (
    Symbols,
    bytes_of,
    counted,
    merges_of,
    tokenizer_file,
    words_of,
)
from models.text.rules import Merges, Pretoken, WordCut, mentioned, merged
from models.text.tokenizer import ALPHABET

if TYPE_CHECKING:
    from inference.text.preprocessor import Preprocessor

MERGES = (1, 1_000)
LONGEST = 50_000  # characters of a text
SHOWN = 600  # characters of it that are cut on the page
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
    size: int
    """Bytes of the text."""
    steps: tuple[LearnedMerge, ...]
    words: tuple[WordCut, ...]
    """Of the beginning of the text, and how each is put together."""
    ours: int
    """Tokens of the text in the byte-level BPE of the collection."""
    kind: Symbols
    end_of_text: int = -1

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
        shown = tuple(cut_word(one, rules) for one in words_of(text[:SHOWN], kind))
        used = {token for one in shown for token in mentioned(one)}
        used |= {token for one in steps for pair in one.ahead for token in pair[:2]}
        used |= {one.token for one in steps}
        return replace(
            self,
            found=LearnedMerges(
                cleaned.note,
                symbols,
                {token: bytes_of(symbols[token], kind) for token in used},
                len(alphabet),
                tokens,
                len(text.encode()),
                steps,
                shown,
                len(model.segmenter.tokenizer.encode(text)),
                kind,
            ),
        )

    def known(self) -> LearnedMerges | None:
        return self.found


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


def cut_word(word: Pretoken, rules: Merges) -> WordCut:
    """One word of the text with its merges."""
    tokens = rules.letters(word.written)
    return WordCut(word, tokens, merged(tokens, rules), ())
