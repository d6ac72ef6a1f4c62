"""Many analogy questions at once: what vectors answer, and how far off they are (truth: R6-R8).

As in `analysis.embeddings`, `unit` is (words, width) with rows of length 1. A question is the rows
of a, b, c and of the expected d. Words are ranked by 3CosAdd, the cosine with b - a + c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings import Vectors

Rows = NDArray[np.int64]
ASKED = 256  # words whose cosines to all others are held at once: 40 MB at 40,000 words


@dataclass(frozen=True)
class Answers:
    """To questions in their order: (questions,) each."""

    best: Rows
    """The best word that is none of a, b and c; of equals the first of the vocabulary."""
    unrestricted: Rows
    """The best word if they could win too."""
    rank: Rows
    """How many of the words that are none of a, b and c score at least as high as the expected
    one, itself among them: 1 where it is the best alone."""
    tied: NDArray[np.bool_]
    """Whether another word scores exactly as high as the expected one, and no word higher."""
    near_b: Rows
    """The word nearest to b that is none of the three: an answer that ignores a and c."""
    near_c: Rows
    """The word nearest to c that is none of the three: an answer that ignores a and b."""


def answers(unit: Vectors, questions: Rows) -> Answers:
    """Of all words of `unit` to (questions, 4) rows, fast.

    The cosines to a sum are the sum of the cosines but for its length, which is the same for all
    words; so each word that is asked with meets all others once, however often it is asked with.
    """
    return joined([_answers(unit, some) for some in _portions(questions)])


def joined(parts: Sequence[Answers]) -> Answers:
    """Answers to several lists of questions, one after another."""
    none = np.zeros(0, dtype=np.int64)
    nothing = Answers(none, none, none, none.astype(bool), none, none)
    names = [one.name for one in fields(Answers)]
    columns = ([getattr(part, name) for part in (nothing, *parts)] for name in names)
    return Answers(*map(np.concatenate, columns))


def _portions(questions: Rows) -> list[Rows]:
    """Questions in order, in portions that ask with at most `ASKED` words."""
    portions: list[Rows] = []
    start, asked = 0, set[int]()
    for i, question in enumerate(questions[:, :3].tolist()):
        if len(asked.union(question)) > ASKED:
            portions.append(questions[start:i])
            start, asked = i, set()
        asked.update(question)
    return [*portions, questions[start:]] if len(questions) > start else portions


def _answers(unit: Vectors, questions: Rows) -> Answers:
    asked, places = np.unique(questions[:, :3], return_inverse=True)
    places = places.reshape(-1, 3)
    cosines = cosines_to_rows(unit, asked)
    near = _nearest(cosines, questions, places)
    best, unrestricted, rank, tied = _solved(cosines, questions, places).T
    return Answers(best, unrestricted, rank, tied.astype(bool), near[:, 1], near[:, 2])


def cosines_to_rows(unit: Vectors, rows: Rows) -> NDArray[np.float32]:
    """(rows, words) the cosine of some words with all, in one product where `unit` is dense."""
    if isinstance(unit, np.ndarray):
        return np.asarray(unit[rows] @ unit.T, dtype=np.float32)
    return np.stack([np.asarray(unit @ unit[int(row)], dtype=np.float32) for row in rows])


def _solved(cosines: NDArray[np.float32], questions: Rows, places: Rows) -> Rows:
    """(questions, 4) best, unrestricted, rank and tied of `Answers`.

    One question after another: the scores of one fit into a processor's cache, and b - a serves all
    questions in a row that share it.
    """
    found = np.zeros((len(questions), 4), dtype=np.int64)
    step, scores = np.empty_like(cosines[0]), np.empty_like(cosines[0])
    high = np.empty(len(step), dtype=bool)
    before = (-1, -1)
    for i, (a, b, c) in enumerate(places.tolist()):
        if (a, b) != before:
            np.subtract(cosines[b], cosines[a], out=step)
            before = (a, b)
        np.add(step, cosines[c], out=scores)
        unrestricted = scores.argmax()
        scores[questions[i, :3]] = -np.inf
        best, expected = scores.argmax(), scores[questions[i, 3]]
        rank = np.count_nonzero(np.greater_equal(scores, expected, out=high))
        found[i] = best, unrestricted, rank, rank > 1 and scores[best] == expected
    return found


def _nearest(cosines: NDArray[np.float32], questions: Rows, places: Rows) -> Rows:
    """(questions, 3) the word nearest to each of a, b and c that is none of the three."""
    left = cosines.copy()
    four = np.zeros((len(cosines), 4), dtype=np.int64)  # three of them may not answer
    for i in range(4):
        four[:, i] = left.argmax(axis=1)
        np.put_along_axis(left, four[:, i : i + 1], -np.inf, axis=1)
    found = four[places]  # (questions, 3, 4)
    allowed = (found[..., None] != questions[:, None, None, :3]).all(axis=3)
    first = allowed.argmax(axis=2)[..., None]
    nearest: Rows = np.take_along_axis(found, first, axis=2)[..., 0]
    return nearest


def questions_of(pairs: Sequence[tuple[int, int]]) -> Rows:
    """(questions, 4) every two pairs of a relation, in both orders: a is to b as c is to d.

    Left out are those whose answer is one of the three words asked with, which may not win.
    """
    found = [
        (*one, *other)
        for i, one in enumerate(pairs)
        for j, other in enumerate(pairs)
        if i != j and other[1] not in (*one, other[0]) and one[0] != other[0]
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def principal(unit: NDArray[np.floating]) -> NDArray[np.float64]:
    """(width, width) the principal directions of unit vectors, one a column, the first first.

    They are those of the vectors themselves and not of their differences from the mean, so that
    all of them together give every cosine back. Raises ValueError for a sparse matrix.
    """
    if not isinstance(unit, np.ndarray):
        raise ValueError("A table of counts has a dimension for every word.")
    moments = np.asarray(unit.T @ unit, dtype=np.float64)
    _, directions = np.linalg.eigh(moments)
    turned: NDArray[np.float64] = directions[:, ::-1]
    return turned


def within(
    unit: NDArray[np.floating], directions: NDArray[np.floating], count: int
) -> NDArray[np.float32]:
    """(words, count) what the first directions hold of the vectors, with length 1 again."""
    held = (unit @ directions[:, :count].astype(np.float32)).astype(np.float32)
    lengths = np.linalg.norm(held, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = held / np.maximum(lengths, np.float32(1e-12))
    return scaled
