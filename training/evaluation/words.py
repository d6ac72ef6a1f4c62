"""Scores word vectors on analogy questions and on people's judgements of similarity.

Analogies are 3CosAdd over the whole vocabulary. Every relation is reported with its coverage, with
uncovered questions counted wrong, without the exclusion of the query words, and beside two
baselines that leave words of the question out (truth: R6-R8; Linzen 2016, arXiv 1606.07736).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.words.vectors import WordVectors

Half = Literal["odd", "even", "all"]
Row = dict[str, float | int | str | None]
Cosines = NDArray[np.float32]

BATCH = 256  # questions; times 30,000 words in float32: 31 MB
RESAMPLES = 1000
SIMILARITY = {
    "WordSim-353, similarity": "EN-WS-353-SIM.txt",
    "WordSim-353, relatedness": "EN-WS-353-REL.txt",
    "RG-65": "EN-RG-65.txt",
    "MTurk-771": "EN-MTurk-771.txt",
}


def analogies(vectors: WordVectors, folder: Path, half: Half) -> dict[str, Row]:
    """One row a relation of `folder` and one for all questions together.

    Recipes are tuned on the odd-numbered questions of every relation; the even ones are reported.
    """
    relations = {path.stem: read_questions(path, half) for path in sorted(folder.glob("*.txt"))}
    hits = {name: score(vectors, questions) for name, questions in relations.items()}
    rows = {name: summary(len(relations[name]), found) for name, found in hits.items()}
    together = {key: np.concatenate([h[key] for h in hits.values()]) for key in HITS}
    return rows | {"all": summary(sum(map(len, relations.values())), together)}


def read_questions(path: Path, half: Half) -> list[list[str]]:
    """The odd- or even-numbered `a b c d` lines of a file, counted from 1, in lower case."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start, step = {"odd": (0, 2), "even": (1, 2), "all": (0, 1)}[half]
    return [line.lower().split() for line in lines[start::step]]


HITS = ("accuracy", "nothing excluded", "nearest to c", "nearest to b + c")


def score(vectors: WordVectors, questions: Sequence[Sequence[str]]) -> dict[str, NDArray[np.bool_]]:
    """For every covered question, whether each of `HITS` finds d."""
    known = [[vectors.index[w] for w in q] for q in questions if vectors.index.keys() >= set(q)]
    asked = sorted({row for question in known for row in question[:3]})
    place = {row: i for i, row in enumerate(asked)}
    near = [np.asarray(vectors.unit @ vectors.unit[row], dtype=np.float32) for row in asked]
    hits: dict[str, list[NDArray[np.bool_]]] = {key: [np.zeros(0, dtype=bool)] for key in HITS}
    for start in range(0, len(known), BATCH):
        rows = np.array(known[start : start + BATCH])
        # The cosines to a sum are the sum of the cosines, but for its length, which is the same for
        # all words: so the words that are asked about are compared with all others only once.
        a, b, c = (np.stack([near[place[row]] for row in rows[:, i]]) for i in range(3))
        excluded, wanted = rows[:, :3], rows[:, 3]
        hits["accuracy"].append(best(b - a + c, excluded) == wanted)
        hits["nothing excluded"].append(best(b - a + c, excluded[:, :0]) == wanted)
        hits["nearest to c"].append(best(c, excluded) == wanted)
        hits["nearest to b + c"].append(best(b + c, excluded) == wanted)
    return {key: np.concatenate(parts) for key, parts in hits.items()}


def best(cosines: Cosines, excluded: NDArray[np.int64]) -> NDArray[np.int64]:
    """(questions,) the word with the highest of (questions, words) cosines, but its excluded ones.

    `excluded` is (questions, words that may not win).
    """
    allowed = cosines.copy()
    np.put_along_axis(allowed, excluded, -np.inf, axis=1)
    rows: NDArray[np.int64] = allowed.argmax(axis=1)
    return rows


def summary(questions: int, hits: Mapping[str, NDArray[np.bool_]]) -> Row:
    """Shares of the covered questions, and the accuracy when an uncovered one counts as wrong."""
    covered = len(hits["accuracy"])
    row: Row = {"questions": questions, "covered": covered}
    row["accuracy, uncovered wrong"] = round(int(hits["accuracy"].sum()) / max(1, questions), 4)
    shares = {
        key: round(float(found.mean()), 4) if covered else None for key, found in hits.items()
    }
    return row | shares


def read_pairs(path: Path) -> list[tuple[str, str, float]]:
    """Lines of `word word score`, in lower case."""
    lines = [line.lower().split() for line in path.read_text(encoding="utf-8").splitlines()]
    return [(one, other, float(judged)) for one, other, judged in lines]


def similarity(trainings: Sequence[WordVectors], pairs: Sequence[tuple[str, str, float]]) -> Row:
    """Rank correlation of cosines with people's scores, over the pairs whose words are known.

    It is the mean over several trainings of one model, which share a vocabulary. The interval holds
    95 % of such means over resampled pairs (percentile bootstrap).
    """
    index = trainings[0].index
    known = [(index[a], index[b], s) for a, b, s in pairs if a in index and b in index]
    row: Row = {"pairs": len(pairs), "covered": len(known)}
    if len(known) < 3:
        return row | {"correlation": None, "95 % from": None, "95 % to": None}
    one, other = [k[0] for k in known], [k[1] for k in known]
    cosines = [np.einsum("pw,pw->p", t.unit[one], t.unit[other]) for t in trainings]
    judged = np.array([k[2] for k in known])
    low, high = bootstrap(cosines, judged)
    figure = float(np.mean([spearman(found, judged) for found in cosines]))
    return row | {"correlation": round(figure, 4), "95 % from": low, "95 % to": high}


def spearman(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Correlation of the ranks, tied values sharing their mean rank; 0 where one is constant."""
    ranks = [_ranks(values) - (len(values) - 1) / 2 for values in (x, y)]
    lengths = float(np.linalg.norm(ranks[0]) * np.linalg.norm(ranks[1]))
    return float(ranks[0] @ ranks[1]) / lengths if lengths else 0.0


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    ordered = np.sort(values)
    below, through = (np.searchsorted(ordered, values, side=s) for s in ("left", "right"))
    return (below + through - 1) / 2


def bootstrap(
    trainings: Sequence[NDArray[np.floating]], judged: NDArray[np.floating]
) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the mean rank correlation over resampled pairs."""
    generator = np.random.default_rng(0)
    samples = generator.integers(len(judged), size=(RESAMPLES, len(judged)))
    means = [np.mean([spearman(x[rows], judged[rows]) for x in trainings]) for rows in samples]
    low, high = np.percentile(means, [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)
