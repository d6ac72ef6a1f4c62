"""Word vectors are read as they were written, or refused with the name of the damaged file."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from analysis.embeddings import neighbours
from analysis.words.analogies import analogy
from models import files
from models.words import usage
from models.words import vectors as word_vectors
from models.words.contexts import Contexts
from models.words.lookup import Word
from models.words.ngrams import NGrams
from models.words.vectors import NAMES, VOCABULARY, WordVectors
from training.data.slurs import is_slur

WORDS = ["the", "cat", "don't", "café"]
COUNTS = [40, 12, 7, 3]
VECTORS = np.array([[3, 4], [0, 2], [-1, 0], [0, 0]], dtype=np.float32)
BUCKETS = np.random.default_rng(5).normal(size=(32, 2)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Vectors of every kind over one vocabulary."""
    folder = tmp_path / "vectors"
    word_vectors.save_vocabulary(folder, WORDS, COUNTS)
    word_vectors.save(folder, "cbow", VECTORS)
    word_vectors.save(folder, "skip-gram-2", VECTORS[:2])
    word_vectors.save(folder, "fasttext", VECTORS, NGrams(BUCKETS, 3, 4))
    starts, columns = np.array([0, 2, 3, 4, 4]), np.array([1, 2, 0, 0], dtype=np.int32)
    counts, totals = np.array([9, 5, 9, 5], dtype=np.int32), np.array([20, 9, 5, 2])
    contexts = Contexts.of(starts, columns, counts, totals, window=3)
    word_vectors.save_contexts(folder, "ppmi", contexts)
    return folder


def test_what_is_written_is_read_with_rows_of_length_1(folder: Path) -> None:
    loaded = word_vectors.load(folder, "cbow")
    assert loaded.words == tuple(WORDS)
    assert loaded.counts.tolist() == COUNTS
    assert loaded.index["café"] == 3
    expected = np.array([[0.6, 0.8], [0, 1], [-1, 0], [0, 0]])
    assert loaded.unit[[0, 1, 2, 3]] == pytest.approx(expected, abs=1e-3)
    assert loaded.unit[0].dtype == np.float32
    assert loaded.ngrams is None and loaded.contexts is None


def test_hubness_is_read_where_it_was_counted_and_only_if_it_fits(folder: Path) -> None:
    assert word_vectors.load(folder, "cbow").hubness is None
    arrays = files.load(folder, "fasttext")
    files.save(folder, "fasttext", arrays | {"hubness": np.array([2, 0, 1, 3], dtype=np.uint16)})
    loaded = word_vectors.load(folder, "fasttext")
    assert loaded.hubness is not None and loaded.hubness.tolist() == [2, 0, 1, 3]
    files.save(folder, "fasttext", arrays | {"hubness": np.array([2, 0], dtype=np.uint16)})
    with pytest.raises(ValueError, match="hubness of 2 words"):
        word_vectors.load(folder, "fasttext")


def test_the_usage_of_words_is_read_where_it_was_counted_and_only_if_it_fits(folder: Path) -> None:
    assert word_vectors.load(folder, "cbow").usage is None
    capitals, largest = np.array([0, 9, 80, 99], np.uint8), np.array([1, 2, 3, 4], np.uint8)
    files.save(folder, usage.NAME, {"capitals": capitals, "largest": largest})
    for name, kept in (("cbow", 4), ("ppmi", 4), ("skip-gram-2", 2)):
        found = word_vectors.load(folder, name).usage
        assert found is not None and found.capitals.tolist() == capitals[:kept].tolist()
        assert found.largest.tolist() == largest[:kept].tolist()
    for damaged in ({"capitals": capitals, "largest": largest[:2]}, {"capitals": capitals}):
        files.save(folder, usage.NAME, damaged)
        with pytest.raises(ValueError, match=r"usage .* is damaged"):
            word_vectors.load(folder, "cbow")


def test_a_training_may_be_kept_for_the_commonest_words_alone(folder: Path) -> None:
    loaded = word_vectors.load(folder, "skip-gram-2")
    assert loaded.words == ("the", "cat")
    assert loaded.counts.tolist() == [40, 12]


def test_a_table_of_counts_comes_back_with_its_weights(folder: Path) -> None:
    loaded = word_vectors.load(folder, "ppmi")
    assert loaded.contexts is not None
    assert loaded.contexts.counts.tolist() == [9, 5, 9, 5]
    assert loaded.contexts.window == 3
    assert loaded.contexts.ppmi[0].tolist()[0] == 0
    assert loaded.unit @ loaded.unit[1] == pytest.approx([0, 1, 1, 0])  # both stand by "the" alone


def test_unknown_words_get_a_vector_from_ngrams_alone(folder: Path) -> None:
    known = word_vectors.load(folder, "fasttext")
    assert known.ngrams is not None
    word = known.look_up("Dogs!")
    assert word is not None
    made = known.ngrams.vector("dogs")
    assert (word.text, word.row, word.ngrams) == ("dogs", None, tuple(known.ngrams.of("dogs")))
    assert word.vector == pytest.approx(made / np.linalg.norm(made))
    assert known.look_up("") is None
    assert word_vectors.load(folder, "cbow").look_up("dogs") is None


def test_an_unknown_word_costs_no_copy_of_the_vectors() -> None:
    rows = np.ones((20_000, 50), dtype=np.float32)
    vectors = WordVectors(
        tuple(map(str, range(20_000))), np.ones(20_000, np.int64), rows, NGrams(BUCKETS, 3, 4)
    )
    assert vectors.look_up("1") is not None  # the index is made once
    tracemalloc.start()
    assert vectors.look_up("foxlike") is not None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000  # the matrix has 4 MB


@pytest.mark.parametrize("name", ["cbow.safetensors", VOCABULARY])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ValueError, match=f"{name} is missing from vectors"):
        word_vectors.load(folder, "cbow")


@pytest.mark.parametrize("model", ["cbow", "fasttext", "ppmi"])
@pytest.mark.parametrize("length", [0, 1, 9, 40])
def test_t23_a_truncated_file_is_refused(folder: Path, model: str, length: int) -> None:
    for path in (folder / f"{model}.safetensors", folder / VOCABULARY):
        whole = path.read_bytes()
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=f"{path.name} in vectors is damaged"):
            word_vectors.load(folder, model)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("model", "reason"),
    [("cbow", "1 words but 4 vectors"), ("ppmi", "1 words, but the table has 4 rows")],
)
def test_t23_a_vocabulary_that_does_not_fit_is_refused(
    folder: Path, model: str, reason: str
) -> None:
    word_vectors.save_vocabulary(folder, ["the"], [1])
    with pytest.raises(ValueError, match=reason):
        word_vectors.load(folder, model)


@pytest.fixture(scope="module")
def collection(checkpoints: Path) -> dict[str, WordVectors]:
    return {name: word_vectors.load(checkpoints / "word-vectors", name) for name in NAMES}


@pytest.fixture(scope="module")
def committed(collection: dict[str, WordVectors]) -> WordVectors:
    return collection["skip-gram-1"]


@pytest.mark.weights
def test_the_committed_vectors_are_sound_and_small(
    collection: dict[str, WordVectors], checkpoints: Path
) -> None:
    first = collection["skip-gram-1"]
    assert len(first.words) >= 30_000
    for name, vectors in collection.items():
        kept = 10_000 if name in ("skip-gram-2", "skip-gram-3") else len(first.words)
        assert vectors.words == first.words[:kept]
        lengths = [np.linalg.norm(vectors.unit[row]) for row in range(0, kept, 97)]
        assert lengths == pytest.approx([1.0] * len(lengths), abs=1e-4), name
    assert len(set(first.words)) == len(first.words)
    assert (np.diff(first.counts) <= 0).all()
    sizes = [path.stat().st_size for path in (checkpoints / "word-vectors").iterdir()]
    assert sum(sizes) < 75_000_000
    ngrams = collection["fasttext"].ngrams
    assert ngrams is not None and len(ngrams.buckets) <= 50_000


def known(vectors: WordVectors, word: str) -> Word:
    found = vectors.look_up(word)
    assert found is not None and found.row is not None
    return found


@pytest.mark.weights
def test_the_committed_vocabulary_offers_no_slur(committed: WordVectors) -> None:
    assert not [word for word in committed.words if is_slur(word)]


@pytest.mark.weights
def test_every_model_knows_what_a_king_is(collection: dict[str, WordVectors]) -> None:
    royal = {"queen", "prince", "emperor", "monarch", "kings", "king's", "princess", "duke"}
    for name, vectors in collection.items():
        near = neighbours(vectors.unit, known(vectors, "king"), 10)
        assert royal & {vectors.words[one.row] for one in near}, name


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
    a, b, c, d = (known(committed, word) for word in question.split())
    answer = analogy(committed.unit, a, b, c, 5).answer
    assert answer is not None and answer.row == d.row


@pytest.mark.weights
def test_committed_neighbours_of_a_number_are_numbers(committed: WordVectors) -> None:
    near = neighbours(committed.unit, known(committed, "three"), 5)
    assert {"two", "four", "five"} <= {committed.words[n.row] for n in near}


@pytest.mark.weights
@pytest.mark.parametrize("name", word_vectors.NAMES)
def test_r10_the_committed_models_know_their_hubs(checkpoints: Path, name: str) -> None:
    loaded = word_vectors.load(checkpoints / "word-vectors", name)
    if name == "ppmi":
        assert loaded.hubness is None  # of a sparse table it is not counted
    else:
        assert loaded.hubness is not None
        assert loaded.hubness.mean() == word_vectors.NEAREST


@pytest.mark.parametrize("name", ["cbow", "fasttext", "ppmi"])
def test_vectors_that_are_no_finite_numbers_are_refused(folder: Path, name: str) -> None:
    arrays = files.load(folder, name)
    key = {"cbow": "vectors", "fasttext": "buckets", "ppmi": "counts"}[name]
    wrong = arrays[key].astype(np.float16)
    wrong.flat[0] = np.nan
    files.save(folder, name, arrays | {key: wrong})
    with pytest.raises(ValueError, match=rf"vectors {name} in vectors .* (finite|whole numbers)"):
        word_vectors.load(folder, name)


def test_whole_numbers_are_no_vectors(folder: Path) -> None:
    files.save(folder, "cbow", {"vectors": VECTORS.astype(np.int16)})
    with pytest.raises(ValueError, match="int16 and no floating-point numbers"):
        word_vectors.load(folder, "cbow")
