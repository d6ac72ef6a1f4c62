"""What the Embeddings lab tells the room about these very vectors, measured on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.embeddings import analogies, arithmetic, axes
from components.embeddings import map as whole_map
from components.embeddings.arithmetic import Summed
from components.embeddings.axes import EXAMPLES, Laid
from components.embeddings.map import Found
from inference.service import Service

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def summed(service: Service, text: str) -> Summed:
    return arithmetic.ask(service, None, text, "skip-gram-1")


def laid(service: Service, example: str) -> Laid:
    return axes.ask(service, None, *EXAMPLES[example], "skip-gram-1")


def along(found: Laid, axis: int = 0) -> dict[str, float]:
    return {
        word.text: float(place)
        for word, place in zip(found.words, found.positions[:, axis], strict=True)
    }


def mapped(service: Service, method: str, dimensions: int, seed: int = 1) -> Found:
    return whole_map.ask(service, None, "king", "skip-gram-1", method, "groups", dimensions, seed)


def test_another_formula_changes_what_comes_first(service: Service) -> None:
    def first(a: str, b: str, c: str, method: str) -> tuple[str | None, str]:
        found = analogies.data(analogies.ask(service, None, a, b, c, "skip-gram-1", method=method))
        return found["answer"], found["unrestricted"]

    assert first("man", "king", "woman", "add") == ("queen", "king")
    assert first("man", "king", "woman", "multiply") == ("queen", "queen")
    assert first("hot", "cold", "summer", "add")[0] == "winter"
    assert first("hot", "cold", "summer", "direct")[0] == "chill"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("king - man + woman", "queen"),
        ("london - england + france", "paris"),
        ("brother - boy + girl", "sister"),
        ("water + cold", "hot"),
        ("hand + leg", "arm"),
    ],
)
def test_the_examples_come_out(service: Service, text: str, answer: str) -> None:
    assert text in arithmetic.SUMS
    found = arithmetic.data(summed(service, text))
    assert found["answer"] == answer
    assert found["ranking"][0]["asked"] or text.startswith("brother")  # a word of the sum is first


def test_man_matters_least_and_without_it_queen_is_a_hair_behind(service: Service) -> None:
    terms = arithmetic.data(summed(service, "king - man + woman"))["terms"]
    assert min(terms, key=lambda one: one["cosine"])["word"] == "man"
    ranking = arithmetic.data(summed(service, "king + woman"))["ranking"]
    others = [one for one in ranking if not one["asked"]]
    assert [one["word"] for one in others[:2]] == ["princess", "queen"]
    assert others[0]["cosine"] - others[1]["cosine"] < 0.03


def test_one_word_minus_another_is_near_to_nothing(service: Service) -> None:
    others = arithmetic.data(summed(service, "day - night"))["ranking"]
    assert max(one["cosine"] for one in others if not one["asked"]) < 0.4


def test_r44_the_axis_of_he_and_she_tells_of_texts_and_says_so(service: Service) -> None:
    found = laid(service, "Who does what")
    places, (low, high) = along(found), found.middles[0]
    assert places["nurse"] > high and places["maid"] > high
    assert places["soldier"] < low and places["lawyer"] < low
    assert min(found.axes[0].agreement) > 0.5  # the pairs have something in common
    assert found.outside.mean() > 0.9  # nearly everything is missing from the picture
    assert "in the texts" in axes.VIEW.text.lead
    assert "No. It says with which words they stood together" in axes.VIEW.text.questions[0][1]


def test_the_other_axes_order_their_words(service: Service) -> None:
    animals, feelings = along(laid(service, "Animals")), along(laid(service, "Feelings"))
    assert min(animals["elephant"], animals["whale"]) > max(animals["mouse"], animals["bee"])
    assert min(feelings["joy"], feelings["delight"]) > max(feelings["rage"], feelings["terror"])
    one = along(laid(service, "One axis"))
    assert one["snow"] < one["ice"] < one["fire"] < one["sun"]


def test_how_much_the_maps_keep(service: Service) -> None:
    kept = {(m, d): mapped(service, m, d).kept for m in ("pca", "t-sne", "umap") for d in (2, 3)}
    assert all(kept[method, 3] > kept[method, 2] for method in ("pca", "t-sne", "umap"))
    assert min(kept["t-sne", 2], kept["umap", 2]) > 2 * kept["pca", 2]


def test_another_seed_gives_another_map_that_is_as_good(service: Service) -> None:
    for method in ("t-sne", "umap"):
        one, two = mapped(service, method, 2, 1), mapped(service, method, 2, 2)
        assert abs(one.kept - two.kept) < 0.03
        assert not np.allclose(one.drawn.points, two.drawn.points, atol=0.1)


def test_a_true_neighbour_of_the_king_is_far_on_the_map(service: Service) -> None:
    assert max(mapped(service, "t-sne", 2).ranks) > 100
