"""Models from elsewhere behind our contracts, against plain `transformers` on the same folders."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.decoding import engine, head_sweep, lanes, stepping
from inference.decoding.batch import Batch
from inference.decoding.request import Request
from inference.decoding.trajectory import Trajectory
from inference.types.options import LaneOptions, five_lanes
from models.contract import Trace
from models.hub.causal import CausalModel
from models.hub.load import load
from models.hub.policy import HubError
from models.interventions import HeadAblation, Interventions, ScoreEdit
from models.opened import OpenedModel
from tests.conftest import finished
from tests.inference.decoders import slow

CLOSE = {"rtol": 0, "atol": 1e-5}
IDS = [5, 9, 12, 7, 20, 3, 1]
KINDS = ["gpt2", "llama", "bert", "marian"]
WIDTH, HEADS = 32, 4


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


@pytest.fixture(scope="session")
def plain() -> Callable[[Path], Any]:
    """The same folder in another library's hands, opened anew."""
    import transformers as library

    auto = {
        "gpt2": library.AutoModelForCausalLM,
        "llama": library.AutoModelForCausalLM,
        "bert": library.AutoModelForMaskedLM,
        "marian": library.AutoModelForSeq2SeqLM,
    }

    def open_folder(folder: Path) -> Any:
        return auto[folder.name].from_pretrained(folder, attn_implementation="eager").eval()

    return open_folder


@pytest.fixture(params=KINDS)
def pair(request: pytest.FixtureRequest, plain: Callable[[Path], Any]) -> tuple[Any, Any]:
    """One of our models, and its double in plain transformers."""
    kind = request.param
    folder = request.getfixturevalue(f"{kind}_folder")
    ours = request.getfixturevalue("hub_bert").model if kind == "bert" else None
    return ours or request.getfixturevalue(kind), plain(folder)


def theirs(reference: Any, ids: list[int], source: list[int] | None = None, **more: Any) -> Any:
    if reference.config.is_encoder_decoder:
        return reference(
            input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([ids]), **more
        )
    return reference(torch.tensor([ids]), **more)


def source_of(model: Any) -> list[int] | None:
    return model.source[0].tolist() if hasattr(model, "source") else None


def allowed(logits: torch.Tensor) -> torch.Tensor:
    """The logits of tokens that a model may write at all."""
    return logits.masked_fill(logits < -1e8, 0)


def test_logits_and_attention_are_those_of_transformers(pair: tuple[Any, Any]) -> None:
    model, reference = pair
    trace = Trace()
    logits = model.forward(torch.tensor([IDS]), trace=trace)
    result = theirs(reference, IDS, source_of(model), output_attentions=True)
    expected = result.logits.masked_fill(logits < -1e8, 0)
    torch.testing.assert_close(allowed(logits), expected, **CLOSE)
    attention = getattr(result, "decoder_attentions", None) or result.attentions
    assert len(trace.attention) == len(attention) == 2
    for mine, other in zip(trace.attention, attention, strict=True):
        assert mine.shape == (1, HEADS, len(IDS), len(IDS))
        torch.testing.assert_close(mine, other, **CLOSE)
        torch.testing.assert_close(mine.sum(-1), torch.ones(1, HEADS, len(IDS)))


def test_cross_attention_and_the_source_s_own_are_those_of_transformers(
    marian: Any, marian_folder: Path, plain: Callable[[Path], Any]
) -> None:
    trace = Trace()
    marian.forward(torch.tensor([IDS]), trace=trace)
    source = source_of(marian)
    result = theirs(plain(marian_folder), IDS, source, output_attentions=True)
    for mine, other in zip(trace.cross_attention, result.cross_attentions, strict=True):
        assert mine.shape == (1, HEADS, len(IDS), len(source))
        torch.testing.assert_close(mine, other, **CLOSE)
    own = marian.model.source_attention(torch.tensor([source]))
    for mine, other in zip(own, result.encoder_attentions, strict=True):
        torch.testing.assert_close(mine, other, **CLOSE)


def greedy(model: Any, prompt: list[int], end: int, new_tokens: int) -> list[int]:
    lane = lanes.build(LaneOptions("Greedy"), seed=1, end_of_text=end)
    *_, states = engine.decode(model, prompt, [lane], new_tokens)
    return [step.token for step in states[0].steps]


@pytest.mark.parametrize("prompt", [[5], IDS])
@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_greedy_decoding_equals_generate(
    kind: str, prompt: list[int], request: pytest.FixtureRequest, plain: Callable[[Path], Any]
) -> None:
    opened: OpenedModel = request.getfixturevalue(f"hub_{kind}")
    ours = greedy(opened.model, prompt, opened.tokenizer.end_of_text, 40)
    reference = plain(request.getfixturevalue(f"{kind}_folder"))
    ids = torch.tensor([prompt])
    written = reference.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=40, do_sample=False, pad_token_id=0
    )
    assert len(set(ours)) > 3  # a model that repeats itself would prove little
    assert ours == written[0, len(prompt) :].tolist()


@pytest.mark.parametrize("source", [[5, 9, 12, 7, 1], [30, 4, 1], [8] * 20 + [1]])
def test_greedy_translation_equals_generate(
    hub_marian: OpenedModel,
    marian: Any,
    marian_folder: Path,
    plain: Callable[[Path], Any],
    source: list[int],
) -> None:
    translating = type(marian)(hub_marian.model, source)
    ours = greedy(translating, [hub_marian.model.start], hub_marian.tokenizer.end_of_text, 40)
    written = plain(marian_folder).generate(
        torch.tensor([source]), max_new_tokens=40, do_sample=False, num_beams=1
    )
    assert len(set(ours)) > 1
    assert ours == written[0, 1:].tolist()


def test_a_token_that_the_model_s_settings_forbid_is_never_written(
    hub_marian: OpenedModel, marian: Any
) -> None:
    padding = hub_marian.model.start
    logits = marian.forward(torch.tensor([[padding, 5, 9]]))
    assert (logits[..., padding] < -1e8).all()
    assert logits.isfinite().all()


def test_five_lanes_run_on_every_language_model(gpt2: Any, llama: Any, marian: Any) -> None:
    for model in (gpt2, llama, marian):
        built = [lanes.build(lane, 7, end_of_text=0) for lane in five_lanes()]
        *_, together = engine.decode(model, [5, 9], built, new_tokens=12)
        for lane, state in zip(five_lanes(), together, strict=True):
            *_, alone = engine.decode(model, [5, 9], [lanes.build(lane, 7, 0)], new_tokens=12)
            assert [s.token for s in state.steps] == [s.token for s in alone[0].steps]


def test_sources_of_different_length_are_translated_side_by_side(hub_marian: OpenedModel) -> None:
    model = hub_marian.model
    sources = [[5, 9, 12, 7, 1], [30, 1], [8, 8, 8, 4, 2, 9, 1]]
    targets = [[0, 5], [0, 5, 9, 9], [0]]
    caches = [model.new_cache(1, source=torch.tensor([source])) for source in sources]
    alone = []
    for source, target, cache in zip(sources, targets, caches, strict=True):
        model.forward(torch.tensor([target]), cache)
        fresh = model.new_cache(1, source=torch.tensor([source]))
        alone.append(model.forward(torch.tensor([[*target, 17]]), fresh)[0, -1])
    first, *others = caches
    for other in others:
        first.join(other)
    first.reorder(torch.tensor([2, 0, 1, 1]))
    together = model.forward(torch.full((4, 1), 17), first)[:, -1]
    torch.testing.assert_close(together, torch.stack([alone[i] for i in (2, 0, 1, 1)]), **CLOSE)


def test_attention_of_rows_of_different_length_ends_together(gpt2: Any) -> None:
    cache, other = gpt2.new_cache(1), gpt2.new_cache(1)
    gpt2.forward(torch.tensor([IDS]), cache)
    gpt2.forward(torch.tensor([IDS[:3]]), other)
    cache.join(other)
    together, alone = Trace(), Trace()
    gpt2.forward(torch.tensor([[4], [4]]), cache, together)
    gpt2.forward(torch.tensor([[*IDS[:3], 4]]), trace=alone)
    for row, single in zip(together.attention, alone.attention, strict=True):
        assert (row[1, :, :, :-4] == 0).all()
        torch.testing.assert_close(row[1, :, 0, -4:], single[0, :, -1], **CLOSE)


def silenced(reference: Any, kind: str, layer: int, head: int) -> None:
    """By hand: the weights by which a head's output would be read become zero."""
    part = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
    if kind == "gpt2":  # stores its matrices the other way round
        reference.transformer.h[layer].attn.c_proj.weight[part] = 0
    elif kind == "llama":
        reference.model.layers[layer].self_attn.o_proj.weight[:, part] = 0
    elif kind == "bert":
        reference.bert.encoder.layer[layer].attention.output.dense.weight[:, part] = 0
    else:
        reference.model.decoder.layers[layer].self_attn.out_proj.weight[:, part] = 0


@pytest.mark.parametrize("place", [(0, 0), (1, 3)])
def test_r16_a_head_is_removed_before_the_output_projection_in_its_row_alone(
    pair: tuple[Any, Any], place: tuple[int, int]
) -> None:
    model, reference = pair
    kind = reference.config.model_type
    before = theirs(reference, IDS, source_of(model)).logits
    trace = Trace(Interventions((HeadAblation(1, *place),)))
    logits = model.forward(torch.tensor([IDS, IDS]), trace=trace)
    silenced(reference, kind, *place)
    after = theirs(reference, IDS, source_of(model)).logits
    for row, expected in ((0, before), (1, after)):
        given = expected[0].masked_fill(logits[row] < -1e8, 0)
        torch.testing.assert_close(allowed(logits[row]), given, **CLOSE)
    assert not torch.allclose(logits[0], logits[1], atol=1e-2)


def test_r16_what_a_head_mixed_itself_is_a_replacement_without_effect(
    pair: tuple[Any, Any],
) -> None:
    model, _ = pair
    first = Trace()
    logits = model.forward(torch.tensor([IDS]), trace=first)
    assert [heads.shape for heads in first.heads] == [(1, HEADS, len(IDS), WIDTH // HEADS)] * 2
    same = Interventions(
        tuple(HeadAblation(0, i, 2, first.heads[i][0, 2]) for i in range(len(first.heads)))
    )
    again = model.forward(torch.tensor([IDS]), trace=Trace(same))
    torch.testing.assert_close(again, logits, **CLOSE)


def test_every_head_is_removed_one_by_one_as_in_our_own_models(
    gpt2: Any,
    hub_gpt2: OpenedModel,
    gpt2_folder: Path,
    plain: Callable[[Path], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replacement = torch.zeros(2, HEADS, 1, WIDTH // HEADS)
    swept = head_sweep.sweep_in_rows(gpt2, IDS, replacement)
    for layer in range(2):
        for head in range(HEADS):
            reference = plain(gpt2_folder)
            silenced(reference, "gpt2", layer, head)
            logits = reference(torch.tensor([IDS])).logits[0].double()
            bits = -logits[:-1].log_softmax(-1)[range(len(IDS) - 1), IDS[1:]] / math.log(2)
            for ours, theirs in (
                (swept.bits_without[layer, head], bits),
                (swept.following_without[layer, head], logits[-1].softmax(-1)),
            ):
                torch.testing.assert_close(torch.tensor(ours), theirs, rtol=0, atol=1e-4)
    monkeypatch.setattr(head_sweep, "REFERENCE_TOKENS", 12)
    known = finished(head_sweep.reference(gpt2, [0], [0]))
    assert known.mixed.shape[:2] == (2, HEADS)


def test_a_trail_leads_through_a_model_from_elsewhere_step_by_step(llama: Any) -> None:
    cached = stepping.snapshots(10_000_000)
    at = Trajectory(tuple(IDS), LaneOptions("Greedy"), new_tokens=8)
    stepper = stepping.Stepper(llama, ends=2)
    for _ in range(8):
        state = stepping.look(stepper, at, cached)
        assert state.offered is not None
        at = at.branch(at.steps, state.offered.token)
    state = stepping.look(stepper, at, cached)
    assert [step.token for step in state.lane.steps] == greedy(llama, IDS, 2, 8)
    keys_and_values = 2 * 2 * 2 * 8 * len(IDS) * 4  # layers, both, heads, width, float32
    assert cached.currsize > keys_and_values


def test_ablations_reach_each_row_at_its_own_positions_behind_a_cache(llama: Any) -> None:
    placed = torch.randn(len(IDS), WIDTH // HEADS, generator=torch.Generator().manual_seed(1))
    interventions = Interventions((HeadAblation(0, 0, 1, placed), HeadAblation(1, 1, 3)))
    rows = torch.tensor([IDS, IDS[::-1]])
    at_once = llama.forward(rows, trace=Trace(interventions))
    cache = llama.new_cache(2)
    pieces = [llama.forward(p, cache, Trace(interventions)) for p in rows.split([3, 1, 3], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), at_once, **CLOSE)


def hooks(module: torch.nn.Module) -> int:
    return sum(len(m._forward_pre_hooks) + len(m._forward_hooks) for m in module.modules())


def test_no_hook_is_left_behind_and_a_failed_pass_reads_nothing(gpt2: Any) -> None:
    before = hooks(gpt2)
    cache = gpt2.new_cache(1)
    gpt2.forward(torch.tensor([IDS]), cache)
    expected = gpt2.forward(torch.tensor([[*IDS, 4]]))[:, -1]
    wrong = Interventions((HeadAblation(0, 1, 0, torch.zeros(7)),))  # met in the second layer
    with pytest.raises(ValueError, match="does not cover"):
        gpt2.forward(torch.tensor([[4]]), cache, Trace(wrong))
    assert cache.lengths.tolist() == [len(IDS)]
    torch.testing.assert_close(gpt2.forward(torch.tensor([[4]]), cache)[:, -1], expected, **CLOSE)
    assert hooks(gpt2) == before


def test_positions_of_a_translation_are_set_for_one_pass_alone(marian: Any) -> None:
    before = hooks(marian.model)
    cache, other = marian.new_cache(1), marian.new_cache(1)
    marian.forward(torch.tensor([[0, 5, 9]]), cache)
    marian.forward(torch.tensor([[0]]), other)
    cache.join(other)
    marian.forward(torch.tensor([[4], [4]]), cache)
    assert hooks(marian.model) == before


def test_what_cannot_be_reached_from_outside_is_refused(gpt2: Any, marian: Any) -> None:
    edit = Trace(Interventions(edits=(ScoreEdit(0, 0, 0, 1, 0, 2.0),)))
    with pytest.raises(ValueError, match="cannot be edited"):
        gpt2.forward(torch.tensor([IDS]), trace=edit)
    with pytest.raises(ValueError, match="no layer 2"):
        gpt2.forward(torch.tensor([IDS]), trace=Trace(Interventions((HeadAblation(0, 2, 0),))))
    with pytest.raises(ValueError, match="from the source text first"):
        marian.model.forward(torch.tensor([IDS]))
    with pytest.raises(ValueError, match="source text for each of 2 rows"):
        marian.model.new_cache(2, source=torch.tensor([[5]]))
    with pytest.raises(ValueError, match="A source has from 1 to 64 tokens, not 65"):
        marian.model.new_cache(1, source=torch.ones(1, 65, dtype=torch.int64))


def test_r14_a_kernel_that_hides_its_attention_is_noticed(gpt2_folder: Path) -> None:
    from transformers import AutoModelForCausalLM

    fused = AutoModelForCausalLM.from_pretrained(gpt2_folder, attn_implementation="sdpa").eval()
    with pytest.raises(HubError, match="does not show its attention"):
        CausalModel(fused).forward(torch.tensor([IDS]), trace=Trace())


def test_r27_a_masked_model_fills_gaps_and_is_no_language_model(hub_bert: OpenedModel) -> None:
    model, tokenizer = hub_bert.model, hub_bert.tokenizer
    assert hub_bert.can == {"fill in", "attend"}
    assert not hasattr(model, "new_cache")
    ids = tokenizer.encode("the cat sat")
    ids = [*tokenizer.opening, ids[0], tokenizer.mask, *ids[2:], *tokenizer.closing]
    logits = model.forward(torch.tensor([ids]))
    assert logits.shape == (1, len(ids), model.vocabulary)
    gap = ids.index(tokenizer.mask)
    changed = [*ids[:-2], ids[1], ids[-1]]  # what follows the gap matters, too
    other = model.forward(torch.tensor([changed]))
    assert not torch.allclose(logits[0, gap], other[0, gap], atol=1e-2)
    with pytest.raises(ValueError, match="from 1 to 64 tokens here, not 65"):
        model.forward(torch.ones(1, 65, dtype=torch.int64))


def test_models_are_in_evaluation_mode_and_not_trained(
    hub_gpt2: OpenedModel, hub_bert: OpenedModel, hub_marian: OpenedModel
) -> None:
    for opened in (hub_gpt2, hub_bert, hub_marian):
        assert not any(module.training for module in opened.model.model.modules())
        assert not any(weight.requires_grad for weight in opened.model.parameters())


def test_two_loads_of_one_folder_agree(hub_llama: OpenedModel, llama_folder: Path) -> None:
    again = load(str(llama_folder))
    assert again.reference == hub_llama.reference
    ids = torch.tensor([IDS])
    assert torch.equal(again.model.forward(ids), hub_llama.model.forward(ids))


def test_several_people_translate_different_sources_in_one_batch(
    hub_marian: OpenedModel, marian: Any
) -> None:
    """Each gets what decoding it alone gives, though sources and lengths differ."""
    sources = ([5, 9, 12, 2], [7, 3, 2], [20, 3, 1, 8, 9, 2])
    end = hub_marian.tokenizer.end_of_text
    model, options = hub_marian.model, (LaneOptions("Greedy"), LaneOptions("Beam", beams=3))

    def asked(source: list[int]) -> Request:
        built = [lanes.build(lane, 7, end, min_new_tokens=6) for lane in options]
        return Request([model.start], built, 6, source)

    running: Batch[Any] = Batch(model)
    everybody = [asked(source) for source in sources]
    for request in everybody:
        running.join(request)
        running.step()
    while running.requests:
        running.step()
    texts = [[[step.token for step in s.steps] for s in request.states] for request in everybody]
    assert texts[0] != texts[1]
    for source, written in zip(sources, texts, strict=True):
        bound = type(marian)(model, source)
        expected = [slow(bound, o, 6, [model.start], end=end, min_new_tokens=6) for o in options]
        assert written == [[step.token for step in state.steps] for state in expected]


def test_a_source_that_is_missing_or_too_long_ends_the_batch_with_its_reason(
    hub_marian: OpenedModel,
) -> None:
    for source in ((), [5] * (hub_marian.model.context + 1)):
        built = [lanes.build(LaneOptions("Greedy"), 7, 0)]
        running: Batch[Any] = Batch(hub_marian.model)
        running.join(Request([hub_marian.model.start], built, 2, source))
        with pytest.raises(ValueError, match="source"):
            running.step()
