"""Attention over a text: every transformer of the collection against plain `transformers`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.catalog import Catalog
from inference.errors import BadTrajectory, TooLong
from inference.service import Service
from inference.tasks.attention.maps import LONGEST, Attention, AttentionMaps
from inference.wire import dumps, known, loads

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
CAUSAL = [
    one.name
    for one in Catalog(CHECKPOINTS).entries("attend", "write", listed=False)
    if one.kind != "elsewhere"
]
TEXT = "Once upon a time there was a little girl who lived in a little"
LONG = f"{TEXT} house. " * 15


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def asked(model: str, text: str = TEXT) -> AttentionMaps:
    return service().answer(Attention(text, model))


def theirs(folder: Path, ids: tuple[int, ...], masked: bool = False) -> np.ndarray:
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

    kind: Any = AutoModelForMaskedLM if masked else AutoModelForCausalLM
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.inference_mode():
        layers = model(torch.tensor([ids]), output_attentions=True).attentions
    return torch.stack([layer[0] for layer in layers]).numpy()


@pytest.mark.parametrize("name", CAUSAL)
def test_r14_every_storyteller_and_every_age_looks_where_plain_transformers_says(name: str) -> None:
    found = asked(name)
    folder = service().catalog.folder(service().catalog.entry(name))
    expected = theirs(folder, found.tokens.ids)
    assert found.weights.shape == expected.shape
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-5)
    assert not np.triu(found.weights, 1).any()


def test_all_ages_and_both_storytellers_were_among_them() -> None:
    assert {"storyteller", "storyteller-books", "gpt"} < set(CAUSAL)
    assert sum(name.startswith("storyteller-growing/") for name in CAUSAL) == 12


def test_r14_the_masked_model_looks_both_ways_as_plain_transformers_says() -> None:
    found = asked("fill-in")
    expected = theirs(CHECKPOINTS / "fill-in", found.tokens.ids, masked=True)
    assert found.weights.shape == expected.shape
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-5)
    assert (np.triu(found.weights, 1) > 0).any()


def test_a_long_text_looks_where_plain_transformers_says() -> None:
    found = asked("storyteller", LONG)
    assert 200 < len(found.tokens.ids) <= LONGEST
    expected = theirs(CHECKPOINTS / "storyteller", found.tokens.ids)
    np.testing.assert_allclose(found.weights, expected, atol=1e-4)


def test_tokens_written_after_a_text_are_read_as_ids() -> None:
    alone = asked("storyteller")
    together = service().answer(Attention(TEXT, written=(5, 6)))
    assert together.tokens.ids == (*alone.tokens.ids, 5, 6)
    assert len(together.tokens.pieces) == len(together.tokens.details) == len(alone.tokens.ids) + 2
    count = len(alone.tokens.ids)
    np.testing.assert_allclose(together.weights[:, :, :count, :count], alone.weights, atol=1e-5)


def test_what_is_no_token_and_what_does_not_fit_is_refused() -> None:
    for written in ((-1,), (10**6,), ("5",)):
        with pytest.raises(BadTrajectory, match="knows only"):
            service().answer(Attention(TEXT, written=written))
    with pytest.raises(TooLong, match=f"up to {LONGEST} tokens"):
        service().answer(Attention(LONG, written=(5,) * 60))
    with pytest.raises(TooLong, match=f"up to {LONGEST} tokens"):
        service().answer(Attention("z " * 900))


def test_the_question_is_sent_as_bytes() -> None:
    sent = loads(dumps(Attention(TEXT, written=(5, 6))), known())
    assert sent == Attention(TEXT, written=(5, 6))
