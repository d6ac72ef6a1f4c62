"""How often every pair of a BPE was seen at the moment it was merged.

The `tokenizers` library keeps the merges and throws the counts away. Here its training is run again
over the counted pre-tokens: before each merge, the pair's occurrences are counted and compared with
those of every other pair (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1).
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import pre_tokenizers

Pair = tuple[str, str]
Symbols = tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """What became of every merge."""

    counts: list[int]
    """How often the pair stood in the words just before it was merged, by rank."""
    passed_over: int
    """Merges before which another pair came first: 0 on the text that the merges come from."""
    behind: float
    """The largest share by which a merged pair was rarer than that other; 0 there as well."""


def count_words(texts: Iterable[str], cut: pre_tokenizers.PreTokenizer) -> Counter[str]:
    """Pre-tokens and their counts: the words that merges never reach across."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word, _ in cut.pre_tokenize_str(text))
    return words


def in_symbols(words: Mapping[str, int], known: Iterable[str], end: str = "") -> Counter[Symbols]:
    """Words as the library sees them before the first merge.

    known: the alphabet; other characters are passed over, and their neighbours meet.
    end: what marks the last character of a word.
    """
    alphabet = set(known)
    split: Counter[Symbols] = Counter()
    for word, count in words.items():
        marked = [*word[:-1], word[-1] + end]
        kept = (s for s, c in zip(marked, word, strict=True) if c in alphabet)
        split[tuple(kept)] += count
    return split


def replay(words: Mapping[Symbols, int], merges: Sequence[Pair], ids: Mapping[str, int]) -> Replay:
    """Merge pair after pair in all words. Where pairs tie, the library takes the lower ids."""
    state = _Pairs(words, lambda pair: (ids[pair[0]], ids[pair[1]]))
    counts, passed_over, behind = [], 0, 0.0
    for pair in merges:
        first, most = state.first()
        passed_over += first != pair
        counts.append(state.merge(pair))
        behind = max(behind, 1 - counts[-1] / most if most else 0.0)
    return Replay(counts, passed_over, behind)


class _Pairs:
    """All words, the counts of their pairs, and which words hold a pair."""

    def __init__(
        self, words: Mapping[Symbols, int], order: Callable[[Pair], tuple[int, int]]
    ) -> None:
        self._words = [list(word) for word in words]
        self._repeats = list(words.values())
        self._order = order
        self._counts: Counter[Pair] = Counter()
        self._where: defaultdict[Pair, set[int]] = defaultdict(set)
        for number in range(len(self._words)):
            self._add(number, 1)
        self._heap = [self._entry(pair) for pair in self._counts]
        heapq.heapify(self._heap)

    def _entry(self, pair: Pair) -> tuple[int, tuple[int, int], Pair]:
        return -self._counts[pair], self._order(pair), pair

    def _add(self, number: int, sign: int) -> set[Pair]:
        """Put a word's pairs, overlapping ones too, into the counts, or take them out."""
        word = self._words[number]
        pairs = list(pairwise(word))
        for pair in pairs:
            self._counts[pair] += sign * self._repeats[number]
            self._where[pair].add(number)
        return set(pairs)

    def first(self) -> tuple[Pair | None, int]:
        """The most frequent pair and its count; None and 0 where no two symbols are left."""
        while self._heap:
            negative, _, pair = self._heap[0]
            if -negative == self._counts[pair] > 0:
                return pair, -negative
            heapq.heappop(self._heap)  # counted again since, and in the heap with that count too
        return None, 0

    def merge(self, pair: Pair) -> int:
        """Make one symbol of a pair wherever it stands; its count before that."""
        count, touched = self._counts[pair], set()
        for number in self._where.pop(pair, ()):
            touched |= self._add(number, -1)
            self._words[number] = merged(self._words[number], pair)
            touched |= self._add(number, 1)
        for changed in touched:
            heapq.heappush(self._heap, self._entry(changed))
        return count


def merged(word: Sequence[str], pair: Pair) -> list[str]:
    """One pass from the left: of overlapping pairs, as in `aaa`, the first is merged."""
    symbols: list[str] = []
    for symbol in word:
        if symbols and (symbols[-1], symbol) == pair:
            symbols[-1] += symbol
        else:
            symbols.append(symbol)
    return symbols
