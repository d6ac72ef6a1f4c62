"""Neighbours, analogies, spellings and the flat map, against slow loops and other libraries."""

from __future__ import annotations

import math
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis import embeddings
from analysis.embeddings import (
    Ranked,
    agreement,
    analogy,
    cosines_to,
    find,
    hubness,
    neighbours,
)
from analysis.projection import project
from analysis.spelling import near_spellings
from models.words.contexts import SparseRows

Vectors = NDArray[np.float32]


def normal(rows: int, width: int = 8, seed: int = 3) -> Vectors:
    """Random unit vectors."""
    drawn = np.random.default_rng(seed).normal(size=(rows, width))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def unit() -> Vectors:
    return normal(60)


def slow_cosine(a: Vectors, b: Vectors) -> float:
    product = sum(float(x) * float(y) for x, y in zip(a, b, strict=True))
    return product / math.sqrt(sum(float(x) ** 2 for x in a) * sum(float(y) ** 2 for y in b))


def test_neighbours_agree_with_a_slow_loop(unit: Vectors) -> None:
    expected = sorted(
        (r for r in range(len(unit)) if r != 7), key=lambda r: -slow_cosine(unit[7], unit[r])
    )
    found = neighbours(unit, 7, 10)
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
        for one in neighbours(unit, row, count):
            expected[one.row] += 1
    assert hubness(unit, count).tolist() == expected.tolist()


def test_neighbours_are_no_more_than_there_are_words() -> None:
    assert len(neighbours(normal(3), 0, 10)) == 2
    assert neighbours(normal(1), 0, 10) == ()


def test_r6_the_answer_is_the_one_of_gensim_and_nothing_is_hidden(unit: Vectors) -> None:
    from gensim.models import KeyedVectors

    theirs = KeyedVectors(unit.shape[1])
    theirs.add_vectors([str(r) for r in range(len(unit))], unit)
    a, b, c = 4, 9, 21
    kept_back = theirs.most_similar(positive=["9", "21"], negative=["4"], topn=57)
    ours = analogy(unit, a, b, c, len(unit))
    assert ours.answer is not None
    assert str(ours.answer.row) == kept_back[0][0]
    others = [(str(n.row), n.cosine) for n in ours.ranking if not n.query]
    assert [word for word, _ in others] == [word for word, _ in kept_back]
    assert [cosine for _, cosine in others] == pytest.approx([s for _, s in kept_back], abs=1e-5)
    assert {n.row for n in ours.ranking if n.query} == {a, b, c}


def test_r6_without_exclusion_a_query_word_can_win() -> None:
    rows = [[1, 0, 0], [1, 0.1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, 0]]
    vectors = np.array(rows, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = analogy(vectors, 0, 1, 2, 2)
    # b - a + c is (-0.005, 0.0995, 1): next to c, 45 degrees from the fourth word
    assert found.unrestricted.row == 2 and found.unrestricted.query
    assert found.answer is not None and found.answer.row == 3
    assert found.answer.cosine == pytest.approx((0.0995 + 1) / math.sqrt(2) / 1.005, abs=1e-3)
    assert [n.rank for n in found.ranking] == [1, 2]
    assert [q.row for q in found.queries] == [0, 1, 2]
    assert found.queries[2].rank == 1


def test_r6_query_words_keep_their_place_in_the_whole_vocabulary(unit: Vectors) -> None:
    found = analogy(unit, 4, 9, 21, 1)
    everything = analogy(unit, 4, 9, 21, len(unit)).ranking
    assert len(found.ranking) == 1
    assert found.queries == tuple(next(n for n in everything if n.row == row) for row in (4, 9, 21))


def test_t21_the_same_word_thrice_gives_its_nearest_neighbour(unit: Vectors) -> None:
    found = analogy(unit, 5, 5, 5, 3)
    assert found.unrestricted.row == 5
    assert found.unrestricted.cosine == pytest.approx(1.0)
    assert found.answer is not None
    assert found.answer.row == neighbours(unit, 5, 1)[0].row


def test_t21_a_zero_vector_is_at_cosine_0_to_everything() -> None:
    vectors = normal(5)
    vectors[2] = 0
    assert [n.cosine for n in neighbours(vectors, 2, 4)] == [0, 0, 0, 0]
    assert [n.row for n in neighbours(vectors, 2, 4)] == [0, 1, 3, 4]  # vocabulary order
    assert analogy(vectors, 2, 2, 2, 5).answer == Ranked(0, 0.0, 1)


def test_t21_no_answer_where_every_word_was_named() -> None:
    assert analogy(normal(2), 0, 1, 1, 5).answer is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(1, 9))
def test_t21_numbers_are_always_finite(a: int, b: int, c: int, count: int) -> None:
    vectors = np.concatenate([normal(3), normal(1), np.zeros((2, 8), dtype=np.float32)])
    vectors[1] = -vectors[0]  # opposite words cancel
    found = analogy(vectors, a, b, c, count)
    shown = [*found.ranking, *found.queries, found.unrestricted, *neighbours(vectors, a, count)]
    assert all(-1 <= n.cosine <= 1 for n in shown)
    picture = project(vectors[[a, b, c]])
    assert np.isfinite(picture.points).all()
    assert picture.variance_shown is None or 0 <= picture.variance_shown <= 1


def test_a_cosine_ignores_the_length_of_the_target(unit: Vectors) -> None:
    assert cosines_to(unit, 7 * unit[0]) == pytest.approx(cosines_to(unit, unit[0]), abs=1e-6)


def test_find_tries_the_word_as_typed_then_in_lower_case() -> None:
    index = {"alice": 0, "don't": 1, "OK": 2}
    assert find("alice", index) == find(" Alice ", index) == find("ALICE", index) == 0
    assert find("Don\u2019t", index) == 1
    assert find("OK", index) == 2
    assert find("ok", index) is None
    assert find("", index) is None


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


def test_agreement_counts_in_how_many_trainings_a_word_is_near() -> None:
    def plane(*angles: float) -> NDArray[np.float32]:
        return np.array([[np.cos(a), np.sin(a)] for a in angles], dtype=np.float32)

    one = plane(0.0, 0.1, 0.2, 0.9, 1.5)  # nearest to word 0: 1, 2
    other = plane(0.0, 0.2, 0.8, 0.1, 1.5)  # 3, 1
    third = plane(0.0, 0.3, 0.1, 0.9, 1.5)  # 2, 1
    found = agreement([one, other, third], 0, 2)
    assert [(near.row, near.ranks, near.found) for near in found] == [
        (1, (1, 2, 2), 3),
        (2, (2, None, 1), 2),
        (3, (None, 1, None), 1),
    ]


def test_neighbours_and_analogies_of_sparse_rows_are_those_of_their_dense_copy() -> None:
    generator = np.random.default_rng(11)
    dense = np.maximum(generator.normal(size=(30, 12)), 0).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(31))
    sparse = SparseRows(starts, columns.astype(np.int32), dense[rows, columns], 12)
    near, same = neighbours(dense, 3, 5), neighbours(sparse, 3, 5)
    assert [one.row for one in near] == [one.row for one in same]
    assert [one.cosine for one in near] == pytest.approx([one.cosine for one in same], abs=1e-6)
    assert analogy(sparse, 1, 2, 3, 4).answer.row == analogy(dense, 1, 2, 3, 4).answer.row
