"""Capitals are counted inside sentences alone."""

from __future__ import annotations

from training.words.capitals import percent

TEXT = (
    'Tom saw the dog. The dog saw Tom, and "The End" came: Rain fell.\n'
    "Rain met Tom\u2019s sister \u2013 Rain again (Rain), but rain it was"
)
WORDS = ("tom", "the", "dog", "rain", "end", "unheard")


def test_what_begins_a_sentence_or_stands_behind_a_quote_tells_nothing() -> None:
    # tom: inside twice, both times with a capital; rain: inside once, without one
    assert percent([TEXT, "we saw Dog and dog, dog"], WORDS).tolist() == [100, 0, 20, 0, 100, 0]


def test_texts_are_added_up_and_rounded() -> None:
    assert percent(["a May b may c may", "a line"], ("may", "line")).tolist() == [33, 0]
