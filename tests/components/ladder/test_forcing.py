"""The view of own words: what it draws, and answers that hold on the opening text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.forcing import excess
from components.ladder import forcing
from inference.service import Service
from inference.tasks.ladder.forcing import TextForced

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
TEXT = (
    "The miller <b>had</b> three goats, and each of them believed that it was the cleverest. Now "
    "the goats were frightened & crept together."
)


def asked(folder: Path, text: str, model: str = "lstm", own: int = 24) -> TextForced:
    *_, last = forcing.ask(Service(folder, "cpu"), None, text, model, own, 1.0, 7)
    assert isinstance(last, TextForced)
    return last


def test_the_figure_shows_what_own_words_cost_and_the_cut_is_escaped(tiny_ladder: Path) -> None:
    found = asked(tiny_ladder, TEXT, own=5)
    _, about, figure, example = forcing.draw(found)
    drawn = json.loads(figure.plot)
    assert [line["name"] for line in drawn["data"]] == [forcing.OWN_LINE, forcing.OTHER_LINE]
    (shade,) = drawn["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == (5, 28)
    assert f"{found.forced.mean():.2f} bits" in str(about)
    assert "<b>had" not in str(example) and str(example).count('class="lane"') == 2
    assert str(example).count('class="t p') == 29 + 24


def test_the_api_gives_every_number_unrounded(tiny_ladder: Path) -> None:
    found = asked(tiny_ladder, TEXT, "gru", own=5)
    data = forcing.data(found)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["teacher_forcing"] == found.forced.tolist()
    assert len(data["written"][0][0]) == 5


@pytest.mark.weights
def test_r30_the_answers_hold_on_the_opening_text() -> None:
    (text,) = forcing.EXAMPLES["A story"]
    found = asked(CHECKPOINTS, text)
    own, own_error = excess(found.after_own, found.forced)
    other, _ = excess(found.after_elsewhere, found.forced)
    assert found.own == 24 and own[0] == pytest.approx(0, abs=1e-3)
    assert own[1] > 4
    assert own[2:24].min() > 4
    assert abs(own[2:24].mean() - other[2:24].mean()) < 1.0
    assert max(own[24 + 9 :].max(), other[24 + 9 :].max()) < 0.2
    assert np.isfinite(own_error).all()


@pytest.mark.weights
def test_r30_the_5_gram_is_back_after_four_true_characters() -> None:
    (text,) = forcing.EXAMPLES["A story"]
    found = asked(CHECKPOINTS, text, "five-gram")
    own, _ = excess(found.after_own, found.forced)
    assert own[24 + 3] > 0.1
    assert own[24 + 4 :] == pytest.approx(0, abs=1e-6)
