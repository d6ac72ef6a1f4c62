"""What WordPiece merges: pairs that stand together more often than their parts would by chance.

A pair is worth count(ab) / (count(a) count(b)), as the Hugging Face course describes it. The
trainer of Schuster and Nakajima 2012 was never published, and that of the `tokenizers` library
takes the plain count, as BPE does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from learning.bpe import Candidate, Pair, Pairs, Symbols
from models.text.symbols import joined


class ScoredPairs(Pairs):
    """All words, and the scores of their pairs.

    Scores are quotients of whole numbers below 2^53 rounded once, so that equal ones are equal.
    """

    def __init__(self, words: Mapping[Symbols, int], ids: Mapping[str, int]) -> None:
        self._each: Counter[str] = Counter()
        for word, count in words.items():
            for symbol in word:
                self._each[symbol] += count
        super().__init__(words, ids)
        self._holding: defaultdict[str, set[Pair]] = defaultdict(set)
        self._hold(set(self._counts))

    def _hold(self, pairs: set[Pair]) -> None:
        for pair in pairs:
            for symbol in pair:
                self._holding[symbol].add(pair)

    def joined(self, pair: Pair) -> str:
        return joined(*pair, "wordpiece")

    def worth(self, pair: Pair) -> float:
        count, (left, right) = self._counts[pair], pair
        return count / (self._each[left] * self._each[right]) if count else 0.0

    def candidate(self, pair: Pair) -> Candidate:
        left, right = pair
        return Candidate(pair, self._counts[pair], (self._each[left], self._each[right]))

    def _risen(self, pair: Pair, come: set[Pair], times: int) -> set[Pair]:
        """Every pair that holds one of the parts: they have become rarer."""
        self._each[self.joined(pair)] += times
        for symbol in pair:
            self._each[symbol] -= times
        self._hold(come)
        gone = {one for symbol in pair for one in self._holding[symbol] if not self._counts[one]}
        for one in gone:
            for symbol in one:
                self._holding[symbol].discard(one)
        return come.union(*(self._holding[symbol] for symbol in pair))
