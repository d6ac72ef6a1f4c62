"""Every answer of the view of positions, on formulas and weights, and what it draws."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.attention import positions
from components.attention.placing.placed import MODELS, Placed, model_scores
from components.attention.placing.schemes import SCHEMES
from inference.errors import OrreryError, OutOfRange
from inference.service import Service
from inference.tasks.attention.positions import PositionStates

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


def asked(scheme: str, length: int = 128, power: float = 4.0, which: int = 1) -> Placed:
    return positions.ask(service(), None, scheme, length, power, which)


def at(placed: Placed, back: int, head: int = 1) -> float:
    curve = placed.curves[head - 1]
    return float(curve.mean[curve.distances.tolist().index(back)])


@pytest.mark.weights
def test_r30_fill_in_looks_at_four_neighbours() -> None:
    opened = asked(*positions.EXAMPLES["Learned"])
    for head, back in ((1, 1), (2, -1), (3, 2), (4, -2)):
        curve = opened.curves[head - 1]
        assert curve.distances[curve.mean.argmax()] == back
    first = np.sort(opened.curves[0].mean)
    assert first[-1] == pytest.approx(14.4, abs=0.05)
    assert first[-2] < 5.1
    for curve in opened.curves:
        assert 60 < abs(curve.distances[curve.mean.argmin()]) < 68


@pytest.mark.weights
def test_r30_the_training_began_with_such_a_leaning() -> None:
    import torch

    from inference.decoding.inside.positions import learned
    from models.transformer.bidirectional import Bidirectional, BidirectionalConfig

    torch.manual_seed(0)
    steps = learned(Bidirectional(BidirectionalConfig()).eval())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            queries, keys = end.value.queries, end.value.keys
            break
    scores = queries @ keys.transpose(0, 2, 1)
    for head, back in enumerate((1, -1, 2, -2)):
        means = {d: np.diagonal(scores[head], -d).mean() for d in range(-100, 101)}
        assert max(means, key=lambda one: means[one]) == back
        assert 60 < abs(min(means, key=lambda one: means[one])) < 68


@pytest.mark.weights
def test_r30_distance_says_all_but_where_positions_were_learned() -> None:
    for name in (*SCHEMES, "storyteller", "gpt"):
        assert asked(name).spread < 1e-9, name
    assert asked("fill-in").spread > 0.1


@pytest.mark.weights
def test_r30_learned_positions_end_and_half_of_the_pairs_finish_no_turn() -> None:
    too_long = asked(*positions.EXAMPLES["Too long"])
    data = positions.data(too_long)
    assert data["distances"][-1] == 127
    step, rows = data["step"], data["map"]
    known = [i * step + 1 for i, row in enumerate(rows) if row[0] is not None]
    assert max(known) <= 128 < len(rows) * step
    assert "16 of 32 pairs do not finish one turn" in asked("storyteller").said
    assert "up to 512 tokens" in asked("storyteller").said


def test_r30_a_larger_base_turns_slower() -> None:
    assert 0 < at(asked("rotary", power=1.0), 4) < 0.1
    assert at(asked("rotary"), 4) == pytest.approx(0.75, abs=0.005)


def test_r30_alibi_reads_far_in_its_last_head() -> None:
    alibi = asked("alibi")
    assert at(alibi, 16, 1) == -8
    assert at(alibi, 16, 8) == -1 / 16


def test_the_longest_wave_and_the_reach_of_windows_by_hand() -> None:
    """2π · 10000^(254/256) = 58,470; six layers of 31 steps."""
    assert "the longest 58,470." in asked("sinusoidal").said
    assert "6 layers 186" in asked("window").said


def test_scores_of_a_rotary_model_are_turned_and_masked() -> None:
    """One pair of numbers: |q||k|/√2 · cos(i - j) where both point the same way."""
    ones = np.ones((1, 1, 2), np.float32)
    scores = model_scores(PositionStates(ones, ones, 10_000.0, 8), 4, 10_000.0)[0]
    for i in range(4):
        for j in range(4):
            expected = 2 / np.sqrt(2) * np.cos(i - j) if j <= i else np.nan
            np.testing.assert_allclose(scores[i, j], expected, rtol=1e-6)


def test_a_long_map_shows_every_sixth_position() -> None:
    data = positions.data(asked("alibi", 1024))
    assert (data["step"], len(data["map"])) == (6, 171)
    assert data["map"][3][1] == -0.5 * 12
    assert data["map"][1][3] is None
    assert data["distances"] == list(range(1024))


@pytest.mark.weights
def test_a_head_that_is_not_there_is_said() -> None:
    placed = asked("storyteller", which=7)
    assert (placed.head, placed.note) == (4, "There is no head 7: head 4 of 4 is shown.")


@pytest.mark.weights
@pytest.mark.parametrize("scheme", [*MODELS, *SCHEMES])
def test_every_way_is_drawn(scheme: str) -> None:
    placed = asked(scheme, 256)
    json.dumps(positions.data(placed), allow_nan=False)
    _, legend, heat, curve, table = positions.draw(placed)
    assert str(legend).count("<li>") == len(placed.curves)
    cells = json.loads(heat.plot)["data"][0]  # type: ignore[attr-defined]
    assert cells["type"] == "heatmap"
    lines = json.loads(curve.plot)["data"]  # type: ignore[attr-defined]
    assert len(lines) == 1 + len(placed.curves)
    assert placed.said.split(".")[0] in str(table).replace("&#39;", "'")


@pytest.mark.parametrize(
    "values", [("alibi", 8, 4.0, 1), ("alibi", 128, 9.0, 1), ("alibi", 128, 4.0, 0)]
)
def test_numbers_out_of_range_are_refused(values: Any) -> None:
    with pytest.raises(OutOfRange):
        positions.ask(service(), None, *values)


def test_an_unknown_way_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(OrreryError, match="rotary"):
        asked("compass")


@pytest.mark.weights
def test_a_model_from_elsewhere_is_offered_by_its_layout(tmp_path: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(1)
    shape = GPT2Config(
        vocab_size=4096,
        n_positions=32,
        n_embd=24,
        n_layer=1,
        n_head=12,
        bos_token_id=0,
        eos_token_id=0,
    )
    GPT2LMHeadModel(shape).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((CHECKPOINTS / "storyteller" / name).read_bytes())
    own = Service(CHECKPOINTS, elsewhere={"mine": str(tmp_path)})
    choices = positions.inputs(own.catalog)["scheme"].choices
    assert ("mine: learned", "mine") in choices
    placed = positions.ask(own, None, "mine", 64, 4.0, 12 - 4)
    assert (placed.title, placed.trained, len(placed.curves)) == ("mine: learned, layer 1", 32, 8)
    assert "Of 12 heads the first 8 are shown." in placed.said
    assert len(positions.offered(service().catalog)) == len(MODELS)
