"""What the page says about trainings that differ, shared contexts, and words never seen."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio.components.plot import PlotData

from analysis import embeddings
from components.embeddings import neighbours
from components.embeddings.analogies import analogy, draw
from components.embeddings.models import looked_up
from components.embeddings.near.among import frequent
from components.embeddings.near.evidence import (
    agreement,
    agreement_bars,
    contexts_bars,
    contexts_data,
    shared_contexts,
)
from components.embeddings.neighbours import Near, others
from inference.catalog import Catalog
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
    return [row[0] for row in rows(shown)]


def rows(shown: str) -> list[Any]:
    """The rows that the browser is to draw."""
    (value,) = re.findall(r'data-value="([^"]*)"', shown)
    return json.loads(html.unescape(value))[2]


def listed(vectors: WordVectors, word: str, least: int = 0) -> tuple[str, PlotData]:
    shown, figure, _, _, told = neighbours.draw(near(vectors, word, least))
    return html.unescape(shown + told), figure


def near(vectors: WordVectors, word: str, least: int = 0) -> Near:
    return neighbours.neighbours(vectors, looked_up(vectors, word), least)


def judged(own: WordVectors, word: str, others: Sequence[WordVectors], count: int) -> str:
    asked, among = looked_up(own, word), frequent(own, 1)
    found = embeddings.neighbours(own.unit, asked, count, among)
    return str(agreement_bars(agreement(asked, found, others, among, seeds=True), asked, own))


def shared(vectors: WordVectors, word: str, other: str) -> str:
    return html.unescape(str(contexts_bars(shared_contexts(vectors, word, other))))


def test_a_model_agrees_with_itself() -> None:
    shown = judged(drawn(1), "king", [drawn(1)] * 2, 3)
    assert "3 of 3 neighbours are named by every other training" in shown
    assert [row[2] for row in rows(shown)] == ["2/2"] * 3


def test_the_list_that_is_shown_is_the_one_that_is_judged() -> None:
    own = drawn(1)
    for word in WORDS[:5]:
        found = embeddings.neighbours(own.unit, looked_up(own, word), 3)
        assert words(judged(own, word, [drawn(2)], 3)) == [WORDS[one.row] for one in found]


def test_a_model_that_does_not_hold_a_neighbour_does_not_judge_it() -> None:
    shown = judged(drawn(1), "king", [drawn(2, WORDS[:3])], 5)
    assert [row[2] for row in rows(shown)].count("\N{EN DASH}") == 3
    assert "They hold the 3 commonest words, and no others" in shown


def test_any_word_is_judged_by_models_that_hold_it() -> None:
    class Served:
        catalog = Catalog(Path())

        def word_vectors(self, name: str) -> WordVectors:
            return drawn(1, WORDS[:3]) if name in ("skip-gram-2", "skip-gram-3") else drawn(1)

    def judges(model: str, word: str) -> tuple[int, bool]:
        found, seeds = others(Served(), model, looked_up(drawn(1), word))  # type: ignore[arg-type]
        return len(found), seeds

    assert judges("skip-gram-1", "king") == (2, True)
    assert judges("skip-gram-1", "fish") == (5, False)  # kept by all but the shorter trainings
    assert judges("cbow", "king") == (5, False)


def test_rare_words_are_left_out_of_both_lists() -> None:
    vectors = drawn(1)  # seen 6, 5, 4, 3, 2 times and once
    shown, _ = listed(vectors, "king", 4)
    assert {row["word"] for row in neighbours.data(near(vectors, "king", 4))["neighbours"]} == {
        "the",
        "queen",
    }
    assert set(words(neighbours.draw(near(vectors, "king", 4))[0])) == {"the", "queen"}
    assert "of 3 words" in shown and "at least 4 times" in shown
    assert analogy(vectors, "the", "king", "queen", 3).answer == "crown"


def test_what_was_left_out_of_a_word_is_said() -> None:
    shown, _ = listed(drawn(1), "queen's")
    assert "Read as \u201cqueen\u201d; left out: \u201c's\u201d." in shown
    assert "left out" not in listed(drawn(1), "Queen")[0]


def test_shared_contexts_add_up_to_the_cosine_and_come_with_their_counts() -> None:
    vectors = counted()
    shown = shared(vectors, "king", "queen")
    cosine = float(vectors.unit[1] @ vectors.unit[2])
    assert "What king and queen share" in shown
    assert f"cosine is {cosine:.2f}" in shown
    close = shared_contexts(vectors, "king", "queen")
    told = contexts_data(close)
    assert told["shared"][0] == {"word": "crown", "part": close.shared[0].part, "seen": (40, 20)}
    assert told["cosine"] == pytest.approx(cosine)
    first, *_ = rows(str(contexts_bars(close)))
    assert first == ["crown", 1.0, pytest.approx(close.shared[0].part / cosine), "40 · 20", ""]


@pytest.mark.parametrize(
    ("word", "other", "said"),
    [
        ("king", "fish", "know no word that stands near both king and fish"),
        ("king", "King", "Compare the word with another one."),
        ("king", "unheard", "The counts hold no word unheard."),
        ("<i>", "king", "The counts hold no word <i>."),
    ],
)
def test_where_there_is_nothing_to_share_a_sentence_says_so(
    word: str, other: str, said: str
) -> None:
    close = shared_contexts(counted(), word, other)
    assert said in shared(counted(), word, other)
    assert rows(str(contexts_bars(close))) == []
    assert contexts_data(close) == {"note": close}


def test_a_word_never_seen_is_shown_with_the_pieces_it_is_made_of() -> None:
    buckets = np.random.default_rng(4).normal(size=(64, 4)).astype(np.float32)
    vectors = drawn(1, ngrams=NGrams(buckets, 3, 4))
    shown, figure = listed(vectors, "Kin")
    assert "<b>kin</b>" in shown and "was never seen" in shown
    assert "<ki · <kin · kin · kin> · in>." in shown
    assert (
        f"of {len(WORDS)} words" in shown and json.loads(figure.plot)["data"][0]["text"][0] == "kin"
    )
    solved, _ = draw(analogy(vectors, "king", "queen", "kin"))
    assert "was never seen" in solved
    known, _ = listed(vectors, "king")
    assert "was never seen" not in known


def test_models_without_ngrams_refuse_a_word_never_seen() -> None:
    with pytest.raises(UnknownWord, match="'kin' is not in this vocabulary"):
        listed(drawn(1), "kin")


def test_of_several_words_in_the_place_of_one_those_known_are_proposed() -> None:
    said = "'king  kin queen' is not in this vocabulary.* single word: try king or queen alone."
    with pytest.raises(UnknownWord, match=said):
        looked_up(drawn(1), "king  kin queen")


def test_words_of_the_vocabulary_are_escaped() -> None:
    for shown in (
        neighbours.draw(near(drawn(1), "king"))[0],
        judged(drawn(1), "king", [drawn(1)] * 2, 5),
    ):
        assert "&lt;b&gt;" in shown and "<b>" not in shown


def test_r10_the_hub_among_the_neighbours_is_told_with_its_number() -> None:
    near, nearest = np.array([3, 40, 7, 120, 0, 9]), "is one of the 10 nearest neighbours of"
    shown, _ = listed(replace(drawn(1), hubness=near), "king")
    assert f"king {nearest} 40 words, and crown {nearest} 120 words. The average is 10;" in shown
    assert "Near is not mutual" not in listed(drawn(1), "king")[0]  # not counted


def test_r10_nothing_is_said_of_a_word_that_was_made_just_now() -> None:
    pieces = NGrams(np.random.default_rng(3).normal(size=(9, 4)).astype(np.float32), 3, 4)
    vectors = replace(drawn(1, ngrams=pieces), hubness=np.array([3, 40, 7, 120, 0, 9]))
    shown, _ = listed(vectors, "unkingly")
    assert "rare ones too, crown is one of" in shown
