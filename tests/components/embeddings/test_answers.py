"""What the Embeddings lab tells the room about these very vectors, measured on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.embeddings import analogies, arithmetic, axes, benchmark, neighbours
from components.embeddings import map as whole_map
from components.embeddings.arithmetic import Summed
from components.embeddings.axes import EXAMPLES, Laid
from components.embeddings.near.among import names_of
from components.embeddings.near.on_map import Found
from components.embeddings.relations.ours import relations
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
    assert first("france", "paris", "austria", "add")[0] == "vienna"
    assert first("france", "paris", "austria", "direct")[0] == "protocol"
    own = analogies.ask(service, None, "man", "king", "woman", "skip-gram-1", may_win=1)
    assert own.answer == "king" and own.otherwise == "queen"


def shares(service: Service, columns: str) -> dict[str, list[dict[str, float]]]:
    """Of every relation and of all questions, column by column."""
    *_, shown = benchmark.ask(service, None, "", columns, "skip-gram-1")
    found = benchmark.data(shown)
    named = {one["relation"]: one["scores"] for one in found["relations"]}
    return named | {"all": found["all"]}


def test_r8_silly_answers_are_half_right_of_he_and_she_and_beat_all_models_elsewhere(
    service: Service,
) -> None:
    found = shares(service, benchmark.MODELS)
    assert found["all"][0]["covered"] > 10_000
    assert found["He : she"][0]["nearest to c"] > 0.5
    vectors = service.word_vectors("skip-gram-1")
    row = vectors.index["husband"]
    assert np.argsort(-(vectors.unit @ vectors.unit[row]))[1] == vectors.index["wife"]
    assert all(one["nearest to c"] > one["right"] for one in found["Opposites"])


def test_r6_most_of_what_is_right_is_so_because_three_words_may_not_win(service: Service) -> None:
    assert all(
        one["nothing left out"] < one["right"] / 2 for one in shares(service, "models")["all"]
    )


def test_fasttext_leads_where_the_form_tells_and_is_worst_in_capitals(service: Service) -> None:
    found = shares(service, benchmark.MODELS)
    forms = [one.title for one in relations() if one.group == "form"]
    names = ["skip-gram-1", "cbow", "fasttext", "glove", "ppmi-svd"]
    best = [max(range(5), key=lambda i: found[form][i]["right"]) for form in forms]
    assert best.count(names.index("fasttext")) > len(forms) / 2
    capitals = [one["right"] for one in found["Country : capital"]]
    assert min(capitals) == capitals[names.index("fasttext")]


def test_two_dimensions_hold_nothing_and_a_hundred_nearly_all(service: Service) -> None:
    found = shares(service, benchmark.DIMENSIONS)
    two, ten, hundred, whole = (found["all"][i]["right"] for i in (0, 2, 5, 6))
    assert two < 0.005 and ten < 0.05
    assert hundred > 0.9 * whole
    assert max(scores[0]["right"] for scores in found.values()) < 0.02


def test_six_of_the_neighbours_of_king_are_in_all_three_lists_and_names_are_near_to_cat(
    service: Service,
) -> None:
    found = neighbours.ask(service, None, "king", "", "skip-gram-1", 100, *neighbours.BESIDE)
    first, *others = ({row["word"] for row in one["neighbours"]}
                      for one in neighbours.data(found)["columns"])  # fmt: skip
    assert len(first.intersection(*others)) == 6
    plain, named = (
        neighbours.ask(service, None, "cat", "", "skip-gram-1", 100, names=names).words
        for names in (0, 1)
    )
    assert {"max", "luna"} <= {*named} and {"max", "luna"}.isdisjoint(plain)


def test_the_ways_to_capitals_run_alike_and_the_plane_holds_a_third(service: Service) -> None:
    asked = ("france", "paris", "austria")
    assert asked in analogies.ANALOGIES
    solved = analogies.ask(service, None, *asked, "skip-gram-1")
    found = analogies.data(solved)
    assert found["answer"] == "vienna" and len(found["pairs"]) == 10
    assert min(found["agreement"]) > 0.45 and max(found["agreement"]) < 0.75
    assert 0.28 < found["map"]["variance_shown"] < 0.38
    points = dict(zip(found["map"]["words"], found["map"]["points"], strict=True))
    ways = [np.subtract(points[two], points[one]) for one, two in found["pairs"]]
    unit = [way / np.linalg.norm(way) for way in ways]
    mean = np.mean(unit, axis=0)
    assert min(way @ mean for way in unit) > 0  # all arrows point one way


def test_one_good_analogy_proves_nothing(service: Service) -> None:
    def answered(c: str) -> str | None:
        return analogies.ask(service, None, "france", "paris", c, "skip-gram-1").answer

    assert answered("austria") == "vienna" and answered("italy") == "kyoto"


@pytest.mark.parametrize("model", ["skip-gram-1", "cbow", "glove", "fasttext"])
def test_r8_nurse_is_the_answer_only_where_doctor_may_not_be(service: Service, model: str) -> None:
    there = analogies.ask(service, None, "man", "doctor", "woman", model)
    assert (there.answer, there.otherwise) == ("nurse", "doctor")
    back = analogies.ask(service, None, "woman", "doctor", "man", model, may_win=1)
    assert back.answer == "doctor"


def test_glove_answers_otherwise_with_the_lengths_that_it_has_learned(service: Service) -> None:
    asked = ("france", "paris", "italy", "glove")
    answers = [
        analogies.ask(service, None, *asked, lengths=one).answer for one in ("unit", "learned")
    ]
    assert answers == ["rome", "agreement"]
    vectors = service.word_vectors("glove")
    assert vectors.lengths is not None
    often = vectors.counts > 100
    assert np.corrcoef(np.log(vectors.counts[often]), vectors.lengths[often])[0, 1] > 0.5


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("king - man + woman", "queen"),
        ("london - england + france", "paris"),
        ("brother - boy + girl", "sister"),
        ("water + frozen", "ice"),
        ("hand + leg", "arm"),
    ],
)
def test_the_examples_come_out(service: Service, text: str, answer: str) -> None:
    assert text in arithmetic.SUMS
    found = arithmetic.data(summed(service, text))
    assert found["answer"] == answer
    assert found["ranking"][0]["asked"] or text.startswith("brother")  # a word of the sum is first


def test_man_matters_least_and_without_it_princess_is_a_hair_behind(service: Service) -> None:
    terms = arithmetic.data(summed(service, "king - man + woman"))["terms"]
    assert min(terms, key=lambda one: one["cosine"])["word"] == "man"
    ranking = arithmetic.data(summed(service, "king + woman"))["ranking"]
    others = [one for one in ranking if not one["asked"]]
    assert [one["word"] for one in others[:2]] == ["queen", "princess"]
    assert others[0]["cosine"] - others[1]["cosine"] < 0.03


def test_one_word_minus_another_is_near_to_nothing(service: Service) -> None:
    others = arithmetic.data(summed(service, "summer - winter"))["ranking"]
    assert max(one["cosine"] for one in others if not one["asked"]) < 0.35


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


def test_names_have_a_group_of_their_own_and_two_are_near_to_dog(service: Service) -> None:
    vectors, maps = service.word_vectors("skip-gram-1"), service.word_maps("skip-gram-1")
    named = names_of(vectors)[maps.rows]
    shares = [named[maps.groups == group].mean() for group in range(len(maps.typical))]
    assert sum(share > 0.85 for share in shares) == 1 and named.mean() < 0.1
    found = whole_map.ask(service, None, "dog", "skip-gram-1", "t-sne", "groups", 2, 1)
    assert {"max", "buddy"} <= {found.words[one] for one in found.near}


def test_a_true_neighbour_of_the_king_is_far_on_the_map(service: Service) -> None:
    assert max(mapped(service, "t-sne", 2).ranks) > 100
