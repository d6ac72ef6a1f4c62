"""The view of states: what it draws, and that its answers hold on the committed networks."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.ladder import state
from inference.service import Service
from inference.tasks.ladder.cell_state import CellStates

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


def shown(service: Service, text: str, model: str = "lstm", **named: Any) -> state.Shown:
    given = {"follows": "quotes", "held": "zero", "cell": 0, "seed": 7} | named
    *_, last = state.ask(service, None, text, model, **given)
    assert isinstance(last, state.Shown)
    return last


@pytest.fixture(scope="module")
def tiny(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def values(drawn: str) -> list[Any]:
    return [json.loads(html.unescape(one)) for one in re.findall(r'data-value="([^"]*)"', drawn)]


def test_every_character_has_its_column_and_every_gate_its_row(tiny: Service) -> None:
    found = shown(tiny, 'He said "no".\n')
    _, drawn = state.draw(found)
    strip, changes = values(str(drawn))
    assert strip["characters"] == [*"He", "\u00b7", *"said", "\u00b7", *'"no".', "\u21b5"]
    rows = {row["name"]: row for row in strip["rows"]}
    assert list(rows) == [
        "memory",
        "input gate",
        "forget gate",
        "output gate",
        "output",
        "dearer by",
    ]
    assert all(len(row["values"]) == 14 for row in rows.values())
    sweep = found.states.sweep
    rise = sweep.bits_without - sweep.bits
    assert rows["dearer by"]["values"] == [None, *np.round(rise, 3)]
    assert strip["open"] == 1 + int(rise.argmax())
    assert rows["forget gate"]["widest"] == 1
    _, listed, others, rest = changes
    assert sum(before for _, before, _ in listed) + rest[0] == pytest.approx(1)
    assert sum(after for *_, after in listed) + rest[1] == pytest.approx(1)
    assert others == len(sweep.following) - len(listed)


def test_the_api_gives_all_numbers_unrounded(tiny: Service) -> None:
    found = shown(tiny, 'He said "no".', "gru", cell=3)
    data = state.data(found)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert (data["cell"], data["width"], data["layers"]) == (3, 12, 2)
    assert list(data["inside"]) == ["state", "reset gate", "update gate"]
    assert data["bits"] == found.states.sweep.bits.tolist()
    assert {one["follows"]: one["here"] for one in data["followers"]}["line ends"] is None
    assert len(data["written"]) == 2


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "${7*7} `{{x}}`"])
def test_t7_what_was_typed_is_escaped(tiny: Service, text: str) -> None:
    _, drawn = state.draw(shown(tiny, text))
    assert "<script" not in str(drawn) and "<img" not in str(drawn)


def opening(model: str = "lstm", follows: str = "quotes") -> CellStates:
    (text,) = state.EXAMPLES["Speech"]
    return shown(Service(CHECKPOINTS, "cpu"), text, model, follows=follows).states


@pytest.mark.weights
def test_r30_a_cell_of_the_lstm_and_one_of_the_gru_follow_quotation_marks_and_none_of_the_rnn() -> (
    None
):
    r = {}
    for model in ("rnn", "gru", "lstm"):
        first = opening(model).sweep.followers[0]
        assert first.follows == "quotes"
        r[model] = first.on_probe, first.here
    assert r["lstm"][0] > 0.9 and r["lstm"][1] > 0.9
    assert r["gru"][0] > 0.85 and r["gru"][1] > 0.85
    assert max(map(abs, r["rnn"])) < 0.3


@pytest.mark.weights
def test_r30_the_text_becomes_dearer_at_the_closing_marks() -> None:
    found = opening()
    (text,) = state.EXAMPLES["Speech"]
    rise = found.sweep.bits_without - found.sweep.bits
    leading = [text[i + 1] + text[i] for i in np.argsort(-rise)[:2]]
    assert leading == ['",', '".']  # a mark after a comma, and one after a full stop
    assert rise.max() > 2


@pytest.mark.weights
def test_r30_untouched_the_network_closes_the_question_and_without_the_cell_it_goes_on() -> None:
    found = opening()
    one, other = (
        "".join(found.written.pieces[step.token].decode() for step in lane.steps)
        for lane in found.written.lanes
    )
    assert one.startswith('"') and '"' not in other
    mark = next(token for token, piece in found.written.pieces.items() if piece == b'"')
    before, after = found.sweep.following[mark], found.sweep.following_without[mark]
    assert 0.4 * before < before - after < 0.5 * before


@pytest.mark.weights
def test_r30_the_numbers_of_cells_are_those_of_the_text() -> None:
    for model, cells in (("rnn", "1,040"), ("lstm", "528")):
        sweep = opening(model).sweep
        assert f"{sweep.layers * sweep.width:,}" == cells
        assert f" {cells} " in (Path(state.__file__).with_suffix(".md")).read_text()
