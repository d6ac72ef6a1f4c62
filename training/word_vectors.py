"""Trains the word vectors: word2vec and fastText with gensim, counting vectors with our own code.

    python -m training.word_vectors --data FOLDER

trains the models twice, with and without the generated facts of `training.facts`, so that what
those add can be told. A model that is finished is not trained again: after a stop the same command
goes on with the next. One worker each, because two race for the same vectors and never give the
same numbers twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from gensim.models import FastText, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from numpy.typing import NDArray

from analysis import embeddings
from models import files
from models.words import vectors as word_vectors
from models.words.ngrams import NGrams
from training import counting, paths
from training.data import sentences
from training.paths import Paths

NAME = "word-vectors"
WITH, WITHOUT = "with-facts", "without-facts"
TEXT = "sentences.txt"
RAW = "raw"


@dataclass(frozen=True)
class Prediction:
    """How a model is trained that predicts words from their neighbours, or the other way round."""

    seed: int = 1
    skip_gram: bool = True
    """False is CBOW: a word from the mean of its neighbours."""
    width: int = 200
    window: int = 5
    """Words on either side, at most; each position draws its own from 1 to this."""
    epochs: int = 12
    negatives: int = 5
    subsample: float = 4e-4
    """Thins out words that are more frequent than this."""
    buckets: int = 0
    """Rows for n-grams; 0 is word2vec, anything else fastText."""
    ngrams: tuple[int, int] = (3, 4)
    """Shortest and longest, in characters, the marks of a word's ends counted."""
    removed: int = 1
    """Directions that are taken out afterwards, beside the mean: see `all_but_the_top`."""


@dataclass(frozen=True)
class Recipe:
    """How one run trains; the defaults made the committed vectors."""

    predictions: Mapping[str, Prediction] = field(
        default_factory=lambda: {
            "skip-gram-1": Prediction(),
            "fasttext": Prediction(
                width=100, window=3, epochs=7, subsample=1e-4, buckets=50_000, removed=0
            ),
            "cbow": Prediction(skip_gram=False),
            "skip-gram-2": Prediction(seed=2),
            "skip-gram-3": Prediction(seed=3),
        }
    )
    counting: counting.Recipe = field(default_factory=counting.Recipe)
    again: tuple[str, ...] = ("skip-gram-1", "cbow", "fasttext")
    """What is trained without the facts as well, beside the counts."""
    commonest: int = 10_000
    """Words of the second and third skip-gram that are committed."""
    min_count: int = 16
    facts_share: float = 0.02
    """Of all words, at most."""
    seed: int = 20261122


def train(paths: Paths, recipe: Recipe | None = None) -> Path:
    """Train every model, with the facts and without; returns the committed folder."""
    recipe = recipe or Recipe()
    for kind, names in ((WITH, tuple(recipe.predictions)), (WITHOUT, recipe.again)):
        prepare(paths, recipe, kind)
        count(paths, recipe, kind)
        for name in names:
            predict(paths, recipe, kind, name)
    return publish(paths, recipe)


def folder_of(paths: Paths, kind: str) -> Path:
    """Where the models of one text are kept whole, with the text."""
    return paths.runs / NAME / kind


def prepare(paths: Paths, recipe: Recipe, kind: str) -> None:
    """Write the training text and its vocabulary."""
    folder, share = folder_of(paths, kind), recipe.facts_share if kind == WITH else 0.0
    how = {"share": share, "least": recipe.min_count, "seed": recipe.seed}
    if finished(folder, "text", how):
        return
    sentences.write(paths.data, folder / TEXT, share, recipe.seed)
    words = sentences.vocabulary(folder / TEXT, recipe.min_count)
    word_vectors.save_vocabulary(folder, list(words), list(words.values()))
    finish(folder, "text", how)


def predict(paths: Paths, recipe: Recipe, kind: str, name: str) -> None:
    """Train one model of word2vec or fastText, and take out what all its words share."""
    folder, how = folder_of(paths, kind), recipe.predictions[name]
    trained = asdict(how) | {"removed": None}
    if not finished(folder, name, trained):
        learn(folder, recipe, kind, name)
        finish(folder, name, trained)
    raw = files.load(folder / RAW, name)
    buckets = raw.get("buckets", np.zeros((0, how.width)))
    vectors, buckets = all_but_the_top(raw["vectors"], buckets, how.removed)
    word_vectors.save(folder, name, vectors, NGrams(buckets, *how.ngrams) if how.buckets else None)


def learn(folder: Path, recipe: Recipe, kind: str, name: str) -> None:
    """Let gensim learn the vectors of one model, and keep them as they come."""
    how = recipe.predictions[name]
    options = {
        "corpus_file": str(folder / TEXT),
        "sg": int(how.skip_gram),
        "hs": 0,
        "vector_size": how.width,
        "window": how.window,
        "negative": how.negatives,
        "sample": how.subsample,
        "epochs": how.epochs,
        "min_count": recipe.min_count,
        "seed": how.seed,
        "workers": 1,
        "callbacks": [Progress(f"{kind}/{name}", how.epochs)],
    }
    words, _ = word_vectors.load_vocabulary(folder)
    if not how.buckets:
        word_vectors.save(folder / RAW, name, Word2Vec(**options).wv[words])
        return
    shortest, longest = how.ngrams
    made = FastText(**options, bucket=how.buckets, min_n=shortest, max_n=longest).wv
    ngrams = NGrams(made.vectors_ngrams, shortest, longest)
    word_vectors.save(folder / RAW, name, made[words], ngrams)


def all_but_the_top(
    vectors: NDArray[np.floating], others: NDArray[np.floating], directions: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Take the mean of all words and their strongest directions out of (rows, width) vectors.

    They say little but how frequent a word is, and blur every cosine (Mu & Viswanath 2018,
    1702.01417). The same is taken out of `others`: a word that is a mean of n-grams stays one.
    """
    exact = vectors.astype(np.float64)
    mean = exact.mean(axis=0)
    _, axes = np.linalg.eigh((exact - mean).T @ (exact - mean))  # the strongest come last
    top = axes[:, axes.shape[1] - directions :]
    kept = np.eye(len(mean)) - top @ top.T
    return ((exact - mean) @ kept).astype(np.float32), ((others - mean) @ kept).astype(np.float32)


def count(paths: Paths, recipe: Recipe, kind: str) -> None:
    """Make both counting models."""
    folder, how = folder_of(paths, kind), recipe.counting
    if finished(folder, "ppmi", asdict(how)):
        return
    words, _ = word_vectors.load_vocabulary(folder)
    pairs = counting.pairs(folder / TEXT, list(words), how.window)
    word_vectors.save(folder, "ppmi-svd", counting.reduced(pairs, how))
    word_vectors.save_contexts(folder, "ppmi", counting.pruned(pairs, how), pairs.totals)
    finish(folder, "ppmi", asdict(how))


class Progress(CallbackAny2Vec):  # type: ignore[misc]
    """Says after every epoch how long the rest will take."""

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs, self.done, self.started = name, epochs, 0, time.monotonic()

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.done += 1
        minutes = (time.monotonic() - self.started) / 60
        left = minutes / self.done * (self.epochs - self.done)
        print(f"{self.name}: epoch {self.done}/{self.epochs}, {left:.1f} min left", flush=True)


def finished(folder: Path, step: str, how: Mapping[str, object]) -> bool:
    """Whether a step was finished in this way, on the text that is there now."""
    mark = folder / f"{step}.finished.json"
    return mark.exists() and mark.read_text(encoding="utf-8") == _mark(folder, how)


def finish(folder: Path, step: str, how: Mapping[str, object]) -> None:
    """Note that a step need not be done again."""
    files.write_text(folder / f"{step}.finished.json", _mark(folder, how))


def _mark(folder: Path, how: Mapping[str, object]) -> str:
    text = folder / TEXT
    digest = hashlib.sha256(text.read_bytes()).hexdigest() if text.exists() else ""
    return json.dumps({"recipe": how, "text": digest}, indent=1) + "\n"


def publish(paths: Paths, recipe: Recipe) -> Path:
    """Bring the models with facts into the committed folder, complete before any old file goes."""
    source, target = folder_of(paths, WITH), paths.checkpoints / NAME
    partial = target.with_name(f"{NAME}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    shutil.copy(source / word_vectors.VOCABULARY, partial)
    for name in word_vectors.NAMES:
        arrays = files.load(source, name)
        if name in ("skip-gram-2", "skip-gram-3"):
            arrays["vectors"] = arrays["vectors"][: recipe.commonest]
        if "vectors" in arrays:
            unit = word_vectors.unit_rows(arrays["vectors"].astype(np.float32))
            near = embeddings.hubness(unit, word_vectors.NEAREST)
            arrays["hubness"] = near.astype(np.uint16)
        files.save(partial, name, arrays)
    target.mkdir(exist_ok=True)
    for stale in [*target.glob("*.safetensors"), *target.glob("*.index.json")]:
        stale.unlink()
    for path in partial.iterdir():
        os.replace(path, target / path.name)
    partial.rmdir()
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    started = time.monotonic()
    folder = train(paths.from_flags(parser.parse_args()))
    print(f"{folder} after {(time.monotonic() - started) / 60:.1f} min")


if __name__ == "__main__":
    main()
