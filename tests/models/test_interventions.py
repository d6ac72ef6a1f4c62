"""Interventions, against another library with its modules patched and a slow forward pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from models.contract import Trace
from models.interventions import CellAblation, HeadAblation, Interventions, ScoreEdit
from models.transformer.model import Transformer

CLOSE = {"rtol": 0, "atol": 1e-5}
IDS = [5, 9, 33, 2, 60, 5, 41]
HEADS = [(layer, head) for layer in range(2) for head in range(4)]


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def traced(model: Transformer, ids: list[list[int]], **interventions: Any) -> tuple[Any, Trace]:
    trace = Trace(Interventions(**interventions))
    return model(torch.tensor(ids), trace=trace), trace


def noise(*shape: int, seed: int = 3) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def patched(reference: Any, layer: int, head: int, replacement: torch.Tensor) -> torch.Tensor:
    """The other library's logits, one head's slice of what its output projection reads replaced."""
    width = reference.config.head_dim

    def replace(_: Any, given: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        changed = given[0].clone()  # (rows, positions, heads * head_width)
        changed[:, :, head * width : (head + 1) * width] = replacement
        return (changed,)

    projection = reference.model.layers[layer].self_attn.o_proj
    handle = projection.register_forward_pre_hook(replace)
    try:
        return reference(torch.tensor([IDS])).logits[0]
    finally:
        handle.remove()


@pytest.mark.parametrize("shape", [None, (8,), (len(IDS), 8)], ids=["zero", "mean", "resample"])
def test_r16_every_head_of_every_layer_is_ablated_before_the_output_projection(
    tiny: Transformer, tiny_reference: Any, shape: tuple[int, ...] | None
) -> None:
    replacement = None if shape is None else noise(*shape)
    ablations = tuple(
        HeadAblation(row, layer, head, replacement) for row, (layer, head) in enumerate(HEADS)
    )
    logits, _ = traced(tiny, [IDS] * len(HEADS), ablations=ablations)
    by_hand = torch.zeros(8) if replacement is None else replacement
    for row, (layer, head) in enumerate(HEADS):
        torch.testing.assert_close(
            logits[row], patched(tiny_reference, layer, head, by_hand), **CLOSE
        )
        assert not torch.allclose(logits[row], tiny(torch.tensor([IDS]))[0], atol=1e-3)


def slow_attention(
    tiny: Transformer, change: Callable[[int, int, int, int, float], float]
) -> torch.Tensor:
    """The whole model, attention as four loops; change(layer, head, query, key, score) -> score."""
    x = tiny.embedding(torch.tensor(IDS))  # (positions, width)
    cosine, sine = tiny.rotary[:, : len(IDS)]
    for layer, block in enumerate(tiny.blocks):
        projected = block.attention.query_key_value(block.attention_norm(x))
        query, key, value = projected.view(len(IDS), 3, 4, 8).unbind(1)  # (positions, heads, head)
        mixed = torch.zeros(len(IDS), 4, 8)
        for head in range(4):
            for q in range(len(IDS)):
                turned = [turn(query[q, head], cosine[q], sine[q])]
                turned += [turn(key[k, head], cosine[k], sine[k]) for k in range(q + 1)]
                scores = [
                    change(layer, head, q, k, float(turned[0] @ turned[k + 1]) / math.sqrt(8))
                    for k in range(q + 1)
                ]
                total = sum(math.exp(score) for score in scores)
                for k, score in enumerate(scores):
                    mixed[q, head] += math.exp(score) / total * value[k, head]
        x = x + block.attention.output(mixed.flatten(1))
        x = x + block.feed_forward(block.feed_forward_norm(x))
    return F.linear(tiny.norm(x), tiny.embedding.weight)


def turn(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    return x * cosine + torch.cat([-x[4:], x[:4]]) * sine


@pytest.mark.parametrize(
    ("value", "add"), [(2.5, False), (-1.5, True), (-math.inf, False)], ids=["set", "add", "mask"]
)
def test_an_edited_score_equals_the_four_loops(tiny: Transformer, value: float, add: bool) -> None:
    places = [(0, 1, 4, 2), (1, 3, 6, 0), (0, 0, 3, 3)]  # layer, head, query, key

    def change(*place_and_score: Any) -> float:
        *place, score = place_and_score
        return (score + value if add else value) if tuple(place) in places else score

    edits = tuple(ScoreEdit(0, *place, value, add) for place in places)
    logits, trace = traced(tiny, [IDS], edits=edits)
    torch.testing.assert_close(logits[0], slow_attention(tiny, change), **CLOSE)
    for weights in trace.attention:
        torch.testing.assert_close(weights.sum(-1), torch.ones(1, 4, len(IDS)))
    if value == -math.inf:
        assert all(trace.attention[layer][0, head, q, k] == 0 for layer, head, q, k in places)


def test_rows_without_interventions_are_unchanged_to_the_last_bit(tiny: Transformer) -> None:
    rows = [IDS, IDS[::-1], IDS]
    plain, _ = traced(tiny, rows)
    changed, _ = traced(
        tiny,
        rows,
        ablations=(HeadAblation(1, 0, 2), HeadAblation(1, 1, 0, noise(8))),
        edits=(ScoreEdit(1, 1, 1, 5, 0, 3.0),),
    )
    assert torch.equal(changed[[0, 2]], plain[[0, 2]])
    assert not torch.allclose(changed[1], plain[1], atol=1e-3)
    torch.testing.assert_close(changed[0], tiny(torch.tensor([IDS]))[0], **CLOSE)


def test_several_interventions_in_one_row_add_up(tiny: Transformer, tiny_reference: Any) -> None:
    everything = tuple(HeadAblation(0, 0, head) for head in range(4))
    logits, _ = traced(tiny, [IDS], ablations=everything)
    torch.testing.assert_close(
        logits[0], patched_layer(tiny_reference, layer=0, row=torch.zeros(32)), **CLOSE
    )


def patched_layer(reference: Any, layer: int, row: torch.Tensor) -> torch.Tensor:
    projection = reference.model.layers[layer].self_attn.o_proj
    handle = projection.register_forward_pre_hook(lambda _, given: (row.expand_as(given[0]),))
    try:
        return reference(torch.tensor([IDS])).logits[0]
    finally:
        handle.remove()


def test_the_trace_holds_what_went_into_the_projection_and_the_residual_stream(
    tiny: Transformer, tiny_reference: Any
) -> None:
    _, trace = traced(tiny, [IDS], ablations=(HeadAblation(0, 1, 2, noise(8)),))
    assert [mixed.shape for mixed in trace.heads] == [(1, 4, len(IDS), 8)] * 2
    torch.testing.assert_close(trace.heads[1][0, 2], noise(8).expand(len(IDS), 8))
    _, plain = traced(tiny, [IDS])
    theirs = tiny_reference(torch.tensor([IDS]), output_hidden_states=True).hidden_states
    assert len(plain.hidden) == 3
    for ours, other in zip(plain.hidden[:-1], theirs, strict=False):
        torch.testing.assert_close(ours, other, **CLOSE)
    # the other library's last entry has passed the final norm already
    torch.testing.assert_close(tiny.norm(plain.hidden[-1]), theirs[-1], **CLOSE)
    assert plain.gates == []


def test_positions_are_those_of_the_text_also_behind_a_cache(tiny: Transformer) -> None:
    interventions = Interventions(
        (HeadAblation(0, 0, 1, noise(len(IDS), 8)), HeadAblation(1, 1, 3)),
        (ScoreEdit(0, 1, 0, 4, 1, 2.0), ScoreEdit(1, 0, 2, 6, 6, -math.inf)),
    )
    rows = torch.tensor([IDS, IDS[::-1]])
    at_once = tiny(rows, trace=Trace(interventions))
    for cuts in ([1] * 7, [3, 1, 3]):
        cache = tiny.new_cache(rows=2)
        pieces = [tiny(piece, cache, Trace(interventions)) for piece in rows.split(cuts, dim=1)]
        torch.testing.assert_close(torch.cat(pieces, dim=1), at_once, **CLOSE)


def test_positions_hold_in_rows_of_different_length(tiny: Transformer) -> None:
    cache, other = tiny.new_cache(1), tiny.new_cache(1)
    tiny(torch.tensor([IDS[:5]]), cache)
    tiny(torch.tensor([IDS[:2]]), other)
    cache.join(other)
    edits = Interventions(edits=(ScoreEdit(0, 1, 1, 5, 0, 4.0), ScoreEdit(1, 1, 1, 2, 0, 4.0)))
    logits = tiny(torch.tensor([[IDS[5]], [IDS[2]]]), cache, Trace(edits))
    for row, length in ((0, 6), (1, 3)):
        alone, _ = traced(tiny, [IDS[:length]], edits=(ScoreEdit(0, 1, 1, length - 1, 0, 4.0),))
        torch.testing.assert_close(logits[row, -1], alone[0, -1], **CLOSE)


@pytest.mark.parametrize(
    ("intervention", "message"),
    [
        ({"ablations": (HeadAblation(1, 0, 0),)}, "no row 1: they go from 0 to 0"),
        ({"ablations": (HeadAblation(0, 2, 0),)}, "no layer 2: they go from 0 to 1"),
        ({"ablations": (HeadAblation(0, 0, -1),)}, "no head -1: they go from 0 to 3"),
        ({"edits": (ScoreEdit(0, 0, 4, 1, 0, 1.0),)}, "no head 4"),
        ({"cells": (CellAblation(0, 0, 0),)}, "no recurrent cells"),
        ({"ablations": (HeadAblation(0, 0, 0, torch.zeros(7)),)}, r"shape \(7,\) does not cover"),
        ({"ablations": (HeadAblation(0, 0, 0, torch.zeros(6, 8)),)}, "positions 0 to 6"),
        ({"edits": (ScoreEdit(0, 0, 0, 0, 0, -math.inf),)}, "Every key of a query is masked"),
    ],
)
def test_what_is_not_there_is_refused(
    tiny: Transformer, intervention: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        traced(tiny, [IDS], **intervention)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_is_a_number_or_minus_infinity(value: float) -> None:
    with pytest.raises(ValueError, match="a number or -inf"):
        ScoreEdit(0, 0, 0, 1, 0, value)


@pytest.mark.parametrize(("query", "key"), [(1, 2), (1, -1)])
def test_a_query_cannot_be_made_to_read_the_future(query: int, key: int) -> None:
    with pytest.raises(ValueError, match=f"Query {query} cannot read key {key}"):
        ScoreEdit(0, 0, 0, query, key, 0.0)
