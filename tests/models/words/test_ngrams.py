"""Unknown words get the vectors that gensim's fastText gives them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.words.ngrams import NGrams, bucket

UNKNOWN = ("kingly", "I", "don't", "cafés", "naïveté", "日本語の", "x" * 40)


def some(buckets: int = 64, shortest: int = 3, longest: int = 6) -> NGrams:
    drawn = np.random.default_rng(3).normal(size=(buckets, 5)).astype(np.float32)
    return NGrams(drawn, shortest, longest)


def test_ngrams_run_over_the_marks_of_the_ends() -> None:
    assert some(longest=4).of("was") == ["<wa", "<was", "was", "was>", "as>"]
    assert some(longest=3).of("a") == ["<a>"]
    assert some(shortest=4).of("a") == []


@given(st.text(min_size=1, max_size=12))
def test_buckets_are_those_of_gensim(ngram: str) -> None:
    from gensim.models.fasttext_inner import ft_hash_bytes

    encoded = ngram.encode("utf-8")
    assert bucket(ngram, 50_000) == ft_hash_bytes(encoded) % 50_000


def test_a_vector_is_the_one_of_gensim() -> None:
    from gensim.models import FastText

    text = [["the", "king", "sat"], ["a", "café", "king"]] * 10
    theirs = FastText(
        text, vector_size=5, min_count=1, min_n=3, max_n=6, bucket=64, epochs=2, workers=1, seed=1
    )
    ours = NGrams(theirs.wv.vectors_ngrams, 3, 6)
    for word in UNKNOWN:
        assert word not in theirs.wv.key_to_index
        assert ours.vector(word) == pytest.approx(theirs.wv[word], abs=1e-6)


def test_the_empty_word_has_no_ngrams_and_no_direction() -> None:
    assert some().vector("").tolist() == [0, 0, 0, 0, 0]
    assert some(shortest=9, longest=9).vector("word").tolist() == [0, 0, 0, 0, 0]
