"""The recurrent translators, against the equations of the paper written out slowly."""

from __future__ import annotations

import math

import pytest
import torch

from models.contract import Trace
from models.ladder import checkpoint
from models.translators.recurrent import (
    RecurrentTranslator,
    RecurrentTranslatorConfig,
    reversed_rows,
)

BOTH = pytest.mark.parametrize("attends", [True, False], ids=["attention", "one-vector"])


def random_model(attends: bool) -> RecurrentTranslator:
    torch.manual_seed(4)
    sizes = {"vocabulary": 40, "embedding": 6, "encoder": 5, "decoder": 7, "attention": 4}
    model = RecurrentTranslator(RecurrentTranslatorConfig(attends, context=20, **sizes))
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return model.eval()


def ids(rows: int, count: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(40, (rows, count), generator=torch.Generator().manual_seed(seed))


def gru(layer: torch.nn.Module, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """One step for one row, gate by gate."""
    w, u, b, c = layer.input_weight, layer.state_weight, layer.input_bias, layer.state_bias
    n = len(h)
    r = torch.sigmoid(w[:n] @ x + b[:n] + u[:n] @ h + c[:n])
    z = torch.sigmoid(w[n : 2 * n] @ x + b[n : 2 * n] + u[n : 2 * n] @ h + c[n : 2 * n])
    new = torch.tanh(w[2 * n :] @ x + b[2 * n :] + r * (u[2 * n :] @ h + c[2 * n :]))
    return (1 - z) * new + z * h


def slowly(model: RecurrentTranslator, source: list[int], target: list[int]) -> torch.Tensor:
    """Logits of one target, a token, a position and a score at a time: (positions, vocabulary)."""
    table = model.embedding.weight
    onward, backward = [torch.zeros(5)], [torch.zeros(5)]
    for token in source:
        onward.append(gru(model.onward, table[token], onward[-1]))
    for token in reversed(source):
        backward.append(gru(model.backward_, table[token], backward[-1]))
    summary = torch.cat([onward[-1], backward[-1]])
    notes = [torch.cat(pair) for pair in zip(onward[1:], reversed(backward[1:]), strict=True)]
    state, found = torch.tanh(model.first_state(summary)), []
    for token in target:
        context = summary
        if model.attention is not None:
            look = model.attention
            scores = [
                float(look.score(torch.tanh(look.of_state(state) + look.of_annotation(note))))
                for note in notes
            ]
            total = sum(math.exp(score) for score in scores)
            weights = [math.exp(score) / total for score in scores]
            context = sum(
                (w * note for w, note in zip(weights, notes, strict=True)), torch.zeros(10)
            )
        state = gru(model.decoder, torch.cat([table[token], context]), state)
        read = torch.tanh(model.readout(torch.cat([state, table[token], context])))
        found.append(table @ read + model.bias)
    return torch.stack(found)


@BOTH
@torch.inference_mode()
def test_logits_equal_the_equations_written_out(attends: bool) -> None:
    model, source, target = random_model(attends), ids(1, 7), ids(1, 5, seed=1)
    expected = slowly(model, source[0].tolist(), target[0].tolist())
    found = model.forward(target, model.new_cache(1, source))[0]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@BOTH
@torch.inference_mode()
def test_teaching_equals_decoding_whatever_stands_in_the_padding(attends: bool) -> None:
    model, source, target = random_model(attends), ids(3, 9), ids(3, 6, seed=1)
    lengths = torch.tensor([4, 9, 6])
    taught = model.teach(source, torch.arange(9) < lengths[:, None], target)
    for row, length in enumerate(lengths.tolist()):
        cache = model.new_cache(1, source[row : row + 1, :length])
        alone = model.forward(target[row : row + 1], cache)
        torch.testing.assert_close(taught[row : row + 1], alone, rtol=0, atol=1e-5)


@BOTH
@torch.inference_mode()
def test_a_trace_changes_nothing_and_sees_gates_and_looks(attends: bool) -> None:
    model, source, target = random_model(attends), ids(2, 8), ids(2, 5, seed=1)
    trace = Trace()
    plain = model.forward(target, model.new_cache(2, source))
    traced = model.forward(target, model.new_cache(2, source), trace)
    torch.testing.assert_close(traced, plain, rtol=0, atol=1e-5)
    (gates,) = trace.gates
    assert {name: gate.shape for name, gate in gates.items()} == {
        "reset": (2, 5, 7),
        "update": (2, 5, 7),
    }
    assert [look.shape for look in trace.cross_attention] == ([(2, 1, 5, 8)] if attends else [])
    for look in trace.cross_attention:
        torch.testing.assert_close(look.sum(-1), torch.ones(2, 1, 5))


@torch.inference_mode()
def test_without_attention_a_source_of_any_length_is_as_many_numbers() -> None:
    model = random_model(attends=False)
    short, long = (model.new_cache(1, ids(1, count)).source.memory for count in (2, 19))
    assert short.shape == long.shape == (1, 1, 10)


def test_rows_are_turned_round_within_their_lengths() -> None:
    x = torch.arange(8).reshape(2, 4, 1)
    turned = reversed_rows(x, torch.tensor([3, 4]))
    assert turned[..., 0].tolist() == [[2, 1, 0, 3], [7, 6, 5, 4]]


@BOTH
def test_it_reads_back_what_it_saved(
    attends: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, model = tmp_path_factory.mktemp("saved"), random_model(attends).half().float()
    checkpoint.save(model, folder)
    read = checkpoint.load(folder)
    assert read.config == model.config
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(read.state_dict()[name], weight, rtol=0, atol=0)
