"""embeddings-analogies: other pairs in the same plane, lengths of what is added, who may win."""

from __future__ import annotations

import json
from html import unescape

import numpy as np
import pytest

from components.embeddings.analogies import Solved, analogy, data, draw
from components.embeddings.models import looked_up
from components.embeddings.relations.parallel import MOST, parallel, told
from components.shared.drawing.figure_template import ACCENT, MARK
from components.shared.drawing.numbers import percent
from inference.errors import OrreryError, TooLong, UnknownWord
from models.words.vectors import WordVectors, unit_rows

WORDS = ("france", "paris", "italy", "rome", "norway", "oslo", "man", "<b>")


def vectors(lengths: list[float] | None = None) -> WordVectors:
    """Three capitals exactly one way from their countries, then two other words."""
    rows = np.random.default_rng(6).normal(size=(len(WORDS), 6)).astype(np.float32)
    rows[1:6:2] = rows[0:6:2] + 3 * rows[7]
    known = None if lengths is None else np.array(lengths, dtype=np.float32)
    return WordVectors(WORDS, np.arange(8, 0, -1), unit_rows(rows), lengths=known)


def colours(solved: Solved) -> list[str]:
    figure = json.loads(draw(solved)[1].plot)
    return [arrow["arrowcolor"] for arrow in figure["layout"]["annotations"]]


def test_the_pairs_of_our_own_relation_stand_in_the_same_plane() -> None:
    solved = analogy(vectors(), "france", "paris", "italy")
    found = data(solved)
    assert found["pairs"] == [["france", "paris"], ["italy", "rome"], ["norway", "oslo"]]
    assert set(WORDS[:6]) <= set(found["map"]["words"])
    ways = [vectors().unit[i + 1] - vectors().unit[i] for i in (0, 2, 4)]
    mean = np.mean([way / np.linalg.norm(way) for way in ways], axis=0)
    cosines = [way @ mean / np.linalg.norm(way) / np.linalg.norm(mean) for way in ways]
    assert found["agreement"] == pytest.approx(cosines, abs=1e-5)
    assert found["answer"] == "rome"
    assert colours(solved) == [MARK, ACCENT, ACCENT]  # the way to oslo was not asked for
    assert "cards/skip-gram-1" in str(draw(solved)[0])


def test_pairs_that_are_typed_take_their_place_and_are_escaped() -> None:
    solved = analogy(vectors(), "france", "paris", "italy", pairs="man - <b>, norway - oslo")
    assert data(solved)["pairs"] == [["man", "<b>"], ["norway", "oslo"]]
    figure = draw(solved)[1].plot
    assert "<b>" not in figure.replace("&lt;b&gt;", "")
    assert colours(solved) == [MARK, MARK, ACCENT, ACCENT]


def test_a_question_of_no_relation_stands_alone() -> None:
    solved = analogy(vectors(), "man", "paris", "italy")
    assert data(solved)["pairs"] == [] and data(solved)["agreement"] == []
    assert colours(solved) == [ACCENT, ACCENT]
    assert str(told(solved.parallel, ["man", "paris", "italy", "oslo"])) == ""


@pytest.mark.parametrize(
    ("pairs", "error", "said"),
    [
        ("man - king - queen", OrreryError, "This is no pair of words"),
        (", ".join(["man - paris"] * (MOST + 1)), TooLong, "up to 10 pairs"),
        ("man - nobody", UnknownWord, "'nobody' is not in this vocabulary"),
        ("x" * 700, TooLong, "up to 600 characters"),
    ],
)
def test_pairs_that_cannot_be_drawn_are_said(
    pairs: str, error: type[OrreryError], said: str
) -> None:
    known = vectors()
    with pytest.raises(error, match=said):
        parallel(known, looked_up(known, "man"), looked_up(known, "paris"), pairs)


def test_r6_learned_lengths_weigh_what_is_added_up() -> None:
    lengths = [9.0, 1.0, 2.0, 5.0, 1.0, 1.0, 3.0, 1.0]
    known = vectors(lengths)
    solved = analogy(known, "france", "paris", "italy", learned=True)
    exact = np.asarray(known.unit, dtype=np.float64)
    target = lengths[1] * exact[1] - lengths[0] * exact[0] + lengths[2] * exact[2]
    cosines = exact @ target / np.linalg.norm(target)
    ranked = data(solved)["ranking"]
    assert [one["word"] for one in ranked] == [WORDS[i] for i in np.argsort(-cosines)]
    assert [one["cosine"] for one in ranked] == pytest.approx(np.sort(cosines)[::-1], abs=1e-6)
    assert "each as long as it has been learned" in str(draw(solved)[0])
    plain = analogy(known, "france", "paris", "italy")
    assert "on unit vectors" in str(draw(plain)[0])
    assert data(plain)["lengths"] == "unit" and data(solved)["lengths"] == "learned"
    assert (
        data(analogy(vectors(), "france", "paris", "italy", learned=True))["ranking"]
        == (data(analogy(vectors(), "france", "paris", "italy"))["ranking"])
    )  # where no length is known


def test_r6_the_words_asked_with_may_win_where_that_is_wanted() -> None:
    left_out = analogy(vectors(), "france", "paris", "italy")
    with_them = analogy(vectors(), "france", "paris", "italy", may_win=True)
    assert with_them.analogy == left_out.analogy  # the ranking is the same
    assert data(left_out)["answer"] == "rome"
    first = data(left_out)["unrestricted"]
    assert data(with_them)["answer"] == data(with_them)["unrestricted"] == first
    said, other = (str(draw(one)[0]) for one in (with_them, left_out))
    if first == "rome":
        assert "comes before it" in said and "It wins here even" in other
    else:
        assert f"<b>{first}</b> <span>is the nearest word of all." in said
        assert "with those left out it would have been rome." in said
        assert f"Had the three not been left out, the answer would have been {first}." in other
    assert '"query"' in other.replace("&#34;", '"') and '"query"' not in said.replace("&#34;", '"')


def test_who_may_win_when_no_other_word_is_left() -> None:
    few = WordVectors(("a", "b", "c"), np.ones(3), unit_rows(np.eye(3, dtype=np.float32)))
    assert "No other word is left." in str(draw(analogy(few, "a", "b", "c"))[0])
    won = analogy(few, "a", "b", "c", may_win=True)
    assert data(won)["answer"] == "b"
    assert "it would have been no word." in str(draw(won)[0])
    assert colours(won) == [ACCENT, ACCENT]  # from c to b


def test_from_a_word_to_itself_there_is_no_answer() -> None:
    solved = analogy(vectors(), "man", "man", "italy", method="direct")
    shown, figure = draw(solved)
    assert "From a word to itself there is no way to follow." in str(shown)
    assert data(solved)["answer"] is None and "france" not in str(figure.plot)
    assert analogy(vectors(), "man", "man", "italy").answer is not None  # italy, and what is near


def test_r9_how_much_the_plane_keeps_of_each_word_is_told() -> None:
    solved = analogy(vectors(), "man", "paris", "italy")
    found, words = data(solved)["map"], solved.points
    own = np.stack([vectors().unit[WORDS.index(word)] for word in words]).astype(np.float64)
    ways = own - own.mean(axis=0)
    _, _, axes = np.linalg.svd(ways)
    kept = [sum(float(way @ axis) ** 2 for axis in axes[:2]) / float(way @ way) for way in ways]
    assert found["kept"] == pytest.approx(kept)
    each = zip(words, kept, strict=True)
    told = ", ".join(f"{word} {percent(share, 0)}" for word, share in each)
    assert f"of each alone: {told}; " in unescape(str(draw(solved)[0]))
