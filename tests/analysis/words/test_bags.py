"""Counts and TF-IDF against scikit-learn, SIF against the two steps of its paper."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from analysis.words import bags

TEXTS = ("The cat's cat sat.", "A dog, the dog!", "the the CAT", "")


def test_words_are_read_as_the_vectors_were_trained() -> None:
    assert bags.words_of("The cat's o\u2019clock, don't!") == ("the", "cat", "o'clock", "don't")
    assert bags.words_of("Cafe\u0301 42_7 'quoted'") == ("café", "42", "7", "quoted")
    assert bags.words_of("...") == ()


def test_counts_and_weights_are_those_of_scikit_learn() -> None:
    vocabulary, found = bags.counts([bags.words_of(text) for text in TEXTS])
    counter = CountVectorizer(tokenizer=bags.words_of, token_pattern=None)
    expected = counter.fit_transform(TEXTS)
    assert vocabulary == tuple(counter.get_feature_names_out())
    assert (found == expected.toarray()).all()
    weighted = TfidfTransformer(norm=None).fit_transform(expected).toarray()
    assert bags.tf_idf(found) == pytest.approx(weighted)


def test_sif_counts_a_word_of_one_in_a_thousand_half() -> None:
    assert bags.sif_weights(np.array([0.001, 0.0, 0.009])) == pytest.approx([0.5, 1.0, 0.1])


def test_a_mean_is_over_the_number_of_words_whatever_they_weigh() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 4.0]])
    assert bags.mean(vectors) == pytest.approx([0.5, 2.0])
    assert bags.mean(vectors, np.array([0.5, 0.25])) == pytest.approx([0.25, 0.5])
    assert bags.mean(np.zeros((0, 2))) == pytest.approx([0.0, 0.0])


def test_the_first_direction_is_the_one_that_scikit_learn_finds() -> None:
    sentences = np.random.default_rng(3).normal(size=(5, 8)) + 1
    first = TruncatedSVD(1, algorithm="arpack").fit(sentences).components_
    assert bags.without_first(sentences) == pytest.approx(sentences - sentences @ first.T @ first)
