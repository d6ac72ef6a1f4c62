"""The residual stream of models from elsewhere: the last norm is found, or the lens is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from inference.decoding.inside import lens
from inference.errors import OrreryError
from models.hub.load import load
from models.hub.policy import HubError
from models.hub.stream import Stream
from models.opened import OpenedModel
from tests.conftest import finished
from tests.models import conftest

IDS = [5, 9, 12, 7, 31, 9, 12]
SMALL = {
    "vocab_size": 300,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
}


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


@pytest.mark.parametrize(("name", "norm"), [("gpt2", "transformer.ln_f"), ("llama", "model.norm")])
def test_r17_the_states_are_those_of_transformers_before_the_last_norm(
    name: str, norm: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(f"hub_{name}").model
    ids = torch.tensor([IDS])
    stream = Stream(model, ids)
    result = model.model(ids, output_hidden_states=True)
    *states, last = (state[0] for state in result.hidden_states)
    assert len(stream.states) == len(states) + 1
    for ours, theirs in zip(stream.states, states, strict=False):
        torch.testing.assert_close(ours, theirs)
    by_name = model.model.get_submodule(norm)
    torch.testing.assert_close(by_name(stream.states[-1]), last)
    torch.testing.assert_close(stream.unembed(states[1]), model.model.lm_head(by_name(states[1])))
    read = finished(lens.read(model, IDS, 5))
    probabilities = model.model.lm_head(by_name(states[1])).double().softmax(-1)
    assert read.top[1, :, 0].tolist() == probabilities.argmax(-1).tolist()
    assert read.chances[1, :, 0] == pytest.approx(probabilities.amax(-1).numpy(), abs=1e-6)


def opened(architecture: str, folder: Path, **settings: Any) -> OpenedModel:
    import transformers

    kind = getattr(transformers, architecture)
    torch.manual_seed(5)
    with torch.inference_mode(False):
        model = kind(kind.config_class(**SMALL | settings))
    return load(str(conftest.save(model, conftest.byte_level(), folder)))


def test_r17_a_model_that_norms_after_every_block_and_not_at_the_end_has_no_lens(
    tmp_path: Path,
) -> None:
    shape = {"ffn_dim": 32, "max_position_embeddings": 64, "word_embed_proj_dim": 32}
    model = opened("OPTForCausalLM", tmp_path, do_layer_norm_before=False, **shape).model
    with pytest.raises(HubError, match="cannot be found"):
        Stream(model, torch.tensor([IDS]))
    with pytest.raises(OrreryError, match="Choose another model"):
        finished(lens.read(model, IDS, 5))


def test_logits_that_are_changed_after_the_head_are_noticed(tmp_path: Path) -> None:
    shape = {"intermediate_size": 32, "num_key_value_heads": 2, "head_dim": 8}
    model = opened("Gemma2ForCausalLM", tmp_path, final_logit_softcapping=0.01, **shape).model
    with pytest.raises(HubError, match="cannot be found"):
        Stream(model, torch.tensor([IDS]))


def test_no_hook_is_left_behind(hub_gpt2: OpenedModel) -> None:
    """transformers leaves hooks of its own in blocks, the first time that states are asked for."""
    model = hub_gpt2.model
    Stream(model, torch.tensor([IDS]))
    for module in (model.model.transformer.ln_f, model.model.lm_head):
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
