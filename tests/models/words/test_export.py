"""Our vectors as a file of word2vec: gensim loads it, and so do we."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from models.words import export, vectors
from models.words.elsewhere.opening import open_vectors
from models.words.vectors import WordVectors, unit_rows

WORDS = ("the", "king", "queen", "don't", "naïve")


def drawn() -> WordVectors:
    rows = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
    return WordVectors(WORDS, np.arange(5, 0, -1), unit_rows(rows))


@pytest.mark.parametrize("text", [False, True])
def test_gensim_loads_what_is_written_to_the_last_bit(tmp_path: Path, text: bool) -> None:
    path = tmp_path / "vectors"
    export.export(drawn(), path, text)
    loaded = KeyedVectors.load_word2vec_format(str(path), binary=not text)
    assert tuple(loaded.index_to_key) == WORDS
    assert np.array_equal(loaded.vectors, drawn().unit)
    own = open_vectors(path, tmp_path / "cache")
    assert own.words == WORDS
    np.testing.assert_allclose(own.unit[slice(0, 5)], drawn().unit, atol=1e-6)


@pytest.mark.weights
def test_the_command_writes_vectors_of_the_collection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    path = tmp_path / "vectors.bin"
    monkeypatch.setattr(sys, "argv", ["export", "skip-gram-2", str(path)])
    export.main()
    ours = vectors.load(checkpoints / "word-vectors", "skip-gram-2")
    loaded = KeyedVectors.load_word2vec_format(str(path), binary=True)
    assert tuple(loaded.index_to_key) == ours.words
    assert np.array_equal(loaded.vectors, ours.unit)


@pytest.mark.parametrize("name", ["ppmi", "nobody"])
def test_what_is_no_matrix_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["export", name, "vectors.bin"])
    with pytest.raises(SystemExit):
        export.main()
    assert "invalid choice" in capsys.readouterr().err
