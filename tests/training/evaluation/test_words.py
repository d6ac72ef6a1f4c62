"""Scores of word vectors, against cases worked out by hand and other libraries."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from models.words.vectors import WordVectors
from training.evaluation.words import (
    BATCH,
    analogies,
    best,
    read_questions,
    score,
    similarity,
    spearman,
)


def vectors_of(words: dict[str, list[float]]) -> WordVectors:
    unit = np.array(list(words.values()), dtype=np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return WordVectors(tuple(words), np.arange(len(words))[::-1], unit)


@pytest.fixture(scope="module")
def family() -> WordVectors:
    """One direction for royalty, one for sex; uncle is a neighbour of king and nothing else."""
    return vectors_of(
        {
            "man": [1.0, 0.0, 0.0],
            "woman": [0.6, 0.8, 0.0],
            "king": [0.6, 0.0, 0.8],
            "queen": [0.2, 0.8, 0.8],
            "uncle": [0.62, -0.2, 0.8],
        }
    )


def test_r7_even_questions_are_the_second_fourth_and_so_on(tmp_path: Path) -> None:
    path = tmp_path / "family.txt"
    path.write_text("A b c d1\na b c d2\na b c d3\na b c d4\n", encoding="utf-8")
    assert [q[3] for q in read_questions(path, "even")] == ["d2", "d4"]
    assert [q[3] for q in read_questions(path, "odd")] == ["d1", "d3"]
    assert len(read_questions(path, "all")) == 4
    assert read_questions(path, "odd")[0] == ["a", "b", "c", "d1"]


def test_r6_r7_hits_with_and_without_exclusion_and_of_the_baselines(family: WordVectors) -> None:
    hits = score(family, [["man", "woman", "king", "queen"], ["man", "woman", "king", "aunt"]])
    # king - man + woman is (0.2, 0.8, 0.8): the queen. Near king alone is the uncle.
    assert {key: found.tolist() for key, found in hits.items()} == {
        "accuracy": [True],
        "nothing excluded": [True],
        "nearest to c": [False],
        "nearest to b + c": [True],
    }


def test_r7_an_uncovered_question_counts_as_wrong_and_is_reported(
    family: WordVectors, tmp_path: Path
) -> None:
    line = "man woman king queen\n"
    (tmp_path / "family.txt").write_text(line * 3 + "man woman king aunt\n", encoding="utf-8")
    rows = analogies(family, tmp_path, "even")
    assert rows["family"]["questions"] == 2
    assert rows["family"]["covered"] == 1
    assert rows["family"]["accuracy"] == 1.0
    assert rows["family"]["accuracy, uncovered wrong"] == 0.5
    assert rows["all"] == rows["family"]


def test_a_relation_without_a_covered_question_has_no_accuracy(
    family: WordVectors, tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text("no such words here\n" * 2, encoding="utf-8")
    row = analogies(family, tmp_path, "even")["x"]
    assert row["accuracy"] is None and row["accuracy, uncovered wrong"] == 0.0


def test_batches_agree_with_gensim_on_random_vectors() -> None:
    from gensim.models import KeyedVectors

    drawn = np.random.default_rng(5).normal(size=(40, 6)).astype(np.float32)
    words = vectors_of({f"w{i}": row.tolist() for i, row in enumerate(drawn)})
    theirs = KeyedVectors(6)
    theirs.add_vectors(list(words.words), words.unit)
    generator = np.random.default_rng(6)
    questions = [[f"w{i}" for i in generator.permutation(40)[:4]] for _ in range(BATCH + 30)]
    expected = [
        theirs.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] == d
        for a, b, c, d in questions
    ]
    assert score(words, questions)["accuracy"].tolist() == expected
    assert any(expected)


def test_best_leaves_out_what_it_is_told_to(family: WordVectors) -> None:
    cosines = family.unit[[2, 2]] @ family.unit[[0, 1, 2, 3, 4]].T
    nothing = np.zeros((2, 0), dtype=np.int64)
    assert best(cosines, nothing).tolist() == [2, 2]
    assert best(cosines, np.array([[2, 0], [2, 4]])).tolist() == [4, 3]
    assert cosines.argmax(axis=1).tolist() == [2, 2]  # the given ones are as they were


def test_sparse_vectors_are_scored_as_their_dense_copy() -> None:
    from models.words.contexts import SparseRows

    drawn = np.random.default_rng(5).normal(size=(40, 6)).astype(np.float32)
    drawn[drawn < 0.3] = 0
    dense = vectors_of({f"w{i}": row.tolist() for i, row in enumerate(drawn + 1e-9)})
    rows, columns = np.indices((40, 6)).reshape(2, -1)
    starts, values = np.arange(0, 241, 6), dense.unit[range(40)][rows, columns]
    sparse = WordVectors(
        dense.words, dense.counts, SparseRows(starts, columns.astype(np.int32), values, 6)
    )
    generator = np.random.default_rng(6)
    questions = [[f"w{i}" for i in generator.permutation(40)[:4]] for _ in range(50)]
    ours, theirs = score(sparse, questions), score(dense, questions)
    assert {key: found.tolist() for key, found in ours.items()} == {
        key: found.tolist() for key, found in theirs.items()
    }


def test_rank_correlation_is_the_one_of_scipy_with_ties() -> None:
    from scipy.stats import spearmanr

    generator = np.random.default_rng(7)
    for _ in range(20):
        x, y = generator.integers(0, 6, size=(2, 15)).astype(float)
        assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic)


def test_rank_correlation_of_a_constant_is_0() -> None:
    assert spearman(np.ones(4), np.arange(4.0)) == 0.0


def test_similarity_reports_coverage_and_an_interval_around_the_figure() -> None:
    generator = np.random.default_rng(8)
    angles = np.sort(generator.uniform(0, 1.5, size=30))
    words = {f"w{i}": [float(np.cos(t)), float(np.sin(t))] for i, t in enumerate(angles)}
    words["pole"] = [1.0, 0.0]
    pairs = [("pole", f"w{i}", 10 - i + float(generator.normal(0, 6))) for i in range(30)]
    row = similarity([vectors_of(words)], [*pairs, ("pole", "unheard", 5.0)])
    assert (row["pairs"], row["covered"]) == (31, 30)
    low, figure, high = (row[key] for key in ("95 % from", "correlation", "95 % to"))
    assert isinstance(low, float) and isinstance(figure, float) and isinstance(high, float)
    assert 0 < low < figure < high < 1


def test_several_trainings_stand_for_their_mean() -> None:
    generator = np.random.default_rng(8)
    names = [f"w{i}" for i in range(12)]
    pairs = [(a, b, float(generator.random())) for a, b in pairwise(names)]
    trainings = [
        vectors_of({name: generator.normal(size=4).tolist() for name in names}) for _ in range(3)
    ]
    each = [similarity([one], pairs)["correlation"] for one in trainings]
    row = similarity(trainings, pairs)
    assert row["correlation"] == pytest.approx(np.mean(each), abs=2e-4)
    assert row["95 % from"] < row["correlation"] < row["95 % to"]
    same = similarity([trainings[0]] * 3, pairs)
    assert same == similarity(trainings[:1], pairs)
