"""WordPiece is learned as scoring every pair anew before every merge would have it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from learning.bpe import Pair, Symbols, learn
from learning.wordpiece import ScoredPairs
from models.text.symbols import symbols_of

TEXTS = some.lists(some.text("abcd ", min_size=1, max_size=40), min_size=1, max_size=6)
Told = tuple[Pair, int, tuple[int, int]]


def slowly(words: Counter[Symbols], alphabet: list[str], most: int) -> list[tuple[list[Told], int]]:
    """Before every merge all pairs with their counts, the best first; and the symbols after it.

    Scores are fractions, and a word is merged from the left, place by place.
    """
    ids = {symbol: i for i, symbol in enumerate(alphabet)}
    now, found = [(list(word), count) for word, count in words.items()], []
    for _ in range(most):
        pairs: Counter[Pair] = Counter()
        each: Counter[str] = Counter()
        for word, count in now:
            for symbol in word:
                each[symbol] += count
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        order = sorted(
            pairs,
            key=lambda one: (
                -Fraction(pairs[one], each[one[0]] * each[one[1]]),
                ids[one[0]],
                ids[one[1]],
            ),
        )
        told = [(one, pairs[one], (each[one[0]], each[one[1]])) for one in order]
        left, right = order[0]
        made = left + right[2:]
        ids.setdefault(made, len(ids))
        for word, _ in now:
            place = 0
            while place < len(word) - 1:
                if (word[place], word[place + 1]) == (left, right):
                    word[place : place + 2] = [made]
                place += 1
        found.append((told, sum(len(word) * count for word, count in now)))
    return found


@given(TEXTS)
def test_every_merge_is_of_the_pair_with_the_highest_score(texts: list[str]) -> None:
    words = Counter(
        symbols_of(word, "wordpiece") for text in texts for word in text.split() if word
    )
    alphabet = sorted({symbol for word in words for symbol in word})
    symbols = sum(len(word) * count for word, count in words.items())
    expected = slowly(words, alphabet, 15)
    found = list(learn(words, alphabet, 15, 4, ScoredPairs))
    assert len(found) == len(expected)
    for one, (told, after) in zip(found, expected, strict=True):
        symbols -= one.fewer
        assert (one.pair, list(one.ahead), symbols) == (told[0][0], told[:4], after)


def test_the_scores_of_a_case_by_hand() -> None:
    words = {symbols_of("hug", "wordpiece"): 10, symbols_of("pun", "wordpiece"): 12}
    words |= {symbols_of("bun", "wordpiece"): 4, symbols_of("hugs", "wordpiece"): 5}
    alphabet = sorted({symbol for word in words for symbol in word})
    first, second, *_ = learn(words, alphabet, 3, 2, ScoredPairs)
    # g and s stand side by side 5 times, g 15 and s 5 times in all: 5 / (15 * 5) is 1/15. Of h
    # and u it is 15 / (15 * 31), of p and u 12 / (12 * 31), of u and n 16 / (31 * 16): all 1/31.
    assert first.ahead[0] == (("##g", "##s"), 5, (15, 5))
    # Once gs is one piece, g is left 10 times; u and g, 10 / (31 * 10), have caught up with the
    # others, and ##u, ##g are the oldest two. But h and u, with u and gs 5 / (31 * 5), are worth
    # 1/31 too: all the same now, and the one of the oldest tokens comes first.
    assert second.ahead[0] == (("##u", "##g"), 10, (31, 10))
