"""Linear layers with every kernel: right, exact in 16 bit, chosen by measurement."""

from __future__ import annotations

import platform
import time
from typing import Any

import pytest
import torch

from models.transformer import linear_kernels
from models.transformer.linear_kernels import (
    FEW,
    KERNELS,
    MANY,
    Kernel,
    fastest,
    fbgemm,
    linear,
    ranking,
    usual,
)


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    """Numbers that float16 holds, as the weights of a checkpoint are."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).half().float()


def available(kernel: Kernel) -> None:
    if kernel not in ranking(FEW):
        assert platform.machine() != "x86_64", "every kernel is there with the pinned torch"
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
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        pytest.skip("with AVX2 the sum of a row goes another way in company")
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
        lambda weight: lambda x: x @ weight.t() * torch.nan,
        lambda weight: lambda x: x @ weight.t() * 1.0001,
        lambda weight: lambda x: x @ weight.t() if len(x) < 33 else x @ weight.t() * 2,
        lambda weight: lambda x: torch.ops.mkldnn._no_such_operator(x, weight),
        lambda weight: torch.nn.functional.linear(weight),  # a signature that has changed
    ],
)
def test_a_kernel_that_is_wrong_or_missing_is_not_used(
    broken: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_kernels, "KERNELS", (broken, usual))
    assert ranking.__wrapped__(FEW) == (usual,)
    monkeypatch.setattr(linear_kernels, "ranking", lambda rows: (broken, usual))
    weight, x = normal(16, 8), normal(3, 8, seed=1)
    assert torch.equal(linear(weight)(x), usual(weight)(x))


@pytest.mark.parametrize("rows", [FEW, MANY])
@pytest.mark.parametrize(("took", "first"), [(0.9, "other"), (0.97, "usual"), (1.1, "usual")])
def test_a_kernel_has_to_gain_on_the_usual_one(
    took: float, first: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(weight: torch.Tensor) -> linear_kernels.Multiply:
        return usual(weight)

    seen: list[int] = []

    def fastest(layers: list[linear_kernels.Multiply], x: torch.Tensor) -> float:
        seen.append(len(x))
        return took if len(seen) == 2 else 1.0

    monkeypatch.setattr(linear_kernels, "KERNELS", (usual, other))
    monkeypatch.setattr(linear_kernels, "fastest", fastest)
    assert ranking.__wrapped__(rows)[0] is {"usual": usual, "other": other}[first]
    assert seen == [rows, rows]


def test_the_time_is_that_of_all_layers_in_the_quickest_round() -> None:
    pauses = iter([0.03, 0.03, 0.001, 0.001, *[0.02] * 40])
    x = normal(1, 2)

    def slow(given: torch.Tensor) -> torch.Tensor:
        time.sleep(next(pauses))
        return given

    assert 0.002 <= fastest([slow, slow], x) < 0.03
