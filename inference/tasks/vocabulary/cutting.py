"""Words in a tokenizer that is being learned, with any number of its merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple, Protocol

from models.text.growing import recuts
from models.text.rules import Merges, Pretoken, WordCut, mentioned, merged
from models.text.symbols import Symbols, symbols_of

NONE = -1  # the token of a letter, or in WordPiece of a word, that has none


class Reread(NamedTuple):
    """How a word is cut from a merge on."""

    rank: int
    """0 is before the first."""
    tokens: tuple[int, ...]
    """`NONE` alone where the word is unknown."""


@dataclass(frozen=True)
class Regrown:
    """A word of a text in WordPiece."""

    cuts: tuple[Reread, ...]


Word = WordCut | Regrown
"""How a word is cut with any number of merges."""


class Cutting(Protocol):
    """A tokenizer with all its merges."""

    def cut(self, word: Pretoken, most: int) -> Word:
        """A word of a text; of a very long one, its beginning."""

    def used(self, word: Word) -> set[int]:
        """The tokens that it is on the way."""

    def counts(self, words: Mapping[str, int]) -> tuple[list[int], int]:
        """The tokens of some words with no merge, with the first, and so on; and what is unknown
        in them: letters, or in WordPiece whole words."""


@dataclass(frozen=True)
class Merging:
    """BPE: a merge that is made in a word leaves it a token less."""

    rules: Merges
    kind: Symbols
    merges: int

    def cut(self, word: Pretoken, most: int) -> WordCut:
        letters = symbols_of(word.written, self.kind)[:most]
        tokens = tuple(self.rules.vocabulary[letter] for letter in letters)
        return WordCut(word, tokens, merged(tokens, self.rules), ())

    def used(self, word: Word) -> set[int]:
        return mentioned(word) if isinstance(word, WordCut) else set()

    def counts(self, words: Mapping[str, int]) -> tuple[list[int], int]:
        known = replace(self.rules, unknown=NONE)
        changes, unknown = [0] * (self.merges + 1), 0
        for word, count in words.items():
            letters = known.letters(word)
            changes[0] += count * len(letters)
            unknown += count * letters.count(NONE)
            for one in merged(letters, known):
                changes[one.rank] -= count
        return list(accumulate(changes)), unknown


@dataclass(frozen=True)
class Matching:
    """WordPiece: a word is cut anew where a longer piece fits, whatever was merged in training."""

    born: Mapping[str, int]
    """Of every piece the merge that made it, 0 of letters."""
    ids: Mapping[str, int]
    merges: int
    longest: int
    """Characters of the longest piece."""

    def cut(self, word: Pretoken, most: int) -> Regrown:
        return Regrown(tuple(self.reread(word.written)))

    def used(self, word: Word) -> set[int]:
        cuts = word.cuts if isinstance(word, Regrown) else ()
        return {token for one in cuts for token in one.tokens} - {NONE}

    def reread(self, word: str) -> list[Reread]:
        """From its letters on, every cut of a word."""
        return [
            Reread(one.rank, tuple(self.ids[piece] for piece in one.pieces) or (NONE,))
            for one in recuts(word, self.born, self.longest)
        ]

    def counts(self, words: Mapping[str, int]) -> tuple[list[int], int]:
        changes, unknown = [0] * (self.merges + 1), 0
        for word, count in words.items():
            before: tuple[int, ...] = ()
            for rank, tokens in self.reread(word):
                changes[rank] += count * (len(tokens) - len(before))
                before = tokens
            unknown += count * (before == (NONE,))
        return list(accumulate(changes)), unknown


def matching(symbols: Sequence[str], alphabet: int, made: Sequence[int]) -> Matching:
    """alphabet: how many symbols there are before the first merge. made: what each makes."""
    born = dict.fromkeys(symbols[:alphabet], 0)
    for rank, token in enumerate(made, start=1):
        born.setdefault(symbols[token], rank)
    ids = {one: i for i, one in enumerate(symbols)}
    return Matching(born, ids, len(made), max(map(len, symbols)))
