"""What the page says about trainings that differ, shared contexts, and words never seen."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from components.embeddings.analogies import analogy
from components.embeddings.evidence import agreement, shared_contexts
from components.embeddings.neighbours import neighbours
from inference.errors import UnknownWord
from models.words.contexts import Contexts
from models.words.ngrams import NGrams
from models.words.vectors import WordVectors, unit_rows

WORDS = ("the", "king", "queen", "crown", "fish", "<b>")


def drawn(seed: int, words: Sequence[str] = WORDS, ngrams: NGrams | None = None) -> WordVectors:
    vectors = np.random.default_rng(seed).normal(size=(len(words), 4)).astype(np.float32)
    return WordVectors(tuple(words), np.arange(len(words), 0, -1), unit_rows(vectors), ngrams)


def counted() -> WordVectors:
    """King and queen stand by the crown; the fish stands alone."""
    starts = np.array([0, 3, 5, 7, 10, 10, 10])
    columns = np.array([1, 2, 3, 0, 3, 0, 3, 0, 1, 2], dtype=np.int32)
    counts = np.array([9, 9, 9, 9, 40, 9, 20, 9, 40, 20], dtype=np.int32)
    totals = np.array([900, 60, 40, 70, 30, 30])
    contexts = Contexts.of(starts, columns, counts, totals, window=3)
    return WordVectors(WORDS, np.arange(6, 0, -1), contexts.unit, contexts=contexts)


def words(shown: str) -> list[str]:
    return re.findall(r"<code>([^<]*)</code>", shown)


def test_one_training_thrice_agrees_with_itself() -> None:
    shown = agreement([drawn(1)] * 3, "king", 3)
    assert "3 of 3 neighbours are the same in every training" in shown
    assert shown.count(">3/3<") == 3


def test_trainings_are_compared_over_the_words_that_all_of_them_have() -> None:
    shown = agreement([drawn(1), drawn(2, WORDS[:3]), drawn(3, WORDS[:3])], "king", 2)
    assert set(words(shown)) == {"the", "queen"}
    assert "of the 3 commonest words" in shown.lower()
    rare = agreement([drawn(1), drawn(2, WORDS[:3])], "fish", 2)
    assert "fish is not among them" in rare and words(rare) == []


def test_shared_contexts_add_up_to_the_cosine_and_come_with_their_counts() -> None:
    vectors = counted()
    shown = shared_contexts(vectors, "king", "queen", 5)
    cosine = float(vectors.unit[1] @ vectors.unit[2])
    assert "What king and queen share" in shown
    assert f"cosine is {cosine:.2f}" in shown
    assert words(shown)[0] == "crown"
    assert "40 · 20" in shown
    parts = [int(part) for part in re.findall(r'class="value">([0-9]+)%<', shown)]
    assert sum(parts) == pytest.approx(100, abs=1)


@pytest.mark.parametrize(
    ("word", "other", "said"),
    [
        ("king", "fish", "know no word that stands near both king and fish"),
        ("king", "King", "Compare the word with another one."),
        ("king", "unheard", "The counts hold no word unheard."),
        ("<i>", "king", "The counts hold no word &lt;i&gt;."),
    ],
)
def test_where_there_is_nothing_to_share_a_sentence_says_so(
    word: str, other: str, said: str
) -> None:
    shown = shared_contexts(counted(), word, other, 5)
    assert said in shown and words(shown) == []


def test_a_word_never_seen_is_shown_with_the_pieces_it_is_made_of() -> None:
    buckets = np.random.default_rng(4).normal(size=(64, 4)).astype(np.float32)
    vectors = drawn(1, ngrams=NGrams(buckets, 3, 4))
    shown, figure = neighbours(vectors, "Kin")
    assert "<b>kin</b>" in shown and "was never seen" in shown
    assert "&lt;ki · &lt;kin · kin · kin&gt; · in&gt;." in shown
    assert (
        f"of {len(WORDS)} words" in shown and json.loads(figure.plot)["data"][0]["text"][0] == "kin"
    )
    solved, _ = analogy(vectors, "king", "queen", "kin")
    assert "was never seen" in solved
    known, _ = neighbours(vectors, "king")
    assert "was never seen" not in known


def test_models_without_ngrams_refuse_a_word_never_seen() -> None:
    with pytest.raises(UnknownWord, match="'kin' is not in this vocabulary"):
        neighbours(drawn(1), "kin")


def test_words_of_the_vocabulary_are_escaped() -> None:
    shown, _ = neighbours(drawn(1), "king")
    assert "&lt;b&gt;" in shown and "<code><b>" not in shown
    assert "<code><b>" not in agreement([drawn(1)] * 3, "king", 5)


def test_r10_the_hub_among_the_neighbours_is_told_with_its_number() -> None:
    near, nearest = np.array([3, 40, 7, 120, 0, 9]), "is one of the 10 nearest neighbours of"
    shown, _ = neighbours(replace(drawn(1), hubness=near), "king")
    assert f"king {nearest} 40 words, and crown {nearest} 120 words. The average is 10;" in shown
    assert "Near is not mutual" not in neighbours(drawn(1), "king")[0]  # not counted


def test_r10_nothing_is_said_of_a_word_that_was_made_just_now() -> None:
    pieces = NGrams(np.random.default_rng(3).normal(size=(9, 4)).astype(np.float32), 3, 4)
    vectors = replace(drawn(1, ngrams=pieces), hubness=np.array([3, 40, 7, 120, 0, 9]))
    shown, _ = neighbours(vectors, "unkingly")
    assert "Near is not mutual: crown is one of" in shown
