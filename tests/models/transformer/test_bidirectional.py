"""The model that fills in is BERT: plain transformers opens its folder and computes the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from models.contract import Trace
from models.files import CheckpointError
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import OFFSETS, Bidirectional, BidirectionalConfig
from tests.conftest import stirred

SHAPE = BidirectionalConfig(60, 59, context=16, layers=2, heads=2, width=16, feed_forward=24)


@pytest.fixture(scope="module")
def model() -> Bidirectional:
    torch.manual_seed(3)
    return stirred(Bidirectional(SHAPE))


@pytest.fixture
def folder(model: Bidirectional, tmp_path: Path) -> Path:
    bert_checkpoint.save(model, tmp_path / "fill-in", torch.float32)
    return tmp_path / "fill-in"


@pytest.fixture
def ids() -> torch.Tensor:
    return torch.randint(59, (3, 9), generator=torch.Generator().manual_seed(1))


def reference(folder: Path) -> torch.nn.Module:
    from transformers import AutoModelForMaskedLM

    opened, found = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    assert not found["missing_keys"] and not found["unexpected_keys"]
    return opened.eval()


@torch.inference_mode()
def test_plain_transformers_computes_the_same_logits(
    model: Bidirectional, folder: Path, ids: torch.Tensor
) -> None:
    theirs = reference(folder)(input_ids=ids).logits
    torch.testing.assert_close(model(ids), theirs, rtol=0, atol=1e-4)


@torch.inference_mode()
def test_rows_of_different_length_are_as_each_alone_and_as_in_transformers(
    model: Bidirectional, folder: Path, ids: torch.Tensor
) -> None:
    lengths = (9, 4, 6)
    present = torch.arange(9) < torch.tensor(lengths)[:, None]
    together = model(ids, present)
    theirs = reference(folder)(input_ids=ids, attention_mask=present.long()).logits
    for row, length in enumerate(lengths):
        alone = model(ids[row : row + 1, :length])[0]
        torch.testing.assert_close(together[row, :length], alone, rtol=0, atol=1e-5)
        torch.testing.assert_close(alone, theirs[row, :length], rtol=0, atol=1e-4)


@torch.inference_mode()
def test_what_stands_on_the_right_counts(model: Bidirectional, ids: torch.Tensor) -> None:
    other = ids.clone()
    other[:, -1] = (other[:, -1] + 1) % 59
    assert (model(ids)[:, 0] - model(other)[:, 0]).abs().max() > 1e-3


@torch.inference_mode()
def test_a_trace_shows_the_same_pass_with_attention_to_both_sides(
    model: Bidirectional, ids: torch.Tensor
) -> None:
    trace = Trace()
    torch.testing.assert_close(model(ids, trace=trace), model(ids), rtol=0, atol=1e-5)
    assert [maps.shape for maps in trace.attention] == [(3, 2, 9, 9)] * 2
    assert [x.shape for x in trace.hidden] == [(3, 9, 16)] * 3
    for maps in trace.attention:
        torch.testing.assert_close(maps.sum(-1), torch.ones(3, 2, 9))
        assert (maps[..., 0, -1] > 0).all()


def test_a_folder_comes_back_and_sixteen_bits_round_it(
    model: Bidirectional, folder: Path, tmp_path: Path
) -> None:
    again = bert_checkpoint.load(folder)
    assert (again.config, again.training) == (SHAPE, False)
    for name, weight in again.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name])
    bert_checkpoint.save(model, tmp_path / "half")
    half = bert_checkpoint.load(tmp_path / "half").state_dict()
    for name, weight in half.items():
        torch.testing.assert_close(weight, model.state_dict()[name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("entry", "value"), [("hidden_size", 15), ("mask_token_id", 60), ("vocab_size", "many")]
)
def test_a_damaged_config_is_named(folder: Path, entry: str, value: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {entry: value}))
    with pytest.raises(CheckpointError, match=r"config\.json in fill-in is damaged"):
        bert_checkpoint.load(folder)


@pytest.mark.parametrize("change", [{"num_hidden_layers": 3}, {"vocab_size": 61}])
def test_weights_of_another_shape_are_refused(folder: Path, change: dict[str, int]) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match="do not fit its config"):
        bert_checkpoint.load(folder)


def test_a_text_beyond_the_context_is_refused(model: Bidirectional) -> None:
    with pytest.raises(ValueError, match="there is room for 16"):
        model(torch.zeros(1, 17, dtype=torch.int64))


def test_the_default_shape_has_about_five_million_parameters() -> None:
    assert (
        4_500_000
        < sum(p.numel() for p in Bidirectional(BidirectionalConfig()).parameters())
        < 5_500_000
    )


def test_the_first_heads_begin_at_the_neighbours_of_a_token() -> None:
    torch.manual_seed(0)
    model = Bidirectional(BidirectionalConfig(layers=1, context=32))
    ids = torch.randint(0, 4096, (1, 32))
    trace = Trace()
    model(ids, trace=trace)
    for head, offset in enumerate(OFFSETS):
        weights = trace.attention[0][0, head]  # (queries, keys)
        inner = torch.arange(2, 30)
        assert weights[inner, inner + offset].mean() > 0.5
