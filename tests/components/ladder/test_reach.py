"""The view of reach: two figures with their numbers, and answers that hold on the opening text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from components.ladder import reach
from components.shared.drawing.curves import digits
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.rungs import reaches as measured
from inference.service import Service

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
TEXT = "The miller had three goats, and each of them believed it."


@pytest.fixture(scope="module")
def reaches(tiny_ladder: Path) -> reach.Reaches:
    *_, last = reach.ask(Service(tiny_ladder, "cpu"), None, TEXT, 2.0, 7)
    return last


def test_both_figures_have_a_line_for_every_rung(reaches: reach.Reaches) -> None:
    _, named, gradients, swaps, table = reach.draw(reaches)
    titles = [*reach.RUNGS.values(), "Vanilla RNN \N{MULTIPLICATION SIGN} 2"]
    for figure in (gradients, swaps):
        drawn = json.loads(figure.plot)
        assert [line["name"] for line in drawn["data"]] == titles
        assert drawn["layout"]["yaxis"]["type"] == "log"
    assert all(f"</svg>{one}</li>" in str(named) for one in titles)
    looks = {(line["line"]["color"], line["line"]["dash"]) for line in drawn["data"]}
    assert len(looks) == len(titles)  # colour and dashes tell all apart
    assert str(table).count("<tr>") == 2 + len(titles)
    assert "which another text changes" in str(table)


def test_the_api_gives_means_and_errors_unrounded(reaches: reach.Reaches) -> None:
    data = reach.data(reaches)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    by_name = {(one["model"], one["factor"]): one for one in data["models"]}
    assert by_name["five-gram", 1.0]["gradient"][:2] == [None, None]
    found = reaches.found["gru"]
    assert not isinstance(found, str) and found.reached.gradients is not None
    given = found.reached.gradients
    expected = given.mean(axis=0) / given[:, 0].mean()
    np.testing.assert_allclose(by_name["gru", 1.0]["gradient"], expected)
    assert by_name["rnn", 2.0]["bits"] != by_name["rnn", 1.0]["bits"]


def test_a_rung_that_is_missing_is_said_and_the_others_stay(
    tiny_ladder: Path, tmp_path: Path
) -> None:
    (tmp_path / "ladder").mkdir()
    for name in ("five-gram", "rnn"):
        (tmp_path / "ladder" / name).symlink_to(tiny_ladder / "ladder" / name)
    *_, last = reach.ask(Service(tmp_path, "cpu"), None, TEXT, 1.0, 7)
    assert list(reach.there(last)) == ["five-gram", "rnn"]
    assert "gpt" in str(last.found["gpt"]) and "not available" in str(reach.draw(last)[0])


def test_a_short_text_has_a_short_table(tiny_ladder: Path) -> None:
    *_, last = reach.ask(Service(tiny_ladder, "cpu"), None, TEXT[:14], 1.0, 7)
    table = str(reach.draw(last)[-1])
    assert table.count('<th scope="col">4</th>') == 3 and '<th scope="col">16</th>' not in table


def test_a_text_that_is_too_short_is_refused(tiny_ladder: Path) -> None:
    with pytest.raises(OrreryError, match="needs 12 characters"):
        list(reach.ask(Service(tiny_ladder, "cpu"), None, "goat", 1.0, 7))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (0.8341, "0.83"),
        (3.0, "3.0"),
        (-0.1, "\N{MINUS SIGN}0.10"),
        (10.2, "10"),
        (123.4, "123"),
        (4.2e-8, "4 \N{MULTIPLICATION SIGN} 10⁻⁸"),
        (np.nan, "\N{EN DASH}"),
    ],
)
def test_numbers_are_said_in_two_digits(value: float, said: str) -> None:
    assert digits(value) == said


@pytest.mark.weights
def test_r30_r32_the_answers_hold_on_the_opening_text() -> None:
    (text,) = reach.EXAMPLES["A story"]
    *_, last = reach.ask(Service(CHECKPOINTS, "cpu"), None, text, 2.0, 7)
    curves = {name: reach.curve(one) for name, one in reach.there(last).items()}
    far = {name: float(one.gradient[64]) for name, one in curves.items()}
    assert far["rnn"] < 1e-5
    assert min(far["gru"], far["lstm"]) > 100 * far["rnn"]
    assert far["gpt"] > 0.01
    assert curves["mlp"].gradient[15] > 0 and (curves["mlp"].gradient[16:] == 0).all()
    assert (curves["five-gram"].bits[4:] < 1e-9).all() and curves["five-gram"].bits[3] > 1e-3
    assert far["rnn scaled"] > 1000
    trained = [one for name, one in curves.items() if name != reach.SCALED]
    assert all(one.bits[16] < 0.1 < one.bits[1] for one in trained)
    straight = np.log10(curves["rnn"].gradient[4:80])
    fitted = np.polyval(np.polyfit(range(len(straight)), straight, 1), range(len(straight)))
    assert np.corrcoef(straight, fitted)[0, 1] > 0.98


@pytest.mark.weights
def test_r32_averages_over_held_out_passages_stand_beside_one_text_and_agree_in_order() -> None:
    averages = measured(Catalog(CHECKPOINTS))
    assert list(averages) == ["mlp", "rnn", "gru", "lstm", "gpt"]
    far = {name: one.gradient[64] for name, one in averages.items()}
    assert far["mlp"] == 0 < far["rnn"] < 1e-5
    assert min(far["gru"], far["lstm"]) > 100 * far["rnn"] and far["gpt"] > 0.01
    for one in averages.values():
        assert all(one.error[back] < 0.6 * one.gradient[back] for back in (1, 4, 8))
    (text,) = reach.EXAMPLES["A story"]
    *_, last = reach.ask(Service(CHECKPOINTS, "cpu"), None, text, 1.0, 7)
    assert digits(far["gpt"]) in str(reach.draw(last)[-1])
    of_gpt = reach.data(last)["averages"][4]
    assert of_gpt["gradient"][of_gpt["distances"].index(64)] == far["gpt"]
