"""The answers of a token's way, measured as the page gets them, and what travels there."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.attention import journey
from components.attention.way.facts import Followed
from inference.errors import OrreryError
from inference.service import Service
from tests.analysis.attention.test_numbers import unpacked
from tests.components.generation.test_snippet import printed

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
MOST = 300_000  # bytes of a picture


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def followed(example: str, place: str = "") -> dict[str, Any]:
    text, at = journey.EXAMPLES[example]
    *_, found = journey.ask(service(), None, text, place or at, "storyteller")
    return journey.data(found)


def test_r11_layer_4_head_1_mixes_from_one_place() -> None:
    found = followed("Where she lives")
    text = [one["text"] for one in found["tokens"]]
    best = int(np.argmax(found["weights"]))
    assert (text[found["token"] - 1], text[best]) == (" little", " in")
    assert round(100 * found["weights"][best], 1) == 98.5
    assert cosine(found["mixed"], found["values"][best]) > 0.99


def test_both_little_begin_the_same_and_do_not_stay_so() -> None:
    ids = [one["id"] for one in followed("Where she lives")["tokens"]]
    first, last = (i + 1 for i, one in enumerate(ids) if one == 466)
    for layer, alike in ((1, 1.0), (4, 0.95), (6, 0.75)):
        pair = [followed("Where she lives", f"{layer}.1 {at}") for at in (first, last)]
        assert pair[0]["embedded"] == pair[1]["embedded"]
        assert round(cosine(pair[0]["stream"], pair[1]["stream"]), 2) == alike


def cosine(one: list[float], other: list[float]) -> float:
    return float(np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other))


def test_the_stream_grows_and_that_of_fill_in_does_not() -> None:
    found = followed("Where she lives")
    assert [round(found["growth"][at], 1) for at in (0, -1)] == [1.5, 57.3]
    assert found["growth"] == sorted(found["growth"])
    assert all(13 < one < 18 for one in found["growth_post_norm"])


def test_half_of_the_neurons_stay_near_zero() -> None:
    found = followed("Where she lives")
    neurons = np.array(found["neurons"])
    assert len(neurons) == 704
    assert 0.45 < (np.abs(neurons) < 0.1).mean() < 0.55
    assert round(neurons[633], 2) == round(np.abs(neurons).max(), 2) == 7.13
    assert found["strongest"][0]["neuron"] == 634


def test_some_neurons_of_layer_5_say_where_she_may_live() -> None:
    found = followed("Where she lives", "5.1")["strongest"]
    raised = {one["neuron"]: [up["text"] for up in one["raises"]] for one in found}
    assert next(iter(raised)) == 594
    assert " town" in raised[594] and {" kitchen", " room"} < set(raised[496])
    assert all(0.2 < up["logit"] < 0.7 for one in found for up in one["raises"])


@pytest.mark.parametrize(("temperature", "house", "others"), [(1, 0.71, 0.05), (2, 0.11, 0.78)])
def test_r18_at_a_high_temperature_what_nobody_lists_holds_most(
    temperature: float, house: float, others: float
) -> None:
    text, place = journey.EXAMPLES["Where she lives"]
    *_, found = journey.ask(service(), None, text, place, "storyteller")
    logits = found.found.way.logits
    raised = np.exp((logits - logits.max()) / temperature)
    chances = np.sort(raised / raised.sum())[::-1]
    assert (round(chances[0], 2), round(chances[6:].sum(), 2)) == (house, others)


def test_every_example_of_the_way_is_followed_at_its_end() -> None:
    for example in journey.EXAMPLES:
        found = followed(example)
        assert found["token"] == len(found["tokens"])
        assert sum(found["weights"]) == pytest.approx(1, abs=1e-5)
        assert max(found["weights"]) > 0.3


def test_every_decoder_of_the_collection_is_offered_and_followed() -> None:
    offered = [name for _, name in journey.models(service().catalog).choices]
    assert {"storyteller", "storyteller-books", "gpt"} < set(offered)
    assert sum(name.startswith("storyteller-growing/") for name in offered) == 12
    for name in offered:
        *_, value = journey.ask(service(), None, "The cat sat", "1.1", name)
        assert sum(journey.data(value)["weights"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("typed", ["", "4", "a.b", "4.1 x", "4.1 15 2"])
def test_what_is_no_place_is_refused(typed: str) -> None:
    with pytest.raises(OrreryError, match=r"such as 4\.1 15, or 4\.1"):
        journey.numbered(typed)
    assert journey.numbered("4.1") == (4, 1, 0)
    assert journey.numbered(" 4.1 15 ") == (4, 1, 15)


@pytest.mark.parametrize(
    ("text", "place", "model"),
    [
        (journey.LITTLE, "4.1", "storyteller"),
        ("\"Alas,\" {x} said 'it' \\", "2.3 4", "storyteller-books"),
        ("Once", "5.4 2", "gpt"),
        ("The cat sat", "2.2", "storyteller-growing/step-00512"),
    ],
)
def test_the_copied_program_prints_the_numbers_on_screen(
    text: str, place: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, value = journey.ask(service(), None, text, place, model)
    found = journey.data(value)
    lines = printed(journey.python(service(), text, place, model), monkeypatch)
    lengths = [float(one) for one in re.findall(r"[\d.]+", lines[0])]
    assert lengths == pytest.approx(found["growth"][:-1], abs=0.0051)
    shares = [float(line.split()[1]) for line in lines if line.startswith("weight")]
    assert shares == pytest.approx(sorted(found["weights"])[::-1][:5], abs=6e-5)
    following = [float(line.split()[1]) for line in lines if line.startswith("next")]
    assert following == pytest.approx(
        [one["probability"] for one in found["following"][:5]], abs=6e-5
    )


def facts(value: Followed) -> dict[str, Any]:
    """What the picture is drawn from, as a browser reads it."""
    drawn = str(journey.draw(value)[1])
    found = re.search('data-value="([^"]*)"', drawn)
    assert found is not None
    value_of_it: dict[str, Any] = json.loads(html.unescape(found[1]))
    return value_of_it


def test_what_travels_to_the_picture_is_what_the_model_had() -> None:
    text, place = journey.EXAMPLES["Where she lives"]
    *_, value = journey.ask(service(), None, text, place, "storyteller")
    way, found = value.found.way, facts(value)
    for name, exact in {
        "stream": way.stream[14], "mixed": way.mixed.ravel(), "neurons": way.neurons,
        "queries": way.queries.ravel(), "read": way.read,
    }.items():  # fmt: skip
        within = np.abs(exact).max() / 65_000
        np.testing.assert_allclose(unpacked(found["own"][name]), exact, rtol=0, atol=within)
    np.testing.assert_allclose(unpacked(found["logits"]), way.logits, rtol=1e-6)
    within = np.abs(way.scores).max() / 65_000
    np.testing.assert_allclose(unpacked(found["scores"]), way.scores.ravel(), rtol=0, atol=within)
    row = [weight for _, weight in found["row"][0]]
    np.testing.assert_allclose(row, way.weights[0, 14], atol=1e-6)
    assert [found["names"][0], found["texts"][0]] == ["\u00b7house", " house"]
    assert found["leading"] == np.argsort(-way.logits, kind="stable")[:120].tolist()


@pytest.mark.parametrize(
    ("name", "text"), [("storyteller", "the cat sat on a mat and " * 17), ("gpt", "abcd" * 30)]
)
def test_the_longest_text_travels_in_less_than_300_kilobytes(name: str, text: str) -> None:
    *_, value = journey.ask(service(), None, text, "4.1", name)
    assert len(value.found.tokens.ids) > 117
    assert "rounded to 1/127" in str(journey.draw(value)[0])
    way, found = value.found.way, facts(value)
    for name, exact in {"keys": way.keys[1], "values": way.values, "scores": way.scores}.items():
        within = np.abs(exact).max() / 254 * 1.001
        np.testing.assert_allclose(unpacked(found[name]), exact.ravel(), rtol=0, atol=within)
    assert len(str(journey.draw(value)[1]).encode()) < MOST


def test_what_somebody_typed_is_text_and_nothing_else() -> None:
    *_, value = journey.ask(service(), None, "<b>\"&amp;'</b>", "1.1", "storyteller")
    drawn = str(journey.draw(value)[1])
    assert "<b>" not in drawn
    assert facts(value)["sentence"] == "<b>\"&amp;'</b>"


def test_without_the_post_norm_model_the_way_stands(tmp_path: Path) -> None:
    (tmp_path / "storyteller").symlink_to(CHECKPOINTS / "storyteller")
    (tmp_path / "tokenizers").symlink_to(CHECKPOINTS / "tokenizers")
    *_, value = journey.ask(Service(tmp_path), None, "The cat", "1.1", "storyteller")
    assert value.other is None
    assert facts(value)["other"] is None
    assert journey.data(value)["growth_post_norm"] == []
