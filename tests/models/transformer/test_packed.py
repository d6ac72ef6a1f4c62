"""Packed parts compute what the parts compute, and leave the model alone."""

from __future__ import annotations

import pytest
import torch

from models.transformer import linear_kernels, packed
from models.transformer.linear_kernels import KERNELS, Kernel, usual
from models.transformer.model import Transformer
from models.transformer.packed import Parts

CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(params=[*KERNELS, None], ids=lambda kernel: getattr(kernel, "__name__", "measured"))
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernel | None:
    """Each in turn as the fastest, and then whatever is."""
    if request.param is not None:
        monkeypatch.setattr(linear_kernels, "ranking", lambda rows: (request.param, usual))
    return request.param


@torch.inference_mode()
def run(model: Transformer, parts: Parts, ids: torch.Tensor) -> torch.Tensor:
    x = model.embedding(ids)
    for block in parts.blocks:
        x = block(x, model.rotary[:, : ids.shape[1]], None, None, None)
    return parts.unembed(x)


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_packed_and_plain_parts_give_the_logits_of_the_model(
    tiny: Transformer, rows: int, kernel: Kernel | None
) -> None:
    ids = torch.randint(64, (rows, 9), generator=torch.Generator().manual_seed(rows))
    with torch.inference_mode():
        expected = tiny(ids)
    parts = packed.for_many(tiny)
    if kernel is not None:
        plain = type(parts.blocks[0].feed_forward.down) is torch.nn.Linear
        assert plain == (kernel is usual)
    for one in (packed.plain(tiny), parts):
        torch.testing.assert_close(run(tiny, one, ids), expected, **CLOSE)


@pytest.mark.usefixtures("kernel")
def test_packing_leaves_the_model_as_it_was(tiny: Transformer) -> None:
    before = {name: weight.clone() for name, weight in tiny.state_dict().items()}
    layers = [type(part) for part in tiny.modules()]
    packed.for_many(tiny)
    after = tiny.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    assert [type(part) for part in tiny.modules()] == layers


@pytest.mark.parametrize("kernel", [usual], indirect=True)
@pytest.mark.usefixtures("kernel")
def test_where_nothing_is_faster_the_plain_layers_stay(tiny: Transformer) -> None:
    parts = packed.for_many(tiny)
    own, first = packed.plain(tiny).blocks[0], parts.blocks[0]
    assert type(first.attention.output) is torch.nn.Linear
    assert first is not own and first.attention.output.weight is own.attention.output.weight
    ids = torch.tensor([[1, 2, 3]])
    torch.testing.assert_close(run(tiny, parts, ids), run(tiny, packed.plain(tiny), ids), **CLOSE)
