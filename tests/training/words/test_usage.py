"""Capitals are counted inside sentences alone; the largest share of a word is one story's."""

from __future__ import annotations

import numpy as np

from training.words.usage import capitals, largest

TEXT = (
    'Tom saw the dog. The dog saw Tom, and "The End" came: Rain fell.\n'
    "Rain met Tom\u2019s sister \u2013 Rain again (Rain), but rain it was"
)
WORDS = ("tom", "the", "dog", "rain", "end", "unheard")


def test_what_begins_a_sentence_or_stands_behind_a_quote_tells_nothing() -> None:
    # tom: inside twice, both times with a capital; rain: inside once, without one
    assert capitals([TEXT, "we saw Dog and dog, dog"], WORDS).tolist() == [100, 0, 20, 0, 100, 0]


def test_texts_are_added_up_and_rounded() -> None:
    assert capitals(["a May b may c may", "a line"], ("may", "line")).tolist() == [33, 0]


def test_the_largest_share_is_that_of_the_story_that_has_a_word_most_often() -> None:
    read = ["Fagin and Fagin's den. FAGIN!", "A den, a dog", "dog; Fagin", ""]
    words, counts = ("fagin", "den", "dog", "unheard"), np.array([4, 2, 5, 0])
    # dog: once in each of two stories, three times elsewhere
    assert largest(read, words, counts).tolist() == [75, 50, 20, 0]
