"""By which rules a trained tokenizer cuts a word, and the words that it cuts a text into first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import tokenizers


class Pretoken(NamedTuple):
    """A word as the rules are given it, and the bytes of the text that it covers."""

    written: str
    """In the letters of the vocabulary: those of byte-level BPE stand for a byte each."""
    start: int
    end: int


class Product(NamedTuple):
    """What a pair of tokens becomes."""

    rank: int
    """1 was learned first; of all that fit, the lowest is applied first (truth: R4)."""
    token: int


@dataclass(frozen=True)
class Merges:
    """BPE (Sennrich et al. 2016, arXiv 1508.07909)."""

    vocabulary: Mapping[str, int]
    products: Mapping[tuple[int, int], Product]
    unknown: int | None
    prefix: str
    """Before every letter of a word but the first."""
    suffix: str
    """After the last letter of a word."""

    def letters(self, written: str) -> tuple[int, ...]:
        """The tokens of a word before its first merge. Raises KeyError where a letter has none."""
        last = len(written) - 1
        marked = (
            f"{self.prefix * (i > 0)}{letter}{self.suffix * (i == last)}"
            for i, letter in enumerate(written)
        )
        if self.unknown is None:
            return tuple(self.vocabulary[one] for one in marked)
        return tuple(self.vocabulary.get(one, self.unknown) for one in marked)


@dataclass(frozen=True)
class LongestMatch:
    """WordPiece: from left to right, the longest piece that fits (BERT, arXiv 1810.04805)."""

    vocabulary: Mapping[str, int]
    unknown: int
    prefix: str
    """Before every piece of a word but the first."""
    longest: int
    """Characters of a word; a longer one is unknown."""


@dataclass(frozen=True)
class PieceScores:
    """Unigram: the cut with the largest sum of scores (Kudo 2018, arXiv 1804.10959)."""

    pieces: Mapping[str, tuple[int, float]]
    """Of every piece its token and its natural log-probability."""
    unknown: int
    penalty: float
    """The score of a character that is no piece."""


Rules = Merges | LongestMatch | PieceScores
UNKNOWN_PENALTY = 10.0  # below the lowest score, as the library has it


def rules_of(tokenizer: tokenizers.Tokenizer) -> Rules | None:
    """The rules of a tokenizer; None of one that looks whole words up."""
    content = json.loads(tokenizer.to_str())
    model = content["model"]
    kind = model["type"]
    if kind == "BPE":
        ids = model["vocab"]
        pairs = [tuple(one.split(" ")) if isinstance(one, str) else one for one in model["merges"]]
        prefix = model["continuing_subword_prefix"] or ""
        products = {
            (ids[left], ids[right]): Product(rank, ids[left + right.removeprefix(prefix)])
            for rank, (left, right) in enumerate(pairs, start=1)
        }
        unknown = ids.get(model["unk_token"])
        return Merges(ids, products, unknown, prefix, model["end_of_word_suffix"] or "")
    if kind == "WordPiece":
        ids, prefix = model["vocab"], model["continuing_subword_prefix"]
        return LongestMatch(ids, ids[model["unk_token"]], prefix, model["max_input_chars_per_word"])
    if kind == "Unigram":
        special = {one["content"] for one in content["added_tokens"]}
        scored = {
            piece: (i, float(score))
            for i, (piece, score) in enumerate(model["vocab"])
            if piece not in special
        }
        lowest = min(score for _, score in scored.values())
        return PieceScores(scored, model["unk_id"], lowest - UNKNOWN_PENALTY)
    return None


def pretokens(tokenizer: tokenizers.Tokenizer, text: str) -> list[Pretoken]:
    """The words of a text; what lies between two of them is in no token."""
    if tokenizer.pre_tokenizer is None:
        return [Pretoken(text, 0, len(text.encode()))] if text else []
    return pretokens_of(tokenizer.pre_tokenizer, text)


def pretokens_of(cut: tokenizers.pre_tokenizers.PreTokenizer, text: str) -> list[Pretoken]:
    """The same by the part of a tokenizer that cuts words."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [Pretoken(one, starts[a], starts[b]) for one, (a, b) in cut.pre_tokenize_str(text)]


class Merged(NamedTuple):
    """One merge in a word."""

    rank: int
    place: int
    """Of the left token among those of the word before this merge."""
    token: int
    """What both become."""


def merged(letters: tuple[int, ...], rules: Merges) -> tuple[Merged, ...]:
    """Every merge of a word in order: always the lowest rank, of equals the leftmost.

    Ranks never fall where every product was learned after its parts, so those up to N are what a
    tokenizer with only the first N merges does.
    """
    tokens, found = list(letters), list[Merged]()
    while True:
        fitting = [
            (rules.products[pair], place)
            for place, pair in enumerate(pairwise(tokens))
            if pair in rules.products
        ]
        if not fitting:
            return tuple(found)
        (rank, token), place = min(fitting, key=lambda one: (one[0].rank, one[1]))
        tokens[place : place + 2] = [token]
        found.append(Merged(rank, place, token))


class Matched(NamedTuple):
    """One piece that was found in a word."""

    token: int
    start: int
    end: int
    """Characters of the word."""


def matched(written: str, rules: LongestMatch) -> tuple[Matched, ...]:
    """The pieces of a word from left to right; one unknown token where some rest has none.

    At every place all longer pieces were tried before: those up to the end of the word.
    """
    found: list[Matched] = []
    at, end = 0, len(written)
    while at < end <= rules.longest:
        mark = rules.prefix if at else ""
        fits = (stop for stop in range(end, at, -1) if mark + written[at:stop] in rules.vocabulary)
        stop = next(fits, at)
        if stop == at:
            return (Matched(rules.unknown, 0, end),)
        found.append(Matched(rules.vocabulary[mark + written[at:stop]], at, stop))
        at = stop
    return tuple(found) if found else (Matched(rules.unknown, 0, end),)


@dataclass(frozen=True)
class WordCut:
    """One word of a text: the tokens that it begins with, and what happens to them."""

    word: Pretoken
    letters: tuple[int, ...]
    """Tokens before the first merge; empty of a tokenizer that does not merge."""
    merges: tuple[Merged, ...]
    pieces: tuple[Matched, ...]
    """What it is cut into where nothing is merged."""


def mentioned(word: WordCut) -> set[int]:
    """The tokens that a word is on the way."""
    made = {one.token for one in word.merges} | {one.token for one in word.pieces}
    return made | set(word.letters)
