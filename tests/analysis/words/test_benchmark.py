"""Many analogy questions at once, against one obvious question after another, and gensim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD

from analysis.words import benchmark
from analysis.words.benchmark import Answers, answers, joined, principal, questions_of, within
from models.words.contexts import SparseRows

WORDS, WIDTH = 60, 8


def drawn(seed: int) -> NDArray[np.float32]:
    unit = np.random.default_rng(seed).normal(size=(WORDS, WIDTH)).astype(np.float32)
    return unit / np.linalg.norm(unit, axis=1, keepdims=True)


def asked(seed: int, count: int = 40) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    return np.stack([generator.choice(WORDS, 4, replace=False) for _ in range(count)])


def slow(unit: NDArray[np.floating], questions: NDArray[np.int64]) -> Answers:
    """One question after another, in float64, by the definitions."""
    exact = unit.astype(np.float64)
    found = []
    for a, b, c, d in questions.tolist():
        scores = exact @ (exact[b] - exact[a] + exact[c])
        allowed = [row for row in range(len(exact)) if row not in (a, b, c)]
        rank = sum(scores[row] >= scores[d] - 1e-9 for row in allowed)
        found.append((
            max(allowed, key=lambda row: scores[row]),
            int(scores.argmax()),
            rank,
            rank > 1 and scores[d] >= max(scores[row] for row in allowed) - 1e-9,
            max(allowed, key=lambda row: exact[row] @ exact[b]),
            max(allowed, key=lambda row: exact[row] @ exact[c]),
        ))  # fmt: skip
    return Answers(*(np.array(column) for column in zip(*found, strict=True)))


def same(one: Answers, other: Answers) -> None:
    for name in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.mark.parametrize("seed", range(5))
def test_r6_all_at_once_is_one_after_another(seed: int) -> None:
    unit, questions = drawn(seed), asked(seed)
    same(answers(unit, questions), slow(unit, questions))


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    unit, questions = drawn(7), asked(7)
    whole = answers(unit, questions)
    monkeypatch.setattr(benchmark, "ASKED", 5)
    same(answers(unit, questions), whole)


def test_a_table_of_counts_is_asked_too() -> None:
    unit, questions = drawn(3), asked(3)
    columns = np.tile(np.arange(WIDTH, dtype=np.int32), WORDS)
    starts = np.arange(0, WORDS * WIDTH + 1, WIDTH)
    same(
        answers(SparseRows(starts, columns, unit.ravel(), WIDTH), questions),
        answers(unit, questions),
    )


def test_r6_the_answers_are_those_of_gensim(tmp_path: Path) -> None:
    unit, questions = drawn(11), asked(11, 200)
    words = [f"w{row:02}" for row in range(WORDS)]
    reference = KeyedVectors(WIDTH)
    reference.add_vectors(words, unit)
    path = tmp_path / "questions.txt"
    lines = [": drawn", *(" ".join(words[row] for row in one) for one in questions.tolist())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, sections = reference.evaluate_word_analogies(str(path))
    right = {tuple(word.lower() for word in one) for one in sections[0]["correct"]}
    found = answers(unit, questions)
    ours = questions[found.best == questions[:, 3]]
    assert {tuple(words[row] for row in one) for one in ours.tolist()} == right
    assert 0 < len(right) < 200


def test_equal_scores_are_told_and_the_first_of_the_vocabulary_wins() -> None:
    unit = drawn(5)
    unit[20] = unit[10]  # the same vector for two words
    question = next(one for one in asked(5, 400) if not {10, 20} & set(one[:3].tolist()))
    a, b, c, _ = question.tolist()
    unit[10] = unit[20] = unit[b] - unit[a] + unit[c]
    unit[[10, 20]] /= np.linalg.norm(unit[10])
    both = answers(unit, np.array([[a, b, c, 10], [a, b, c, 20]]))
    assert both.best.tolist() == [10, 10]
    assert both.rank.tolist() == [2, 2]
    assert both.tied.tolist() == [True, True]


def test_every_two_pairs_in_both_orders_without_those_that_cannot_be_answered() -> None:
    # 0:1, 2:3, 4:1 - the third has the answer of the first, which is left out as b
    assert questions_of([(0, 1), (2, 3), (4, 1)]).tolist() == [
        [0, 1, 2, 3], [2, 3, 0, 1], [2, 3, 4, 1], [4, 1, 2, 3],
    ]  # fmt: skip
    assert questions_of([]).shape == (0, 4)


def test_no_question_has_no_answer() -> None:
    found = answers(drawn(1), questions_of([]))
    assert len(found.best) == len(found.tied) == 0
    assert found.tied.dtype == bool
    same(joined([found, answers(drawn(1), asked(1))]), answers(drawn(1), asked(1)))


@pytest.mark.parametrize("count", [1, 3, 7])
def test_the_first_directions_are_those_of_scikit_learn(count: int) -> None:
    unit = drawn(9)
    ours = within(unit, principal(unit), count)
    other = TruncatedSVD(count, algorithm="arpack", random_state=0).fit_transform(unit)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    np.testing.assert_allclose(ours @ ours.T, other @ other.T, atol=1e-4)


def test_all_directions_give_every_cosine_back() -> None:
    unit = drawn(9)
    turned = within(unit, principal(unit), WIDTH)
    np.testing.assert_allclose(turned @ turned.T, unit @ unit.T, atol=1e-5)


def test_a_table_of_counts_has_no_first_directions() -> None:
    with pytest.raises(ValueError, match="dimension for every word"):
        principal(SparseRows(np.zeros(1), np.zeros(0), np.zeros(0), 3))  # type: ignore[arg-type]
