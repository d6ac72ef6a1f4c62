"""Linear layers with every kernel: right, exact in 16 bit, chosen by measurement."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch

from models import linear_kernels
from models.linear_kernels import FEW, KERNELS, MANY, Kernel, fbgemm, linear, ranking, usual


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    """Numbers that float16 holds, as the weights of a checkpoint are."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).half().float()


def available(kernel: Kernel) -> None:
    if kernel not in ranking(FEW):
        pytest.skip("no such kernel on this processor")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("rows", [1, 2, 5, 8, 17, 64, 200])
def test_products_are_those_of_exact_arithmetic(kernel: Kernel, rows: int) -> None:
    available(kernel)
    weight, x = normal(96, 64), normal(rows, 64, seed=1) / 3
    exact = (x.double() @ weight.double().t()).float()
    torch.testing.assert_close(kernel(weight)(x), exact, rtol=0, atol=1e-5)


@pytest.mark.parametrize("rows", [2, 5, 8, 17, 64, 200])
def test_in_16_bit_a_row_is_the_same_to_the_last_bit_in_any_company(rows: int) -> None:
    available(fbgemm)
    layer, x = fbgemm(normal(96, 64)), normal(rows, 64, seed=1) / 3
    assert torch.equal(layer(x), torch.cat([layer(row[None]) for row in x]))


def test_weights_that_16_bit_would_round_are_left_in_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_kernels, "ranking", lambda rows: (fbgemm, usual))
    weight, x = normal(16, 8) / 3, normal(3, 8, seed=1)
    with pytest.raises(ValueError, match="16 bit"):
        fbgemm(weight)
    assert torch.equal(linear(weight)(x), usual(weight)(x))


@pytest.mark.parametrize(
    "broken",
    [
        lambda x: x.new_full((len(x), 16), torch.nan),
        lambda x: x @ torch.ones(8, 16),
        lambda x: torch.ops.mkldnn._no_such_operator(x),
    ],
)
def test_a_kernel_that_is_wrong_or_missing_is_not_used(
    broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_kernels, "KERNELS", (lambda weight: broken, usual))
    monkeypatch.setattr(linear_kernels, "ranking", cache(ranking.__wrapped__))
    assert linear_kernels.ranking(FEW) == (usual,)
    monkeypatch.setattr(linear_kernels, "ranking", lambda rows: (lambda weight: broken, usual))
    weight, x = normal(16, 8), normal(3, 8, seed=1)
    assert torch.equal(linear(weight)(x), usual(weight)(x))


@pytest.mark.parametrize("rows", [FEW, MANY])
def test_the_fastest_comes_first_whatever_the_order_tried(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def slow(weight: torch.Tensor) -> linear_kernels.Multiply:
        transposed = weight.t().contiguous()

        def run(x: torch.Tensor) -> torch.Tensor:
            calls.append(len(x))
            for _ in range(20):
                x @ transposed
            return x @ transposed

        return run

    for tried in ((slow, usual), (usual, slow)):
        monkeypatch.setattr(linear_kernels, "KERNELS", tried)
        assert ranking.__wrapped__(rows) == (usual, slow)
    assert rows in calls
