"""Gradients, their path, texts without a token: by hand, by nudging, against transformers."""

from __future__ import annotations

import copy
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference.decoding.inside import added, explaining
from inference.decoding.inside.explaining import Explaining, exact
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.explanation import ExplainedText, Explanation
from inference.wire import dumps, known, loads
from models.transformer.model import Transformer
from tests.conftest import finished
from tests.inference.tasks.attention.test_cell import IDS as CELL_IDS
from tests.inference.tasks.attention.test_cell import masked, numpy_pass

Array = NDArray[np.float64]
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
IDS = [5, 9, 33, 2, 60, 5, 41]
TOKEN = 17
TEXT = "Once upon a time there was a little girl who lived in a little"
OURS = {
    "storyteller": "storyteller",
    "storyteller-books": "storyteller-books",
    "gpt": "ladder/gpt",
    "storyteller-growing/step-02048": "storyteller-growing/step-02048",
}


class ByHand(torch.nn.Module):
    """Two tokens, of length 1 and 3, in one dimension; the score of the second is the weighted sum
    of all vectors, that of the first is 0."""

    vocabulary, context = 2, 8

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(torch.tensor([[1.0], [3.0]]))

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table[ids]

    def after(self, embedded: torch.Tensor) -> torch.Tensor:
        count = embedded.shape[1]
        score = (embedded[..., 0] * torch.tensor([0.5, -1.0, 0.25])[-count:]).sum(1)
        return torch.stack([torch.zeros_like(score), score], dim=1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.after(self.embed(ids))[:, None]


def log2_chance(score: float) -> float:
    return -math.log2(1 + math.exp(-score))


def test_a_model_small_enough_to_do_by_hand() -> None:
    text = Explaining(ByHand(), [1, 0, 1])  # vectors 3, 1, 3; their mean over the vocabulary is 2
    score = 0.5 * 3 - 1 * 1 + 0.25 * 3
    bits = log2_chance(score)
    assert text.bits(1) == pytest.approx(bits, abs=1e-6)
    slope = (1 - 1 / (1 + math.exp(-score))) / math.log(2)
    expected = [slope * 0.5 * 3, slope * -1 * 1, slope * 0.25 * 3]
    assert text.gradient_times_input(1) == pytest.approx(expected, abs=1e-6)
    # on a straight path every token's share is that of the change of the score
    base = 0.5 * 2 - 1 * 2 + 0.25 * 2
    shares = np.array([0.5 * 1, -1 * -1, 0.25 * 1]) / (score - base)
    path = finished(text.along_path(1))
    assert path.baseline == pytest.approx(log2_chance(base), abs=1e-6)
    assert path.bits == pytest.approx(shares * (bits - log2_chance(base)), rel=1e-4)
    without = [-1 * 1 + 0.25 * 3, -1 * 3 + 0.25 * 3, -1 * 3 + 0.25 * 1]
    assert finished(text.without(1, "removed")) == pytest.approx(
        [bits - log2_chance(one) for one in without], abs=1e-6
    )
    other = [0.5 * 2 - 1 + 0.75, 1.5 - 2 + 0.75, 1.5 - 1 + 0.25 * 2]
    assert finished(text.without(1, "replaced")) == pytest.approx(
        [bits - log2_chance(one) for one in other], abs=1e-6
    )


def test_r36_a_gradient_is_what_nudging_a_vector_finds(tiny: Transformer) -> None:
    double = copy.deepcopy(tiny).double()
    x = double.embed(torch.tensor([IDS])).detach()
    nudge = 1e-6

    def bits(moved: torch.Tensor) -> float:
        with torch.inference_mode():
            return float(double.after(moved)[0].log_softmax(-1)[TOKEN]) / math.log(2)

    # along a vector itself, the derivative is gradient times input
    slow = []
    for at in range(len(IDS)):
        up, down = x.clone(), x.clone()
        up[0, at] *= 1 + nudge
        down[0, at] *= 1 - nudge
        slow.append((bits(up) - bits(down)) / (2 * nudge))
    found = Explaining(tiny, IDS).gradient_times_input(TOKEN)
    np.testing.assert_allclose(found, slow, rtol=1e-3, atol=1e-4)


def test_r36_the_path_is_complete_and_agrees_with_a_loop(tiny: Transformer) -> None:
    text = Explaining(tiny, IDS)
    path = finished(text.along_path(TOKEN))
    assert path.bits.sum() == pytest.approx(text.bits(TOKEN) - path.baseline, rel=0.01)
    x = tiny.embed(torch.tensor([IDS])).detach()
    base = tiny.embedding.weight.detach().mean(0)
    total = torch.zeros_like(x)
    for step in range(path.steps):
        point = (base + (step + 0.5) / path.steps * (x - base)).requires_grad_()
        chance = tiny.after(point)[0].log_softmax(-1)[TOKEN] / math.log(2)
        total += torch.autograd.grad(chance, point)[0] / path.steps
    np.testing.assert_allclose(path.bits, (total * (x - base)).sum(-1)[0], atol=1e-4)


def test_steps_are_doubled_where_the_sum_is_off(tiny: Transformer) -> None:
    few = finished(Explaining(tiny, IDS).along_path(TOKEN, steps=1))
    assert few.steps > 1


def test_a_batch_is_bounded_and_the_answer_is_the_same(
    tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Explaining(tiny, IDS)
    whole = finished(text.along_path(TOKEN)).bits, finished(text.without(TOKEN, "removed"))
    assert text.rows >= explaining.STEPS
    monkeypatch.setattr(explaining, "FLOATS", 3 * (len(IDS) * 2 * explaining.KEPT * 32 + 64))
    assert text.rows == 3
    assert len(list(text.along_path(TOKEN))) == -(-explaining.STEPS // 3)
    np.testing.assert_allclose(finished(text.along_path(TOKEN)).bits, whole[0], atol=1e-4)
    np.testing.assert_allclose(finished(text.without(TOKEN, "removed")), whole[1], atol=1e-4)


@pytest.mark.parametrize("taken", ["removed", "replaced"])
def test_a_text_without_a_token_is_one_pass_of_its_own(tiny: Transformer, taken: Any) -> None:
    text, mean = Explaining(tiny, IDS), tiny.embedding.weight.detach().mean(0)
    found = finished(text.without(TOKEN, taken))
    for at in range(len(IDS)):
        if taken == "removed":
            logits = tiny(torch.tensor([IDS[:at] + IDS[at + 1 :]]))[0, -1]
        else:
            x = tiny.embed(torch.tensor([IDS])).detach().clone()
            x[0, at] = mean
            logits = tiny.after(x)[0]
        bits = float(logits.detach().log_softmax(-1)[TOKEN]) / math.log(2)
        assert found[at] == pytest.approx(text.bits(TOKEN) - bits, abs=1e-4)


def test_what_each_token_adds_is_that_of_numpy(tiny: Transformer) -> None:
    _, maps, taken = numpy_pass(tiny, lambda layer, head, scores: masked(scores))
    found = added.seen(tiny, CELL_IDS)
    assert found.added is not None
    for layer, weights in enumerate(maps):
        np.testing.assert_allclose(found.weights[layer], weights.mean(axis=0), atol=1e-5)
        output = tiny.state_dict()[f"blocks.{layer}.attention.output.weight"].double().numpy()
        for at in range(len(CELL_IDS)):
            mixed = [weights[head, -1, at] * taken[layer][head][4][at] for head in range(4)]
            length = np.linalg.norm(output @ np.concatenate(mixed))
            assert found.added[layer, at] == pytest.approx(length, abs=1e-5)


def test_16_bit_weights_are_explained_in_32(tiny: Transformer) -> None:
    half = copy.deepcopy(tiny).to(torch.bfloat16)
    same = copy.deepcopy(half).float()
    found = Explaining(exact(half), IDS).gradient_times_input(TOKEN)
    np.testing.assert_array_equal(found, Explaining(same, IDS).gradient_times_input(TOKEN))
    assert exact(tiny) is tiny
    assert next(half.parameters()).dtype == torch.bfloat16


def of_transformers(inner: Any, ids: list[int], token: int) -> tuple[Array, Array]:
    """Gradient times input, and the bits lost without each token: autograd on inputs_embeds."""
    x = inner.get_input_embeddings()(torch.tensor([ids])).detach().requires_grad_()

    def bits(**given: Any) -> torch.Tensor:
        logits: torch.Tensor = inner(**given).logits[0, -1]
        return logits.log_softmax(-1)[token] / math.log(2)

    (gradient,) = torch.autograd.grad(bits(inputs_embeds=x), x)
    with torch.no_grad():
        whole = bits(input_ids=torch.tensor([ids]))
        lost = [
            float(whole - bits(input_ids=torch.tensor([ids[:at] + ids[at + 1 :]])))
            for at in range(len(ids))
        ]
    return (gradient * x).sum(-1)[0].detach().double().numpy(), np.array(lost)


def path_of_transformers(inner: Any, ids: list[int], token: int, steps: int) -> Array:
    """Integrated gradients, point by point."""
    table = inner.get_input_embeddings().weight.detach()
    x, base = table[ids], table.mean(0)
    total = torch.zeros_like(x)
    for step in range(steps):
        point = (base + (step + 0.5) / steps * (x - base))[None].requires_grad_()
        chance = inner(inputs_embeds=point).logits[0, -1].log_softmax(-1)[token] / math.log(2)
        total += torch.autograd.grad(chance, point)[0][0] / steps
    return (total * (x - base)).sum(-1).double().numpy()


def seen_by_transformers(inner: Any, ids: list[int]) -> tuple[Array, Array]:
    """Mean attention by layer, and the lengths of what is added, a vector at a time."""
    with torch.no_grad():
        result = inner(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)
        maps = torch.stack(result.attentions)[:, 0]  # (layers, heads, queries, keys)
        lengths = []
        for layer, state, weights in zip(
            inner.model.layers, result.hidden_states, maps, strict=False
        ):
            values = layer.self_attn.v_proj(layer.input_layernorm(state[0]))
            heads = values.view(len(ids), weights.shape[0], -1)
            mixed = [(weights[:, -1, at, None] * heads[at]).flatten() for at in range(len(ids))]
            lengths.append([float(layer.self_attn.o_proj(one).norm()) for one in mixed])
    return maps.mean(1).double().numpy(), np.array(lengths)


SMALL = {"vocab_size": 90, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4}


def from_elsewhere(kind: str, **more: Any) -> Any:
    """A model of `transformers` with random weights, larger than those of a fresh one."""
    import transformers

    shape = getattr(transformers, f"{kind}Config")(**SMALL, **more)
    torch.manual_seed(3)
    inner = transformers.AutoModelForCausalLM.from_config(shape, attn_implementation="eager")
    for weight in inner.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return inner.eval()


def test_values_of_gpt_2_are_the_last_third_of_what_its_own_matrix_makes() -> None:
    from models.hub.causal import CausalModel

    inner = from_elsewhere("GPT2")
    found = added.seen(CausalModel(inner), IDS)
    with torch.no_grad():
        result = inner(torch.tensor([IDS]), output_attentions=True, output_hidden_states=True)
    lengths = []
    for block, state, weights in zip(
        inner.transformer.h, result.hidden_states, result.attentions, strict=False
    ):
        held = {name: one.detach().double().numpy() for name, one in block.state_dict().items()}
        x = state[0].double().numpy()
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        x = x * held["ln_1.weight"] + held["ln_1.bias"]
        values = (x @ held["attn.c_attn.weight"] + held["attn.c_attn.bias"])[:, 32:]
        row = weights[0, :, -1].double().numpy()  # (heads, keys)
        lengths.append(
            [
                np.linalg.norm(
                    sum(
                        row[h, at]
                        * values[at, 4 * h : 4 * h + 4]
                        @ held["attn.c_proj.weight"][4 * h : 4 * h + 4]
                        for h in range(4)
                    )
                )
                for at in range(len(IDS))
            ]
        )
    assert found.added is not None
    np.testing.assert_allclose(found.added, lengths, rtol=1e-3, atol=1e-4)


def test_values_of_llama_with_fewer_of_them_than_heads_agree_with_transformers() -> None:
    from models.hub.causal import CausalModel

    inner = from_elsewhere("Llama", intermediate_size=24, num_key_value_heads=4)
    found = added.seen(CausalModel(inner), IDS)
    maps, lengths = seen_by_transformers(inner, IDS)
    np.testing.assert_allclose(found.weights, maps, atol=1e-4)
    np.testing.assert_allclose(found.added, lengths, rtol=1e-3, atol=1e-4)
    shared = from_elsewhere("Llama", intermediate_size=24, num_key_value_heads=2)
    assert added.seen(CausalModel(shared), IDS).added is not None
    fused = from_elsewhere("GPTNeoX", intermediate_size=24)
    assert added.seen(CausalModel(fused), IDS).added is not None


def test_values_that_are_made_in_another_way_are_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from models.hub import inside
    from models.hub.causal import CausalModel

    model = CausalModel(from_elsewhere("GPT2"))
    own = inside.split
    monkeypatch.setattr(inside, "split", lambda *one: own(*one).flip(0))  # heads the wrong way
    assert added.seen(model, IDS).added is None
    monkeypatch.setattr(inside, "split", own)
    model.heads._makers.pop()
    assert added.seen(model, IDS).added is None
    assert added.seen(model, IDS).weights.shape == (2, 7, 7)


def test_a_model_that_reads_by_another_way_is_refused() -> None:
    class Other(ByHand):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return super().forward(ids) + torch.tensor([0.0, 0.5])

    with pytest.raises(OrreryError, match="by another way than their vectors"):
        Explaining(Other(), [1, 0, 1])


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@pytest.mark.weights
@pytest.mark.parametrize("name", OURS)
def test_every_transformer_of_the_collection_agrees_with_transformers(name: str) -> None:
    from transformers import AutoModelForCausalLM

    found = service().answer(Explanation(TEXT, name))
    value, ids = found.explained, list(found.tokens.ids)
    inner: Any = AutoModelForCausalLM.from_pretrained(
        CHECKPOINTS / OURS[name], dtype=torch.float32, attn_implementation="eager"
    ).eval()
    gradient, lost = of_transformers(inner, ids, value.token)
    np.testing.assert_allclose(value.gradient, gradient, atol=1e-4)
    np.testing.assert_allclose(value.occluded, lost, atol=1e-4)
    path = path_of_transformers(inner, ids, value.token, value.steps)
    np.testing.assert_allclose(value.integrated, path, atol=1e-4)
    maps, lengths = seen_by_transformers(inner, ids)
    np.testing.assert_allclose(value.weights, maps, atol=1e-4)
    np.testing.assert_allclose(value.added, lengths, atol=1e-4 * lengths.max())
    again = loads(dumps(found), known())
    assert isinstance(again, ExplainedText)
    np.testing.assert_array_equal(again.explained.integrated, value.integrated)


@pytest.mark.weights
@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("text", [TEXT, "The dog saw a bird. It", "Mom, said Ben"])
def test_r36_attributions_sum_to_the_difference_to_1_percent(name: str, text: str) -> None:
    value = service().answer(Explanation(text, name)).explained
    difference = value.bits - value.baseline
    assert value.integrated.sum() == pytest.approx(difference, rel=0.01, abs=1e-4)


@pytest.mark.weights
def test_any_token_can_be_explained() -> None:
    girl = service().answer(Explanation(TEXT, token="girl"))
    assert girl.pieces[girl.explained.token] == b" girl"
    assert girl.explained.token in girl.leading
    number = service().answer(Explanation(TEXT, token=f"#{girl.explained.token}"))
    np.testing.assert_array_equal(number.explained.gradient, girl.explained.gradient)
    lived = service().answer(Explanation(TEXT, at=11))
    assert lived.tokens.pieces[lived.read] == b" lived"
    assert lived.explained.token == lived.tokens.ids[lived.read]
    assert len(lived.explained.occluded) == lived.read == 11
    instead = service().answer(Explanation(TEXT, at=11, token="had"))
    assert instead.pieces[instead.explained.token] == b" had"
    assert instead.read == lived.read
    for token, typed in girl.typed.items():
        assert service().answer(Explanation(TEXT, token=typed)).explained.token == token
    late = service().answer(Explanation(TEXT, at=40))
    assert "it has no token 40" in late.tokens.note and late.read == len(late.tokens.ids)
    several = service().answer(Explanation(TEXT, token="xylophone factory"))
    assert "is several; the first is explained" in several.tokens.note
    assert several.pieces[several.explained.token] == b"x"
    tag = service().answer(Explanation(TEXT, token="<b>"))
    assert tag.pieces[tag.explained.token] == b"<"  # and not the space that could stand before


@pytest.mark.weights
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"text": ""}, "empty"),
        ({"text": "very " * 129}, "up to 128 tokens; yours has"),
        ({"at": 1}, "At least two tokens"),
        ({"at": -1}, "The token predicted"),
        ({"token": "a" * 81}, "The token may have up to 80 characters"),
        ({"token": "#4096"}, "go from #0 to #4095"),
        ({"model": "five-gram"}, "cannot attend"),
        ({"model": "fill-in"}, "cannot write"),
        ({"model": "translator"}, "cannot write"),
    ],
)
def test_what_cannot_be_explained_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(OrreryError, match=said):
        service().answer(Explanation(**{"text": TEXT, **asked}))
