"""BPE is learned as the `tokenizers` library learns it, and as counting everything anew does."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from learning.bpe import Pair, Symbols, learn, merged

TEXTS = some.lists(some.text("abac ", min_size=1, max_size=30), min_size=1, max_size=6)


def slowly(words: Counter[Symbols], alphabet: list[str], most: int) -> list[tuple[Pair, int, int]]:
    """(pair, count, symbols fewer) of every merge, by counting all pairs anew."""
    ids = {symbol: i for i, symbol in enumerate(alphabet)}
    now, found = [(list(word), count) for word, count in words.items()], []
    for _ in range(most):
        seen: Counter[Pair] = Counter()
        for word, count in now:
            for pair in pairwise(word):
                seen[pair] += count
        if not seen:
            break
        best = min(seen, key=lambda pair: (-seen[pair], ids[pair[0]], ids[pair[1]]))
        before = sum(len(word) * count for word, count in now)
        now = [(merged(word, best, "".join(best))[0], count) for word, count in now]
        ids.setdefault("".join(best), len(ids))
        after = sum(len(word) * count for word, count in now)
        found.append((best, seen[best], before - after))
    return found


@given(TEXTS)
def test_r4_every_merge_is_the_most_frequent_pair_of_that_moment(texts: list[str]) -> None:
    words = Counter(tuple(word) for text in texts for word in text.split())
    alphabet = sorted({symbol for word in words for symbol in word})
    found = list(learn(words, alphabet, 12, 4))
    told = [(one.pair, one.ahead[0].times, one.fewer) for one in found]
    assert told == slowly(words, alphabet, 12)
    for one in found:
        assert one.ahead[0][0] == one.pair
        counts = [candidate.times for candidate in one.ahead]
        assert counts == sorted(counts, reverse=True)
        assert len({candidate.pair for candidate in one.ahead}) == len(counts)


def test_a_pair_that_overlaps_itself_saves_less_than_it_counts() -> None:
    (first, *_) = learn({("a",) * 5: 2}, ["a"], 1, 3)
    assert (first.pair, first.ahead[0][1], first.fewer) == (("a", "a"), 8, 4)
