"""Draws the maps of the commonest content words by PCA, t-SNE and UMAP, and finds their groups.

t-SNE: van der Maaten & Hinton 2008 (scikit-learn); UMAP: McInnes, Healy & Melville 2018,
1802.03426 (umap-learn). Both are drawn from several random starts: what differs between those is
the method's doing and not the words'.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.manifold import TSNE

from models.words.maps import METHODS, NEIGHBOURS, Map, Maps

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How the maps are drawn."""

    methods: tuple[str, ...] = METHODS
    words: int = 5_000
    dimensions: tuple[int, ...] = (2, 3)
    seeds: tuple[int, ...] = (1, 2, 3)
    perplexity: float = 30.0
    """Of t-SNE: about how many neighbours a word looks after."""
    neighbours: int = 15
    """Of UMAP."""
    groups: int = 40
    typical: int = 10
    """Words that stand for a group."""


def draw(unit: Float, words: Sequence[str], recipe: Recipe) -> Maps:
    """All maps of one model: (vocabulary, width) rows of length 1 and their words."""
    rows = content_words(words, recipe.words)
    shown = unit[rows]
    true = nearest(shown)
    maps = tuple(
        Map(method, seed, points, kept(true, points))
        for method, seed, points in _maps(shown, recipe)
    )
    groups, typical = grouped(shown, recipe)
    return Maps(rows, maps, groups, rows[typical])


def content_words(words: Sequence[str], most: int) -> NDArray[np.int64]:
    """Rows of the first words that say something: three letters or more, no "the", no "don't"."""
    found = [
        row
        for row, word in enumerate(words)
        if len(word) > 2 and "'" not in word and word not in ENGLISH_STOP_WORDS
    ]
    return np.array(found[:most], dtype=np.int64)


def _maps(shown: Float, recipe: Recipe) -> Iterator[tuple[str, int, Float]]:
    """Method, seed and points of every map."""
    drawing = {"pca": _pca, "t-sne": _t_sne, "umap": _umap}
    for method in recipe.methods:
        for dimensions in recipe.dimensions:
            for seed in recipe.seeds if method != "pca" else (0,):
                print(f"{method} in {dimensions} dimensions, seed {seed}", flush=True)
                yield method, seed, scaled(drawing[method](shown, dimensions, seed, recipe))


def _pca(shown: Float, dimensions: int, _seed: int, _recipe: Recipe) -> Float:
    """The directions in which the words differ most, turned the same way every time."""
    points: Float = PCA(dimensions, svd_solver="full").fit_transform(shown)
    return points


def _t_sne(shown: Float, dimensions: int, seed: int, recipe: Recipe) -> Float:
    """Of unit vectors, whose squared distances order them as their cosines do."""
    model = TSNE(
        dimensions, perplexity=recipe.perplexity, init="random", random_state=seed, n_jobs=1
    )
    points: Float = model.fit_transform(shown)
    return points


def _umap(shown: Float, dimensions: int, seed: int, recipe: Recipe) -> Float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that a seed means one core, which is wanted
        from umap import UMAP  # noqa: PLC0415  compiles for seconds

        model = UMAP(recipe.neighbours, dimensions, metric="cosine", random_state=seed, n_jobs=1)
        points: Float = model.fit_transform(shown)
    return points


def scaled(points: NDArray[np.floating]) -> Float:
    """Around 0, the largest number 1 or -1; 16 bit keep it to a thousandth of the map."""
    centred = points - points.mean(axis=0)
    largest = max(float(np.abs(centred).max(initial=0)), 1e-12)
    rounded: Float = (centred / largest).astype(np.float16).astype(np.float32)
    return rounded


def nearest(unit: Float) -> NDArray[np.int64]:
    """(words, `NEIGHBOURS`) the words of the highest cosine with each, in no order."""
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    near: NDArray[np.int64] = np.argpartition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    return near


def kept(true: NDArray[np.int64], points: Float) -> Float:
    """(words,) share of the true neighbours that are among as many nearest points."""
    squares = (points.astype(np.float64) ** 2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * points.astype(np.float64) @ points.T
    np.fill_diagonal(distances, np.inf)
    near = np.argpartition(distances, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    both = (near[:, :, None] == true[:, None, :]).any(axis=2).sum(axis=1)
    shares: Float = (both / NEIGHBOURS).astype(np.float32)
    return shares


def grouped(unit: Float, recipe: Recipe) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(words,) the group of each word, and (groups, typical) the words nearest to each centre.

    A group that is smaller than that is filled up with the nearest words of others.
    """
    found = KMeans(recipe.groups, n_init=3, random_state=recipe.seeds[0]).fit(unit)
    distances = found.transform(unit)  # (words, groups)
    groups = found.labels_.astype(np.int64)
    distances[np.arange(len(unit)), groups] -= distances.max() + 1  # its own words come first
    typical = distances.argsort(axis=0, kind="stable")[: recipe.typical].T
    return groups, np.ascontiguousarray(typical)
