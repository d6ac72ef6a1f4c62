"""Every answer of the view of a hidden word, measured on its own examples; and its edges."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM, BertForMaskedLM

from components.attention import masked
from components.attention.masked import Hidden
from inference.errors import OrreryError
from inference.service import Service

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def hidden(text: str, place: str) -> Hidden:
    *_, found = masked.ask(service(), None, text, place)
    assert isinstance(found, Hidden)
    return found


@cache
def told(example: str) -> dict[str, Any]:
    return masked.data(hidden(*masked.EXAMPLES[example]))


def test_r27_the_key_tells_what_is_hidden() -> None:
    found = told("The key tells")
    assert found["hidden"]["text"] == found["filled"][0]["text"] == "opened"
    assert round(100 * found["hidden"]["probability"], 1) == 50.2
    left = found["left"]
    assert (left["expected"][0]["text"], left["rank"]) == (" was", 25)
    assert round(100 * left["probability"], 1) == 0.2
    assert left["hidden_is_one_token"]


def test_where_the_left_tells_the_storyteller_is_surer() -> None:
    found = told("The left tells")
    assert round(100 * found["left"]["probability"], 1) == 81.4
    assert [round(100 * one["probability"], 1) for one in found["filled"][:2]] == [40.3, 32.1]
    assert [one["text"] for one in found["filled"][:2]] == ["were", "are"]


def test_layer_1_looks_by_place_and_layer_4_head_3_at_the_key() -> None:
    found = told("The key tells")
    weights, at = np.array(found["attention"]), found["at"]
    for head, away in enumerate((-1, 1, -2, 2)):
        assert weights[0, head, at + away] > 0.98
    key = [one["text"] for one in found["tokens"]].index("key")
    assert np.unravel_index(weights[:, :, key].argmax(), weights.shape[:2]) == (3, 2)
    assert weights[3, 2].argmax() == key and round(100 * weights[3, 2, key]) == 17


def test_a_gap_has_many_fillings() -> None:
    found = told("Neither tells")
    assert (found["hidden"]["text"], found["hidden"]["rank"]) == ("cold", 32)
    assert round(100 * found["hidden"]["probability"], 1) == 0.7
    assert [one["text"] for one in found["filled"][:3]] == ["happy", "sad", "hungry"]


@pytest.mark.parametrize("example", masked.EXAMPLES)
def test_every_number_is_that_of_plain_transformers(example: str) -> None:
    transformers.logging.disable_progress_bar()
    theirs = BertForMaskedLM.from_pretrained(
        CHECKPOINTS / "fill-in", dtype=torch.float32, attn_implementation="eager"
    ).eval()
    found = told(example)
    ids = [one["id"] for one in found["tokens"]]
    mask = service().preprocessor("fill-in", "fill in").tokenizer.mask
    assert mask is not None
    ids[found["at"]] = mask
    with torch.inference_mode():
        said = theirs(torch.tensor([ids]), output_attentions=True)
    chances = said.logits[0, found["at"]].double().softmax(-1)
    for one in [*found["filled"], found["hidden"]]:
        assert one["probability"] == pytest.approx(float(chances[one["id"]]), abs=1e-5)
    ranked = 1 + int((chances > chances[found["hidden"]["id"]]).sum())
    assert found["hidden"]["rank"] == ranked
    weights = torch.stack([layer[0, :, found["at"]] for layer in said.attentions])
    ours = np.array(found["attention"])
    assert ours == pytest.approx(weights.numpy(), abs=1e-4)
    assert ours.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_the_storyteller_reads_nothing_after_the_gap() -> None:
    one = masked.data(hidden("She opened the door with a small key.", "2"))["left"]
    other = masked.data(hidden("She opened no letter.", "2"))["left"]
    assert one == other
    she, opened = (
        service().preprocessor("storyteller", "attend").tokenizer.encode(text)
        for text in ("She", " opened")
    )
    assert one["probability"] == pytest.approx(by_transformers([0, *she], opened[0]), rel=1e-3)


def first_id() -> int:
    return int(service().preprocessor("storyteller", "attend").tokenizer.encode("The")[0])


def by_transformers(ids: list[int], token: int) -> float:
    """Of a token after others, which begin with an end-of-text."""
    model = AutoModelForCausalLM.from_pretrained(CHECKPOINTS / "storyteller", dtype=torch.float32)
    with torch.inference_mode():
        return float(model(torch.tensor([ids])).logits[0, -1].softmax(-1)[token])


def test_a_first_token_and_one_that_the_storyteller_cuts_otherwise() -> None:
    first = masked.data(hidden("The key is small.", "1"))["left"]
    assert first["probability"] == pytest.approx(by_transformers([0], first_id()), rel=1e-3)
    broken = hidden("The dog barked at the cat.", "4")  # "ed", inside a word
    assert masked.data(broken)["hidden"]["text"] == "ed"
    masked.draw(broken)


def test_a_gap_that_is_typed_hides_nothing() -> None:
    found = masked.data(hidden("The [MASK] sang in the tree.", ""))
    assert (found["hidden"], found["left"]) == (None, None)
    masked.draw(hidden("The [MASK] sang in the tree.", ""))
    both = masked.data(hidden("The [MASK] sang in the tree.", "6"))
    assert both["hidden"]["text"] == "tree" and both["left"] is None


def test_without_a_number_the_middle_is_hidden() -> None:
    assert masked.data(hidden("It was dark", " "))["hidden"]["text"] == "was"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "2", "empty"),
        ("It was dark", "4", "has 3 tokens"),
        ("It was dark", "0", "has 3 tokens"),
        ("It was dark", "two", "has 3 tokens"),
        ("so " * 400, "1", "up to 126 tokens"),
    ],
)
def test_what_cannot_be_hidden_is_said(text: str, place: str, said: str) -> None:
    with pytest.raises(OrreryError, match=said):
        list(masked.ask(service(), None, text, place))
