"""Windows by hand; chances against those of gensim, which trained our vectors."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from gensim.models import Word2Vec

from analysis.words.windows import Trainer, Window, noise, stayed, staying, windows
from training.words.predicting import Recipe

COUNTS = np.array([50_000, 9_000, 700, 40, 3])


@pytest.fixture(scope="module")
def gensim() -> Word2Vec:
    ours = Trainer()
    model = Word2Vec(
        min_count=1, sample=ours.subsample, negative=ours.negatives, ns_exponent=ours.power
    )
    model.build_vocab_from_freq({f"w{i}": int(count) for i, count in enumerate(COUNTS)})
    return model


def test_the_numbers_are_those_of_the_recipe_that_trained() -> None:
    ours, theirs = Trainer(), Recipe()
    for name in ("window", "negatives", "subsample", "epochs", "width"):
        assert getattr(ours, name) == getattr(theirs, name), name
    default = inspect.signature(Word2Vec.__init__).parameters["ns_exponent"].default
    assert ours.power == default  # the recipe does not touch it


def test_words_stay_as_often_as_in_gensim(gensim: Word2Vec) -> None:
    theirs = [gensim.wv.get_vecattr(f"w{i}", "sample_int") / (2**32 - 1) for i in range(5)]
    assert staying(COUNTS, int(COUNTS.sum()), Trainer().subsample) == pytest.approx(theirs)
    assert staying(np.array([0]), 10, 4e-4) <= 1  # a word that was put in by name


def test_wrong_words_are_drawn_as_often_as_in_gensim(gensim: Word2Vec) -> None:
    steps = np.diff(gensim.cum_table.astype(np.float64), prepend=0) / gensim.cum_table[-1]
    assert noise(COUNTS, Trainer().power) == pytest.approx(steps, abs=1e-8)


def test_windows_are_cut_over_what_stayed() -> None:
    class Dice:
        """A generator whose draws are told."""

        def integers(self, low: int, high: int, size: int) -> np.ndarray:
            assert (low, high) == (1, 6)
            return np.array([1, 2, 5, 1][:size])

    read = (True, False, True, True, False, False, True)
    found = windows(read, 5, Dice())  # type: ignore[arg-type]
    assert found == (
        Window(0, 1, (2,)),
        Window(2, 2, (0, 3, 6)),
        Window(3, 5, (0, 2, 6)),
        Window(6, 1, (3,)),
    )
    assert windows((False,), 5, np.random.default_rng(0)) == ()


def test_a_neighbour_k_words_apart_is_in_as_many_windows_as_the_reach_allows() -> None:
    generator = np.random.default_rng(3)
    apart = np.zeros(7)
    for _ in range(4_000):
        middle = windows((True,) * 13, 5, generator)[6]
        for place in middle.near:
            apart[abs(place - 6)] += 1
    assert apart[1:] / 8_000 == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0], abs=0.03)


def test_what_has_no_chance_never_stays_and_what_is_sure_does() -> None:
    generator = np.random.default_rng(1)
    drawn = np.array([stayed((0.0, 1.0, 0.3), generator) for _ in range(3_000)])
    assert drawn.mean(axis=0) == pytest.approx([0, 1, 0.3], abs=0.03)
