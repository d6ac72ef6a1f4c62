"""The figures of all word vectors, side by side, with and without the generated facts.

Three seeds stand for one model, skip-gram, whose figures are their mean. Everything is searched
over the whole vocabulary, also for the trainings of which only the commonest words are committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from models import files
from models.words import maps
from models.words import vectors as word_vectors
from models.words.vectors import WordVectors
from training.evaluation import metrics
from training.evaluation.words import (
    SIMILARITY,
    Row,
    analogies,
    read_pairs,
    read_questions,
    score,
    similarity,
    summary,
)

MODELS = {
    "skip-gram": ("skip-gram-1", "skip-gram-2", "skip-gram-3"),
    "CBOW": ("cbow",),
    "fastText": ("fasttext",),
    "GloVe": ("glove",),
    "PPMI, SVD": ("ppmi-svd",),
    "PPMI": ("ppmi",),
}
CAPITALS = "capital-common-countries"
Trained = Mapping[str, Sequence[WordVectors]]


def read(*folders: Path) -> tuple[Trained, list[Path]]:
    """Every training that is whole in one of the folders, and the files it was read from.

    The first folder that has it gives it. A training that holds only the commonest words is passed
    over: to find a word among few is easier.
    """
    trained: dict[str, list[WordVectors]] = {}
    sources: list[Path] = []
    for model, names in MODELS.items():
        for name in names:
            for folder in folders:
                stored = files.files(folder, name)
                vectors = word_vectors.load(folder, name) if stored else None
                if vectors and len(vectors.words) == word_vectors.words_in(folder):
                    trained.setdefault(model, []).append(vectors)
                    sources += stored
                    break
    return trained, sources


def report(trained: Trained, without: Trained, questions: Path) -> metrics.Figures:
    """Section, row, column; `without` are the same models trained without generated facts."""
    folder = questions / "analogies"
    rows = {name: [analogies(t, folder, "even") for t in some] for name, some in trained.items()}
    bare = {name: [analogies(t, folder, "even") for t in some] for name, some in without.items()}
    first = next(iter(rows.values()))[0]
    figures: dict[str, dict[str, Row]] = {
        "Analogies: share of the covered even-numbered questions": _accuracies(rows),
        "Capitals of common countries: share of all questions, unknown words counted wrong": (
            _capitals(trained, without, folder / f"{CAPITALS}.txt")
        ),
        "Similarity: Spearman's rank correlation with people": _similarities(
            trained, without, questions / "similarity"
        ),
        "Skip-gram, seed 1, in detail: even-numbered questions": first,
    }
    if bare:
        figures["Analogies, trained without the generated facts"] = _accuracies(bare)
    return figures


def map_figures(folder: Path) -> dict[str, Row]:
    """Mean share of the true neighbours that the maps keep, over words and seeds.

    One row a method and number of dimensions, one column a model that has maps.
    """
    table: dict[str, Row] = {}
    for name in maps.NAMES:
        if not files.files(folder, f"{name}-maps"):
            continue
        shares: dict[str, list[float]] = {}
        for one in maps.load(folder, name).maps:
            key = f"{one.method}, {one.dimensions} dimensions"
            shares.setdefault(key, []).append(float(one.kept.mean()))
        for key, found in shares.items():
            table.setdefault(key, {})[name] = _mean(found)
    return table


def _accuracies(rows: Mapping[str, Sequence[Mapping[str, Row]]]) -> dict[str, Row]:
    """One row a relation, one column a model: the mean over its trainings."""
    table: dict[str, Row] = {}
    for relation, counted in next(iter(rows.values()))[0].items():
        row: Row = {key: counted[key] for key in ("questions", "covered")}
        for model, trainings in rows.items():
            named = model if len(trainings) == 1 else f"{model}, mean of {len(trainings)}"
            row[named] = _mean([training[relation]["accuracy"] for training in trainings])
        table[relation] = row
    return table


def _capitals(trained: Trained, without: Trained, path: Path) -> dict[str, Row]:
    """All questions count here: nothing was tuned on them, and the facts cover their words."""
    asked = read_questions(path, "all")
    table: dict[str, Row] = {}
    for model, trainings in trained.items():
        row: Row = {"questions": len(asked)}
        for kind, some in (("with facts", trainings), ("without", without.get(model, []))):
            found = [summary(len(asked), score(training, asked)) for training in some]
            row[f"covered, {kind}"] = found[0]["covered"] if found else None
            row[kind] = _mean([one["accuracy, uncovered wrong"] for one in found])
        table[model] = row
    return table


def _similarities(trained: Trained, without: Trained, folder: Path) -> dict[str, Row]:
    table: dict[str, Row] = {}
    for name, file in SIMILARITY.items():
        pairs = read_pairs(folder / file)
        for model, trainings in trained.items():
            row = similarity(trainings, pairs)
            if model in without:
                row["without facts"] = similarity(without[model], pairs)["correlation"]
            table[f"{name}: {model}"] = row
    return table


def _mean(values: Sequence[float | int | str | None]) -> float | None:
    numbers = [value for value in values if isinstance(value, (int, float))]
    return round(sum(numbers) / len(numbers), 4) if numbers else None
