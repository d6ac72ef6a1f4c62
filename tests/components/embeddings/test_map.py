"""embeddings-map: true neighbours, where the map has them, and words that are not on it."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.projection import project
from components.embeddings.drawing import whole_map as view
from components.embeddings.drawing.cloud import told_apart
from components.embeddings.drawing.whole_map import TYPICAL, draw, picture
from components.embeddings.lists.categories import CATEGORIES, category_of
from components.embeddings.map import data
from components.embeddings.near.on_map import Found, located
from components.shared.drawing.figure_template import ACCENT
from inference.words import NEIGHBOURS, Map, Maps, Word, WordVectors
from models.words.vectors import unit_rows

COUNT = 60
NAMES = ("king", "<b>$x$</b>", "red", *(f"word{i}" for i in range(3, COUNT)), "rare")


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    numbers = np.random.default_rng(8).normal(size=(COUNT + 1, 12)).astype(np.float32)
    return WordVectors(NAMES, np.arange(COUNT + 1, 0, -1) * 100, unit_rows(numbers))


@pytest.fixture(scope="module")
def maps(vectors: WordVectors) -> Maps:
    """All words but the last, drawn by PCA; nothing is kept of the second."""
    flat = project(vectors.unit[range(COUNT)]).points.astype(np.float32)
    kept = np.full(COUNT, 0.5, dtype=np.float32)
    kept[1] = 0.0
    drawn = (Map("pca", 0, flat, kept), Map("pca", 0, np.c_[flat, flat[:, 0]], kept))
    groups = np.arange(COUNT) % 10
    return Maps(np.arange(COUNT), drawn, groups, np.arange(40).reshape(10, 4))


def found(
    vectors: WordVectors, maps: Maps, word: str, dimensions: int = 2, colour: str = "groups"
) -> Found:
    asked = vectors.look_up(word)
    assert asked is not None
    return located(vectors, maps, maps.one("pca", dimensions, 0), asked, colour)


def test_neighbours_are_those_of_the_full_space_with_their_ranks_on_the_map(
    vectors: WordVectors, maps: Maps
) -> None:
    one = found(vectors, maps, "king")
    unit, points = vectors.unit[range(COUNT)].astype(np.float64), maps.maps[0].points
    others = sorted(range(1, COUNT), key=lambda i: -float(unit[i] @ unit[0]))[:NEIGHBOURS]
    assert list(one.near) == others
    assert one.cosines == pytest.approx([float(unit[i] @ unit[0]) for i in others], abs=1e-6)
    by_place = sorted(range(1, COUNT), key=lambda i: float(np.linalg.norm(points[i] - points[0])))
    assert list(one.ranks) == [by_place.index(i) + 1 for i in others]


def test_a_word_that_is_not_on_the_map_has_neighbours_but_no_lines(
    vectors: WordVectors, maps: Maps
) -> None:
    one = found(vectors, maps, "rare")
    assert one.place is None
    assert len(one.near) == NEIGHBOURS
    assert "rare is none of the 60 commonest words" in one.note
    assert len(figure(one)["data"]) == 2
    assert data(one)["neighbours"][0]["rank_on_map"] is None
    assert str(draw(one)[2]).count("&#34;&#34;, &#34;&#34;]") == NEIGHBOURS  # no rank


def figure(one: Found) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(picture(one).plot)
    return drawn


def test_lines_join_the_word_with_each_true_neighbour(vectors: WordVectors, maps: Maps) -> None:
    one = found(vectors, maps, "king")
    dots, _names, lines, marks = figure(one)["data"]
    assert lines["line"]["color"] == ACCENT
    assert marks["text"][-1] == "<b>king</b>"
    assert dots["text"][1] == "&lt;b&gt;&#36;x&#36;&lt;/b&gt;"  # what a person could have typed
    assert dots["type"] == "scatter"
    assert figure(found(vectors, maps, "king", 3))["data"][0]["type"] == "scatter3d"


def test_in_space_only_neighbours_far_off_are_named(vectors: WordVectors, maps: Maps) -> None:
    one = found(vectors, maps, "king", 3)
    far = [NAMES[i] for i, rank in zip(one.near, one.ranks, strict=True) if rank > NEIGHBOURS]
    assert 0 < len(far) < NEIGHBOURS
    *named, own = figure(one)["data"][3]["text"]
    assert [html.unescape(name) for name in named if name] == far and own == "<b>king</b>"
    assert all(figure(found(vectors, maps, "king"))["data"][3]["text"])


@pytest.mark.parametrize("colour", ["groups", "lists", "seen", "kept"])
def test_every_colouring_draws(vectors: WordVectors, maps: Maps, colour: str) -> None:
    one = found(vectors, maps, "red", colour=colour)
    marker = figure(one)["data"][0]["marker"]
    shown = view.coloured(one)
    assert (marker["cmin"], marker["cmax"]) == shown.ends
    assert (min(shown.values), max(shown.values)) >= (marker["cmin"], marker["cmin"])
    assert max(shown.values) <= marker["cmax"]
    assert ("colorbar" in marker) == (colour in ("seen", "kept"))


def test_lists_and_groups_have_the_colour_of_their_number(vectors: WordVectors, maps: Maps) -> None:
    lists = view.coloured(found(vectors, maps, "king", colour="lists")).values
    assert lists[2] == list(CATEGORIES).index("colours")
    assert lists[0] == -1  # in none
    assert told_apart(np.array([-1, 0, 7, 8, 9])).values.tolist() == [-1, 0, 7, 0, 1]


def test_what_is_kept_is_told_for_all_words_and_for_this_one(
    vectors: WordVectors, maps: Maps
) -> None:
    told = html.unescape(str(draw(found(vectors, maps, "<b>$x$</b>"))[2]))
    mean = (COUNT - 1) / COUNT / 2
    assert f"{100 * mean:.0f}\N{NO-BREAK SPACE}% are among the 10 nearest points" in told
    assert "Of &lt;b&gt;$x$&lt;/b&gt;: 0 of 10." in str(draw(found(vectors, maps, "<b>$x$</b>"))[2])


def test_no_word_stands_in_two_lists() -> None:
    assert len(category_of()) == sum(map(len, CATEGORIES.values()))
    assert all(len(words) >= 15 for words in CATEGORIES.values())


def test_every_word_is_in_the_value(vectors: WordVectors, maps: Maps) -> None:
    value = data(found(vectors, maps, "king"))
    assert [one["text"] for one in value["words"]] == list(NAMES[:COUNT])
    assert value["words"][1]["kept"] == 0.0
    assert value["word"] == "king"
    json.dumps(value)
    two = replace(
        found(vectors, maps, "king"), word=Word("x", None, vectors.unit[[0]][0], (), note="odd")
    )
    assert two.note.startswith("odd")


def test_r35_groups_are_named_by_their_typical_words_with_their_number_and_seed(
    vectors: WordVectors, maps: Maps
) -> None:
    one = found(vectors, maps, "word47")  # of group 7, whose typical words are 28, 29, 30, 31
    said = str(view.legend(one))
    assert "10 groups, by k-means in all dimensions from one seed; the most typical" in said
    assert "word47 is in the group of word28, word29, word30." in said
    itself = str(view.legend(found(vectors, replace(maps, groups=maps.groups * 0), "king")))
    assert "king is in the group of &lt;b&gt;$x$&lt;/b&gt;, red, word3." in itself  # not of itself
    places = view.typical_places(one)
    assert places == [4 * group + nth for nth in range(TYPICAL) for group in range(10)]
    written = figure(one)["data"][1]["text"]
    near = {one.place, *one.near}
    assert written[:5] == [html.escape(NAMES[i]) for i in places if i not in near][:5]
    assert str(view.legend(found(vectors, maps, "rare"))).count("is in the group of") == 0
    assert view.legend(found(vectors, maps, "king", colour="kept")) == ""
