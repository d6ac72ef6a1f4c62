"""The fast transformer against the readable one; the contract suite runs on it, too."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch

from inference import engine
from inference.types import five_lanes
from models import packed_linear
from models.fast_transformer import FastTransformer
from models.language_model import Trace
from models.packed_linear import PackedLinear, pack
from models.tokenizer import Tokenizer
from models.transformer import Transformer
from tests.inference.decoders import build, ids

CLOSE = {"rtol": 0, "atol": 1e-4}


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def random_ids(*shape: int, below: int = 64) -> torch.Tensor:
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("rows", [1, 2, 8, 40])
def test_logits_equal_those_of_the_readable_transformer(
    tiny: Transformer, fast_tiny: FastTransformer, rows: int
) -> None:
    given = random_ids(rows, 30)
    expected = tiny.forward(given)
    torch.testing.assert_close(fast_tiny.forward(given), expected, **CLOSE)
    cache = fast_tiny.new_cache(rows)
    pieces = [fast_tiny.forward(piece, cache) for piece in given.split([7, 1, 1, 20, 1], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), expected, **CLOSE)


@pytest.mark.weights
def test_logits_equal_on_the_storyteller(storyteller: Transformer) -> None:
    given = random_ids(3, 100, below=4096)
    fast = FastTransformer(storyteller)
    torch.testing.assert_close(fast.forward(given), storyteller.forward(given), **CLOSE)


@pytest.mark.weights
@pytest.mark.parametrize("text", ["Once upon a time", "The old king", "“Who are you?” said"])
def test_every_strategy_writes_the_same_on_the_storyteller(
    storyteller: Transformer, tokenizer: Tokenizer, text: str
) -> None:
    # A roll may fall so near a boundary that rounding decides; with this seed none does.
    fast, prompt = FastTransformer(storyteller), tokenizer.encode(text)
    written = [
        [
            ids(state)
            for state in list(engine.decode(model, prompt, build(five_lanes(), seed=9), 40))[-1]
        ]
        for model in (storyteller, fast)
    ]
    assert written[0] == written[1]


def test_the_inside_is_not_to_be_had(fast_tiny: FastTransformer) -> None:
    with pytest.raises(ValueError, match="trace the readable one"):
        fast_tiny.forward(random_ids(1, 3), trace=Trace())


def test_a_processor_without_the_packed_kernel_computes_the_same(
    tiny: Transformer, fast_tiny: FastTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_linear, "pack", lambda weight, dtype: None)
    plain = FastTransformer(tiny, torch.bfloat16)
    assert plain.dtype is torch.float32
    given = random_ids(4, 12)
    torch.testing.assert_close(plain.forward(given), fast_tiny.forward(given), **CLOSE)


@pytest.mark.parametrize(
    "broken",
    [
        lambda x, packed: x.new_full((len(x), 16), torch.nan),
        lambda x, packed: x @ torch.ones(8, 16),
        lambda x, packed: torch.ops.mkldnn._no_such_operator(x),
    ],
)
def test_a_kernel_that_is_wrong_or_missing_is_not_used(
    broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    weight = torch.randn(16, 8, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(packed_linear, "pays", lambda: True)
    monkeypatch.setattr(packed_linear, "multiply", broken)
    layer, x = PackedLinear(weight), torch.randn(3, 8)
    torch.testing.assert_close(layer(x), x @ weight.t())


def test_packing_is_left_out_where_it_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {True: iter([2.0, 1.0]), False: iter([1.0, 2.0])}  # packed, then plain
    for slower, measured in seconds.items():
        monkeypatch.setattr(packed_linear, "fastest", lambda run, took=measured: next(took))
        monkeypatch.setattr(packed_linear, "pays", cache(packed_linear.pays.__wrapped__))
        assert (pack(torch.randn(16, 8), torch.float32) is None) is slower


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows", [1, 2, 5, 8, 17, 64, 200])
def test_a_row_does_not_depend_on_how_many_there_are(
    dtype: torch.dtype, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_linear, "pays", lambda: True)
    generator = torch.Generator().manual_seed(2)
    weight, x = torch.randn(96, 64, generator=generator), torch.randn(rows, 64, generator=generator)
    layer = PackedLinear(weight, dtype)
    if layer.dtype is not dtype:
        pytest.skip("no such kernel on this processor")
    alone = torch.cat([layer(row[None]) for row in x])
    torch.testing.assert_close(layer(x), alone, rtol=0, atol=2e-5 if dtype is torch.float32 else 0)


def test_16_bit_is_close_and_says_what_it_is(tiny: Transformer) -> None:
    half = FastTransformer(tiny, torch.bfloat16)
    given = random_ids(4, 20)
    plain, rounded = tiny.forward(given), half.forward(given)
    if half.dtype is torch.bfloat16:
        assert 0 < (plain - rounded).abs().max() < 0.05 * plain.abs().max()
