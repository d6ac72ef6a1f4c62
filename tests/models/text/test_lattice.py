"""All cuts of a word, against every way of cutting it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import pytest

from models.text.lattice import Path, lattice, sampled
from models.text.rules import PieceScores

PIECES = {
    piece: (i, math.log(share))
    for i, (piece, share) in enumerate(
        {"a": 0.2, "b": 0.15, "n": 0.15, "an": 0.2, "ana": 0.1, "na": 0.1, "ban": 0.1}.items()
    )
}
RULES = PieceScores(PIECES, 99, -20.0)


def every_cut(word: str) -> dict[tuple[str, ...], float]:
    """By its pieces, the probability of each."""
    found = {}
    for count in range(len(word)):
        for places in combinations(range(1, len(word)), count):
            ends = (*places, len(word))
            pieces = tuple(word[a:b] for a, b in zip((0, *places), ends, strict=True))
            if all(piece in PIECES for piece in pieces):
                found[pieces] = math.exp(sum(PIECES[piece][1] for piece in pieces))
    return found


def spelled(word: str, path: Path, arcs: tuple) -> tuple[str, ...]:  # type: ignore[type-arg]
    return tuple(word[arcs[n].start : arcs[n].end] for n in path.arcs)


@pytest.mark.parametrize("word", ["banana", "ananab", "nnn", "a"])
def test_the_best_cuts_their_number_and_their_sum_are_those_of_all(word: str) -> None:
    ways, cuts = lattice(word, RULES), every_cut(word)
    assert ways.cuts == len(cuts)
    assert math.exp(ways.total) == pytest.approx(sum(cuts.values()))
    best = sorted(cuts.values(), reverse=True)[:5]
    assert [math.exp(path.score) for path in ways.paths] == pytest.approx(best)
    for path in ways.paths:
        assert cuts[spelled(word, path, ways.arcs)] == pytest.approx(math.exp(path.score))


def test_a_character_that_is_no_piece_is_unknown() -> None:
    ways = lattice("bax", RULES)
    assert ways.arcs[-1] == (2, 3, 99, -20.0)
    assert ways.cuts == len(every_cut("ba"))


def test_cuts_are_drawn_as_often_as_they_are_probable() -> None:
    word, alpha = "banana", 0.5
    ways, cuts = lattice(word, RULES), every_cut(word)
    drawn = sampled(ways, len(word), 4_000, alpha, seed=3)
    seen = Counter(spelled(word, path, ways.arcs) for path in drawn)
    flat = {pieces: share**alpha for pieces, share in cuts.items()}
    expected = {pieces: 4_000 * share / sum(flat.values()) for pieces, share in flat.items()}
    assert seen.keys() <= expected.keys()
    square = sum((seen[one] - count) ** 2 / count for one, count in expected.items())
    assert square < len(expected) - 1 + 4 * math.sqrt(2 * (len(expected) - 1))
