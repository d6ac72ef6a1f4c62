"""The tree against scipy's, its order, and the odd one out against gensim's."""

from __future__ import annotations

import numpy as np
import pytest
from gensim.models import KeyedVectors
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from analysis.words.clusters import fits, order, tree
from analysis.words.likeness import cosines
from models.words.vectors import unit_rows


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_joined_as_scipy_joins_them(seed: int) -> None:
    found = cosines(np.random.default_rng(seed).normal(size=(30, 6)))
    apart = squareform(1 - found, checks=False)
    expected = linkage(apart, method="average")
    joined = tree(found)
    assert [1 - one.likeness for one in joined] == pytest.approx(expected[:, 2].tolist())
    assert [len(one.first) + len(one.second) for one in joined] == expected[:, 3].tolist()


def test_every_group_stands_together_and_ends_that_touch_are_alike() -> None:
    found = cosines(np.random.default_rng(7).normal(size=(25, 5)))
    along = order(found)
    assert sorted(along) == list(range(25))
    for one in tree(found):
        places = sorted(along.index(word) for word in (*one.first, *one.second))
        assert places[-1] - places[0] == len(places) - 1
        touching = found[one.first[-1], one.second[0]]
        ends = [found[a, b] for a in (one.first[0], one.first[-1])
                for b in (one.second[0], one.second[-1])]  # fmt: skip
        assert touching == max(ends)


def test_one_word_and_equal_words_have_an_order() -> None:
    assert order(np.ones((1, 1))) == (0,)
    assert sorted(order(np.ones((4, 4)))) == [0, 1, 2, 3]


def test_the_odd_one_out_is_the_one_of_gensim() -> None:
    names = [f"w{i}" for i in range(40)]
    vectors = np.random.default_rng(5).normal(size=(40, 8)).astype(np.float32)
    theirs = KeyedVectors(8)
    theirs.add_vectors(names, vectors)
    unit = unit_rows(vectors)
    for start in range(0, 35, 5):
        some = list(range(start, start + 5))
        odd = some[int(fits(unit[some]).argmin())]
        assert names[odd] == theirs.doesnt_match([names[i] for i in some])


def test_words_that_cancel_have_no_mean() -> None:
    assert not fits(np.array([[1.0, 0.0], [-1.0, 0.0]])).any()
