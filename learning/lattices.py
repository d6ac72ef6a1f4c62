"""All cuts of many words at once: sums over them, forward and backward, in logarithms.

Place t of a word is where its first t characters end. Words stand by their length, the longest
first, so that those that reach a place are the first so many; numbers of all places lie behind one
another, place by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.text.unigram import LONGEST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SLICE = 400_000  # numbers that are summed at once: about 10 ms
SURE = 0.9  # a share above which 1 minus it has too few digits


class Arcs(NamedTuple):
    """Where pieces stand, (arcs,) each: the numbers of word and piece, start and end."""

    word: Ints
    start: Ints
    end: Ints
    piece: Ints


class Lattices:
    """Every piece that stands somewhere in these words."""

    def __init__(self, words: Mapping[str, int], pieces: Sequence[str]) -> None:
        """words: with their counts. pieces: among them every letter of the words."""
        self._words = sorted(words, key=len, reverse=True)
        self._times = np.array([words[word] for word in self._words], float)
        self._lengths = np.array(list(map(len, self._words)))
        self._longest = int(self._lengths[0])
        places = np.arange(self._longest + 2)
        self._reaching = np.searchsorted(-self._lengths, -places, side="right")
        """How many words reach a place."""
        self._begin = np.concatenate(([0], np.cumsum(self._reaching)))
        self._take(list(pieces), self._standing({piece: i for i, piece in enumerate(pieces)}))

    def of(self, left: NDArray[np.bool_]) -> Lattices:
        """Those without the pieces that are not left, (pieces,)."""
        found = copy(self)  # the words are the same
        arcs = self._arcs
        kept, ids = left[arcs.piece], np.cumsum(left) - 1
        standing = Arcs(arcs.word[kept], arcs.start[kept], arcs.end[kept], ids[arcs.piece[kept]])
        found._take([p for p, stays in zip(self.pieces, left, strict=True) if stays], standing)
        return found

    def _standing(self, ids: Mapping[str, int]) -> Arcs:
        found = [
            (number, start, end, ids[word[start:end]])
            for number, word in enumerate(self._words)
            for start in range(len(word))
            for end in range(start + 1, min(len(word), start + LONGEST) + 1)
            if word[start:end] in ids
        ]
        return Arcs(*np.array(found, np.int64).T)

    def _take(self, pieces: list[str], arcs: Arcs) -> None:
        self.pieces, self._arcs = pieces, arcs
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        self._starts = self._begin[arcs.start] + arcs.word
        self._ends = self._begin[arcs.end] + arcs.word
        shape, none = (self._begin[-1], LONGEST), len(pieces)
        self._ending = np.full(shape, none)
        """(places, LONGEST): the piece that ends there, by its start modulo LONGEST."""
        self._ending[self._ends, arcs.start % LONGEST] = arcs.piece
        self._beginning = np.full(shape, none)
        """(places, LONGEST): the piece that begins there, by its end modulo LONGEST."""
        self._beginning[self._starts, arcs.end % LONGEST] = arcs.piece

    def expected(self, scores: Floats) -> tuple[Floats, float]:
        """How often each piece stands in all cuts, weighted by their probabilities; and the
        log-likelihood of the words. scores: (pieces,) natural log-probabilities."""
        shares, wholes = self._shares(scores)
        weights = self._times[self._arcs.word] * shares
        return totals(self._arcs.piece, weights, len(scores)), float(self._times @ wholes)

    def likelihood(self, scores: Floats) -> float:
        """The natural log of the probability of all words."""
        return float(self._times @ self._wholes(self._before(scores)))

    def losses(self, scores: Floats) -> Iterator[Floats]:
        """In parts that add up, (pieces,) each: by how much the log-likelihood falls without all
        cuts with a piece.

        Where it stands once in a word, the others' share is one less its own; else they are summed.
        """
        arcs = self._arcs
        share, wholes = self._shares(scores)
        pair = arcs.word * len(scores) + arcs.piece
        _, which, standing = np.unique(pair, return_inverse=True, return_counts=True)
        alone = (standing[which] == 1) & (share < SURE)
        weights = -self._times[arcs.word[alone]] * np.log1p(-share[alone])
        yield totals(arcs.piece[alone], weights, len(scores))
        longer = arcs.end - arcs.start > 1
        words, pieces = np.divmod(np.unique(pair[~alone & longer]), len(scores))
        given = with_none(scores)[self._ending]
        for part in self._parts(words):
            word, piece = words[part], pieces[part]
            weights = self._times[word] * (wholes[word] - self._without(given, word, piece))
            yield totals(piece, weights, len(scores))

    def _parts(self, words: Ints) -> Iterator[slice]:
        """Words, the longest first, in slices of about as much work."""
        start = 0
        while start < len(words):
            size = max(1, SLICE // (LONGEST * int(self._lengths[words[start]])))
            yield slice(start, start + size)
            start += size

    def _shares(self, scores: Floats) -> tuple[Floats, Floats]:
        """(arcs,) the share of the cuts of its word with an arc; (words,) the log of the sum."""
        before, after = self._before(scores), self._after(scores)
        wholes = self._wholes(before)
        through = before[self._starts] + scores[self._arcs.piece] + after[self._ends]
        return np.exp(through - wholes[self._arcs.word]), wholes

    def _wholes(self, before: Floats) -> Floats:
        found: Floats = before[self._begin[self._lengths] + np.arange(len(self._lengths))]
        return found

    def _before(self, scores: Floats) -> Floats:
        """(places,) the log of the sum over all ways there from the start."""
        given = with_none(scores)[self._ending]
        found = np.zeros(len(given))
        last = window(len(self._lengths))
        last[:, 0] = 0
        for place in range(1, self._longest + 1):
            count, begin = self._reaching[place], self._begin[place]
            here = log_sums(last[:count] + given[begin : begin + count])
            found[begin : begin + count] = last[:count, place % LONGEST] = here
        return found

    def _after(self, scores: Floats) -> Floats:
        """(places,) the same of all ways from there to the end."""
        given = with_none(scores)[self._beginning]
        found = np.zeros(len(given))
        last = window(len(self._lengths))
        for place in range(self._longest, -1, -1):
            count, begin, on = self._reaching[place], self._begin[place], self._reaching[place + 1]
            found[begin : begin + on] = log_sums(last[:on] + given[begin : begin + on])
            last[:count, place % LONGEST] = found[begin : begin + count]
        return found

    def _without(self, given: Floats, words: Ints, pieces: Ints) -> Floats:
        """(rows,) the log of the sum over the cuts of a word, the longest first, without a piece.

        given: (places, LONGEST) the scores of the pieces that end there.
        """
        found = np.zeros(len(words))
        last = window(len(words))
        last[:, 0] = 0
        lengths = self._lengths[words]
        for place in range(1, int(lengths[0]) + 1):
            count = int(np.searchsorted(-lengths, -place, side="right"))
            rows = self._begin[place] + words[:count]
            banned = self._ending[rows] == pieces[:count, None]
            here = log_sums(last[:count] + np.where(banned, -np.inf, given[rows]))
            found[:count] = last[:count, place % LONGEST] = here
        return found


def window(rows: int) -> Floats:
    """(rows, LONGEST) sums of the places that a piece may reach, by their numbers modulo LONGEST;
    none yet."""
    return np.full((rows, LONGEST), -np.inf)


def totals(ids: Ints, weights: Floats, count: int) -> Floats:
    """(count,) the sum of the weights of each id."""
    found: Floats = np.bincount(ids, weights, count).astype(float)
    return found


def with_none(scores: Floats) -> Floats:
    """The scores, and that of no piece."""
    return np.append(scores, -np.inf)


def log_sums(ways: Floats) -> Floats:
    """(rows,) log of the sum of exp of each row, one of which is finite."""
    if not len(ways):
        return np.zeros(0)
    most = ways.max(axis=1)
    found: Floats = most + np.log(np.exp(ways - most[:, None]).sum(axis=1))
    return found
