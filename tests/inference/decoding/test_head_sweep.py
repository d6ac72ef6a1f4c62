"""The sweep over all heads, against one forward pass a head and against other definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding import engine, head_sweep, lanes
from inference.decoding.head_sweep import Reference
from inference.decoding.sampling import log_softmax, softmax
from inference.errors import NumericalFault
from inference.tasks.attention.ablation import HeadSweep, Removal
from inference.types.options import LaneOptions
from models.contract import Trace
from models.interventions import HeadAblation, Interventions
from models.transformer import packed
from models.transformer.model import Transformer
from tests.conftest import finished

END = 0
IDS = [5, 9, 33, 2, 60, 5, 41, 41, 8]
HOW: list[Removal] = ["zero", "mean", "resample"]


@pytest.fixture(scope="module")
def reference(tiny: Transformer) -> Reference:
    small = pytest.MonkeyPatch()
    small.setattr(head_sweep, "REFERENCE_TOKENS", 12)
    small.setattr(head_sweep, "REFERENCE_TEXTS", 5)
    yield finished(head_sweep.reference(tiny, [END], [END]))
    small.undo()


@torch.inference_mode()
def slow(model: Transformer, ids: list[int], replacement: torch.Tensor) -> HeadSweep:
    """One forward pass a head, over the whole model, in the open."""
    layers, heads = replacement.shape[:2]

    def predict(*ablations: HeadAblation) -> tuple[np.ndarray, np.ndarray]:
        logits = model(torch.tensor([ids]), trace=Trace(Interventions(ablations)))[0].double()
        rows = [log_softmax(row) for row in logits.numpy()]
        bits = [-row[token] / np.log(2) for row, token in zip(rows, ids[1:], strict=False)]
        return np.array(bits), softmax(logits[-1].numpy())

    def without(layer: int, head: int) -> tuple[np.ndarray, np.ndarray]:
        placed = replacement[layer, head].expand(len(ids), -1)
        return predict(HeadAblation(0, layer, head, placed))

    grid = [[without(layer, head) for head in range(heads)] for layer in range(layers)]
    bits, following = predict()
    return HeadSweep(
        bits,
        np.array([[bits for bits, _ in row] for row in grid]),
        following,
        np.array([[following for _, following in row] for row in grid]),
    )


def assert_same(fast: HeadSweep, obvious: HeadSweep, places: float = 1e-4) -> None:
    for name in ("bits", "bits_without", "following", "following_without"):
        ours, theirs = getattr(fast, name), getattr(obvious, name)
        assert ours.shape == theirs.shape
        assert ours.dtype == np.float64
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=places, err_msg=name)


@pytest.mark.parametrize("how", HOW)
def test_r16_the_sweep_equals_one_forward_pass_a_head(
    tiny: Transformer, reference: Reference, how: Removal
) -> None:
    replacement = reference.replacement(how, len(IDS), seed=2)
    fast, obvious = head_sweep.sweep(tiny, IDS, replacement), slow(tiny, IDS, replacement)
    assert_same(fast, obvious)
    assert_same(head_sweep.sweep_in_rows(tiny, IDS, replacement), obvious)
    assert_same(head_sweep.sweep(tiny, IDS, replacement, parts=packed.for_many(tiny)), obvious)
    moved = np.abs(fast.bits_without - fast.bits).max(axis=-1)
    assert (moved > 1e-2).all()  # of these weights every head matters


@pytest.mark.weights
@pytest.mark.parametrize("how", HOW)
def test_the_sweep_equals_one_forward_pass_a_head_on_the_storyteller(
    storyteller: Transformer, tokenizer: Any, how: Removal
) -> None:
    ids = tokenizer.encode("The cat sat by the fire because the cat was cold.")
    known = finished(head_sweep.reference(storyteller, [tokenizer.end_of_text], tokenizer.ends))
    replacement = known.replacement(how, len(ids))
    obvious = slow(storyteller, ids, replacement)
    for parts in (packed.plain(storyteller), packed.for_many(storyteller)):
        assert_same(head_sweep.sweep(storyteller, ids, replacement, parts=parts), obvious)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_short_and_long_texts(tiny: Transformer, count: int) -> None:
    ids = np.random.default_rng(count).integers(1, 64, size=count).tolist()
    nothing = torch.zeros(2, 4, 1, 8)
    obvious = slow(tiny, ids, nothing)
    assert_same(head_sweep.sweep(tiny, ids, nothing), obvious)
    assert_same(head_sweep.sweep_in_rows(tiny, ids, nothing), obvious)


def test_the_reference_texts_are_sampled_plainly_with_seeds_of_their_own(
    tiny: Transformer, reference: Reference
) -> None:
    assert len(reference.texts) == 5
    for seed, text in enumerate(reference.texts):
        lane = lanes.build(LaneOptions("Plain", sample=True), seed, END, min_new_tokens=12)
        *_, (state,) = engine.decode(tiny, [END], [lane], 12)
        assert text == tuple(step.token for step in state.steps)
        assert len(text) == 12 and END not in text


@torch.inference_mode()
def test_mean_and_resample_are_what_they_are_defined_to_be(
    tiny: Transformer, reference: Reference
) -> None:
    outputs = []  # of each text alone: (layers, heads, positions, head_width)
    for text in reference.texts:
        trace = Trace()
        tiny(torch.tensor([[END, *text]]), trace=trace)
        outputs.append(torch.stack([layer[0, :, 1:] for layer in trace.heads]))
    close = {"rtol": 0, "atol": 1e-5}
    mean = sum(one.sum(dim=2) for one in outputs) / (5 * 12)
    torch.testing.assert_close(reference.replacement("mean", 9)[:, :, 0], mean, **close)
    for seed in range(6):
        drawn = int(np.random.default_rng(seed).integers(5))
        whole = torch.cat([*outputs[drawn:], *outputs[:drawn]], dim=2)
        for positions in (9, 12, 30):  # a longer text goes on in the next ones
            resampled = reference.replacement("resample", positions, seed)
            torch.testing.assert_close(resampled, whole[:, :, :positions], **close)
    assert not reference.replacement("zero", 9).any()


def test_a_text_beyond_the_reference_is_refused(reference: Reference) -> None:
    with pytest.raises(ValueError, match="fewer than 61 tokens"):
        reference.replacement("resample", 61)


def test_t20_numbers_that_are_none_are_a_numerical_fault(tiny: Transformer) -> None:
    with pytest.raises(NumericalFault):
        head_sweep.sweep(tiny, IDS, torch.full((2, 4, 1, 8), float("nan")))
