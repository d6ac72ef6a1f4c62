"""Our relations, asked of a model: what it answers to every question, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.words.benchmark import Answers, Rows, answers, joined, questions_of
from components.embeddings.relations.ours import Relation
from inference.words import WordVectors

MOST = 100_000
"""The first words of a vocabulary; more are not looked among."""


@dataclass(frozen=True)
class Scored:
    """The questions of one relation, or of several."""

    asked: int
    """Questions, those with a word that the vocabulary lacks too."""
    questions: Rows
    """(covered, 4) rows of a, b, c and the expected word."""
    answers: Answers

    @property
    def covered(self) -> int:
        return len(self.questions)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(covered,) which are answered with the expected word."""
        right: NDArray[np.bool_] = self.answers.best == self.questions[:, 3]
        return right

    @property
    def tied(self) -> int:
        """Questions that only the order of the vocabulary decides."""
        return int(self.answers.tied.sum())

    def shares(self) -> dict[str, float | None]:
        """Of the covered questions; None where none is covered (truth: R6, R7)."""
        found = {
            "right": self.answers.best,
            "nothing left out": self.answers.unrestricted,
            "nearest to b": self.answers.near_b,
            "nearest to c": self.answers.near_c,
        }
        expected = self.questions[:, 3]
        return {
            name: float((rows == expected).mean()) if self.covered else None
            for name, rows in found.items()
        }


@dataclass(frozen=True)
class Column:
    """One model, or some of its dimensions, and what it answers to every relation."""

    key: str
    title: str
    words: Sequence[str]
    relations: tuple[Scored, ...]


def scored(
    vectors: WordVectors, unit: NDArray[np.float32], relations: Sequence[Relation]
) -> tuple[Scored, ...]:
    """What `unit` answers, (words, any width), answers; its rows are the first words."""
    return tuple(_relation(vectors, unit, relation) for relation in relations)


def _relation(vectors: WordVectors, unit: NDArray[np.float32], relation: Relation) -> Scored:
    words = list(dict.fromkeys(word for pair in relation.pairs for word in pair))
    place = {word: i for i, word in enumerate(words)}
    every = questions_of([(place[one], place[two]) for one, two in relation.pairs])
    rows = np.array([vectors.index.get(word, len(unit)) for word in words])
    questions = rows[every]
    covered = questions[(questions < len(unit)).all(axis=1)]
    return Scored(len(every), covered, answers(unit, covered))


def together(parts: Sequence[Scored]) -> Scored:
    """Several relations as one."""
    questions = np.concatenate([part.questions for part in parts])
    answered = joined([part.answers for part in parts])
    return Scored(sum(part.asked for part in parts), questions, answered)


@dataclass(frozen=True)
class Failure:
    """A question that was answered wrong."""

    question: tuple[str, str, str]
    expected: str
    came: str
    rank: int
    """Of the expected word among those that may win."""


def failures(column: Column, part: Scored) -> Iterator[Failure]:
    """In the order of the questions."""
    for i in np.flatnonzero(~part.right).tolist():
        a, b, c, expected = (column.words[row] for row in part.questions[i].tolist())
        came = column.words[int(part.answers.best[i])]
        yield Failure((a, b, c), expected, came, int(part.answers.rank[i]))
