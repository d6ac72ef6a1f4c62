"""Word vectors are read as they were written, or refused with the name of the damaged file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.embeddings import analogy, neighbours
from models import word_vectors
from models.word_vectors import VOCABULARY, WEIGHTS, WordVectors
from training.slurs import is_slur

WORDS = ["the", "cat", "don't", "café"]
COUNTS = [40, 12, 7, 3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vectors = np.array([[3, 4], [0, 2], [-1, 0], [0, 0]], dtype=np.float32)
    word_vectors.save(tmp_path / "vectors", WORDS, COUNTS, vectors)
    return tmp_path / "vectors"


def test_what_is_written_is_read_with_rows_of_length_1(folder: Path) -> None:
    loaded = word_vectors.load(folder)
    assert loaded.words == tuple(WORDS)
    assert loaded.counts.tolist() == COUNTS
    assert loaded.index["café"] == 3
    expected = [[0.6, 0.8], [0, 1], [-1, 0], [0, 0]]
    assert loaded.unit == pytest.approx(np.array(expected), abs=1e-3)
    assert loaded.unit.dtype == np.float32


@pytest.mark.parametrize("name", [WEIGHTS, VOCABULARY])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ValueError, match=name):
        word_vectors.load(folder)


@pytest.mark.parametrize("name", [WEIGHTS, VOCABULARY])
@pytest.mark.parametrize("length", [0, 1, 9, 40])
def test_t23_a_truncated_file_is_refused(folder: Path, name: str, length: int) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"damaged|missing"):
        word_vectors.load(folder)


def test_t23_a_vocabulary_that_does_not_fit_the_vectors_is_refused(folder: Path) -> None:
    (folder / VOCABULARY).write_text('{"words": ["the"], "counts": [1]}', encoding="utf-8")
    with pytest.raises(ValueError, match="1 words but 4 vectors"):
        word_vectors.load(folder)


@pytest.fixture(scope="module")
def committed(checkpoints: Path) -> WordVectors:
    return word_vectors.load(checkpoints / "word-vectors")


@pytest.mark.weights
def test_the_committed_vectors_are_sound_and_small(
    committed: WordVectors, checkpoints: Path
) -> None:
    assert len(set(committed.words)) == len(committed.words)
    assert (np.diff(committed.counts) <= 0).all()
    assert np.linalg.norm(committed.unit, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (checkpoints / "word-vectors" / WEIGHTS).stat().st_size < 6_500_000


@pytest.mark.weights
def test_the_committed_vocabulary_offers_no_slur(committed: WordVectors) -> None:
    assert not [word for word in committed.words if is_slur(word)]


@pytest.mark.weights
@pytest.mark.parametrize(
    "question",
    [
        "man king woman queen",
        "walking walked swimming swam",
        "boy girl brother sister",
        "good better bad worse",
        "child children mouse mice",
    ],
)
def test_committed_vectors_solve_the_classic_analogies(
    committed: WordVectors, question: str
) -> None:
    a, b, c, d = (committed.index[word] for word in question.split())
    answer = analogy(committed.unit, a, b, c, 5).answer
    assert answer is not None and committed.words[answer.row] == committed.words[d]


@pytest.mark.weights
def test_committed_neighbours_of_a_number_are_numbers(committed: WordVectors) -> None:
    near = neighbours(committed.unit, committed.index["three"], 5)
    assert {"two", "four", "five"} <= {committed.words[n.row] for n in near}
