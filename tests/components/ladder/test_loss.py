"""The view of one step of learning: its numbers, its answers, and what it does with bad input."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.ladder import loss
from components.ladder.loss import Answered
from components.ladder.networks.loss_curve import loss_curve
from inference.errors import EmptyText, OrreryError, OutOfRange, TooLong
from inference.service import Service

SERVICE = Service(Path(__file__).parents[3] / "checkpoints", "cpu")


def asked(scores: Any = loss.OPENING, right: Any = "a", rate: Any = 1.0) -> Answered:
    return loss.ask(SERVICE, None, scores, right, rate)


def test_the_table_shows_every_step_of_the_computation() -> None:
    _, _, table, bars = loss.draw(asked())
    rows = re.findall(r"<tr[^>]*><th[^>]*>(.*?)</th>(.*?)</tr>", str(table))
    cells = {name: re.findall(r"<td>(.*?)</td>", row) for name, row in rows if name}
    assert cells["a"] == ["1.000", "2.718", "0.211", "1", "\N{MINUS SIGN}0.789", "1.789", "0.474"]
    assert cells["e"] == ["2.000", "7.389", "0.575", "0", "+0.575", "1.425", "0.330"]
    assert [round(math.exp(float(row[0])), 3) for row in cells.values()] == [
        float(row[1]) for row in cells.values()
    ]
    assert "right" in str(bars)


def test_the_data_hold_unrounded_numbers() -> None:
    found = json.loads(json.dumps(loss.data(asked())))
    z = np.array(found["before"]["scores"])
    assert found["before"]["probabilities"] == pytest.approx(np.exp(z) / np.exp(z).sum())
    assert found["before"]["nats"] == pytest.approx(-math.log(found["before"]["probabilities"][1]))
    assert found["right"] == "a" and sum(found["gradient"]) == pytest.approx(0)


def test_r31_the_curve_is_in_nats_with_the_line_of_guessing() -> None:
    figure = loss_curve(asked().found)
    curve, before, after = figure.data
    assert np.asarray(curve.y) == pytest.approx(-np.log(np.asarray(curve.x)))
    assert before.y[0] == pytest.approx(1.554, abs=5e-4) and after.y[0] < before.y[0]
    assert figure.layout.shapes[0].y0 == pytest.approx(math.log(4))
    assert figure.layout.yaxis.title.text == "loss, nats"
    assert figure.layout.yaxis.range[1] >= 5


@pytest.mark.parametrize(
    ("scores", "names"),
    [
        ("1, 2, 3", ("1", "2", "3")),
        ("the end 1\r\nnot yet 2;3", ("the end", "not yet", "3")),
        ("a 1e1,b -1e-2", ("a", "b")),
        ("\U0001f642 1, \0 2", ("\U0001f642", "\0")),
    ],
)
def test_scores_are_read_with_and_without_names(scores: str, names: tuple[str, ...]) -> None:
    assert loss.read(scores)[0] == names


@pytest.mark.parametrize(
    ("scores", "error", "sentence"),
    [
        ("", EmptyText, "list of scores is empty"),
        (None, EmptyText, "list of scores is empty"),
        (" \n", EmptyText, "list of scores is empty"),
        ("5", OutOfRange, "number of scores is a whole number from 2 to 12, not 1"),
        (", ".join("123456789012345"[:13]), OutOfRange, "not 13"),
        ("a 1, b nan", OutOfRange, "A score goes from -100 to 100, not nan"),
        ("a 1, b inf", OutOfRange, "not inf"),
        ("a 1, b 101", OutOfRange, "not 101"),
        ("a 1, b", OrreryError, "'b' is no number. Write names and numbers"),
        ("a 1, a 2", OrreryError, "same name"),
        ("a 1, " + "b" * 13 + " 2", OrreryError, "up to 12 characters"),
        ("x" * 300_000, TooLong, "up to 400 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    scores: Any, error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=re.escape(sentence)) as told:
        asked(scores)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("right", ["", None, "u", "é"])
def test_the_right_answer_must_be_one_of_the_names(right: Any) -> None:
    with pytest.raises(OrreryError, match="must be one of e, a, i, o"):
        asked(right=right)


@pytest.mark.parametrize("rate", [0, -1, 10.1, float("nan")])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(OutOfRange):
        asked(rate=rate)


def test_t7_names_are_shown_literally() -> None:
    drawn = "".join(map(str, loss.draw(asked("<b>x 1, '\">y 2", "<b>x"))))
    assert "<b>" not in drawn and "&lt;b&gt;x" in drawn


def test_r30_what_guesses_cost() -> None:
    said = [round(-math.log(p), 2) for p in (0.95, 0.5, 0.01)]
    assert said == [0.05, 0.69, 4.61]
    assert asked(*loss.EXAMPLES["Sure and wrong"]).found.before.nats > 5


def test_r30_the_first_example_is_worse_than_an_even_guess() -> None:
    found = asked(*loss.EXAMPLES["Half wrong"]).found
    assert 4 < found.before.perplexity < 5
    assert round(100 * found.before.chances[1]) == 21


def test_r30_only_the_right_score_rises_and_the_favourite_falls_most() -> None:
    found = asked().found
    assert (np.flatnonzero(found.gradient < 0) == [1]).all()
    assert found.gradient.argmax() == 0


def test_r30_the_longest_step_makes_the_right_answer_nearly_certain() -> None:
    assert asked(rate=10).found.after.chances[1] > 0.99
