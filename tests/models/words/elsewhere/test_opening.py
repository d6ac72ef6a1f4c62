"""Vectors from elsewhere: what opens is what gensim wrote, and what cannot be used is said."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from numpy.typing import NDArray
from safetensors.numpy import save_file

from analysis import embeddings
from models.files import CheckpointError
from models.words.elsewhere import opening
from models.words.elsewhere.mapped import Mapped
from models.words.elsewhere.opening import open_vectors
from models.words.vectors import WordVectors, unit_rows

WORDS = ("the", "naïve", "king", "queen", "日本", "don't", "zero")
WIDTH = 5


def matrix() -> NDArray[np.float32]:
    drawn = np.random.default_rng(1).normal(size=(len(WORDS), WIDTH)).astype(np.float32)
    drawn[-1] = 0
    return drawn


def gensim_file(path: Path, binary: bool) -> Path:
    """As gensim writes it."""
    vectors = KeyedVectors(WIDTH)
    vectors.add_vectors(list(WORDS), matrix())
    vectors.save_word2vec_format(str(path), binary=binary)
    return path


def word2vec_c(path: Path) -> Path:
    """As word2vec.c writes it: a line end after every vector, which gensim leaves out."""
    rows = (
        f"{word} ".encode() + row.tobytes() + b"\n"
        for word, row in zip(WORDS, matrix(), strict=True)
    )
    path.write_bytes(f"{len(WORDS)} {WIDTH}\n".encode() + b"".join(rows))
    return path


def fasttext(path: Path) -> Path:
    """As fastText writes it: a blank at the end of every line."""
    lines = [
        f"{word} {' '.join(map(repr, row.tolist()))} "
        for word, row in zip(WORDS, matrix(), strict=True)
    ]
    path.write_text(f"{len(WORDS)} {WIDTH}\n" + "\n".join(lines), encoding="utf-8")
    return path


def stored(path: Path, words: object = WORDS, **more: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"vectors": matrix(), "other": np.zeros(3, dtype=np.float32)}, path)
    (path.parent / "vocabulary.json").write_text(json.dumps({"words": words, **more}))
    return path


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: gensim_file(folder / "v.bin", True),
        lambda folder: gensim_file(folder / "v.txt", False),
        lambda folder: word2vec_c(folder / "v.w2v"),
        lambda folder: fasttext(folder / "v.vec"),
        lambda folder: stored(folder / "v.safetensors"),
    ],
    ids=["gensim binary", "gensim text", "word2vec.c", "fastText", "safetensors"],
)
def test_every_kind_opens_with_the_same_words_and_vectors(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    found = open_vectors(write(tmp_path), tmp_path / "cache")
    assert found.words == WORDS
    assert not found.counted and not found.counts.any()
    unit = unit_rows(matrix())
    np.testing.assert_allclose(found.unit[list(range(len(WORDS)))], unit, atol=1e-6)
    np.testing.assert_allclose(found.unit @ unit[2], unit @ unit[2], atol=1e-6)
    word = found.look_up("King")
    assert word is not None and word.row == 2
    np.testing.assert_allclose(word.vector, unit[2], atol=1e-6)


def test_rows_are_read_as_those_of_a_dense_matrix(tmp_path: Path) -> None:
    rows, unit = open_vectors(stored(tmp_path / "v.safetensors")).unit, unit_rows(matrix())
    assert isinstance(rows, Mapped)
    assert len(rows) == len(unit) and rows.size == unit.size
    for key in (3, slice(1, 4), [4, 0], np.array([2, 2])):
        np.testing.assert_allclose(rows[key], unit[key], atol=1e-6)
        assert rows[key].shape == unit[key].shape
    assert (rows @ unit[0].astype(np.float64)).dtype == np.float32
    assert isinstance(rows.rows.base, np.memmap)


def test_neighbours_are_those_of_gensim(tmp_path: Path) -> None:
    path = gensim_file(tmp_path / "v.bin", True)
    found = open_vectors(path, tmp_path / "cache")
    reference = KeyedVectors.load_word2vec_format(str(path), binary=True)
    word = found.look_up("queen")
    assert word is not None
    among = np.array([one != "zero" for one in found.words])
    near = embeddings.neighbours(found.unit, word, 4, among)
    wanted = reference.most_similar("queen", topn=4, restrict_vocab=6)  # not the row of zeros
    assert [found.words[one.row or 0] for one in near] == [one for one, _ in wanted]
    np.testing.assert_allclose([one.cosine for one in near], [one for _, one in wanted], atol=1e-6)


def test_counts_are_read_where_they_are_known(tmp_path: Path) -> None:
    counts = list(range(len(WORDS), 0, -1))
    found = open_vectors(stored(tmp_path / "v.safetensors", counts=counts))
    assert found.counted and found.counts.tolist() == counts


def test_a_vocabulary_may_be_a_text_of_the_same_name(tmp_path: Path) -> None:
    path = stored(tmp_path / "v.safetensors", words=["wrong"])
    (tmp_path / "v.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    assert open_vectors(path).words == WORDS


def test_a_file_is_laid_out_once_and_anew_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cache, made = gensim_file(tmp_path / "v.bin", True), tmp_path / "cache", []
    lay_out = opening._lay_out
    monkeypatch.setattr(opening, "_lay_out", lambda *a: made.append(1) or lay_out(*a))
    for _ in range(2):
        assert open_vectors(path, cache).words == WORDS
    assert made == [1]
    path.write_bytes(b"1 2\nnew " + np.ones(2, dtype="<f4").tobytes())
    assert open_vectors(path, cache).words == ("new",)
    assert made == [1, 1]
    assert len(list(cache.iterdir())) == 1  # what it was is gone


def test_where_nothing_can_be_kept_it_opens_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = open_vectors(gensim_file(tmp_path / "v.txt", False), tmp_path / "file" / "cache")
    assert found.words == WORDS


GOOD = "2 3\none 1 2 3\ntwo 4 5 6\n"
NUMBERS = np.arange(1, 4, dtype="<f4").tobytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of word2vec"),
        (b"one 1 2 3\ntwo 4 5 6\n", "first line is not the number of words and of dimensions"),
        (b"0 3\n", "no file of word2vec"),
        (b"two three\none 1 2 3\n", "no file of word2vec"),
        (b"\x80\x04\x95 a pickle", "no file of word2vec"),
        (b"999999999 10000\none 1 2 3\n", "truncated, or its header is wrong: 999,999,999 words"),
        (GOOD.replace("2 3\n", "3 3\n", 1).encode() + b"\n" * 20, "2 of 3 words are there"),
        (GOOD.replace("2 3\n", "1 3\n", 1).encode(), "holds more than the 1 words of its header"),
        (b"2 3\none 1 2 3\ntwo 4 5\n\n\n", "line 3 is not a word and 3 numbers"),
        (b"2 3\none 1 2 3\ntwo 4 five 6\n", "line 3 is not a word and 3 numbers"),
        (b"2 3\none 1 2 3\ntwo 4 nan 6\n", "vector of word 2 holds a number that is not finite"),
        (b"2 3\none 1 2 3\ntwo 4 1e40 6\n", "vector of word 2 holds a number that is not finite"),
        (b"2 3\none 1 2 3\none 4 5 6\n", "the word 'one' stands there twice, as 1 and 2"),
        (b"2 3\n\xff 1 2 3\none 4 5 6\n", "word 1 is no UTF-8"),
        (b"2 3\none " + NUMBERS + b"two " + NUMBERS[:-2] + b"  ", None),
        (b"2 3\none " + NUMBERS + b"two" + NUMBERS + b"\n" * 9, "word 2 of 2 is not there"),
        (b"1 3\none " + NUMBERS + b"two " + NUMBERS, "more than the 1 words"),
        (b"1 3\none " + np.array([1, np.nan, 2], dtype="<f4").tobytes(), "not finite"),
        (b"2 3\none " + NUMBERS + b"one " + NUMBERS, "stands there twice"),
        (gzip.compress(b"1 3\none 1 2 3\n", mtime=0), r"packed \(gzip\); unpack it first"),
        (b"BZh91AY&SY", r"packed \(bzip2\)"),
        (b"\xfd7zXZ\x00", r"packed \(xz\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(tmp_path: Path, content: bytes, said: str | None) -> None:
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    if said is None:  # bytes that are numbers all the same
        assert len(open_vectors(path, tmp_path / "cache").words) == 2
        return
    with pytest.raises(ValueError, match=f"vectors.bin cannot be used: .*{said}"):
        open_vectors(path, tmp_path / "cache")
    kept = tmp_path / "cache"
    assert not kept.exists() or not list(kept.glob("partial-*"))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "vectors.bin"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.txt", b"0" * 50_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match=r"packed \(zip\); unpack it first"):
        open_vectors(path, tmp_path / "cache")


def header(text: bytes, rest: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text + rest


MATRIX = b'{"m":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its header is missing"),
        (b"\xff" * 50, "its header is missing"),
        (header(b"{no json}"), "its header cannot be read"),
        (header(b"[1]"), "its header cannot be read"),
        (header(MATRIX.replace(b"F32", b"F16"), bytes(24)), "is F16; write it as float32"),
        (header(MATRIX, bytes(20)), "it is truncated: 4 bytes are missing"),
        (header(MATRIX.replace(b"[2,3]", b"[9,9]"), bytes(24)), "its header contradicts itself"),
        (header(MATRIX.replace(b"[0,24]", b"[-24,0]"), bytes(24)), "contradicts itself"),
        (header(MATRIX.replace(b"[2,3]", b"[24]"), bytes(24)), "holds 0 matrices"),
        (header(MATRIX.replace(b"[2,3]", b"[3,2]"), bytes(24)), "2 words lie beside it"),
        (header(MATRIX, np.full(6, np.inf, dtype="<f4").tobytes()), "number that is not finite"),
    ],
)  # fmt: skip
def test_a_damaged_safetensors_file_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "v.safetensors"
    path.write_bytes(content)
    (tmp_path / "v.txt").write_text("one\ntwo\n")
    with pytest.raises(ValueError, match=f"v.safetensors cannot be used: .*{said}"):
        open_vectors(path)


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        ([*WORDS[:-1], "the"], {}, "the word 'the' stands there twice, as 1 and 7"),
        ([*WORDS[:-1], ""], {}, "entry 7 of its vocabulary is no word"),
        ([*WORDS[:-1], 7], {}, "entry 7 of its vocabulary is no word"),
        ([*WORDS[:-1], "x" * 300], {}, "entry 7 of its vocabulary is no word"),
        (WORDS, {"counts": [1]}, "not as many counts"),
        (7, {}, "holds no list of words"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_said(
    tmp_path: Path, words: object, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        open_vectors(stored(tmp_path / "v.safetensors", words, **more))


def test_a_missing_file_vocabulary_or_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.bin is missing"):
        open_vectors(tmp_path / "none.bin")
    with pytest.raises(CheckpointError, match="no regular file"):
        open_vectors(tmp_path)
    path = stored(tmp_path / "v.safetensors")
    (tmp_path / "vocabulary.json").unlink()
    with pytest.raises(ValueError, match=r"neither vocabulary\.json nor v\.txt lies beside it"):
        open_vectors(path)


def test_many_words_are_looked_among_as_one_after_another(tmp_path: Path) -> None:
    """The vectors of a file, in every place where those of the collection are."""
    found: WordVectors = open_vectors(gensim_file(tmp_path / "v.bin", True), tmp_path / "cache")
    assert found.ngrams is None and found.contexts is None and found.hubness is None
    assert found.look_up("nobody") is None
