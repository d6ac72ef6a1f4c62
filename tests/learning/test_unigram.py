"""Unigram is learned as counting every cut of every word by itself would have it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from learning import lattices
from learning.lattices import Lattices
from learning.unigram import PART, Round, Scores, learn, normalised, parted, seeds
from models.text.unigram import LONGEST

WORDS = some.dictionaries(
    some.text("abc", min_size=1, max_size=7), some.integers(1, 5), min_size=1, max_size=5
)


def cuts(word: str, scores: Scores) -> Iterator[tuple[str, ...]]:
    """Every way of cutting a word, one by one."""
    if not word:
        yield ()
    for end in range(1, len(word) + 1):
        if word[:end] in scores:
            yield from ((word[:end], *rest) for rest in cuts(word[end:], scores))


def probability(cut: tuple[str, ...], scores: Scores) -> float:
    return math.prod(math.exp(scores[piece]) for piece in cut)


def slowly(words: Mapping[str, int], scores: Scores) -> tuple[Counter[str], float]:
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


def started(words: Mapping[str, int]) -> tuple[Lattices, dict[str, float]]:
    """All pieces to begin with, and their scores."""
    counts = seeds(words)
    scores = normalised(np.array(list(counts.values())))
    return Lattices(words, list(counts)), dict(zip(counts, scores.tolist(), strict=True))


def expected(under: Lattices, scores: Scores) -> tuple[dict[str, float], float]:
    counts, likelihood = under.expected(np.array(list(scores.values())))
    return dict(zip(under.pieces, counts.tolist(), strict=True)), likelihood


def losses(under: Lattices, scores: Scores) -> dict[str, float]:
    """Of the longer pieces."""
    lost = sum(under.losses(np.array(list(scores.values()))), np.zeros(len(scores)))
    named = dict(zip(under.pieces, lost.tolist(), strict=True))
    return {piece: loss for piece, loss in named.items() if len(piece) > 1}


def rounds_of(words: Mapping[str, int], pieces: int) -> list[Round]:
    return [one for one in learn(words, pieces) if one]


@given(WORDS)
def test_expected_counts_and_likelihood_are_those_of_all_cuts(words: dict[str, int]) -> None:
    under, scores = started(words)
    counts, likelihood = expected(under, scores)
    slow, said = slowly(words, scores)
    assert likelihood == pytest.approx(said, abs=1e-9)
    assert under.likelihood(np.array(list(scores.values()))) == pytest.approx(said, abs=1e-9)
    assert counts == pytest.approx({piece: slow[piece] for piece in scores}, abs=1e-9)


@given(WORDS, some.sampled_from([1, 1_000]))
def test_a_loss_is_what_the_likelihood_falls_by_without_the_piece(
    words: dict[str, int], at_once: int
) -> None:
    under, scores = started(words)
    _, whole = slowly(words, scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lattices, "SLICE", at_once)  # word by word, or all in one slice
        lost = losses(under, scores)
    for piece, loss in lost.items():
        rest = {one: score for one, score in scores.items() if one != piece}
        assert loss == pytest.approx(whole - slowly(words, rest)[1], rel=1e-6, abs=1e-9)


@given(WORDS, some.sets(some.integers(0, 30)))
def test_without_some_pieces_it_is_as_if_they_had_never_been(
    words: dict[str, int], gone: set[int]
) -> None:
    under, scores = started(words)
    left = [len(piece) == 1 or i not in gone for i, piece in enumerate(under.pieces)]
    kept = {piece: scores[piece] for piece, stays in zip(scores, left, strict=True) if stays}
    thinner, anew = under.of(np.array(left)), Lattices(words, list(kept))
    assert thinner.pieces == anew.pieces == list(kept)
    assert expected(thinner, kept) == expected(anew, kept)
    assert losses(thinner, kept) == losses(anew, kept)


@given(WORDS, some.integers(0, 4))
def test_em_never_lowers_the_likelihood_and_so_many_pieces_are_left(
    words: dict[str, int], pieces: int
) -> None:
    letters = {letter for word in words for letter in word}
    rounds = rounds_of(words, pieces)
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
    under = Lattices({"abab": 2}, list(scores))
    counts, likelihood = expected(under, scores)
    # cuts: ab ab 1/4, ab a b and a b ab 1/32 each, a b a b 1/256: 81 of 256 together
    assert likelihood == pytest.approx(2 * math.log(81 / 256))
    assert counts["ab"] == pytest.approx(2 * (2 * 64 + 2 * 8) / 81)
    assert losses(under, scores)["ab"] == pytest.approx(2 * math.log(81))


def test_pieces_reach_as_far_as_they_may() -> None:
    """A window of places goes round once they are as many as a piece is long."""
    word = "x" + "ab" * LONGEST + "y"
    scores = {one: math.log(0.1) for one in {*word, word[1 : LONGEST + 1], word[3:5]}}
    under = Lattices({word: 1, "b": 3}, list(scores))
    slow, said = slowly({word: 1, "b": 3}, scores)
    counts, likelihood = expected(under, scores)
    assert likelihood == pytest.approx(said)
    assert counts == pytest.approx(dict(slow))


def test_no_word_is_an_error_and_a_long_one_is_none() -> None:
    with pytest.raises(ValueError, match="no word"):
        next(learn({}, 3))
    last = rounds_of({"a" * 3_000: 1, "b": 1}, 2)[-1]
    assert len(last.scores) == 4 and all(map(math.isfinite, last.likelihoods))


def test_long_words_are_learned_in_parts() -> None:
    words = {"ab" * PART: 2, "a" * PART: 3, "b": 1}
    assert parted(words) == {"ab" * (PART // 2): 4, "a" * PART: 3, "b": 1}
    assert sum(len(one) * times for one, times in parted(words).items()) == 7 * PART + 1


def test_the_work_is_in_many_slices() -> None:
    """So that others go on between them, also where one word is all there is."""
    word = "".join("ab"[i * i % 7 % 2] for i in range(2 * PART))
    slices = list(learn(parted({word: 1}), 3))
    rounds = [one for one in slices if one]
    assert len(slices) > 4 * len(rounds) > 12
