"""Pairs of symbols merged one by one: BPE (Sennrich et al. 2016, arXiv 1508.07909).

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


class Candidate(NamedTuple):
    """A pair that could be merged."""

    pair: Pair
    times: int
    """How often it stands in all words."""
    parts: tuple[int, int] | None = None
    """How often its two symbols do, where the choice depends on it."""


class Learned(NamedTuple):
    """One merge, and what it was chosen from."""

    pair: Pair
    fewer: int
    """Symbols fewer in all words than before; less than its count where it overlaps itself."""
    ahead: tuple[Candidate, ...]
    """The first pairs at that moment, the one that is merged before all others."""


def learn(
    words: Mapping[Symbols, int],
    alphabet: Sequence[str],
    merges: int,
    shown: int,
    kind: type[Pairs] | None = None,
) -> Iterator[Learned]:
    """The pair that is worth most is merged, again and again; of equals, the one learned first.

    words: in the symbols of the alphabet, with their counts. kind: what a pair is worth; BPE where
    it is None. Ends early where no two symbols are left to be merged.
    """
    ids = {symbol: i for i, symbol in enumerate(alphabet)}
    pairs = (kind or Pairs)(words, ids)
    for _ in range(merges):
        ahead = pairs.ahead(shown)
        if not ahead:
            return
        pair = ahead[0].pair
        ids.setdefault(pairs.joined(pair), len(ids))
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

    def joined(self, pair: Pair) -> str:
        """What a pair becomes."""
        return "".join(pair)

    def worth(self, pair: Pair) -> float:
        """The pair with the most is merged; nothing of one that no longer stands anywhere."""
        return self._counts[pair]

    def candidate(self, pair: Pair) -> Candidate:
        return Candidate(pair, self._counts[pair])

    def _entry(self, pair: Pair) -> tuple[float, tuple[int, int], Pair]:
        left, right = pair
        return -self.worth(pair), (self._ids[left], self._ids[right]), pair

    def first(self) -> tuple[Pair | None, int]:
        """The pair to be merged and its count; None and 0 where no two symbols are left."""
        found = self.ahead(1)
        return found[0][:2] if found else (None, 0)

    def ahead(self, most: int) -> list[Candidate]:
        """The pairs that are worth most, in their order."""
        found: dict[Pair, tuple[float, tuple[int, int], Pair]] = {}
        while self._heap and len(found) < most:
            entry = heapq.heappop(self._heap)
            pair = entry[2]
            worth, listed = self.worth(pair), -entry[0]
            if 0 < worth == listed:
                found[pair] = entry
            elif 0 < worth < listed:  # of those that have risen since, the heap has an entry more
                heapq.heappush(self._heap, self._entry(pair))
        for entry in found.values():
            heapq.heappush(self._heap, entry)
        return [self.candidate(pair) for pair in found]

    def merge(self, pair: Pair) -> int:
        """Make one symbol of a pair wherever it stands; its count before that."""
        count, before = self._counts[pair], self.symbols
        made = self.joined(pair)
        risen: set[Pair] = set()
        for number in self._where.pop(pair, ()):
            word, repeats = self._words[number], self._repeats[number]
            self._words[number], gone, come = merged(word, pair, made)
            for old in gone:
                self._counts[old] -= repeats
            for new in come:
                self._counts[new] += repeats
                self._where[new].add(number)
            risen.update(come)
            self.symbols -= repeats * (len(word) - len(self._words[number]))
        for one in self._risen(pair, risen, before - self.symbols):
            if self._counts[one]:
                heapq.heappush(self._heap, self._entry(one))
        return count

    def _risen(self, pair: Pair, come: set[Pair], times: int) -> set[Pair]:
        """The pairs that are worth more since a pair was merged so many times.

        come: those that stand somewhere since then.
        """
        return come


def merged(word: Sequence[str], pair: Pair, made: str) -> tuple[list[str], list[Pair], list[Pair]]:
    """One pass from the left: of overlapping pairs, as in `aaa`, the first is merged to `made`.

    Returns the symbols, the neighbours that are gone, and those that have come.
    """
    left, right = pair
    last = len(word) - 1
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
