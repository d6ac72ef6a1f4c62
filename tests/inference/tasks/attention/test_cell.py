"""One cell: its sum, and every change, against attention written out in numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference.decoding.inside import cell
from inference.errors import OrreryError, OutOfRange
from inference.service import Service
from inference.tasks.attention.cell import AttentionCell, CellOfText, OpenedCell
from inference.wire import dumps, known, loads
from models.transformer.model import Transformer

Array = NDArray[np.float64]
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
IDS = [5, 9, 33, 2, 60, 5, 41]
LAYER, HEAD, QUERY, KEY, SCORE = 0, 2, 5, 3, 2.5
WIDTH = 8


def numpy_pass(
    model: Transformer, change: Callable[[int, int, Array], Array]
) -> tuple[Array, list[Array], list[list[Array]]]:
    """What follows IDS, the weights by layer, and by layer and head (q, k, v) before the turn.

    change: (layer, head, scores before any mask, (queries, keys)) to masked scores.
    """
    held = {name: weight.detach().double().numpy() for name, weight in model.named_parameters()}
    cosine, sine = (part[: len(IDS)].double().numpy() for part in model.rotary)
    x, heads = held["embedding.weight"][IDS], model.config.heads
    maps, taken = [], []
    for layer in range(model.config.layers):
        name = f"blocks.{layer}"
        normed = norm(x, held[f"{name}.attention_norm.weight"], model.config.norm_epsilon)
        q, k, v = np.split(normed @ held[f"{name}.attention.query_key_value.weight"].T, 3, axis=1)
        mixed, rows, own = [], [], []
        for head in range(heads):
            part = slice(head * WIDTH, (head + 1) * WIDTH)
            turned = [one[:, part] * cosine + half(one[:, part]) * sine for one in (q, k)]
            scores = change(layer, head, turned[0] @ turned[1].T / math.sqrt(WIDTH))
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            mixed.append(weights @ v[:, part])
            rows.append(weights)
            own.append(np.stack([q[:, part], turned[0], k[:, part], turned[1], v[:, part]]))
        x = x + np.concatenate(mixed, axis=1) @ held[f"{name}.attention.output.weight"].T
        normed = norm(x, held[f"{name}.feed_forward_norm.weight"], model.config.norm_epsilon)
        gate, up = np.split(normed @ held[f"{name}.feed_forward.gate_up.weight"].T, 2, axis=1)
        x = x + (gate / (1 + np.exp(-gate)) * up) @ held[f"{name}.feed_forward.down.weight"].T
        maps.append(np.stack(rows))
        taken.append(own)
    last = norm(x, held["norm.weight"], model.config.norm_epsilon)[-1]
    logits = held["embedding.weight"] @ last
    raised = np.exp(logits - logits.max())
    return raised / raised.sum(), maps, taken


def norm(x: Array, scale: Array, epsilon: float) -> Array:
    found: Array = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon) * scale
    return found


def half(x: Array) -> Array:
    return np.concatenate([-x[:, WIDTH // 2 :], x[:, : WIDTH // 2]], axis=1)


def masked(scores: Array) -> Array:
    return np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)


def changed(called: str, layer: int, head: int, scores: Array) -> Array:
    here = (layer, head) == (LAYER, HEAD)
    everywhere = called.endswith("everywhere")
    what = called.removesuffix(" everywhere") if here or everywhere else "none"
    if what == "mask":
        return scores
    if what == "root":
        return masked(scores * math.sqrt(WIDTH))
    if what == "uniform":
        return masked(np.zeros_like(scores))
    found = masked(scores)
    if what == "score":
        found[QUERY, KEY] = SCORE
    return found


@pytest.fixture(scope="module")
def opened(tiny: Transformer) -> OpenedCell:
    return cell.opened(tiny, IDS, (LAYER, HEAD), (QUERY, KEY), SCORE)


@pytest.mark.parametrize(("row", "called"), list(enumerate(cell.CHANGES)))
def test_every_change_is_that_of_numpy(
    tiny: Transformer, opened: OpenedCell, row: int, called: str
) -> None:
    following, maps, _ = numpy_pass(tiny, lambda *given: changed(called, *given))
    np.testing.assert_allclose(opened.following[row], following, atol=1e-5)
    np.testing.assert_allclose(opened.changed[row], maps[LAYER][HEAD, QUERY], atol=1e-5)
    if row:
        assert np.abs(opened.following[row] - opened.following[0]).max() > 1e-4


def test_the_cell_is_taken_apart_as_numpy_does(tiny: Transformer, opened: OpenedCell) -> None:
    _, maps, taken = numpy_pass(tiny, lambda *given: changed("none", *given))
    query, turned_query, key, turned_key, value = taken[LAYER][HEAD]
    np.testing.assert_allclose(opened.queries, np.stack([query, turned_query]), atol=1e-5)
    np.testing.assert_allclose(opened.keys, np.stack([key, turned_key]), atol=1e-5)
    np.testing.assert_allclose(opened.values, value, atol=1e-5)
    np.testing.assert_allclose(opened.weights, maps[LAYER][HEAD], atol=1e-5)


def test_a_rule_over_a_cache_that_hides_rows_is_refused(tiny: Transformer) -> None:
    from models.contract import Trace
    from models.interventions import Interventions, ScoreRule

    trace = Trace(Interventions(rules=(ScoreRule(0, 0, 0, unmasked=True),)))
    with torch.inference_mode(), pytest.raises(ValueError, match="read at once"):
        tiny.forward(torch.tensor([IDS]), tiny.new_cache(1), trace)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS)


@pytest.mark.weights
def test_a_cell_that_the_text_has_not_is_moved_and_said_so(service: Service) -> None:
    found = service.answer(AttentionCell("The cat", layer=1, head=1, query=40, key=30))
    assert (found.query, found.key) == (2, 2)
    assert "Row 3, column 3 is shown" in found.tokens.note
    again = loads(dumps(found), known())
    assert isinstance(again, CellOfText)
    np.testing.assert_array_equal(again.opened.weights, found.opened.weights)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layer": 7}, "The layer is a whole number from 1 to 6, not 7"),
        ({"head": 5}, "The head is a whole number from 1 to 4, not 5"),
        ({"score": math.nan}, "The score"),
        ({"score": -math.inf}, "reads itself alone"),
    ],
)
def test_what_the_model_has_not_is_refused(
    service: Service, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises((OutOfRange, OrreryError), match=said):
        service.answer(AttentionCell("The cat", **asked))


@pytest.mark.weights
def test_a_text_of_128_tokens_is_opened_and_a_longer_one_refused(service: Service) -> None:
    text = "the cat sat on a mat and " * 18
    found = service.answer(AttentionCell(text, query=120, key=100))
    assert len(found.tokens.ids) == len(found.opened.weights) > 120
    np.testing.assert_allclose(found.opened.weights.sum(axis=1), 1, atol=1e-5)  # truth: R13
    with pytest.raises(OrreryError, match="128 tokens"):
        service.answer(AttentionCell(text * 2))
