"""The logit lens, against `transformers`, its last norm and its head, by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference.service import Service
from inference.tasks.attention.lens import Lens, LensOverText, LensReading
from inference.wire import dumps, known, loads

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
TEXT = "Once upon a time there was a little girl who lived in a little"
FOLDERS = {
    "storyteller": "storyteller",
    "storyteller-books": "storyteller-books",
    "gpt": "ladder/gpt",
    "storyteller-growing/step-02048": "storyteller-growing/step-02048",
}


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


def by_hand(folder: Path, ids: tuple[int, ...]) -> NDArray[np.float64]:
    """(states, positions, vocabulary) probabilities; the last state comes with its norm."""
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        result = model(torch.tensor([ids]), output_hidden_states=True)
        *states, last = (state[0] for state in result.hidden_states)
        logits = [model.lm_head(model.model.norm(state)) for state in states]
        logits.append(model.lm_head(last))
        found: NDArray[np.float64] = torch.stack(logits).double().softmax(-1).numpy()
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_r17_every_state_is_normed_once_and_read_by_the_head(name: str) -> None:
    found = service().answer(Lens(TEXT, name))
    expected = by_hand(CHECKPOINTS / FOLDERS[name], found.tokens.ids)
    reading = found.reading
    states, positions, shown = reading.top.shape
    assert (states, positions) == expected.shape[:2]
    at = np.take_along_axis(expected, reading.top, axis=2)
    np.testing.assert_allclose(reading.chances, at, atol=1e-4)
    np.testing.assert_allclose(at, -np.sort(-expected, axis=2)[:, :, :shown], atol=1e-4)
    logs = np.log2(np.maximum(expected, 1e-300))
    np.testing.assert_allclose(reading.entropy, -(expected * logs).sum(axis=2), atol=1e-3)
    choice = expected[-1].argmax(axis=1)
    own = expected[:, np.arange(positions), choice]
    np.testing.assert_allclose(reading.final, own, atol=1e-4)
    least, most = (
        1 + (expected > own[..., None] * rounded).sum(axis=2) for rounded in (1.001, 0.999)
    )
    assert (least <= reading.ranks).all()
    assert (reading.ranks <= most).all()
    assert (most - least).max() < 60  # of 4,096: far down the list many are nearly equal


def test_where_the_answer_first_leads_and_from_where_on() -> None:
    top = np.array([[1, 7, 5], [9, 7, 5], [1, 8, 5], [1, 7, 4]])[..., None]
    rest = np.zeros((4, 3))
    reading = LensReading(top, top / 10, rest, top[..., 0], rest)
    assert reading.leads.tolist() == [0, 0, 3]
    assert reading.settled.tolist() == [2, 3, 3]


def test_a_reading_is_sent_as_bytes() -> None:
    found = service().answer(Lens("Once upon a"))
    again = loads(dumps(found), known())
    assert isinstance(again, LensOverText)
    np.testing.assert_array_equal(again.reading.top, found.reading.top)


def test_a_masked_model_has_no_next_token_to_read() -> None:
    with pytest.raises(ValueError, match="cannot write"):
        service().answer(Lens(TEXT, "fill-in"))
