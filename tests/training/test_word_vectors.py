"""A whole small training of word vectors, on text of our own making."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.embeddings import neighbours
from models import files
from models.words import maps as stored_maps
from models.words import vectors as stored
from models.words.ngrams import NGrams
from training import word_vectors
from training.data.sentences import Least
from training.paths import Paths
from training.word_vectors import WITH, WITHOUT, Recipe, train
from training.words import counting, glove, maps, predicting
from training.words.predicting import Recipe as Prediction

FEW = Prediction(width=12, epochs=4, subsample=0.0)
SMALL = Recipe(
    predictions={
        "skip-gram-1": FEW,
        "skip-gram-2": replace(FEW, seed=2),
        "skip-gram-3": replace(FEW, seed=3),
        "cbow": replace(FEW, skip_gram=False),
        "fasttext": replace(FEW, buckets=500),
    },
    counting=counting.Recipe(width=12, kept=30),
    glove=glove.Recipe(width=12, epochs=8),
    maps=maps.Recipe(("pca", "t-sne"), 60, seeds=(1,), perplexity=5, groups=4, typical=5),
    commonest=40,
    least=Least(count=5),
    facts_share=0.3,
)


@pytest.fixture(scope="module")
def paths(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    folder = tmp_path_factory.mktemp("training")
    return Paths(tiny_corpus, folder / "checkpoints", folder / "runs")


@pytest.fixture(scope="module")
def folder(paths: Paths) -> Path:
    return train(paths, SMALL)


def test_every_model_is_committed_over_one_vocabulary(folder: Path, paths: Paths) -> None:
    assert folder == paths.checkpoints / "word-vectors"
    assert [path.name for path in paths.checkpoints.iterdir()] == ["word-vectors"]
    assert {path.suffix for path in folder.iterdir()} == {".json", ".safetensors"}
    models = {name: stored.load(folder, name) for name in stored.NAMES}
    first = models["skip-gram-1"]
    assert "varn" in first.words and "fox" in first.words
    for name, model in models.items():
        kept = 40 if name in ("skip-gram-2", "skip-gram-3") else len(first.words)
        if "vectors" in (arrays := files.load(folder, name)):
            assert arrays["vectors"].dtype == np.int8
        assert model.words == first.words[:kept]
        if name != "ppmi":  # nor would anybody wait for a sparse table to be compared with itself
            assert model.hubness is not None and model.hubness.sum() == stored.NEAREST * kept
    made = models["fasttext"].look_up("foxlike")
    assert made is not None and made.row is None


@pytest.mark.parametrize("name", ["skip-gram-1", "glove", "ppmi", "ppmi-svd"])
def test_words_are_grouped_by_their_use(folder: Path, name: str) -> None:
    vectors = stored.load(folder, name)
    beings = {"queen", "king", "prince", "man", "woman", "boy", "girl", "fox", "wolf", "lion"}
    beings |= {"cat", "princess"}
    near = neighbours(vectors.unit, vectors.look_up("king"), 6)
    assert len({vectors.words[one.row] for one in near} & beings) >= 4


@pytest.mark.parametrize("name", stored_maps.NAMES)
def test_maps_are_of_the_committed_words(folder: Path, name: str) -> None:
    drawn, vectors = stored_maps.load(folder, name), stored.load(folder, name)
    assert len(drawn.rows) == 60 and not {"the", "was"} & {vectors.words[r] for r in drawn.rows}
    kinds = {(one.method, one.dimensions, one.seed) for one in drawn.maps}
    assert kinds == {("pca", 2, 0), ("pca", 3, 0), ("t-sne", 2, 1), ("t-sne", 3, 1)}
    assert drawn.typical.shape == (4, 5) and set(drawn.typical.ravel()) <= set(drawn.rows)


def test_the_whole_trainings_and_those_without_facts_stay_in_the_run(
    folder: Path, paths: Paths
) -> None:
    runs = paths.runs / "word-vectors"
    whole, committed = (stored.load(where, "skip-gram-2") for where in (runs / WITH, folder))
    assert len(whole.words) > len(committed.words) == 40
    assert whole.unit[:40] == pytest.approx(committed.unit[:40], abs=0.006)
    bare = stored.load(runs / WITHOUT, "skip-gram-1")
    assert "varn" not in bare.words or bare.counts[bare.index["varn"]] < 10
    assert not list((runs / WITHOUT).glob("skip-gram-2*"))


def test_a_finished_model_is_not_trained_again(
    folder: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for module, name in ((predicting, "Word2Vec"), (predicting, "FastText")):
        monkeypatch.setattr(module, name, None)
    for module, name in ((counting, "pairs"), (maps, "draw")):
        monkeypatch.setattr(module, name, None)
    train(paths, SMALL)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    longer = replace(SMALL, predictions={**SMALL.predictions, "cbow": replace(FEW, epochs=5)})
    with pytest.raises(
        TypeError
    ):  # the changed one would be trained, and nothing is there to do it
        train(paths, longer)


def test_another_folder_gives_the_same_vectors(
    folder: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    again = train(Paths(tiny_corpus, tmp_path / "checkpoints", tmp_path / "runs"), SMALL)
    for path in folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_our_ngrams_are_those_that_gensim_trained(folder: Path) -> None:
    """A known word is the mean of its own row and its n-grams; the n-grams alone come close."""
    vectors = stored.load(folder, "fasttext")
    assert isinstance(vectors.ngrams, NGrams)
    cosines = [
        float(vectors.unit[row] @ vectors.ngrams.vector(word) / np.linalg.norm(made))
        for row, word in enumerate(vectors.words[:40])
        if (made := vectors.ngrams.vector(word)).any()
    ]
    assert np.mean(cosines) > 0.7


def test_an_old_file_goes_only_when_all_new_ones_are_there(
    folder: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "vectors.safetensors").write_bytes(b"from an earlier layout")
    real = word_vectors.files.load

    def broken(where: Path, name: str) -> object:
        if name == "ppmi":
            raise ValueError("damaged")
        return real(where, name)

    with monkeypatch.context() as patch:
        patch.setattr(word_vectors.files, "load", broken)
        with pytest.raises(ValueError, match="damaged"):
            train(paths, SMALL)
    assert (folder / "vectors.safetensors").exists() and (folder / "cbow.safetensors").exists()
    train(paths, SMALL)
    assert not (folder / "vectors.safetensors").exists()
