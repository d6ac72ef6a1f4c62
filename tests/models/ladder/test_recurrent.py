"""Our equations against torch's modules, and the fused path against the readable one."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from models.contract import Trace
from models.interventions import CellAblation, Interventions
from models.ladder.recurrent import CELLS, Layer, Recurrent, RecurrentConfig

CLOSE = {"rtol": 0, "atol": 1e-6}
ORACLES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@pytest.fixture(params=ORACLES)
def pair(request: pytest.FixtureRequest) -> tuple[Layer, nn.RNNBase]:
    """A layer of ours and torch's module with the same weights."""
    torch.manual_seed(4)
    theirs = ORACLES[request.param](6, 10, batch_first=True)
    ours = Layer(request.param, inputs=6, hidden=10)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    with torch.no_grad():
        for weight, name in zip(ours.parameters(), names, strict=True):
            weight.copy_(getattr(theirs, name))
    return ours.eval(), theirs.eval()


@torch.no_grad()
def test_both_paths_equal_torch(pair: tuple[Layer, nn.RNNBase]) -> None:
    ours, theirs = pair
    x, state = torch.randn(3, 8, 6), torch.randn(3, ours.cell.states, 10)
    before = tuple(part[None].contiguous() for part in state.unbind(1))
    expected, after = theirs(x, before if ours.kind == "lstm" else before[0])
    after = torch.stack([part[0] for part in (after if ours.kind == "lstm" else (after,))], 1)
    outputs, last = ours(x, state)
    torch.testing.assert_close(outputs, expected, **CLOSE)
    torch.testing.assert_close(last, after, **CLOSE)
    states, _ = ours.step_by_step(x, state)
    torch.testing.assert_close(states[:, :, 0], expected, **CLOSE)
    torch.testing.assert_close(states[:, -1], after, **CLOSE)


GATES = {"rnn": set(), "gru": {"reset", "update"}, "lstm": {"input", "forget", "output"}}


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_trace_records_every_gate_and_changes_nothing(
    cell: str, request: pytest.FixtureRequest
) -> None:
    model: Recurrent = request.getfixturevalue(f"tiny_{cell}")
    ids, trace = torch.tensor([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]]), Trace()
    torch.testing.assert_close(model(ids, trace=trace), model(ids), rtol=0, atol=1e-5)
    assert len(trace.gates) == len(trace.states) == model.config.layers
    assert {s.shape for s in trace.states} == {(2, 5, CELLS[cell].states, model.config.hidden)}
    for layer in trace.gates:
        assert set(layer) == GATES[cell]
        for gate in layer.values():
            assert gate.shape == (2, 5, model.config.hidden)
            assert ((gate > 0) & (gate < 1)).all()


@torch.no_grad()
def test_an_lstm_s_memory_is_what_its_gates_let_through() -> None:
    """One unit by hand: the forget gate shut and the input gate open replace the memory."""
    layer = Layer("lstm", inputs=1, hidden=1)
    for weight in layer.parameters():
        weight.zero_()
    layer.input_bias.copy_(torch.tensor([50.0, -50.0, 1.0, 50.0]))  # input, forget, new, output
    state, gates = layer.step_by_step(torch.zeros(1, 1, 1), torch.full((1, 2, 1), 9.0))
    assert state.flatten().tolist() == pytest.approx(
        [torch.tanh(torch.tanh(torch.tensor(1.0))).item(), torch.tanh(torch.tensor(1.0)).item()]
    )
    assert [round(float(gates[name])) for name in ("input", "forget", "output")] == [1, 0, 1]


STEPS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


@pytest.mark.parametrize("kind", CELLS)
@torch.no_grad()
def test_a_held_cell_is_what_torch_computes_when_it_is_overwritten_at_every_step(kind: str) -> None:
    torch.manual_seed(6)
    ours, theirs = Layer(kind, inputs=3, hidden=5), STEPS[kind](3, 5)
    for weight, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        other.copy_(weight)
    x, value = torch.randn(1, 6, 3), 0.4
    before = torch.zeros(1, ours.cell.states, 5)
    states, _ = ours.step_by_step(x, before, [CellAblation(row=0, layer=0, cell=2, value=value)])
    h, c = torch.zeros(1, 5), torch.zeros(1, 5)
    for position in range(6):
        if kind == "lstm":
            h, c = theirs(x[:, position], (h, c))
            opened = h[0, 2] / torch.tanh(c[0, 2])
            c[0, 2], h[0, 2] = value, opened * math.tanh(value)
        else:
            h = theirs(x[:, position], h)
            h[0, 2] = value
        torch.testing.assert_close(states[:, position, 0], h, rtol=0, atol=1e-5)
        assert float(states[0, position, -1, 2]) == pytest.approx(value)


@pytest.mark.parametrize("kind", CELLS)
@torch.no_grad()
def test_a_held_cell_changes_its_own_row_also_behind_a_cache(
    kind: str, request: pytest.FixtureRequest
) -> None:
    model: Recurrent = request.getfixturevalue(f"tiny_{kind}")
    ids = torch.tensor([[3, 1, 4, 1, 5], [3, 1, 4, 1, 5]])
    held = Interventions(cells=(CellAblation(row=1, layer=1, cell=3, value=2.0),))
    at_once = model(ids, trace=Trace(held))
    torch.testing.assert_close(at_once[0], model(ids)[0], rtol=0, atol=1e-5)
    assert not torch.allclose(at_once[1], at_once[0], atol=1e-3)
    cache = model.new_cache(rows=2)
    pieces = [model(piece, cache, Trace(held)) for piece in ids.split([2, 3], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), at_once, rtol=0, atol=1e-5)


def test_recurrence_starts_orthogonal_and_memory_open() -> None:
    layer = Layer("lstm", inputs=5, hidden=16)
    for block in layer.state_weight.chunk(4):
        torch.testing.assert_close(block @ block.T, torch.eye(16), rtol=0, atol=1e-5)
    assert layer.input_bias.tolist() == [0.0] * 16 + [1.0] * 16 + [0.0] * 32


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="cell 'tree' is none of rnn, gru, lstm"):
        RecurrentConfig("tree", 5, 4, 4, 1)
