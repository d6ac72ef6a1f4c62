"""How far back models look, against passes one by one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from analysis.reach import means
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.distance import FARTHEST, Changed, Distance, Distances, chosen
from inference.tasks.attention.passages import PASSAGES
from inference.wire import dumps, known, loads

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def distances(model: str, changed: Changed = "removed") -> Distances:
    return service().answer(Distance(model=model, changed=changed))


def test_places_are_spread_over_the_text_and_spare_its_beginning() -> None:
    assert chosen(10, 0) == list(range(1, 10))
    found = chosen(200, 1)
    assert (found[0], found[-1], len(found)) == (1, 199, 32)


def test_another_change_is_refused() -> None:
    wrong: Any = "burned"
    with pytest.raises(OrreryError, match="removed, replaced"):
        Distance(changed=wrong)


@pytest.mark.weights
def test_a_removed_token_moves_what_two_passes_of_transformers_say() -> None:
    from transformers import AutoModelForCausalLM

    ids = (0, *service().preprocessor("storyteller").tokenizer.encode(PASSAGES[0]))
    inner: Any = AutoModelForCausalLM.from_pretrained(CHECKPOINTS / "storyteller").float().eval()
    row, place = 5, chosen(len(ids), 1)[5]
    with torch.inference_mode():
        whole, less = (
            inner(torch.tensor([one])).logits[0].double().log_softmax(-1).numpy()
            for one in (ids, ids[:place] + ids[place + 1 :])
        )
    moved = distances("storyteller").moved[row]
    for back in (0, 1, 4, 20):
        p, q = whole[place + back], less[place + back - 1]
        assert moved[back] == pytest.approx((np.exp(p) * (p - q)).sum() / np.log(2), abs=1e-4)


@pytest.mark.weights
@pytest.mark.parametrize("changed", ["removed", "replaced"])
def test_a_five_gram_sees_four_characters_and_no_more(changed: Changed) -> None:
    found = distances("five-gram", changed)
    assert found.unit == "characters"
    assert (np.nan_to_num(found.moved[:, 4:]) < 1e-9).all()
    assert (means(found.moved)[0][:4] > 1).all()
    assert found.moved.shape == (6 * 32, FARTHEST)
    assert (~np.isnan(found.moved)).any(axis=0).all()
    again = loads(dumps(found), known())
    assert isinstance(again, Distances)
    np.testing.assert_array_equal(again.moved, found.moved)
