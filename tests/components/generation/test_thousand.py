"""Many draws on the page: what its text says on the committed weights, and escaping."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest

from components.generation import thousand
from components.generation.many.draws import Figures, Thousand, draws_and_plane, summary, verdict
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.draw_many import DrawMany, ManyTexts
from inference.text.held_out import held_out
from inference.types.options import LaneOptions
from inference.types.waiting import Waiting

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
SAMPLED = LaneOptions("a", sample=True)
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def asked(
    service: Service,
    prompt: object = "Once upon",
    model: object = "storyteller",
    least: object = 0.0,
    draws: object = 50,
    length: object = 3,
) -> list[Thousand]:
    values: Any = (prompt, model, 1.0, 0, 1.0, least, draws, length, 7)
    return [one for one in thousand.ask(service, None, *values) if not isinstance(one, Waiting)]


def first_tokens(service: Service, draws: int) -> Any:
    task = DrawMany(thousand.OPENING, options=SAMPLED, texts=draws, new_tokens=1)
    return summary(service.answer(task), thousand.COMPARED)


def test_r30_one_bar_lies_outside_of_what_chance_allows_and_the_test_does_not_mind(
    service: Service,
) -> None:
    few, many = first_tokens(service, 400), first_tokens(service, 1_000)
    little = few.first[0]
    assert (little.text, little.drawn, round(400 * little.predicted)) == ("·little", 167, 188)
    assert [row for row in few.first if not row.least <= row.drawn <= row.most] == [little]
    assert len(few.first) == 9
    assert round(few.chi_square.p, 3) == 0.059
    assert "no further from their probabilities than chance allows" in verdict(few)
    assert many.first[0].least <= many.first[0].drawn <= many.first[0].most


def point(service: Service, options: LaneOptions) -> Figures:
    drawn = service.answer(DrawMany(thousand.OPENING, options=options, texts=200, new_tokens=20))
    return summary(drawn, 200).compared


def test_r30_presets_trade_probability_for_difference_and_people_stand_beside_temperature_1(
    service: Service,
) -> None:
    said = {
        "greedy": (0.65, 0.005),
        "T 0.7": (1.05, 0.20),
        "T 1": (2.17, 0.43),
        "T 1.3": (4.56, 0.68),
    }
    for name, (bits, share) in said.items():
        found = point(service, thousand.PRESETS[name])
        assert found.bits == pytest.approx(bits, abs=0.006)
        assert found.distinct_2 == pytest.approx(share, abs=0.006)
    people = held_out(service.catalog, "storyteller", thousand.OPENING, 20)
    assert people is not None
    assert (people.texts, round(people.bits, 2), round(people.distinct_2, 2)) == (200, 2.00, 0.41)


def test_r39_points_are_compared_over_as_many_texts_of_as_many_tokens(service: Service) -> None:
    task = DrawMany(thousand.OPENING, options=SAMPLED, texts=60, new_tokens=5)
    drawn = service.answer(task)
    half = summary(drawn, 30)
    assert (half.figures.texts, half.compared.texts) == (60, 30)
    assert half.figures.distinct_2 < half.compared.distinct_2
    alone = summary(service.answer(replace(task, texts=30)), 30).figures
    assert astuple(alone) == pytest.approx(astuple(half.compared), abs=1e-6)


def test_people_are_shown_only_where_they_were_measured(service: Service) -> None:
    for model, prompt, length in (
        ("storyteller", "Once upon", 20),
        ("bigram", thousand.OPENING, 20),
        ("storyteller", thousand.OPENING, 1),  # one token has no bigram
        (None, None, 20),
    ):
        assert held_out(service.catalog, model, prompt, length) is None


def test_every_preset_becomes_a_point_and_all_can_be_told(service: Service) -> None:
    found = asked(service)
    assert [len(one.presets) for one in found if one.summary][-1] == len(thousand.PRESETS)
    last = found[-1]
    told = thousand.data(last)
    assert len(told["texts"]) == 50 and told["texts"][0] == " a time,"
    assert told["figures"]["tokens"] == 3.0
    assert told["held_out"] is None
    json.dumps(told, allow_nan=False)
    page = str(draws_and_plane(last, len(thousand.PRESETS)))
    assert "&#34;coming&#34;:0" in page
    assert "All but one token are expected fewer than 5 times" in page


def test_the_figures_are_those_of_the_texts(service: Service) -> None:
    drawn = service.answer(DrawMany("Once upon", options=SAMPLED, texts=40, new_tokens=6))
    assert isinstance(drawn, ManyTexts)
    told = summary(drawn, 40).figures
    rows = [tuple(row) for row in drawn.draws.tokens.tolist()]
    pairs = [pair for row in rows for pair in itertools.pairwise(row)]
    assert told.distinct_2 == pytest.approx(len(set(pairs)) / len(pairs))
    assert told.bits == pytest.approx(-drawn.draws.logs.sum() / math.log(2) / 240)


def test_one_token_a_text_has_no_bigrams_and_is_told_all_the_same(service: Service) -> None:
    last = asked(service, length=1)[-1]
    assert "\N{EN DASH}" in str(draws_and_plane(last, 6))
    json.dumps(thousand.data(last), allow_nan=False)


@pytest.mark.parametrize("typed", ["<b>bold</b> & 'q'", "a\r\nb", "\N{FIRE}"])
def test_what_is_typed_is_escaped(service: Service, typed: str) -> None:
    page = "".join(map(str, thousand.draw(asked(service, typed)[-1])))
    assert "<b>b" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": None},
        {"model": "skip-gram-1"},
        {"least": 2.0},
        {"draws": 0},
        {"draws": 1_001},
        {"draws": 7.5},
        {"length": 25},
    ],
)
def test_what_cannot_be_drawn_is_refused(service: Service, wrong: dict[str, object]) -> None:
    with pytest.raises(OrreryError):
        asked(service, **wrong)  # type: ignore[arg-type]
