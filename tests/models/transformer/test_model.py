"""The transformer, against arithmetic by hand and slow references."""

from __future__ import annotations

import cmath
import math

import pytest
import torch

from models.contract import Trace
from models.transformer import model as transformer
from models.transformer.model import Transformer, TransformerConfig


@torch.inference_mode()
def forward(
    model: Transformer, ids: list[list[int]], cache: object = None, trace: Trace | None = None
) -> torch.Tensor:
    return model(torch.tensor(ids), cache, trace)


def test_attention_weights_by_hand() -> None:
    query = torch.tensor([[2.0, 0, 0, 0], [0, 2.0, 0, 0]])[None, None]
    key = torch.tensor([[1.0, 0, 0, 0], [1.0, math.log(3), 0, 0]])[None, None]
    # the first query sees one key; the second scores 0 and 2 log 3 / sqrt(4) = log 3
    expected = torch.tensor([[1.0, 0.0], [0.25, 0.75]])[None, None]
    weights = transformer.attention_scores(query, key, None).softmax(-1)
    torch.testing.assert_close(weights, expected)


def test_r13_a_traced_pass_equals_the_fused_one_and_its_rows_sum_to_1(tiny: Transformer) -> None:
    trace = Trace()
    ids = [[5, 9, 33, 2, 60, 5], [1, 1, 1, 2, 3, 4]]
    torch.testing.assert_close(
        forward(tiny, ids, trace=trace), forward(tiny, ids), rtol=0, atol=1e-5
    )
    assert len(trace.attention) == 2
    for weights in trace.attention:
        assert weights.shape == (2, 4, 6, 6)
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 6))
        assert (weights.triu(1) == 0).all()


def test_a_traced_pass_equals_the_fused_one_on_ragged_rows(tiny: Transformer) -> None:
    logits, traces = [], [None, Trace()]
    for trace in traces:
        cache, other = tiny.new_cache(1), tiny.new_cache(1)
        forward(tiny, [[1, 2, 3, 4]], cache)
        forward(tiny, [[5]], other)
        cache.join(other)
        logits.append(forward(tiny, [[6, 7], [8, 9]], cache, trace))
    torch.testing.assert_close(logits[0], logits[1], rtol=0, atol=1e-5)
    weights = traces[1].attention[0]  # (rows, heads, queries, keys)
    # rows end together: the second one has read one token before these two, at key 3
    assert (weights[1, :, :, :3] == 0).all() and (weights[1, :, 0, 5] == 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 2))


def turned(x: list[float], position: int, base: float) -> list[float]:
    """Rotary positions as they are defined: pairs as complex numbers, times e^(i angle)."""
    half = len(x) // 2
    result = [0.0] * len(x)
    for pair in range(half):
        angle = position * base ** (-2 * pair / len(x))
        value = complex(x[pair], x[pair + half]) * cmath.exp(1j * angle)
        result[pair], result[pair + half] = value.real, value.imag
    return result


def test_rotary_positions_turn_complex_numbers() -> None:
    config = TransformerConfig(context=50, heads=2, width=16, rotary_base=100.0)
    table = transformer.rotary_table(config)
    x = torch.randn(1, 1, 50, 8, generator=torch.Generator().manual_seed(1))
    rotated = transformer.rotate(x, table[0], table[1])
    for position in (0, 1, 7, 49):
        expected = turned(x[0, 0, position].tolist(), position, 100.0)
        assert rotated[0, 0, position].tolist() == pytest.approx(expected, abs=1e-5)


def test_rotary_scores_depend_on_distance_alone() -> None:
    config = TransformerConfig(context=64, heads=1, width=8)
    cosine, sine = transformer.rotary_table(config)
    query, key = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(2))
    placed = [transformer.rotate(x.expand(1, 1, 64, 8), cosine, sine) for x in (query, key)]
    scores = placed[0][0, 0] @ placed[1][0, 0].T
    for distance in (0, 1, 10):
        diagonal = scores.diagonal(-distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal))


def test_a_head_must_hold_whole_pairs() -> None:
    with pytest.raises(ValueError, match="width 30 must be an even multiple of heads 4"):
        TransformerConfig(width=30, heads=4)


def test_what_adds_to_the_residual_stream_starts_smaller() -> None:
    torch.manual_seed(0)
    block = Transformer(TransformerConfig(vocabulary=8, layers=8)).blocks[0]
    ordinary, branch = block.attention.query_key_value.weight, block.attention.output.weight
    assert ordinary.std().item() == pytest.approx(0.02, rel=0.05)
    assert branch.std().item() == pytest.approx(0.02 / 4, rel=0.05)
