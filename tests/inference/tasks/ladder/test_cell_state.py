"""A cell's values, what follows it, and what the text costs without it, all computed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference import wire
from inference.errors import EmptyText, OrreryError, OutOfRange, TooLong
from inference.service import Service
from inference.tasks.ladder.cell_state import CHARACTERS, WRITTEN, CellState, CellStates
from inference.tasks.ladder.probe import PROBE
from models.contract import Trace
from models.ladder.recurrent import Recurrent
from models.loading import load
from models.text.properties import PROPERTIES
from models.text.tokenizer import Tokenizer

TEXT = 'The goat said "no" to him. '
KINDS = ("rnn", "gru", "lstm")


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def asked(service: Service, *args: Any, **named: Any) -> CellStates:
    *_, last = service.run(CellState(*args, **named))
    assert isinstance(last, CellStates)
    return last


def slow_states(model: Recurrent, ids: list[int]) -> np.ndarray:
    """(characters, cells): what the cells hold, read one character at a time."""
    cache, found = model.new_cache(1), []
    for one in ids:
        with torch.inference_mode():
            model(torch.tensor([[one]]), cache)
        found.append(cache.state[0, :, -1].flatten().numpy().copy())
    return np.array(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_cell_that_follows_best_is_the_one_of_a_slow_search(
    service: Service, tiny_ladder: Path, kind: str
) -> None:
    model, tokenizer = (
        load(tiny_ladder / "ladder" / kind),
        Tokenizer.load(tiny_ladder / "ladder" / kind),
    )
    assert isinstance(model, Recurrent)
    probe = slow_states(model, tokenizer.encode(PROBE))
    here = slow_states(model, tokenizer.encode(TEXT))
    found = asked(service, TEXT, kind, "spaces").sweep
    for one in found.followers:
        series = PROPERTIES[one.follows](tuple(PROBE))
        r = np.array([np.corrcoef(column, series)[0, 1] for column in probe.T])
        assert abs(one.on_probe) == pytest.approx(np.abs(r).max(), abs=1e-4)
        assert r[one.cell] == pytest.approx(one.on_probe, abs=1e-4)
        series = PROPERTIES[one.follows](tuple(TEXT))
        if series.std():
            expected = np.corrcoef(here[:, one.cell], series)[0, 1]
            assert one.here == pytest.approx(expected, abs=1e-4)
        else:
            assert np.isnan(one.here)
    by_name = {one.follows: one.cell for one in found.followers}
    assert found.cell == by_name["spaces"]
    np.testing.assert_allclose(next(iter(found.inside.values())), here[:, found.cell], atol=1e-5)
    mean = asked(service, TEXT, kind, cell=3, held="mean").sweep
    assert (mean.cell, mean.value) == (2, pytest.approx(probe[:, 2].mean(), abs=1e-5))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_text_costs_without_a_cell_is_a_pass_with_that_cell_overwritten(
    service: Service, tiny_ladder: Path, kind: str
) -> None:
    model = load(tiny_ladder / "ladder" / kind)
    assert isinstance(model, Recurrent)
    found = asked(service, TEXT, kind, cell=15)
    ids, cache, logits = found.tokens.ids, model.new_cache(1), []
    layer, cell = divmod(14, found.sweep.width)
    for one in ids:  # overwrites the state between two steps, from the layer's own output on
        with torch.inference_mode():
            trace = Trace()
            x, states = model.embedding(torch.tensor([[one]])), []
            for i, part in enumerate(model.layers):
                carried, gates = part.step_by_step(x, cache.state[:, i])
                state = carried[:, -1].clone()
                if i == layer:
                    state[0, -1, cell] = 0.0
                    state[0, 0, cell] = 0.0  # of an LSTM the output too: its gate times tanh of 0
                states.append(state)
                x = model.norms[i](state[:, None, 0])
                trace.gates.append(gates)
            cache.advance(torch.stack(states, 1), 1)
            logits.append(model.output(x)[0, 0].double())
    rows = torch.stack(logits).log_softmax(-1)
    expected = -rows[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0] / np.log(2)
    np.testing.assert_allclose(found.sweep.bits_without, expected, atol=1e-4)
    np.testing.assert_allclose(found.sweep.following_without, rows[-1].exp(), atol=1e-5)
    with torch.inference_mode():
        plain = model(torch.tensor([ids]))[0].double().log_softmax(-1)
    expected = -plain[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0] / np.log(2)
    np.testing.assert_allclose(found.sweep.bits, expected, atol=1e-4)
    np.testing.assert_allclose(found.sweep.following, plain[-1].exp(), atol=1e-5)


def test_r25_both_lanes_roll_the_same_dice(service: Service) -> None:
    found = asked(service, TEXT, "lstm", seed=3)
    one, other = found.written.lanes
    assert all(len(lane.steps) <= WRITTEN for lane in (one, other))
    shared = [(a.dice, b.dice) for a, b in zip(one.steps, other.steps, strict=False)]
    assert shared and all(a == b for a, b in shared)
    assert one.steps[0].probability == pytest.approx(
        found.sweep.following[one.steps[0].token], abs=1e-5
    )


def test_the_answer_travels_as_bytes(service: Service) -> None:
    found = asked(service, TEXT, "gru")
    again = wire.loads(wire.dumps(found), wire.known())
    assert again.sweep.followers[0].cell == found.sweep.followers[0].cell
    np.testing.assert_array_equal(
        again.sweep.inside["reset gate"], found.sweep.inside["reset gate"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{EMOJI COMPONENT RED HAIR} goat",
        "a\r\nb",
        "a\0b",
        "\ud800ab",
    ],
)
def test_any_text_of_two_characters_has_states(service: Service, text: str) -> None:
    found = asked(service, text, "lstm")
    assert len(next(iter(found.sweep.inside.values()))) == len(found.tokens.ids)
    assert "unknown" in found.tokens.note or "U+FFFD" in found.tokens.note


@pytest.mark.parametrize(
    ("args", "error", "sentence"),
    [
        (("", "lstm"), EmptyText, "text is empty"),
        (("a", "lstm"), OrreryError, "One character says nothing"),
        (("a" * (CHARACTERS + 1), "lstm"), TooLong, "up to 240 characters; yours has 241"),
        (("a" * 300_000, "lstm"), TooLong, "characters"),
        ((TEXT, "gpt"), OrreryError, "gpt cannot keep a state. Choose one of rnn, gru, lstm"),
        ((TEXT, "lstm", "weather"), OrreryError, "follows one of quotes, line ends"),
        ((TEXT, "lstm", "quotes", 25), OutOfRange, "from 0 to 24, not 25"),
        ((TEXT, "lstm", "quotes", -1), OutOfRange, "from 0 to"),
        ((TEXT, "lstm", "quotes", float("nan")), OutOfRange, "from 0 to"),
        ((TEXT, "lstm", "quotes", 0, "one"), OrreryError, "held at one of zero, mean"),
        ((TEXT, "lstm", "quotes", 0, "zero", -1), OutOfRange, "The seed"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    service: Service, args: tuple[Any, ...], error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        asked(service, *args)
