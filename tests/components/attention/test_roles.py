"""Every answer of the view of roles, on the weights of the collection, and what it is given."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.attention import roles
from components.attention.scores.definitions import DEFINITIONS
from components.attention.scores.scored import scored
from inference.service import Service
from inference.tasks.attention.roles import LooksOverText

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
OPENING, LARGER, BOTH = "Umbrella", "Larger, without induction", "Both sides"


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def found(example: str) -> LooksOverText:
    text, model = roles.EXAMPLES[example]
    *_, last = roles.ask(service(), None, text, model)
    assert isinstance(last, LooksOverText)
    return last


@cache
def numbers(example: str) -> dict[str, Any]:
    return roles.data(found(example))


def score(example: str, role: str, layer: int, head: int, which: str = "scores") -> float:
    return float(numbers(example)["roles"][role][which][layer - 1][head - 1])


def best(example: str, role: str) -> tuple[int, int, float]:
    one = numbers(example)["roles"][role]["best"]
    return one["layer"], one["head"], one["score"]


def test_the_view_opens_on_the_model_of_its_first_example() -> None:
    opened = roles.inputs(service().catalog)
    values = [opened["text"].value, opened["model"].value]  # type: ignore[attr-defined]
    assert values == list(roles.EXAMPLES[OPENING])


def test_r30_layer_4_head_2_repeats_what_followed_last_time() -> None:
    assert best(OPENING, "induction") == (4, 2, pytest.approx(0.907, abs=0.002))
    one = numbers(OPENING)["roles"]["induction"]
    assert one["even"] == pytest.approx(0.014, abs=0.001)
    assert np.max(one["untrained"]) < 0.0145


def test_r30_heads_that_look_just_before_stand_one_and_two_layers_below() -> None:
    assert best(OPENING, "previous") == (2, 4, pytest.approx(0.751, abs=0.003))
    assert score(OPENING, "previous", 3, 1) == pytest.approx(0.667, abs=0.003)


def test_r30_the_larger_storyteller_has_no_induction_head() -> None:
    assert best(LARGER, "induction")[2] == pytest.approx(0.07, abs=0.002)
    sizes = [
        sum(path.stat().st_size for path in (CHECKPOINTS / folder).glob("*.safetensors"))
        for folder in (roles.GROWN, "storyteller")
    ]
    assert 6 < sizes[1] / sizes[0] < 7


def test_r30_an_untrained_head_looks_around_evenly_unless_we_began_it_otherwise() -> None:
    for one in scored(found(OPENING)):
        assert one.untrained is not None
        assert np.abs(one.untrained - one.even).max() < 0.01, one.role
    assert score(BOTH, "previous", 1, 1, "untrained") == pytest.approx(0.78, abs=0.01)
    assert score(BOTH, "next", 1, 2, "untrained") == pytest.approx(0.84, abs=0.01)
    assert score(BOTH, "previous", 1, 1) > 0.99
    assert score(BOTH, "next", 1, 2) > 0.99


def test_r12_r30_the_sink_is_not_empty_here_and_less_than_it_seems_there() -> None:
    assert best(OPENING, "first") == (2, 2, pytest.approx(0.464, abs=0.003))
    assert 3.5 < best(OPENING, "first")[2] / numbers(OPENING)["roles"]["first"]["even"] < 4.5
    assert numbers(OPENING)["first_by_length"][1][1] == pytest.approx(0.478, abs=0.003)
    assert best(LARGER, "first") == (6, 2, pytest.approx(0.365, abs=0.003))
    assert numbers(LARGER)["first_by_length"][5][1] == pytest.approx(0.278, abs=0.003)


@pytest.mark.parametrize("model", ["storyteller", "storyteller-books", "fill-in", "gpt"])
def test_every_transformer_is_scored_and_only_one_that_reads_both_sides_looks_ahead(
    model: str,
) -> None:
    *_, last = roles.ask(service(), None, "A dog, a dog and a cat.", model)
    assert isinstance(last, LooksOverText)
    by_role = {one.role: one for one in scored(last)}
    assert ("next" in by_role) == (model == "fill-in")
    for one in by_role.values():
        for scores in (one.trained, one.untrained):
            assert scores is not None
            assert scores.shape == last.looks.trained.text.shape[:2]
            assert ((scores >= 0) & (scores <= 1.00001)).all()


def test_a_text_of_one_token_has_only_what_random_tokens_tell() -> None:
    *_, last = roles.ask(service(), None, "a", "gpt")
    assert isinstance(last, LooksOverText)
    assert [one.role for one in scored(last)] == ["induction"]
    assert roles.data(last)["first_by_length"] is None
    assert "data-widget" in str(roles.draw(last)[1])


def test_what_somebody_typed_is_text_in_the_picture() -> None:
    *_, last = roles.ask(service(), None, '<b title="x">', "storyteller")
    drawn = str(roles.draw(last)[1])
    assert "<b" not in drawn
    assert "&lt;b title" in drawn


def test_every_role_names_its_formula_and_its_source() -> None:
    for one in DEFINITIONS.values():
        assert one.score.startswith("Mean over") or "Mean over" in one.score
        assert "arXiv" in one.source
