"""Unigram is learned as counting every cut of every word by itself would have it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from learning.unigram import expected, learn, losses, normalised, seeds

WORDS = some.dictionaries(
    some.text("abc", min_size=1, max_size=7), some.integers(1, 5), min_size=1, max_size=5
)


def cuts(word: str, scores: dict[str, float]) -> Iterator[tuple[str, ...]]:
    """Every way of cutting a word, one by one."""
    if not word:
        yield ()
    for end in range(1, len(word) + 1):
        if word[:end] in scores:
            yield from ((word[:end], *rest) for rest in cuts(word[end:], scores))


def probability(cut: tuple[str, ...], scores: dict[str, float]) -> float:
    return math.prod(math.exp(scores[piece]) for piece in cut)


def slowly(words: dict[str, int], scores: dict[str, float]) -> tuple[Counter[str], float]:
    """Expected counts and the likelihood, of all cuts written down."""
    counts: Counter[str] = Counter()
    likelihood = 0.0
    for word, times in words.items():
        ways = [(cut, probability(cut, scores)) for cut in cuts(word, scores)]
        whole = sum(share for _, share in ways)
        likelihood += times * math.log(whole)
        for cut, share in ways:
            for piece in cut:
                counts[piece] += times * share / whole
    return counts, likelihood


@given(WORDS)
def test_expected_counts_and_likelihood_are_those_of_all_cuts(words: dict[str, int]) -> None:
    scores = normalised(seeds(words))
    counts, likelihood = expected(words, scores)
    slow, said = slowly(words, scores)
    assert likelihood == pytest.approx(said, abs=1e-9)
    assert counts == pytest.approx({piece: slow[piece] for piece in scores}, abs=1e-9)


@given(WORDS)
def test_a_loss_is_what_the_likelihood_falls_by_without_the_piece(words: dict[str, int]) -> None:
    scores = normalised(seeds(words))
    _, whole = slowly(words, scores)
    for piece, loss in losses(words, scores).items():
        rest = {one: score for one, score in scores.items() if one != piece}
        assert loss == pytest.approx(whole - slowly(words, rest)[1], rel=1e-6, abs=1e-9)


@given(WORDS, some.integers(0, 4))
def test_em_never_lowers_the_likelihood_and_so_many_pieces_are_left(
    words: dict[str, int], pieces: int
) -> None:
    letters = {letter for word in words for letter in word}
    rounds = list(learn(words, pieces))
    for one in rounds:
        for before, after in pairwise(one.likelihoods):
            assert after >= before - 1e-9 * abs(before) - 1e-12
        assert sum(map(math.exp, one.scores.values())) == pytest.approx(1)
        assert letters <= set(one.scores)
        assert [loss for _, loss in one.pruned] == sorted(loss for _, loss in one.pruned)
    for one, after in pairwise(rounds):
        assert set(after.scores) == set(one.scores) - {piece for piece, _ in one.pruned}
    assert len(rounds[-1].scores) == len(letters) + min(pieces, len(seeds(words)) - len(letters))


def test_a_case_by_hand() -> None:
    # abab twice: a 4, b 4, ab 4 times, ba and aba and so on 2; with a, b, ab alone
    scores = {"a": math.log(0.25), "b": math.log(0.25), "ab": math.log(0.5)}
    counts, likelihood = expected({"abab": 2}, scores)
    # cuts: ab ab 1/4, ab a b and a b ab 1/32 each, a b a b 1/256: 81 of 256 together
    assert likelihood == pytest.approx(2 * math.log(81 / 256))
    assert counts["ab"] == pytest.approx(2 * (2 * 64 + 2 * 8) / 81)
    assert losses({"abab": 2}, scores)["ab"] == pytest.approx(2 * math.log(81))


def test_no_word_is_an_error_and_a_long_one_is_none() -> None:
    with pytest.raises(ValueError, match="no word"):
        next(learn({}, 3))
    *_, last = learn({"a" * 3_000: 1, "b": 1}, 2)
    assert len(last.scores) == 4 and all(map(math.isfinite, last.likelihoods))
