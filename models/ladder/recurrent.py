"""Recurrent networks over tokens: Elman's, the GRU and the LSTM.

Each reads a text one token at a time and keeps a state of fixed size. Their equations are written
out below, as `torch.nn` has them and in its order of gates; a text is read by torch's fused
kernels, which compute the same, and step by step where a trace asks for the gates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from models.contract import Trace
from models.interventions import CellAblation
from models.ladder.state_cache import StateCache, check_room

Gates = dict[str, torch.Tensor]
"""The value of every gate by its name: (rows, hidden) each."""
Step = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, Gates]]


@dataclass(frozen=True)
class RecurrentConfig:
    """The shape of a recurrent network."""

    cell: str
    """rnn, gru or lstm."""
    vocabulary: int
    embedding: int
    hidden: int
    layers: int
    context: int = 1_000_000
    """The longest text that is accepted; the state has the same size after any text."""

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise ValueError(f"cell {self.cell!r} is none of {', '.join(CELLS)}.")


def elman(
    from_input: torch.Tensor, from_state: torch.Tensor, state: torch.Tensor
) -> tuple[torch.Tensor, Gates]:
    """h' = tanh(W x + b + U h + c); Elman 1990, Cognitive Science 14."""
    hidden = torch.tanh(from_input + from_state)
    return hidden[:, None], {}


def gru(
    from_input: torch.Tensor, from_state: torch.Tensor, state: torch.Tensor
) -> tuple[torch.Tensor, Gates]:
    """r, z = sigmoid(...); n = tanh(W x + r * (U h)); h' = (1 - z) n + z h.

    Cho et al. 2014, arXiv 1406.1078, with the reset gate after the product, as in cuDNN.
    """
    reset_x, update_x, new_x = from_input.chunk(3, dim=-1)
    reset_h, update_h, new_h = from_state.chunk(3, dim=-1)
    reset = torch.sigmoid(reset_x + reset_h)
    update = torch.sigmoid(update_x + update_h)
    new = torch.tanh(new_x + reset * new_h)
    hidden = (1 - update) * new + update * state[:, 0]
    return hidden[:, None], {"reset": reset, "update": update}


def lstm(
    from_input: torch.Tensor, from_state: torch.Tensor, state: torch.Tensor
) -> tuple[torch.Tensor, Gates]:
    """i, f, o = sigmoid(...); g = tanh(...); c' = f c + i g; h' = o tanh(c').

    Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000.
    """
    i, f, g, o = (from_input + from_state).chunk(4, dim=-1)
    write, forget, read = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
    cell = forget * state[:, 1] + write * torch.tanh(g)
    hidden = read * torch.tanh(cell)
    return torch.stack([hidden, cell], 1), {"input": write, "forget": forget, "output": read}


@dataclass(frozen=True)
class Cell:
    """One kind of recurrent network: how it steps, and what its step needs."""

    step: Step
    """(rows, gates * hidden) from the input and from the state, (rows, states, hidden) before."""
    gates: int
    """Blocks of rows in its weight matrices."""
    states: int
    """Vectors that it carries on: the output, and for the LSTM the memory cell."""
    remember: int | None = None
    """The gate that keeps the old state when it is open; it starts out open."""


CELLS = {
    "rnn": Cell(elman, gates=1, states=1),
    "gru": Cell(gru, gates=3, states=1, remember=1),
    "lstm": Cell(lstm, gates=4, states=2, remember=1),
}


class Layer(nn.Module):
    """One recurrent layer, its weights laid out and named for what they multiply."""

    def __init__(self, kind: str, inputs: int, hidden: int) -> None:
        super().__init__()
        self.kind, self.cell, self.hidden = kind, CELLS[kind], hidden
        rows = self.cell.gates * hidden
        self.input_weight = nn.Parameter(torch.empty(rows, inputs))
        self.state_weight = nn.Parameter(torch.empty(rows, hidden))
        self.input_bias = nn.Parameter(torch.zeros(rows))
        self.state_bias = nn.Parameter(torch.zeros(rows))
        self._initialise()

    def _initialise(self) -> None:
        """Orthogonal recurrence, so that a state neither dies out nor explodes; open memory."""
        for block in self.input_weight.data.chunk(self.cell.gates):
            nn.init.xavier_uniform_(block)
        for block in self.state_weight.data.chunk(self.cell.gates):
            nn.init.orthogonal_(block)
        if self.cell.remember is not None:
            self.input_bias.data.chunk(self.cell.gates)[self.cell.remember].fill_(1.0)

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Read on in one fused call.

        x: (rows, positions, inputs); state: (rows, states, hidden). Returns the outputs,
        (rows, positions, hidden), and the state after the last of them.
        """
        weights = [self.input_weight, self.state_weight, self.input_bias, self.state_bias]
        before = [part[None].contiguous() for part in state.unbind(1)]  # (1, rows, hidden) each
        kernels: dict[str, Any] = {"rnn": torch.rnn_tanh, "gru": torch.gru, "lstm": torch.lstm}
        carried: Any = before if self.kind == "lstm" else before[0]
        # with biases, 1 layer, no dropout, in one direction, rows first
        outputs, *after = kernels[self.kind](
            x, carried, weights, True, 1, 0.0, self.training, False, True
        )
        return outputs, torch.stack([part[0] for part in after], 1)

    def step_by_step(
        self, x: torch.Tensor, state: torch.Tensor, held: Sequence[CellAblation] = ()
    ) -> tuple[torch.Tensor, Gates]:
        """`forward` by the equations of the cell: the state after every position, (rows, positions,
        states, hidden), whose first is the output, and all gates, (rows, positions, hidden)."""
        from_input = x @ self.input_weight.T + self.input_bias  # (rows, positions, gates * hidden)
        states, gates = [], []
        for position in range(x.shape[1]):
            from_state = state[:, 0] @ self.state_weight.T + self.state_bias
            state, open_ = self.cell.step(from_input[:, position], from_state, state)
            hold(state, open_, held)
            states.append(state)
            gates.append(open_)
        recorded = {name: torch.stack([g[name] for g in gates], 1) for name in gates[0]}
        return torch.stack(states, 1), recorded


def hold(state: torch.Tensor, gates: Gates, held: Sequence[CellAblation]) -> None:
    """Overwrite cells of a state that was just computed, (rows, states, hidden)."""
    for one in held:
        state[one.row, -1, one.cell] = one.value
        if "output" in gates:  # an LSTM's: what is read of the memory follows it
            read = gates["output"][one.row, one.cell]
            state[one.row, 0, one.cell] = read * math.tanh(one.value)


class Recurrent(nn.Module):
    """A recurrent language model; fulfils `LanguageModel`. Its cache is its state."""

    def __init__(self, config: RecurrentConfig, dropout: float = 0.0) -> None:
        """dropout: in training, of what every layer hands on."""
        super().__init__()
        self.config = config
        self.vocabulary = config.vocabulary
        self.context = config.context
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        sizes = [config.embedding, *[config.hidden] * config.layers]
        self.layers: Sequence[Layer] = nn.ModuleList(  # type: ignore[assignment]
            Layer(config.cell, inputs, config.hidden) for inputs in sizes[:-1]
        )
        self.norms = nn.ModuleList(nn.LayerNorm(config.hidden) for _ in range(config.layers))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(config.hidden, config.vocabulary)
        nn.init.normal_(self.output.weight, std=0.02)
        nn.init.zeros_(self.output.bias)

    def new_cache(self, rows: int) -> StateCache:
        config, weight = self.config, self.embedding.weight
        shape = (rows, config.layers, CELLS[config.cell].states, config.hidden)
        return StateCache(weight.new_zeros(shape))

    def forward(
        self, ids: torch.Tensor, cache: StateCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache = self.new_cache(len(ids)) if cache is None else cache
        check_room(cache, self.context, ids.shape[1])
        if trace is not None:
            trace.interventions.check(len(ids), len(self.layers), cells=self.config.hidden)
        x, states = self.embedding(ids), []  # (rows, positions, embedding)
        if trace is not None:
            trace.hidden.append(x)
        for i, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            if trace is None or not (trace.inside or trace.interventions):
                x, state = layer(x, cache.state[:, i])
            else:
                held = [one for one in trace.interventions.cells if one.layer == i]
                carried, gates = layer.step_by_step(x, cache.state[:, i], held)
                trace.states.append(carried)
                trace.gates.append(gates)
                x, state = carried[:, :, 0], carried[:, -1]
            x = self.dropout(norm(x))
            states.append(state)
        cache.advance(torch.stack(states, 1), ids.shape[1])
        logits: torch.Tensor = self.output(x)  # (rows, positions, vocabulary)
        return logits
