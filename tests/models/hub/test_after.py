"""Reading vectors instead of tokens, from which gradients are taken, of models from elsewhere."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding.inside import added
from inference.decoding.inside.explaining import Explaining
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.explanation import Explanation
from tests.conftest import finished

IDS = [5, 9, 33, 2, 40, 5, 41]
TOKEN = 17
MODELS = ["gpt2", "llama"]


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_vectors_of_tokens_are_read_as_the_tokens(model: Any) -> None:
    ids = torch.tensor([IDS, IDS[::-1]])
    with torch.no_grad():
        expected = model.forward(ids)[:, -1]
        torch.testing.assert_close(model.after(model.embed(ids)), expected, rtol=0, atol=1e-5)


def test_gradients_are_those_of_autograd(model: Any) -> None:
    inner = model.model
    x = inner.get_input_embeddings()(torch.tensor([IDS])).detach().requires_grad_()

    def bits(**given: Any) -> torch.Tensor:
        logits: torch.Tensor = inner(**given).logits[0, -1]
        return logits.log_softmax(-1)[TOKEN] / math.log(2)

    (gradient,) = torch.autograd.grad(bits(inputs_embeds=x), x)
    text = Explaining(model, IDS)
    expected = (gradient * x).detach().sum(-1)[0]
    np.testing.assert_allclose(text.gradient_times_input(TOKEN), expected, atol=1e-4)
    with torch.no_grad():
        less = [bits(input_ids=torch.tensor([IDS[:i] + IDS[i + 1 :]])) for i in range(len(IDS))]
        lost = [float(bits(input_ids=torch.tensor([IDS])) - one) for one in less]
    np.testing.assert_allclose(finished(text.without(TOKEN, "removed")), lost, atol=1e-4)


def test_r36_the_path_is_complete(model: Any) -> None:
    text = Explaining(model, IDS)
    path = finished(text.along_path(TOKEN))
    assert path.bits.sum() == pytest.approx(text.bits(TOKEN) - path.baseline, rel=0.01, abs=1e-4)


def test_attention_is_seen_and_weighed_by_values(model: Any) -> None:
    found = added.seen(model, IDS)
    assert found.weights.shape == (2, len(IDS), len(IDS))
    assert found.weights.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert found.added is not None
    assert found.added.shape == (2, len(IDS)) and (found.added > 0).all()


def test_the_service_explains_a_model_from_elsewhere(gpt2_folder: Path, tmp_path: Path) -> None:
    service = Service(tmp_path, elsewhere={"mine": str(gpt2_folder)})
    found = service.answer(Explanation("the cat and the dog", "mine"))
    value = found.explained
    assert value.added is not None and value.added.shape == (2, found.read)
    assert len(value.gradient) == len(value.occluded) == found.read == len(found.tokens.ids)
    total = value.bits - value.baseline
    assert value.integrated.sum() == pytest.approx(total, rel=0.01, abs=1e-4)


def test_a_masked_model_from_elsewhere_is_refused(bert_folder: Path, tmp_path: Path) -> None:
    service = Service(tmp_path, elsewhere={"mine": str(bert_folder)})
    with pytest.raises(OrreryError, match="mine cannot write"):
        service.answer(Explanation("the cat and the dog", "mine"))
