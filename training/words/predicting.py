"""Vectors that are learned by predicting words from their neighbours: word2vec and fastText.

Both by gensim (Mikolov et al. 2013, 1301.3781; Bojanowski et al. 2017, 1607.04606), with one
worker, because two race for the same vectors and never give the same numbers twice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models import FastText, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.utils import RULE_DISCARD, RULE_KEEP
from numpy.typing import NDArray

from models.words.ngrams import NGrams


@dataclass(frozen=True)
class Recipe:
    """How a model is trained that predicts words from their neighbours, or the other way round."""

    seed: int = 1
    skip_gram: bool = True
    """False is CBOW: a word from the mean of its neighbours."""
    width: int = 200
    window: int = 5
    """Words on either side, at most; each position draws its own from 1 to this."""
    epochs: int = 12
    negatives: int = 5
    subsample: float = 1e-4
    """Thins out words that are more frequent than this."""
    buckets: int = 0
    """Rows for n-grams; 0 is word2vec, anything else fastText."""
    ngrams: tuple[int, int] = (3, 4)
    """Shortest and longest, in characters, the marks of a word's ends counted."""
    removed: int = 1
    """Directions that are taken out afterwards, beside the mean: see `all_but_the_top`."""


def learn(
    text: Path, words: tuple[str, ...], how: Recipe, name: str
) -> tuple[NDArray[np.float32], NGrams | None]:
    """(words, width) as gensim leaves them, with the n-grams of fastText.

    Words outside the vocabulary are as if they were not there. name: for the reports on screen.
    """
    known = frozenset(words)
    options = {
        "corpus_file": str(text),
        "sg": int(how.skip_gram),
        "hs": 0,
        "vector_size": how.width,
        "window": how.window,
        "negative": how.negatives,
        "sample": how.subsample,
        "epochs": how.epochs,
        "min_count": 1,
        "trim_rule": lambda word, *_: RULE_KEEP if word in known else RULE_DISCARD,
        "seed": how.seed,
        "workers": 1,
        "callbacks": [Progress(name, how.epochs)],
    }
    if not how.buckets:
        return Word2Vec(**options).wv[words], None
    shortest, longest = how.ngrams
    made = FastText(**options, bucket=how.buckets, min_n=shortest, max_n=longest).wv
    return made[words], NGrams(made.vectors_ngrams, shortest, longest)


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


class Progress(CallbackAny2Vec):  # type: ignore[misc]
    """Says after every epoch how long the rest will take."""

    def __init__(self, name: str, epochs: int) -> None:
        self.name, self.epochs, self.done, self.started = name, epochs, 0, time.monotonic()

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.done += 1
        minutes = (time.monotonic() - self.started) / 60
        left = minutes / self.done * (self.epochs - self.done)
        print(f"{self.name}: epoch {self.done}/{self.epochs}, {left:.1f} min left", flush=True)
