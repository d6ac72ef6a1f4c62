"""The view attention-explanation: every answer on its examples, and what the page is given."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from components.attention import explanation
from components.attention.explained import far_back, panel, rows
from components.attention.explanation import Explanations
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.explanation import Taken
from inference.types.waiting import Waiting

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
pytestmark = pytest.mark.weights


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def shown(
    text: str, token: str = "", taken: Taken = "removed", layer: int = 0, model: str = "storyteller"
) -> Explanations:
    asked = explanation.ask(service(), None, text, token, taken, layer, model)
    *_, found = (one for one in asked if not isinstance(one, Waiting))
    return found


@cache
def opening(example: str = "Where she lives") -> dict[str, Any]:
    return explanation.data(shown(*map(str, explanation.EXAMPLES[example])))


def at(found: dict[str, Any], word: str) -> int:
    """The last place of a word."""
    return max(i for i, token in enumerate(found["tokens"]) if token["text"] == word)


def rank(values: list[float], place: int) -> int:
    return 1 + sum(abs(one) > abs(values[place]) for one in values)


def correlation(found: dict[str, Any], one: int, other: int) -> float:
    """By the numbers of the rows."""
    value: float = found["correlations"][one - 1][other - 1]
    return value


def test_r11_girl_is_looked_at_most_and_in_matters() -> None:
    found = opening()
    attention, lost = found["rows"]["attention"], found["rows"]["occlusion"]
    girl, inside = at(found, " girl"), at(found, " in")
    assert found["explained"]["text"] == " house"
    assert (rank(attention, girl), round(attention[girl], 3)) == (1, 0.235)
    assert lost[girl] < 0
    assert round(attention[inside], 3) == 0.044
    assert (rank(lost, inside), round(lost[inside], 1)) == (1, 11.8)
    assert 2 ** lost[inside] > 3000


def test_r12_what_stands_before_the_text_has_weight_and_short_values() -> None:
    found = opening()
    attention, weighted = found["rows"]["attention"], found["rows"]["weighted"]
    girl = at(found, " girl")
    assert (rank(attention, 0), round(attention[0], 3)) == (2, 0.185)
    assert weighted[0] < weighted[girl] / 3
    assert round(correlation(found, 1, 2), 2) == 0.99


def test_attention_is_the_same_whatever_is_explained() -> None:
    house, girl = opening(), opening("Another girl")
    assert girl["explained"]["text"] == " girl"
    for same in ("attention", "weighted", "rollout"):
        assert house["rows"][same] == girl["rows"][same]
    for other in ("gradient", "integrated", "occlusion"):
        assert house["rows"][other] != girl["rows"][other]
    inside = at(house, " in")
    for signed in ("gradient", "integrated", "occlusion"):
        assert house["rows"][signed][inside] > 0 > girl["rows"][signed][inside]


def test_a_slope_says_little_speaks_against_house_and_leaving_out_says_for() -> None:
    found = opening()
    little = at(found, " little")
    assert found["rows"]["gradient"][little] < 0
    assert rank(found["rows"]["gradient"], little) == 1
    assert round(found["rows"]["occlusion"][little], 1) == 4.5
    assert rank(found["rows"]["integrated"], little) == 2
    with_occlusion = [correlation(found, one, 6) for one in range(1, 6)]
    assert round(with_occlusion[4], 2) == 0.72 == round(max(with_occlusion), 2)


def test_r37_rollout_finds_the_beginning_and_is_nearly_the_reverse_of_leaving_out() -> None:
    found = opening()
    assert rank(found["rows"]["rollout"], 0) == 1
    assert rank(found["rows"]["rollout"], 1) == 2
    assert round(correlation(found, 3, 6), 2) == -0.71


def test_attention_is_right_about_whose_doll() -> None:
    found = opening("Whose doll")
    doll = at(found, " doll")
    attention, lost = found["rows"]["attention"], found["rows"]["occlusion"]
    assert (rank(attention, doll), round(attention[doll], 3)) == (1, 0.632)
    assert (rank(lost, doll), round(lost[doll], 1)) == (2, 4.6)
    assert rank(lost, len(lost) - 1) == 1


def test_how_far_back_each_model_looks() -> None:
    bits = {one["model"]: one["bits"] for one in opening()["far_back"]}
    units = {one["model"]: one["unit"] for one in opening()["far_back"]}
    assert list(bits) == list(far_back.MODELS)
    assert max(bits["five-gram"][4:]) < 1e-9 < 1 < bits["five-gram"][3]
    for name in ("rnn", "lstm", "gpt"):
        assert units[name] == "characters"
        assert 0.1 < bits[name][7] < 0.2
        assert bits[name][15] < 0.02
    assert units["storyteller"] == "tokens"
    assert bits["storyteller"][31] > 0.01
    text = "".join(token["text"] for token in opening()["tokens"][1:])
    assert 3.5 < len(text) / (len(opening()["tokens"]) - 1) < 5


def test_r36_the_page_states_the_sum_and_the_difference() -> None:
    found, value = opening(), shown(explanation.LITTLE)
    total = sum(found["rows"]["integrated"])
    assert total == pytest.approx(found["log2_p"] - found["log2_p_baseline"], rel=0.01)
    said = panel.complete(value.text)
    assert said.startswith("Row 5 sums to 11.17 of 11.17 bits")
    assert "mean of all embeddings" in said


def test_r11_the_table_holds_the_correlations_of_scipy() -> None:
    value = shown(explanation.LITTLE)
    found = rows.rows(value.text, value.layer)
    sizes = np.abs([row.values for row in found if row.values is not None])
    expected = spearmanr(sizes, axis=1).statistic
    cells = re.findall(
        r"<td class=\"\w+\" style[^>]*>([^<]+)</td>", panel.matrix(value.text, found)
    )
    lower = [f"{expected[i, j]:.2f}".replace("-", "\u2212") for i in range(1, 6) for j in range(i)]
    assert cells == lower


def test_the_layer_is_chosen_and_the_intervention_too() -> None:
    last, third = shown(explanation.LITTLE), shown(explanation.LITTLE, layer=3)
    weights = last.text.explained.weights
    found = explanation.data(third)["rows"]
    np.testing.assert_array_equal(found["attention"], weights[2, -1].astype(float))
    assert found["rollout"] == opening()["rows"]["rollout"]
    asked = explanation.ask(
        service(), None, explanation.LITTLE, "", "replaced", 0, "storyteller"
    )  # whose first value stands before any curve is measured
    replaced = explanation.data(next(one for one in asked if not isinstance(one, Waiting)))
    assert replaced["rows"]["occlusion"] != opening()["rows"]["occlusion"]
    assert replaced["rows"]["integrated"] == opening()["rows"]["integrated"]
    with pytest.raises(OrreryError, match="from 0 to 6, not 7"):
        shown(explanation.LITTLE, layer=7)


def test_a_token_of_the_text_is_explained_by_its_number() -> None:
    found = explanation.data(shown(explanation.LITTLE, "@11"))
    assert found["explained"]["text"] == " lived"
    assert len(found["tokens"]) == len(found["rows"]["attention"]) == 11
    other = explanation.data(shown(explanation.LITTLE, "@11 had"))
    assert other["explained"]["text"] == " had"


def test_a_page_is_drawn_without_what_a_model_lacks_and_text_is_escaped() -> None:
    value = shown("<b>the</b> little", model="gpt")
    found = [
        rows.Row(row.key, row.name, row.means, row.unit, None if i == 1 else row.values)
        for i, row in enumerate(rows.rows(value.text, value.layer))
    ]
    drawn = str(panel.widget(value.text, found))
    assert "<b>" not in drawn
    facts = json.loads(html.unescape(drawn.partition('data-value="')[2].rpartition('"')[0]))
    assert facts["rows"][1]["values"] == []
    assert "keeps its values is not known" in facts["rows"][1]["why"]
    assert str(panel.matrix(value.text, found)).count("\N{EN DASH}") == 5
    assert "<b>" not in str(panel.numbers(value.text, found))


def test_curves_that_cannot_be_drawn_are_named_and_the_rest_is_shown(tmp_path: Path) -> None:
    for name in ("storyteller", "ladder"):
        (tmp_path / name).mkdir()
    for path in (CHECKPOINTS / "storyteller").iterdir():
        (tmp_path / "storyteller" / path.name).symlink_to(path)
    asked = explanation.ask(
        Service(tmp_path), None, explanation.LITTLE, "", "removed", 0, "storyteller"
    )
    *_, value = (one for one in asked if not isinstance(one, Waiting))
    assert list(far_back.there(value.back)) == ["storyteller"]
    drawn = explanation.draw(value)
    assert "five-gram" in str(drawn[0])
    assert "note" in explanation.data(value)["far_back"][0]
