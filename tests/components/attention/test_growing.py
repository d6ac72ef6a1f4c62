"""Every answer of the view of ages, on the weights of the collection."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.attention import growing
from components.attention.scores import growth_figure
from components.attention.scores.growth import BORN, Growth, Place
from inference.collection import GROWING
from inference.errors import ModelUnavailable, OrreryError, OutOfRange
from inference.rungs import bits_by_age
from inference.service import Service
from inference.tasks.attention.maps import Attention

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
STEPS = [0, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def grown(example: str) -> Growth:
    text, head = growing.EXAMPLES[example]
    *_, last = growing.ask(service(), None, text, head)
    assert last.whole
    return last


@cache
def ages(example: str = "Induction") -> dict[int, Any]:
    return {age["steps"]: age for age in growing.data(grown(example))["ages"]}


def best(steps: int, role: str) -> float:
    return float(ages()[steps]["roles"][role]["best"]["score"])


def first_above(role: str, score: float) -> int:
    return next(steps for steps in STEPS if best(steps, role) > score)


def test_all_ages_stand_there_from_the_youngest() -> None:
    assert list(ages()) == STEPS


def test_r30_the_first_induction_head_appears_between_2048_and_4096_steps() -> None:
    assert first_above("induction", BORN) == 4096
    for steps, score in ((2048, 0.197), (4096, 0.894)):
        one = ages()[steps]["roles"]["induction"]
        assert (one["best"]["layer"], one["best"]["head"]) == (4, 2)
        assert one["best"]["score"] == one["chosen"] == pytest.approx(score, abs=0.002)
    assert max(best(steps, "induction") for steps in STEPS[:9]) < 0.021  # late, and at once


def test_r30_the_loss_falls_on_random_tokens_told_again_and_not_on_stories() -> None:
    again = {steps: age["told_again"] for steps, age in ages().items()}
    assert again[2048] == pytest.approx(9.9, abs=0.05)
    assert abs(again[2048] - np.log2(1024)) < 0.2  # a guess among all
    assert again[4096] == pytest.approx(2.2, abs=0.05)
    stories = {steps: age["stories"] for steps, age in ages().items()}
    assert [round(stories[steps], 2) for steps in STEPS[-4:]] == [1.19, 0.99, 0.90, 0.76]
    before, then, after = -np.diff([stories[steps] for steps in STEPS[-4:]])
    assert then < after < before


def test_r30_punctuation_comes_first_and_induction_last() -> None:
    assert best(64, "punctuation") < 0.07
    assert best(128, "punctuation") == pytest.approx(0.44, abs=0.01)
    assert best(256, "first") == pytest.approx(0.52, abs=0.01)
    order = [first_above(role, BORN) for role in ("punctuation", "first", "word", "previous")]
    assert order == [128, 256, 512, 1024]


def test_r30_a_head_can_leave_its_role() -> None:
    chosen = {s: age["roles"]["punctuation"]["chosen"] for s, age in ages("Punctuation").items()}
    assert chosen[256] == pytest.approx(0.73, abs=0.01)
    assert chosen[8192] == pytest.approx(0.18, abs=0.01)
    assert ages()[8192]["roles"]["induction"]["chosen"] > 0.9


def test_the_map_is_that_of_the_age_and_the_head() -> None:
    text, _ = growing.EXAMPLES["Induction"]
    expected = service().answer(Attention(text, f"{GROWING}/step-02048")).weights[3, 1]
    np.testing.assert_allclose(ages()[2048]["map"], expected, atol=1e-6)


def test_losses_on_stories_are_those_of_the_card() -> None:
    card = (CHECKPOINTS / GROWING / "README.md").read_text()
    for steps, bits in bits_by_age(service().catalog, GROWING).items():
        row = next(line for line in card.splitlines() if line.startswith(f"| {steps:,} steps"))
        assert float(row.split("|")[3]) == pytest.approx(bits, abs=0.001)


def test_the_figure_holds_what_the_table_says() -> None:
    growth = grown("Induction")
    figure = json.loads(growth_figure.figure(growth).to_json())
    lines = {one["name"]: one for one in figure["data"]}
    again = lines[growth_figure.AGAIN]
    assert again["x"] == sorted(again["x"])
    assert np.diff(again["x"])[1:] == pytest.approx(1)  # a doubling is one unit
    assert again["text"][-1] == "8,192 steps"
    table = str(growth_figure.table(growth))
    assert table.count("<tr>") == 1 + len(STEPS)
    assert "0.91 (4.2)" in table and "0.76" in table


def test_the_names_of_the_losses_stand_clear_of_their_lines() -> None:
    growth = grown("Induction")
    said = {one["text"]: one for one in growth_figure.layout(STEPS)["annotations"]}
    top = growth_figure.layout(STEPS)["yaxis2"]["range"][1]
    above, below = said[growth_figure.AGAIN], said[growth_figure.STORIES]
    again = max(age.told_again for age in growth.ages)
    assert above["yanchor"] == "bottom" and math.log10(again) < above["y"] < top - 0.4
    assert below["yanchor"] == "top"  # at the left, where its line is highest
    assert below["y"] < math.log10(growth.ages[0].stories)


@pytest.mark.parametrize(
    ("head", "wrong"),
    [("", OrreryError), ("four", OrreryError), ("4", OrreryError), (None, OrreryError)]
    + [(head, OutOfRange) for head in ("0.1", "5.1", "4.5")],
)
def test_a_head_that_there_is_not_is_refused(head: str | None, wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        list(growing.ask(service(), None, "Tom", head))


def test_a_head_is_read_as_people_write_it() -> None:
    for typed in ("4.2", "layer 4, head 2", " 4 2 "):
        assert growing.named(typed) == Place(3, 1)


def test_without_the_ages_the_view_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        list(growing.ask(Service(tmp_path), None, "Tom", "4.2"))
