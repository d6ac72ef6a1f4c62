"""The transformer that translates, against plain `transformers` and against itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.contract import Trace
from models.files import CheckpointError, write_json
from models.interventions import HeadAblation, Interventions
from models.translators import marian_checkpoint
from models.translators.transformer import Translator, TranslatorConfig

CONFIG = TranslatorConfig(
    vocabulary=50,
    context=24,
    encoder_layers=2,
    decoder_layers=3,
    heads=2,
    width=16,
    feed_forward=24,
)


def random_model(config: TranslatorConfig = CONFIG) -> Translator:
    torch.manual_seed(3)
    model = Translator(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)  # biases and norms too
    return model.eval()


def ids(rows: int, count: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(50, (rows, count), generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def test_plain_transformers_opens_it_with_equal_logits(tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    model = random_model()
    marian_checkpoint.save(model, tmp_path, torch.float32)
    theirs = AutoModelForSeq2SeqLM.from_pretrained(tmp_path).eval()
    assert type(theirs).__name__ == "MarianMTModel"
    source, target = ids(3, 9), ids(3, 7, seed=1)
    expected = theirs(input_ids=source, decoder_input_ids=target).logits
    found = model.forward(target, model.new_cache(3, source))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


@torch.inference_mode()
def test_its_attention_is_that_of_plain_transformers(tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    model = random_model()
    marian_checkpoint.save(model, tmp_path, torch.float32)
    theirs = AutoModelForSeq2SeqLM.from_pretrained(tmp_path, attn_implementation="eager").eval()
    source, target = ids(2, 9), ids(2, 7, seed=1)
    expected = theirs(input_ids=source, decoder_input_ids=target, output_attentions=True)
    trace = Trace()
    found = model.forward(target, model.new_cache(2, source), trace)
    torch.testing.assert_close(found, expected.logits, rtol=0, atol=1e-4)
    for ours, other in zip(trace.attention, expected.decoder_attentions, strict=True):
        torch.testing.assert_close(ours, other, rtol=0, atol=1e-4)
    for ours, other in zip(trace.cross_attention, expected.cross_attentions, strict=True):
        torch.testing.assert_close(ours, other, rtol=0, atol=1e-4)


@torch.inference_mode()
def test_teaching_equals_decoding_whatever_stands_in_the_padding() -> None:
    model = random_model()
    source, target = ids(3, 9), ids(3, 6, seed=1)
    lengths = torch.tensor([4, 9, 6])
    mask = torch.arange(9) < lengths[:, None]
    taught = model.teach(source, mask, target)
    for row, length in enumerate(lengths.tolist()):
        cache = model.new_cache(1, source[row : row + 1, :length])
        alone = model.forward(target[row : row + 1], cache)
        torch.testing.assert_close(taught[row : row + 1], alone, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_a_removed_head_counts_and_traces_change_nothing_else() -> None:
    model, source, target = random_model(), ids(1, 9), ids(1, 6, seed=1)
    plain = model.forward(target, model.new_cache(1, source))
    traced = model.forward(target, model.new_cache(1, source), Trace())
    torch.testing.assert_close(traced, plain, rtol=0, atol=1e-5)
    removed = Trace(Interventions((HeadAblation(layer=1, head=0, row=0),)))
    without = model.forward(target, model.new_cache(1, source), removed)
    assert (without - plain).abs().max() > 1e-3


def test_it_reads_back_what_it_saved(tmp_path: Path) -> None:
    model = random_model()
    marian_checkpoint.save(model, tmp_path, torch.float32)
    read = marian_checkpoint.load(tmp_path)
    assert read.config == CONFIG
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(read.state_dict()[name], weight, rtol=0, atol=0)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    marian_checkpoint.save(random_model(), tmp_path)
    other = random_model(replace(CONFIG, vocabulary=49))
    marian_checkpoint.save(other, tmp_path / "other")
    (tmp_path / "config.json").write_text((tmp_path / "other" / "config.json").read_text())
    with pytest.raises(CheckpointError, match="do not fit its config"):
        marian_checkpoint.load(tmp_path)
    write_json(tmp_path / "config.json", {"model_type": "marian"})
    with pytest.raises(CheckpointError, match="damaged"):
        marian_checkpoint.load(tmp_path)
