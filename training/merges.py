"""How often every pair of a BPE was seen at the moment it was merged.

The `tokenizers` library keeps the merges and throws the counts away. Here its training is run again
over the counted pre-tokens: before each merge, the pair's occurrences are counted and compared with
those of every other pair (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tokenizers import pre_tokenizers

from learning.bpe import Pair as Pair
from learning.bpe import Pairs
from learning.bpe import Symbols as Symbols


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
    state = Pairs(words, ids)
    counts, passed_over, behind = [], 0, 0.0
    for pair in merges:
        first, most = state.first()
        passed_over += first != pair
        counts.append(state.merge(pair))
        behind = max(behind, 1 - counts[-1] / most if most else 0.0)
    return Replay(counts, passed_over, behind)
