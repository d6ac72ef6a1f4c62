"""BPE learned from counted words, pair by pair (Sennrich et al. 2016, arXiv 1508.07909).

Counts are kept up to date: a merge looks only at the words that hold its pair.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[str, str]
Symbols = tuple[str, ...]


class Learned(NamedTuple):
    """One merge, and what it was chosen from."""

    pair: Pair
    fewer: int
    """Symbols fewer in all words than before; less than its count where it overlaps itself."""
    ahead: tuple[tuple[Pair, int], ...]
    """The most frequent pairs at that moment with their counts, the pair itself first."""


def learn(
    words: Mapping[Symbols, int], alphabet: Sequence[str], merges: int, shown: int
) -> Iterator[Learned]:
    """The most frequent pair is merged, again and again; of equals, the one learned first.

    words: in the symbols of the alphabet, with their counts. Ends early where no two symbols are
    left to be merged.
    """
    ids = {symbol: i for i, symbol in enumerate(alphabet)}
    pairs = Pairs(words, ids)
    for _ in range(merges):
        ahead = pairs.ahead(shown)
        if not ahead:
            return
        pair, _ = ahead[0]
        ids.setdefault("".join(pair), len(ids))
        before = pairs.symbols
        pairs.merge(pair)
        yield Learned(pair, before - pairs.symbols, tuple(ahead))


class Pairs:
    """All words, the counts of their pairs, and which words hold a pair."""

    def __init__(self, words: Mapping[Symbols, int], ids: Mapping[str, int]) -> None:
        """ids: of every symbol, before a merge makes it; ties go to the lower ones."""
        self._words = [list(word) for word in words]
        self._repeats = list(words.values())
        self._ids = ids
        self._counts: Counter[Pair] = Counter()
        self._where: defaultdict[Pair, set[int]] = defaultdict(set)
        self.symbols = sum(len(word) * count for word, count in words.items())
        """In all words, with their counts."""
        for number, (word, count) in enumerate(words.items()):
            for pair in pairwise(word):
                self._counts[pair] += count
                self._where[pair].add(number)
        self._heap = [self._entry(pair) for pair in self._counts]
        heapq.heapify(self._heap)

    def _entry(self, pair: Pair) -> tuple[int, tuple[int, int], Pair]:
        left, right = pair
        return -self._counts[pair], (self._ids[left], self._ids[right]), pair

    def first(self) -> tuple[Pair | None, int]:
        """The most frequent pair and its count; None and 0 where no two symbols are left."""
        found = self.ahead(1)
        return found[0] if found else (None, 0)

    def ahead(self, most: int) -> list[tuple[Pair, int]]:
        """The most frequent pairs with their counts, in their order."""
        found: dict[Pair, tuple[int, tuple[int, int], Pair]] = {}
        while self._heap and len(found) < most:
            entry = heapq.heappop(self._heap)
            pair = entry[2]
            count, counted = self._counts[pair], -entry[0]
            if 0 < count == counted:
                found[pair] = entry
            elif 0 < count < counted:  # of those that have risen since, the heap has an entry more
                heapq.heappush(self._heap, self._entry(pair))
        for entry in found.values():
            heapq.heappush(self._heap, entry)
        return [(pair, -entry[0]) for pair, entry in found.items()]

    def merge(self, pair: Pair) -> int:
        """Make one symbol of a pair wherever it stands; its count before that."""
        count = self._counts[pair]
        risen: set[Pair] = set()
        for number in self._where.pop(pair, ()):
            word, repeats = self._words[number], self._repeats[number]
            self._words[number], gone, come = merged(word, pair)
            for old in gone:
                self._counts[old] -= repeats
            for new in come:
                self._counts[new] += repeats
                self._where[new].add(number)
            risen.update(come)
            self.symbols -= repeats * (len(word) - len(self._words[number]))
        for one in risen:
            if self._counts[one]:
                heapq.heappush(self._heap, self._entry(one))
        return count


def merged(word: Sequence[str], pair: Pair) -> tuple[list[str], list[Pair], list[Pair]]:
    """One pass from the left: of overlapping pairs, as in `aaa`, the first is merged.

    Returns the symbols, the neighbours that are gone, and those that have come.
    """
    left, right = pair
    made, last = left + right, len(word) - 1
    symbols: list[str] = []
    gone: list[Pair] = []
    come: list[Pair] = []
    place = counted = 0  # where it reads; neighbours before this place that were counted as gone
    before = now = False  # whether the symbol before, and this one, were made here
    while place <= last:
        here = word[place]
        before, now = now, here == left and place < last and word[place + 1] == right
        if now:
            for first in range(max(counted, place - 1), min(place + 2, last)):
                gone.append((word[first], word[first + 1]))
            counted = place + 2
            here, place = made, place + 2
        else:
            place += 1
        if symbols and (before or now):
            come.append((symbols[-1], here))
        symbols.append(here)
    return symbols, gone, come
