"""Trains the word vectors: word2vec, fastText, GloVe and counts, and draws their maps.

    python -m training.word_vectors --data FOLDER

trains the models on a text with the generated facts of `training.data.facts`, and the first
skip-gram without them too, so that what they add can be told. A model that is finished is not
trained again: after a stop the same command goes on with the next.
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

from analysis import embeddings
from models import files
from models.words import maps as stored_maps
from models.words import usage as word_usage
from models.words import vectors as word_vectors
from models.words.ngrams import NGrams
from models.words.quantized import quantized
from training import paths
from training.data import sentences
from training.paths import Paths
from training.words import counting, glove, maps, predicting, usage

NAME = "word-vectors"
WITH, WITHOUT = "with-facts", "without-facts"
TEXT = "sentences.txt"
RAW = "raw"
GLOVE = "glove"


@dataclass(frozen=True)
class Recipe:
    """How one run trains."""

    predictions: Mapping[str, predicting.Recipe] = field(
        default_factory=lambda: {
            "skip-gram-1": predicting.Recipe(),
            "fasttext": predicting.Recipe(
                width=100, window=3, epochs=5, subsample=1e-4, buckets=50_000, removed=0
            ),
            "cbow": predicting.Recipe(skip_gram=False, epochs=6, subsample=4e-4),
            "skip-gram-2": predicting.Recipe(seed=2),
            "skip-gram-3": predicting.Recipe(seed=3),
        }
    )
    counting: counting.Recipe = field(default_factory=counting.Recipe)
    glove: glove.Recipe = field(default_factory=glove.Recipe)
    maps: maps.Recipe = field(default_factory=maps.Recipe)
    again: tuple[str, ...] = ("skip-gram-1",)
    """What is trained without the facts as well."""
    commonest: int = 10_000
    """Words of the second and third skip-gram that are committed."""
    least: sentences.Least = field(default_factory=sentences.Least)
    facts_share: float = 0.015
    """Of all words, at most."""
    seed: int = 20261122


def train(paths: Paths, recipe: Recipe | None = None) -> Path:
    """Train every model, with the facts and without; returns the committed folder."""
    recipe = recipe or Recipe()
    for kind, names in ((WITH, tuple(recipe.predictions)), (WITHOUT, recipe.again)):
        prepare(paths, recipe, kind)
        for name in names:
            predict(paths, recipe, kind, name)
    tell_names(paths, WITH)
    count(paths, recipe, WITH)
    fit(paths, recipe, WITH)
    for name in stored_maps.NAMES:
        draw(paths, recipe, name)
    return publish(paths, recipe)


def folder_of(paths: Paths, kind: str) -> Path:
    """Where the models of one text are kept whole, with the text."""
    return paths.runs / NAME / kind


def prepare(paths: Paths, recipe: Recipe, kind: str) -> None:
    """Write the training text and its vocabulary."""
    folder, share = folder_of(paths, kind), recipe.facts_share if kind == WITH else 0.0
    how = {"share": share, "least": asdict(recipe.least), "seed": recipe.seed}
    if finished(folder, "text", how):
        return
    documents = sentences.write(paths.data, folder / TEXT, share, recipe.seed)
    words = sentences.vocabulary(folder / TEXT, documents, recipe.least)
    word_vectors.save_vocabulary(folder, list(words), list(words.values()))
    finish(folder, "text", how)


def predict(paths: Paths, recipe: Recipe, kind: str, name: str) -> None:
    """Train one model of word2vec or fastText, and take out what all its words share."""
    folder, how = folder_of(paths, kind), recipe.predictions[name]
    trained = asdict(how) | {"removed": None}
    if not finished(folder, name, trained):
        words, _ = word_vectors.load_vocabulary(folder)
        learned = predicting.learn(folder / TEXT, words, how, f"{kind}/{name}")
        word_vectors.save(folder / RAW, name, *learned)
        finish(folder, name, trained)
    raw = files.load(folder / RAW, name)
    buckets = raw.get("buckets", np.zeros((0, how.width)))
    vectors, buckets = predicting.all_but_the_top(raw["vectors"], buckets, how.removed)
    word_vectors.save(folder, name, vectors, NGrams(buckets, *how.ngrams) if how.buckets else None)


def tell_names(paths: Paths, kind: str) -> None:
    """Count how often each word has a capital, and how much of it stands in one document."""
    folder, name = folder_of(paths, kind), word_usage.NAME
    if finished(folder, name, {}):
        return
    found = usage.measure(paths.data, *word_vectors.load_vocabulary(folder))
    files.save(folder, name, asdict(found))
    finish(folder, name, {})


def count(paths: Paths, recipe: Recipe, kind: str) -> None:
    """Make both counting models."""
    folder, how = folder_of(paths, kind), recipe.counting
    if finished(folder, "ppmi", asdict(how)):
        return
    words, _ = word_vectors.load_vocabulary(folder)
    pairs = counting.pairs(folder / TEXT, list(words), (1,) * how.window)
    word_vectors.save(folder, "ppmi-svd", counting.reduced(pairs, how))
    word_vectors.save_contexts(folder, "ppmi", counting.pruned(pairs, how))
    finish(folder, "ppmi", asdict(how))


def fit(paths: Paths, recipe: Recipe, kind: str) -> None:
    """Train GloVe on counts of its own, which fall with the distance."""
    folder, how = folder_of(paths, kind), recipe.glove
    if finished(folder, GLOVE, asdict(how)):
        return
    words, _ = word_vectors.load_vocabulary(folder)
    pairs = counting.pairs(folder / TEXT, list(words), how.weights)
    parameters = glove.start(len(words), how)
    for epoch, cost in enumerate(glove.train(parameters, pairs, how), start=1):
        print(f"{kind}/{GLOVE}: epoch {epoch}/{how.epochs}, cost {cost:.4f}", flush=True)
    vectors, _ = predicting.all_but_the_top(
        parameters.vectors, np.zeros((0, how.width)), how.removed
    )
    word_vectors.save(folder, GLOVE, vectors)
    finish(folder, GLOVE, asdict(how))


def draw(paths: Paths, recipe: Recipe, name: str) -> None:
    """Draw the maps of one model."""
    folder, step = folder_of(paths, WITH), f"{name}-maps"
    sources = [path.read_bytes() for path in sorted(files.files(folder, name))]
    how = asdict(recipe.maps) | {"vectors": hashlib.sha256(b"".join(sources)).hexdigest()}
    if finished(folder, step, how):
        return
    vectors = word_vectors.load(folder, name)
    unit = vectors.unit[range(len(vectors.words))]
    stored_maps.save(folder, name, maps.draw(unit, vectors.words, recipe.maps))
    finish(folder, step, how)


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
        files.save(partial, name, published(files.load(source, name), name, recipe))
    files.save(partial, word_usage.NAME, files.load(source, word_usage.NAME))
    for name in stored_maps.NAMES:
        files.save(partial, f"{name}-maps", files.load(source, f"{name}-maps"))
    target.mkdir(exist_ok=True)
    for stale in [*target.glob("*.safetensors"), *target.glob("*.index.json")]:
        stale.unlink()
    for path in partial.iterdir():
        os.replace(path, target / path.name)
    partial.rmdir()
    return target


def published(arrays: files.Arrays, name: str, recipe: Recipe) -> files.Arrays:
    """What is committed of a model: 8 bit instead of 16, and its hubs beside the vectors."""
    if "vectors" not in arrays:
        return arrays
    if name in ("skip-gram-2", "skip-gram-3"):
        arrays["vectors"] = arrays["vectors"][: recipe.commonest]
    unit = word_vectors.unit_rows(arrays["vectors"].astype(np.float32))
    near = embeddings.hubness(unit, word_vectors.NEAREST)
    arrays["hubness"] = near.astype(np.uint16)
    for key in ("vectors", "buckets"):
        arrays |= quantized(key, arrays[key]) if key in arrays else {}
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    started = time.monotonic()
    folder = train(paths.from_flags(parser.parse_args()))
    print(f"{folder} after {(time.monotonic() - started) / 60:.1f} min")


if __name__ == "__main__":
    main()
