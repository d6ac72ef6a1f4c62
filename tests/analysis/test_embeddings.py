"""Neighbours, analogies, spellings and the flat map, against slow loops and other libraries."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis import embeddings
from analysis.embeddings import (
    Ranked,
    Row,
    agreement,
    cosines_to,
    descending,
    hubness,
    neighbours,
)
from analysis.projection import project
from analysis.spelling import near_spellings
from analysis.words.analogies import METHODS, analogy, nearest_to_sum
from models.words.contexts import SparseRows

Vectors = NDArray[np.float32]


def normal(rows: int, width: int = 8, seed: int = 3) -> Vectors:
    """Random unit vectors."""
    drawn = np.random.default_rng(seed).normal(size=(rows, width))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def unit() -> Vectors:
    return normal(60)


def asked(unit: Vectors | SparseRows, *rows: int) -> tuple[Row, ...]:
    """Rows of a vocabulary as words that are asked with."""
    return tuple(Row(unit[row], row) for row in rows)


def slow_cosine(a: Vectors, b: Vectors) -> float:
    product = sum(float(x) * float(y) for x, y in zip(a, b, strict=True))
    return product / math.sqrt(sum(float(x) ** 2 for x in a) * sum(float(y) ** 2 for y in b))


def test_neighbours_agree_with_a_slow_loop(unit: Vectors) -> None:
    expected = sorted(
        (r for r in range(len(unit)) if r != 7), key=lambda r: -slow_cosine(unit[7], unit[r])
    )
    found = neighbours(unit, *asked(unit, 7), 10)
    assert [n.row for n in found] == expected[:10]
    assert [n.rank for n in found] == list(range(1, 11))
    for n in found:
        assert n.cosine == pytest.approx(slow_cosine(unit[7], unit[n.row]), abs=1e-6)


@pytest.mark.parametrize(("words", "count"), [(40, 10), (40, 1), (11, 10), (5, 10), (1, 10)])
def test_r10_hubness_counts_in_whose_neighbours_a_word_is(
    words: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "BLOCK", 16)
    unit = normal(words)
    expected = np.zeros(words)
    for row in range(words):
        for one in neighbours(unit, *asked(unit, row), count):
            expected[one.row] += 1
    assert hubness(unit, count).tolist() == expected.tolist()


def test_neighbours_are_no_more_than_there_are_words() -> None:
    assert len(neighbours(normal(3), *asked(normal(3), 0), 10)) == 2
    assert neighbours(normal(1), *asked(normal(1), 0), 10) == ()


def test_r6_the_answer_is_the_one_of_gensim_and_nothing_is_hidden(unit: Vectors) -> None:
    from gensim.models import KeyedVectors

    theirs = KeyedVectors(unit.shape[1])
    theirs.add_vectors([str(r) for r in range(len(unit))], unit)
    a, b, c = 4, 9, 21
    kept_back = theirs.most_similar(positive=["9", "21"], negative=["4"], topn=57)
    ours = analogy(unit, *asked(unit, a, b, c), len(unit))
    assert ours.answer is not None
    assert str(ours.answer.row) == kept_back[0][0]
    others = [(str(n.row), n.cosine) for n in ours.ranking if n.query is None]
    assert [word for word, _ in others] == [word for word, _ in kept_back]
    assert [cosine for _, cosine in others] == pytest.approx([s for _, s in kept_back], abs=1e-5)
    assert {n.row for n in ours.ranking if n.query is not None} == {a, b, c}


def test_r6_without_exclusion_a_query_word_can_win() -> None:
    rows = [[1, 0, 0], [1, 0.1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 0]]
    vectors = np.array(rows, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = analogy(vectors, *asked(vectors, 0, 1, 2), 2)
    # b - a + c is (-0.005, 0.0995, 1): next to c, 45 degrees from the fourth word
    assert found.unrestricted.row == found.unrestricted.query == 2
    assert found.answer is not None and found.answer.row == 3
    assert found.answer.cosine == pytest.approx((0.0995 + 1) / math.sqrt(2) / 1.005, abs=1e-3)
    assert [n.rank for n in found.ranking] == [1, 2]
    assert [q.row for q in found.queries] == [0, 1, 2]
    assert found.queries[2].rank == 1


def test_r6_query_words_keep_their_place_in_the_whole_vocabulary(unit: Vectors) -> None:
    found = analogy(unit, *asked(unit, 4, 9, 21), 1)
    everything = analogy(unit, *asked(unit, 4, 9, 21), len(unit)).ranking
    assert len(found.ranking) == 1
    assert found.queries == tuple(next(n for n in everything if n.row == row) for row in (4, 9, 21))


def test_t21_the_same_word_thrice_gives_its_nearest_neighbour(unit: Vectors) -> None:
    found = analogy(unit, *asked(unit, 5, 5, 5), 3)
    assert found.unrestricted.row == 5
    assert found.unrestricted.cosine == pytest.approx(1.0)
    assert found.answer is not None
    assert found.answer.row == neighbours(unit, *asked(unit, 5), 1)[0].row


def test_t21_a_zero_vector_is_at_cosine_0_to_everything() -> None:
    vectors = normal(5)
    vectors[2] = 0
    assert [n.cosine for n in neighbours(vectors, *asked(vectors, 2), 4)] == [0, 0, 0, 0]
    assert [n.row for n in neighbours(vectors, *asked(vectors, 2), 4)] == [
        0,
        1,
        3,
        4,
    ]  # vocabulary order
    assert analogy(vectors, *asked(vectors, 2, 2, 2), 5).answer == Ranked(0, 0.0, 1)


def test_t21_no_answer_where_every_word_was_named() -> None:
    assert analogy(normal(2), *asked(normal(2), 0, 1, 1), 5).answer is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(1, 9))
def test_t21_numbers_are_always_finite(a: int, b: int, c: int, count: int) -> None:
    vectors = np.concatenate([normal(3), normal(1), np.zeros((2, 8), dtype=np.float32)])
    vectors[1] = -vectors[0]  # opposite words cancel
    found = analogy(vectors, *asked(vectors, a, b, c), count)
    shown = [
        *found.ranking,
        *found.queries,
        found.unrestricted,
        *neighbours(vectors, *asked(vectors, a), count),
    ]
    assert all(-1 <= n.cosine <= 1 for n in shown)
    picture = project(vectors[[a, b, c]])
    assert np.isfinite(picture.points).all()
    assert picture.variance_shown is None or 0 <= picture.variance_shown <= 1


def test_a_cosine_ignores_the_length_of_the_target(unit: Vectors) -> None:
    assert cosines_to(unit, 7 * unit[0]) == pytest.approx(cosines_to(unit, unit[0]), abs=1e-6)


def test_spellings_are_close_ones() -> None:
    words = ["queen", "the", "king", "quest", "green", "queer", "kings"]
    assert near_spellings("Qeen", words, 1) == ["queen"]
    assert near_spellings("quene", words)[:2] == ["queen", "queer"]  # equal: the frequent first
    assert near_spellings("kingg", words)[:2] == ["king", "kings"]
    assert near_spellings("zzzz", words) == []
    assert near_spellings("", words) == []
    assert near_spellings("q" * 10_000, words) == []


def test_spellings_of_a_full_vocabulary_stay_quick() -> None:
    drawn = np.random.default_rng(0).integers(97, 123, size=(30_000, 8), dtype=np.uint8)
    drawn[:, 0] = ord("q")  # the worst case: every word is a candidate
    words = [bytes(row).decode() for row in drawn]
    best = math.inf
    for _ in range(5):  # the quickest of five, since other work may share the machine
        started = time.perf_counter()
        near_spellings("qwertyui", words)
        best = min(best, time.perf_counter() - started)
    assert best < 0.05


def test_r9_points_are_the_ones_of_sklearn_up_to_the_sign_of_an_axis(unit: Vectors) -> None:
    from sklearn.decomposition import PCA

    reference = PCA(2, svd_solver="full")
    theirs = reference.fit_transform(unit[:20].astype(np.float64))
    ours = project(unit[:20])
    assert np.abs(ours.points) == pytest.approx(np.abs(theirs), abs=1e-6)
    assert ours.variance_shown == pytest.approx(reference.explained_variance_ratio_.sum())


@pytest.mark.parametrize("words", [3, 4, 11, 30])
def test_r9_trustworthiness_is_the_one_of_sklearn(words: int) -> None:
    from sklearn.manifold import trustworthiness

    vectors = normal(words, seed=words)
    ours = project(vectors)
    theirs = trustworthiness(
        vectors.astype(np.float64), ours.points, n_neighbors=min(5, (words - 1) // 2)
    )
    assert ours.trustworthiness == pytest.approx(theirs)


def test_r9_overlap_agrees_with_a_slow_count(unit: Vectors) -> None:
    vectors = unit[:14]
    ours = project(vectors)
    shared = 0
    for i in range(14):
        others = [j for j in range(14) if j != i]
        by_cosine = sorted(others, key=lambda j: -slow_cosine(vectors[i], vectors[j]))
        on_map = sorted(others, key=lambda j: math.dist(ours.points[i], ours.points[j]))
        shared += len(set(by_cosine[:5]) & set(on_map[:5]))
    assert ours.neighbours == 5
    assert ours.overlap == pytest.approx(shared / (14 * 5))


def test_r9_words_that_lie_in_a_plane_are_shown_without_loss() -> None:
    angles = np.array([0.1, 0.5, 1.2, 2.0, 2.2, 4.0, 5.5])
    flat = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))
    ours = project(flat @ turn[:2])
    assert (ours.variance_shown, ours.overlap, ours.trustworthiness) == pytest.approx((1, 1, 1))


def test_the_same_words_in_another_order_land_on_the_same_points(unit: Vectors) -> None:
    order = np.random.default_rng(2).permutation(12)
    straight, shuffled = project(unit[:12]), project(unit[:12][order])
    assert shuffled.points == pytest.approx(straight.points[order], abs=1e-9)


@pytest.mark.parametrize("words", [0, 1, 6])
def test_t21_words_at_one_place_have_no_quality(words: int) -> None:
    picture = project(np.repeat(normal(1), words, axis=0))
    assert picture.points.shape == (words, 2)
    assert not picture.points.any()
    assert picture.variance_shown is None
    assert picture.overlap is None and picture.trustworthiness is None


def test_two_words_lie_on_a_line_that_shows_everything(unit: Vectors) -> None:
    picture = project(unit[:2])
    assert picture.variance_shown == pytest.approx(1.0)
    assert picture.points[:, 1] == pytest.approx([0, 0], abs=1e-7)
    assert picture.trustworthiness is None


@pytest.mark.process
def test_importing_the_analysis_loads_neither_torch_nor_sklearn() -> None:
    code = (
        "import sys, analysis.embeddings, analysis.projection, analysis.spelling;"
        "assert not {'torch', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def plane(*angles: float) -> Vectors:
    return np.array([[np.cos(a), np.sin(a)] for a in angles], dtype=np.float32)


def test_agreement_is_about_the_neighbours_that_are_shown() -> None:
    own = plane(0.0, 0.1, 0.2, 0.9, 1.5)  # nearest to word 0: 1, 2
    other = plane(0.0, 0.2, 0.8, 0.1, 1.5)  # 3, 1
    third = plane(0.0, 0.3, 0.1, 0.9, 1.5)  # 2, 1
    shown = neighbours(own, *asked(own, 0), 2)
    found = agreement(shown, 0, [other, third])
    assert [(near.row, near.ranks, near.found) for near in found] == [
        (1, (2, 2), 2),
        (2, (None, 1), 1),
    ]


def test_agreement_does_not_look_where_a_word_is_not_held() -> None:
    own, short = plane(0.0, 1.0, 0.3, 0.1), plane(0.0, 0.4, 0.2)
    shown = neighbours(own, *asked(own, 0), 2)
    assert [near.row for near in shown] == [3, 2]
    found = agreement(shown, 0, [short, own])
    assert [(near.row, near.ranks) for near in found] == [(3, (1,)), (2, (1, 2))]


def test_a_least_count_leaves_rare_words_out_of_every_list(unit: Vectors) -> None:
    counts = np.arange(600, 0, -10)
    frequent = counts >= 100
    listed = neighbours(unit, *asked(unit, 55), 60, frequent)  # the word asked with may be rare
    everything = [one for one in neighbours(unit, *asked(unit, 55), 60) if frequent[one.row]]
    assert [one.row for one in listed] == [one.row for one in everything]
    assert [one.rank for one in listed] == list(range(1, frequent.sum() + 1))
    found = analogy(unit, *asked(unit, 3, 58, 7), 60, frequent)
    assert {one.row for one in found.ranking} == {*np.flatnonzero(frequent).tolist(), 58}
    assert [one.rank for one in found.ranking] == list(range(1, frequent.sum() + 2))
    shown = neighbours(unit, *asked(unit, 55), 10, frequent)
    (same,) = {near.ranks == (near_shown.rank,) for near, near_shown in
               zip(agreement(shown, 55, [unit], frequent), shown, strict=True)}  # fmt: skip
    assert same
    near = hubness(unit, 5, frequent)
    assert near.sum() == 5 * frequent.sum()
    assert not near[~frequent].any()
    assert near[frequent].tolist() == hubness(unit[frequent], 5).tolist()


def test_a_word_without_a_row_is_asked_with_as_any_other(unit: Vectors) -> None:
    """The same numbers as if the word had been a row of the matrix."""
    whole = np.concatenate([unit, normal(1, seed=9)])
    made = Row(whole[60], None)
    near, same = neighbours(unit, made, 7), neighbours(whole, *asked(whole, 60), 7)
    assert [one.row for one in near] == [one.row for one in same]
    a, b = asked(unit, 2, 8)
    ours = analogy(unit, a, made, b, 61)
    theirs = analogy(whole, *asked(whole, 2, 60, 8), 61)
    assert [60 if one.row is None else one.row for one in ours.ranking] == [
        one.row for one in theirs.ranking
    ]
    assert [one.rank for one in ours.queries] == [one.rank for one in theirs.queries]
    assert [one.query for one in ours.queries] == [0, 1, 2]
    assert ours.queries[1].row is None
    assert ours.answer is not None and theirs.answer is not None
    assert ours.answer.row == theirs.answer.row


def test_a_made_word_named_twice_stands_once_in_the_ranking(unit: Vectors) -> None:
    made = Row(normal(1, seed=9)[0], None)
    found = analogy(unit, made, made, made, 61)
    assert len(found.ranking) == 61
    assert found.ranking[0].query == 0 and found.ranking[0].cosine == pytest.approx(1)
    assert found.queries == (found.ranking[0],) * 3


def test_neighbours_and_analogies_of_sparse_rows_are_those_of_their_dense_copy() -> None:
    generator = np.random.default_rng(11)
    dense = np.maximum(generator.normal(size=(30, 12)), 0).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(31))
    sparse = SparseRows(starts, columns.astype(np.int32), dense[rows, columns], 12)
    near, same = neighbours(dense, *asked(dense, 3), 5), neighbours(sparse, *asked(sparse, 3), 5)
    assert [one.row for one in near] == [one.row for one in same]
    assert [one.cosine for one in near] == pytest.approx([one.cosine for one in same], abs=1e-6)
    assert (
        analogy(sparse, *asked(sparse, 1, 2, 3), 4).answer.row
        == analogy(dense, *asked(dense, 1, 2, 3), 4).answer.row
    )


def test_r6_a_sum_of_any_length_is_the_one_of_gensim(unit: Vectors) -> None:
    from gensim.models import KeyedVectors  # heavy

    rows, signs = (4, 9, 21, 2), (1, -1, 1, -1)
    found = nearest_to_sum(unit, asked(unit, *rows), signs, 12)
    known = KeyedVectors(unit.shape[1])
    known.add_vectors([str(i) for i in range(len(unit))], unit)
    theirs = known.most_similar(["4", "21"], ["9", "2"], topn=3)  # without the words asked with
    ours = [one for one in found.ranking if one.query is None][:3]
    assert [str(one.row) for one in ours] == [word for word, _ in theirs]
    assert found.answer == ours[0]
    assert [one.row for one in found.queries] == list(rows)
    exact = signs @ unit[list(rows)].astype(np.float64)
    for one in found.ranking:
        own = unit[one.row].astype(np.float64)
        expected = own @ exact / np.linalg.norm(exact) / np.linalg.norm(own)
        assert one.cosine == pytest.approx(expected, abs=1e-6)


def gensim_of(unit: Vectors) -> Any:
    from gensim.models import KeyedVectors  # heavy

    known = KeyedVectors(unit.shape[1])
    known.add_vectors([str(i) for i in range(len(unit))], unit)
    return known


@pytest.mark.filterwarnings("ignore:Call to deprecated")
def test_3cosmul_ranks_as_gensim_does(unit: Vectors) -> None:
    found = analogy(unit, *asked(unit, 4, 9, 21), 20, method="multiply")
    theirs = gensim_of(unit).most_similar_cosmul(["9", "21"], ["4"], topn=8)
    ours = [one for one in found.ranking if one.query is None][:8]
    assert [str(one.row) for one in ours] == [word for word, _ in theirs]
    exact = unit.astype(np.float64)
    cosines = [(1 + exact @ exact[row]) / 2 for row in (4, 9, 21)]
    slow = cosines[1] * cosines[2] / (cosines[0] + 0.001)
    assert [one.cosine for one in ours] == pytest.approx([slow[one.row] for one in ours], rel=1e-5)


def test_pair_direction_agrees_with_a_slow_loop(unit: Vectors) -> None:
    a, b, c = (unit[row].astype(np.float64) for row in (4, 9, 21))
    scores = METHODS["direct"](unit, asked(unit, 4, 9, 21))
    for row, own in enumerate(unit.astype(np.float64)):
        there = own - c
        apart = np.linalg.norm(there)
        expected = 0.0 if row == 21 else there @ (b - a) / apart / np.linalg.norm(b - a)
        assert scores[row] == pytest.approx(expected, abs=1e-5)
    assert not METHODS["direct"](unit, asked(unit, 4, 4, 21)).any()  # no direction


@pytest.mark.parametrize("words", [0, 1, 5, 64, 65, 200, 1000])
@pytest.mark.parametrize("count", [0, 1, 3, 11, 2000])
@pytest.mark.parametrize("length", [0, 1e-7, 0.3, 1, 7])
def test_the_nearest_are_the_first_of_all_in_order(words: int, count: int, length: float) -> None:
    generator = np.random.default_rng(words + count)
    drawn = generator.integers(-20, 21, words) / 20  # many are equal
    drawn[generator.random(words) < 0.02] = 1 + 2e-7  # over 1, as rounding makes them
    unit, query = drawn[:, None].astype(np.float32), np.array([length], dtype=np.float32)
    cosines = cosines_to(unit, query)
    some = generator.random(words) < 0.3
    for among in (None, some, np.zeros(words, dtype=bool)):
        expected = descending(cosines, among)[:count].tolist()
        found = neighbours(unit, Row(query, None), count, among)
        assert [one.row for one in found] == expected
        assert [one.cosine for one in found] == cosines[expected].tolist()


def test_a_model_that_holds_more_words_lists_those_of_the_model_shown() -> None:
    shown, other = normal(12), normal(12)
    found = neighbours(shown[:6], Row(shown[0], 0), 3)
    among = np.ones(6, dtype=bool)
    (one, *_) = agreement(found, 0, [other], among)
    order = [row for row in np.argsort(-(other @ other[0])) if 0 < row < 6]
    assert one.ranks == ((order.index(one.row) + 1,) if order.index(one.row) < 3 else (None,))
